"""Sections keepalive and newconn: what a request costs the client, beside wrk and h2load, against nginx."""

import itertools

import clients
import servers
from kit import (CLIENT_CORE, SERVER_CORE, Target, make_room, ratio_by_round, reason_lines, spread, table, take_turns,
                 target_table)

# 127.0.0.1 and its neighbours: each has its own client ports, so that a run does not wait for the one before it.
ADDRESSES = 16
# A connection a request: about 15,000 a second. Two seconds stay near one address's ports and say enough.
NEW_CONNECTION_SECONDS = 2
NEW_CONNECTIONS_A_SECOND = 15000


def compare(context, subjects, to="wrk"):
    """Runs the clients in turns; returns table rows, loadgen's CPU ratio to another's (None without both), and reasons."""
    results, reasons = take_turns(context, subjects, context.rounds)
    cpu = {name: {turn: run.cpu_us for turn, run in runs.items()} for name, runs in results.items()}
    rows = [[name, spread(cpu[name].values(), 2),
             f"{ratio_by_round(cpu[name], cpu[to]):.2f}x" if to in cpu else "–",
             spread([run.rps for run in runs.values()], 0), spread([run.rss_mb for run in runs.values()]),
             f"{sum(run.errors for run in runs.values()):,}"] for name, runs in results.items()]
    ratio = ratio_by_round(cpu["loadgen"], cpu[to]) if {"loadgen", to} <= cpu.keys() else None
    return rows, ratio, reasons


def head(to):
    return ["client", "CPU us/request", f"to {to}", "requests/s", "RSS MB", "errors"]


HEAD = head("wrk")


def keepalive(context):
    lines, targets, reasons = [], [], []
    for connections, limit in ((100, 0.85), (6000, 0.70)):
        with servers.Nginx(SERVER_CORE, ADDRESSES) as nginx:
            turns = itertools.cycle(nginx.urls)

            def url():
                chosen = next(turns)
                make_room(context, chosen, connections)
                return chosen + "/"

            rows, ratio, why = compare(context, {
                "loadgen": lambda: clients.loadgen(
                    context.loadgen, [url(), "-c", connections, "-d", f"{context.seconds}s", "--threads", 1],
                    CLIENT_CORE),
                "wrk": lambda: clients.wrk(url(), connections, context.seconds, core=CLIENT_CORE),
                "h2load": lambda: clients.h2load(url(), [f"-c{connections}", "-D", context.seconds], CLIENT_CORE),
            })
        lines += [f"{connections:,} connections:", "", *table(HEAD, rows)]
        targets.append(Target(f"loadgen's CPU per request over wrk's, {connections:,} connections", limit, ratio, "x"))
        reasons += why
    how = (f"Closed loop, keep-alive, one thread, a response of two bytes from nginx, {context.rounds} rounds of "
           f"{context.seconds} s. `loadgen URL -c N -d {context.seconds}s --threads 1`, `wrk -t1 -cN "
           f"-d{context.seconds}s URL`, `h2load --h1 -t1 -cN -D {context.seconds} URL`. Median (smallest–largest); the "
           "ratio is the median of the rounds' own.")
    return [how, "", *lines, *reason_lines(reasons), *target_table(targets)]


def newconn(context):
    connections, seconds = 100, min(context.seconds, NEW_CONNECTION_SECONDS)
    expected = seconds * NEW_CONNECTIONS_A_SECOND
    with servers.Nginx(SERVER_CORE, ADDRESSES) as nginx:
        turns = itertools.cycle(nginx.urls)

        def url():
            chosen = next(turns)
            make_room(context, chosen, expected)
            return chosen + "/"

        rows, ratio, reasons = compare(context, {
            "loadgen": lambda: clients.loadgen(
                context.loadgen, [url(), "-c", connections, "-d", f"{seconds}s", "--threads", 1, "--no-keep-alive"],
                CLIENT_CORE),
            "wrk": lambda: clients.wrk(url(), connections, seconds, ["Connection: close"], CLIENT_CORE),
            # With -D it does not connect again after a close; with a count it does.
            "h2load": lambda: clients.h2load(
                url(), [f"-c{connections}", "-n", expected, "-H", "Connection: close"], CLIENT_CORE),
        })
    how = (f"A new connection for each request, {connections} at a time, one thread, nginx, {context.rounds} rounds of "
           f"{seconds} s (h2load: {expected:,} requests); nginx closes first. `loadgen URL -c {connections} -d "
           f"{seconds}s --threads 1 --no-keep-alive`, `wrk -t1 -c{connections} -d{seconds}s -H 'Connection: close' "
           f"URL`, `h2load --h1 -t1 -c{connections} -n {expected} -H 'Connection: close' URL`. Runs take turns over "
           f"{ADDRESSES} loopback addresses and wait while too many sockets are in TIME_WAIT.")
    return [how, "", *table(HEAD, rows), *reason_lines(reasons),
            *target_table([Target("loadgen's CPU per request over wrk's", 0.85, ratio, "x")])]
