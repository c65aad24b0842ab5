"""Sections open and frozen: how evenly and how cheaply a rate is kept; what is told of a server that stands still."""

import ctypes
import itertools
import json
import os
import statistics
import time
import urllib.parse

import paced_clients
import servers
from kit import (CLIENT_CORE, SERVER_CORE, Target, make_room, ratio_by_round, reason_lines, spread, table, take_turns,
                 target_table)
from paced_clients import Load, Paced
from servers import Unavailable

RATE, SECONDS, CONNECTIONS = 5000, 10, 100
FREEZE_S, PERIOD_S, FROZEN_RATE, FROZEN_SECONDS = 1.0, 5.0, 1000, 20
BARE = {"a bare loop": "at-once", "a bare loop, answers read at the next send": "at-next-send"}


class TimeSpec(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


def wake_ups_us(count, gap_us):
    """How late this process wakes from absolute sleeps, with a timer slack of 1 ns, in us."""
    monotonic, absolute, set_slack = 1, 1, 29  # CLOCK_MONOTONIC, TIMER_ABSTIME, PR_SET_TIMERSLACK
    libc = ctypes.CDLL(None)
    libc.prctl(set_slack, 1)
    late, due = [], time.monotonic_ns()
    for _ in range(count):
        due += gap_us * 1000
        until = TimeSpec(due // 10**9, due % 10**9)
        libc.clock_nanosleep(monotonic, absolute, ctypes.byref(until), None)
        late.append((time.monotonic_ns() - due) / 1e3)
    libc.prctl(set_slack, 0)  # back to the default
    return late


def wake_up_floor():
    """A sentence about this machine, measured on the client's core."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CLIENT_CORE})
    try:
        late = wake_ups_us(5000, 1_000_000 // RATE)
    finally:
        os.sched_setaffinity(0, before)
    p50, p99, p99_9 = (paced_clients.percentile(late, p) for p in (0.5, 0.99, 0.999))
    return (f"A bare sleep until a given time ends late by p50 {p50:.0f}, p99 {p99:.0f}, p99.9 {p99_9:.0f} us on the "
            "client's core.")


def bare_loop(context, load, manner):
    """The loop of bare_loop.cpp under the same load: what the machine itself takes for it. It tells no latency."""
    program = context.loadgen.parent / "bare_loop"
    if not program.exists():
        raise Unavailable(f"{program} is not built")
    asked = [urllib.parse.urlsplit(load.url).port, load.connections, load.rate, load.seconds]
    out, _, _ = paced_clients.run(program, [manner, *asked], CLIENT_CORE)
    found = json.loads(out)
    lags = {key: 1e3 * found[f"lag_{key}_us"] for key in ("p50", "p99")}
    return Paced(load.planned, found["rps"], found["cpu_us"], None, None, None, {"send_lag_ns": lags})


def lag_us(run, key):
    return run.report["send_lag_ns"][key] / 1e3


def row(name, runs, load):
    lags = [spread([lag_us(run, key) for run in runs]) if runs[0].report else "–" for key in ("p50", "p99")]
    rates = spread([100 * (run.rps / load.rate - 1) for run in runs], 3)
    p99s = spread([run.p99_ms for run in runs], 3) if runs[0].p99_ms else "–"
    return [name, *lags, spread([run.cpu_us for run in runs]), rates, p99s]


def open_load(context):
    with servers.Nginx(SERVER_CORE, 4) as nginx:
        turns = itertools.cycle(nginx.urls)

        def load():
            url = next(turns)
            make_room(context, url, 2 * CONNECTIONS)
            return Load(url + "/", RATE, SECONDS, CONNECTIONS)

        subjects = {f"loadgen --pace {pace}": lambda pace=pace: paced_clients.loadgen(
            context.loadgen, load(), ["--pace", pace], CLIENT_CORE) for pace in ("hybrid", "sleep")}
        subjects |= {name: lambda client=client: client(load(), CLIENT_CORE) for name, client in (
            ("h2load", paced_clients.h2load), ("vegeta", paced_clients.vegeta), ("oha", paced_clients.oha),
            ("hey", paced_clients.hey))}
        subjects |= {name: lambda manner=manner: bare_loop(context, load(), manner) for name, manner in BARE.items()}
        floor = wake_up_floor()
        results, reasons = take_turns(context, subjects, context.rounds)
    asked = Load("", RATE, SECONDS, CONNECTIONS)
    rows = [row(name, list(runs.values()), asked) for name, runs in results.items()]

    def median(pace, figure):
        runs = results.get(f"loadgen --pace {pace}", {}).values()
        return statistics.median(map(figure, runs)) if runs else None

    to_bare = ratio_by_round(*({turn: run.cpu_us for turn, run in results.get(name, {}).items()}
                               for name in ("loadgen --pace sleep", "a bare loop")))

    targets = [
        Target("hybrid: send lag p50", 5, median("hybrid", lambda run: lag_us(run, "p50")), " us"),
        Target("hybrid: send lag p99", 150, median("hybrid", lambda run: lag_us(run, "p99")), " us"),
        Target("sleep: send lag p50", 60, median("sleep", lambda run: lag_us(run, "p50")), " us"),
        Target("sleep: send lag p99", 300, median("sleep", lambda run: lag_us(run, "p99")), " us"),
        Target("sleep: CPU per request", 20, median("sleep", lambda run: run.cpu_us), " us"),
        Target("sleep: CPU per request over the bare loop's", 1.1, to_bare, "x"),
        *(Target(f"{pace}: achieved rate's distance", 0.1,
                 median(pace, lambda run: 100 * abs(run.rps / RATE - 1)), " %", digits=3)
          for pace in ("hybrid", "sleep"))]
    how = (f"{RATE:,} requests a second for {SECONDS} s to nginx, {CONNECTIONS} connections, {context.rounds} rounds "
           f"in turns. `loadgen URL -R {RATE}/s -d {SECONDS}s -c {CONNECTIONS} --max-in-flight {CONNECTIONS} "
           f"--threads 1 --pace …`; h2load with `--rps` and hey with `-q` for each connection. Send lag is from due to "
           f"sent, which the others do not tell; CPU holds the polling of hybrid. {floor} The bare loop "
           "(`bare_loop`) sleeps, sends and reads over as many connections and does nothing else: what the kernel takes "
           "for requests that leave one by one.")
    head = ["client", "send lag p50 us", "p99 us", "CPU us/request", "rate, % off", "its p99 ms"]
    return [how, "", *table(head, rows), *reason_lines(reasons), *target_table(targets)]


def truth_ms():
    """(p90, p99, mean) of the wait alone: q(p) = X - (1 - p) Y, mean X² / 2Y."""
    return tuple(1e3 * value for value in (FREEZE_S - 0.1 * PERIOD_S, FREEZE_S - 0.01 * PERIOD_S,
                                           FREEZE_S ** 2 / (2 * PERIOD_S)))


def frozen_server(context):
    binary, port = servers.built(context.server), servers.free_port()
    return servers.Server("loadgen-server", [binary, "--port", port, "--freeze", f"{FREEZE_S:g}s/{PERIOD_S:g}s"], port,
                          SERVER_CORE)


def on_a_fresh_server(context, run):
    """The freezes count from a server's first request, so each run has its own."""
    with frozen_server(context) as server:
        make_room(context, server.url, 4000)
        return run(server.url + "/")


def frozen(context):
    clients = {"loadgen": lambda load: paced_clients.loadgen(context.loadgen, load, [], CLIENT_CORE),
               **{name: lambda load, client=client: client(load, CLIENT_CORE) for name, client in (
                   ("wrk", paced_clients.wrk), ("h2load", paced_clients.h2load), ("hey", paced_clients.hey),
                   ("vegeta", paced_clients.vegeta), ("oha", paced_clients.oha))}}
    subjects = {}
    for connections, (name, client) in itertools.product((100, 2000), clients.items()):
        def run(client=client, connections=connections):
            return on_a_fresh_server(context, lambda url: client(Load(url, FROZEN_RATE, FROZEN_SECONDS, connections)))
        subjects[f"{name}, {connections:,} connections"] = run
    rounds = min(context.rounds, 3)
    results, reasons = take_turns(context, subjects, rounds)
    asked = Load("", FROZEN_RATE, FROZEN_SECONDS, 0)
    p90, p99, mean = truth_ms()
    rows = [["the truth", f"{p90:,.0f}", f"{p99:,.0f}", f"{mean:,.0f}", "0"]]
    for name, runs in results.items():
        of = lambda figure, runs=runs: spread([figure(run) for run in runs.values()])
        not_sent = "(closed)" if name.startswith("wrk") else of(lambda run: run.missing_percent(asked))
        times = [of(lambda run, key=key: getattr(run, key)) for key in ("p90_ms", "p99_ms", "mean_ms")]
        rows.append([name, *times, not_sent])
    targets = []
    for connections in (100, 2000):
        runs = results.get(f"loadgen, {connections:,} connections", {}).values()
        for figure, truth in (("p90_ms", p90), ("p99_ms", p99), ("mean_ms", mean)):
            off = max((abs(getattr(run, figure) / truth - 1) * 100 for run in runs), default=None)
            targets.append(
                Target(f"loadgen, {connections:,} connections: {figure[:-3]}'s distance from the truth", 5, off, " %"))
    how = (f"A server that stands still for {FREEZE_S:g} s in every {PERIOD_S:g} s (`loadgen-server --freeze`), "
           f"{FROZEN_RATE:,} requests a second for {FROZEN_SECONDS} s, {rounds} rounds in turns. Each client's own "
           "figures; wrk has no rate and goes as fast as it is answered; vegeta keeps so many connections and opens "
           "more. Missing: of the requests asked for, those not completed; below zero, more were made than asked for. "
           "In the open model the truth is q(p) = 1 s - (1 - p) 5 s.")
    return [how, "", *table(["client", "p90 ms", "p99 ms", "mean ms", "missing %"], rows), *reason_lines(reasons),
            *target_table(targets)]
