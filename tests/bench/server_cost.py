"""Section server: what a request costs the server, under wrk: the bundled one beside nginx and the article's two."""

import contextlib

import clients
import servers
from kit import (CLIENT_CORE, SERVER_CORE, Target, make_room, ratio_by_round, reason_lines, spread, start_all, table,
                 take_turns, target_table)

PATHS = {  # by server; Axum and Blacksheep have the article's routes only
    "loadgen-server, 1 thread": ("/", "/fibonacci"),
    "nginx": ("/",),
    "Axum, 1 worker": ("/fibonacci",),
    "Blacksheep": ("/fibonacci",),
}


def load(context, server, path, connections):
    """(server's CPU us per request, requests/s, errors) of one run of wrk."""
    make_room(context, server.url, connections)
    before = server.cpu_seconds()
    run = clients.wrk(server.url + path, connections, context.seconds, core=CLIENT_CORE)
    if run.completed == 0:
        raise servers.Unavailable(f"{server.name} answered nothing in {context.seconds} s")
    if run.errors > run.completed / 100:  # errors are cheap to answer: their cost must not pass for the route's
        raise servers.Unavailable(f"{run.errors:,} of {run.completed:,} answers of {server.name} {path} were errors")
    return (server.cpu_seconds() - before) * 1e6 / run.completed, run.rps, run.errors


def targets_of(cpu, connections):
    targets = []
    for path in ("/", "/fibonacci"):
        ours = cpu.get(f"loadgen-server, 1 thread {path}")
        for other, limit in (("Axum, 1 worker /fibonacci", 0.85), ("nginx /", 1.0)):
            ratio = ratio_by_round(ours, cpu[other]) if ours and other in cpu else None
            targets.append(Target(f"{path} over {other}, {connections:,} connections", limit, ratio, "x"))
    return targets


def server(context):
    lines, targets, reasons = [], [], []
    with contextlib.ExitStack() as stack:
        running, missing = start_all(context, stack, [
            lambda: servers.bundled(context.server, SERVER_CORE), lambda: servers.Nginx(SERVER_CORE),
            lambda: servers.axum(1, SERVER_CORE), lambda: servers.blacksheep(SERVER_CORE)])
        reasons += missing
        for connections in (100, 6000):
            subjects = {f"{one.name} {path}": lambda one=one, path=path: load(context, one, path, connections)
                        for one in running for path in PATHS[one.name]}
            results, why = take_turns(context, subjects, context.rounds)
            reasons += why
            cpu = {name: {turn: run[0] for turn, run in runs.items()} for name, runs in results.items()}
            lines += [f"{connections:,} connections:", "",
                      *table(["server and path", "server CPU us/request", "requests/s", "errors"],
                             [[name, spread(cpu[name].values(), 2), spread([run[1] for run in runs.values()], 0),
                               f"{sum(run[2] for run in runs.values()):,}"] for name, runs in results.items()])]
            targets += targets_of(cpu, connections)
    how = (f"`wrk -t1 -cN -d{context.seconds}s URL`, {context.rounds} rounds; CPU is the serving process's, user and "
           "system, over wrk's count of requests. Axum has no `/`: its `/fibonacci` stands for both.")
    return [how, "", *lines, *reason_lines(reasons), *target_table(targets)]
