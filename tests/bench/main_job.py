"""Sections article and memory: the article's plan run by loadgen and h2load in turns, and many users at once."""

import contextlib
import statistics
from dataclasses import replace

import clients
import servers
from kit import (CLIENT_CORE, SERVER_CORE, Target, make_room, ratio_by_round, reason_lines, spread, start_all, table,
                 take_turns, target_table, variation_percent)

PLAN, USERS, RAMP_S = "configs/async_6000.json", 6000, 2.0
MANY_PLAN, MANY_USERS = "configs/many_users.json", 15000
# 3,000 new clients a second as evenly as h2load can; by the second, its -r opens 3,000 at once.
H2LOAD = ["-n", USERS, "-c", USERS, "-r", 3, "--rate-period=1ms"]


def run_loadgen(context, server):
    make_room(context, server.url, USERS)
    return clients.loadgen(context.loadgen, ["--config", PLAN, "--target", server.url], CLIENT_CORE)


def run_h2load(context, server):
    make_room(context, server.url, USERS)
    return clients.h2load(server.url + "/async", H2LOAD, CLIENT_CORE, latencies=True)


def h2load_p99_ms(run):
    """As near to our service time as it comes: its log starts at the request, ours at the connect."""
    return (run.report["p99_us"] + run.report["mean_connect_us"]) / 1e3


def p99_ms(run, histogram):
    return run.report[histogram]["p99"] / 1e6


def rows_of(server, loadgen, h2load):
    rows = []
    if loadgen:
        ramps = [run.report["ramp"]["achieved_s"] for run in loadgen]
        rows.append([f"{server}, loadgen", spread(ramps, 4), spread([run.rps for run in loadgen]),
                     f"{variation_percent([run.rps for run in loadgen]):.3f}",
                     str(sum(run.errors for run in loadgen)), spread([run.cpu_us for run in loadgen]),
                     spread([run.rss_mb for run in loadgen]), spread([p99_ms(run, "service_ns") for run in loadgen], 2),
                     spread([p99_ms(run, "send_lag_ns") for run in loadgen], 3)])
    if h2load:
        rows.append([f"{server}, h2load", "–", spread([run.rps for run in h2load]),
                     f"{variation_percent([run.rps for run in h2load]):.3f}", str(sum(run.errors for run in h2load)),
                     spread([run.cpu_us for run in h2load]), spread([run.rss_mb for run in h2load]),
                     spread([h2load_p99_ms(run) for run in h2load], 2), "–"])
    return rows


def targets_of(server, of_loadgen, of_h2load):
    loadgen = of_loadgen.values()

    def over(figure):
        return figure() if loadgen else None

    def p99_distance_percent():
        ours = {turn: p99_ms(run, "service_ns") for turn, run in of_loadgen.items()}
        return 100 * abs(ratio_by_round(ours, {turn: h2load_p99_ms(run) for turn, run in of_h2load.items()}) - 1)

    def worst_ramp_ms():
        return 1e3 * max(abs(run.report["ramp"]["achieved_s"] - RAMP_S) for run in loadgen)

    def not_answered():
        return sum(run.errors + run.report["totals"]["unfinished"] for run in loadgen)

    figures = [
        Target("worst distance of the ramp from 2 s", 10, over(worst_ramp_ms), " ms"),
        Target("requests/s, lowest run", 2980, over(lambda: min(run.rps for run in loadgen)), at_least=True, digits=1),
        Target("coefficient of variation of requests/s", 0.5,
               over(lambda: variation_percent([run.rps for run in loadgen])), " %", digits=3),
        Target("errors and unfinished, all runs", 0, over(not_answered), digits=0),
        Target("client CPU per request", 60, over(lambda: statistics.median(run.cpu_us for run in loadgen)), " us"),
        Target("client memory, largest", 25, over(lambda: max(run.rss_mb for run in loadgen)), " MB"),
        Target("p99 service time's distance from h2load's", 20, over(p99_distance_percent), " %"),
        Target("send lag p99, median run", 1,
               over(lambda: statistics.median(p99_ms(run, "send_lag_ns") for run in loadgen)), " ms", digits=3),
    ]
    return [replace(target, figure=f"{server}: {target.figure}") for target in figures]


def article(context):
    rows, targets = [], []
    with contextlib.ExitStack() as stack:
        running, reasons = start_all(context, stack, [
            lambda: servers.bundled(context.server, SERVER_CORE), lambda: servers.axum(1, SERVER_CORE),
            lambda: servers.blacksheep(SERVER_CORE)])
        subjects = {}
        for server in running:
            subjects[f"loadgen, {server.name}"] = lambda server=server: run_loadgen(context, server)
            subjects[f"h2load, {server.name}"] = lambda server=server: run_h2load(context, server)
        results, why = take_turns(context, subjects, context.runs)
    for server in running:
        pair = [results.get(f"{client}, {server.name}", {}) for client in ("loadgen", "h2load")]
        rows += rows_of(server.name, *(list(runs.values()) for runs in pair))
        if server.name != "Blacksheep":  # there to be told apart from Axum; the targets are for the other two
            targets += targets_of(server.name, *pair)
    how = (f"6,000 users in 2 s, one request and one connection each, GET /async; {context.runs} runs in turns. "
           f"`loadgen --config {PLAN} --target URL`; `h2load --h1 -t1 {' '.join(map(str, H2LOAD))} URL/async`. "
           "h2load's p99 is its log's (request sent to last byte) plus its mean connect time; loadgen's service time "
           "begins at the connect. h2load's CPU includes writing that log.")
    return [how, "", *table(["server, client", "ramp s", "requests/s", "CV %", "errors", "client CPU us/request",
                             "RSS MB", "p99 service ms", "p99 send lag ms"], rows),
            *reason_lines(reasons + why), *target_table(targets)]


def memory(context):
    def run(server):
        make_room(context, server.url, MANY_USERS)
        return clients.loadgen(context.loadgen, ["--config", MANY_PLAN, "--target", server.url], CLIENT_CORE)

    results, why = {}, []
    with contextlib.ExitStack() as stack:
        running, reasons = start_all(context, stack, [lambda: servers.bundled(context.server, SERVER_CORE)])
        if running:
            results, why = take_turns(context, {"loadgen": lambda: run(running[0])}, 3)
    runs = list(results.get("loadgen", {}).values())
    rows = [["loadgen", spread([run.rss_mb for run in runs]),
             f"{statistics.median(run.rss_mb * 1e6 / MANY_USERS for run in runs):,.0f}",
             str(sum(run.errors for run in runs))]] if runs else []
    worst = max((run.rss_mb for run in runs), default=None)
    fewest = min((run.report["totals"]["connections_opened"] for run in runs), default=None)
    return [f"15,000 users with a connection each: `loadgen --config {MANY_PLAN} --target URL`, 3 runs against the "
            "bundled server. RSS is the kernel's VmHWM, read to the end.", "",
            *table(["client", "RSS MB", "bytes a user", "errors"], rows),
            *reason_lines(reasons + why),
            *target_table([Target("client memory, largest run", 60, worst, " MB", digits=1),
                           Target("connections opened, fewest", MANY_USERS, fewest, at_least=True, digits=0)])]
