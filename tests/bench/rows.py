"""Section jtl: what a row for each request costs, and whether any is lost, at a rate that one thread carries."""

import tempfile
from pathlib import Path

import clients
import servers
from kit import (CLIENT_CORE, SERVER_CORE, Target, make_room, ratio_by_round, reason_lines, spread, table, take_turns,
                 target_table)

RATE, CONNECTIONS = 20_000, 100
WAYS = {"no JTL": [], "--out jtl": ["--out", "jtl={}"],
        "--out jtl --jtl-sample 1/100": ["--out", "jtl={}", "--jtl-sample", "1/100"]}


def run(context, url, options):
    make_room(context, url, CONNECTIONS)
    with tempfile.TemporaryDirectory(prefix="loadgen-jtl-") as folder:
        jtl = Path(folder) / "run.jtl"
        load = [url + "/", "-R", f"{RATE}/s", "-d", f"{context.seconds}s", "-c", CONNECTIONS, "--threads", 1, "--pace",
                "sleep"]
        result = clients.loadgen(context.loadgen, [*load, *(word.format(jtl) for word in options)], CLIENT_CORE)
        lines = sum(1 for _ in jtl.open("rb")) - 1 if options else 0
    told = result.report.get("rows", {"written": 0})
    if lines != told["written"]:
        raise servers.Unavailable(f"the file has {lines:,} rows, run.json says {told['written']:,}")
    return result


def lost(runs):
    return sum(run.report.get("rows", {"lost": 0})["lost"] for run in runs)


def jtl(context):
    with servers.bundled(context.server, SERVER_CORE) as server:
        subjects = {name: lambda options=options: run(context, server.url, options) for name, options in WAYS.items()}
        results, reasons = take_turns(context, subjects, context.rounds)
    cpu = {name: {turn: one.cpu_us for turn, one in runs.items()} for name, runs in results.items()}
    plain, *_ = WAYS

    def ratio(name):
        return ratio_by_round(cpu[name], cpu[plain]) if {name, plain} <= cpu.keys() else None

    rows = [[name, spread(cpu[name].values(), 2), f"{ratio(name):.2f}x" if plain in cpu else "–",
             spread([one.rps for one in runs.values()], 0),
             spread([one.report["send_lag_ns"]["p99"] / 1e3 for one in runs.values()]),
             f"{sum(one.report.get('rows', {'written': 0})['written'] for one in runs.values()):,}",
             f"{lost(runs.values()):,}"] for name, runs in results.items()]
    every = "--out jtl"
    targets = [Target("rows lost, all runs", 0, lost(results[every].values()) if every in results else None, digits=0),
               Target("CPU per request with a JTL over without", 1.15, ratio(every), "x")]
    how = (f"{RATE:,} requests a second for {context.seconds} s to loadgen-server, {CONNECTIONS} connections, one "
           f"thread, {context.rounds} rounds in turns. `loadgen URL -R {RATE}/s -d {context.seconds}s -c {CONNECTIONS} "
           "--threads 1 --pace sleep`. The thread that writes shares the client's core and is in its CPU.")
    head = ["", "CPU us/request", "to none", "requests/s", "send lag p99 us", "rows written", "lost"]
    return [how, "", *table(head, rows), *reason_lines(reasons), *target_table(targets)]
