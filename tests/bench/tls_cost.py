"""Sections tls, tlsconn and tlsmemory: what TLS costs the client, beside wrk and h2load, against nginx."""

import itertools
import statistics

import clients
import servers
from client_cost import HEAD, compare
from kit import CLIENT_CORE, SERVER_CORE, Target, make_room, reason_lines, spread, table, take_turns, target_table

ADDRESSES = 4
NEW_CONNECTION_SECONDS = 2
NEW_CONNECTIONS_A_SECOND = 2000  # about, of which each leaves a port behind for a minute
USERS = 2000


def addresses_of(context, nginx, connections):
    """The next address each time, once it has room for so many connections."""
    for chosen in itertools.cycle(nginx.urls):
        make_room(context, chosen, connections)
        yield chosen + "/"


def arguments(nginx, url, connections, seconds, *more):
    return [url, "--cacert", nginx.certificate, "-c", connections, "-d", f"{seconds}s", "--threads", 1, *more]


def keepalive(context):
    lines, targets, reasons = [], [], []
    for connections, limit in ((100, 0.92), (1000, 0.92)):
        with servers.Nginx(SERVER_CORE, ADDRESSES, tls=True) as nginx:
            urls = addresses_of(context, nginx, connections)
            rows, ratio, why = compare(context, {
                "loadgen": lambda: clients.loadgen(
                    context.loadgen, arguments(nginx, next(urls), connections, context.seconds), CLIENT_CORE),
                "wrk": lambda: clients.wrk(next(urls), connections, context.seconds, core=CLIENT_CORE),
                "h2load": lambda: clients.h2load(next(urls), [f"-c{connections}", "-D", context.seconds], CLIENT_CORE),
            })
        lines += [f"{connections:,} connections:", "", *table(HEAD, rows)]
        targets.append(Target(f"loadgen's CPU per request over wrk's, {connections:,} connections", limit, ratio, "x"))
        reasons += why
    how = (f"Closed loop, keep-alive, TLS 1.3, one thread, a response of two bytes from nginx, {context.rounds} rounds "
           f"of {context.seconds} s. `loadgen URL --cacert FILE -c N -d {context.seconds}s --threads 1`, `wrk -t1 -cN "
           f"-d{context.seconds}s URL`, `h2load --h1 -t1 -cN -D {context.seconds} URL`; wrk and h2load verify nothing. "
           "CPU is of the whole run, the handshakes at its beginning included.")
    return [how, "", *lines, *reason_lines(reasons), *target_table(targets)]


def newconn(context):
    connections, seconds = 100, min(context.seconds, NEW_CONNECTION_SECONDS)
    with servers.Nginx(SERVER_CORE, ADDRESSES, tls=True) as nginx:
        urls = addresses_of(context, nginx, seconds * NEW_CONNECTIONS_A_SECOND)
        rows, ratio, reasons = compare(context, {
            "loadgen": lambda: clients.loadgen(
                context.loadgen, arguments(nginx, next(urls), connections, seconds, "--no-keep-alive"), CLIENT_CORE),
            "wrk": lambda: clients.wrk(next(urls), connections, seconds, ["Connection: close"], CLIENT_CORE),
        })
        report = clients.loadgen(
            context.loadgen, arguments(nginx, next(urls), connections, seconds, "--no-keep-alive"), CLIENT_CORE).report
    resumed = report["totals"]["tls_handshakes_resumed"] / report["tls_ns"]["count"]
    how = (f"A new connection for each request, {connections} at a time, TLS 1.3, one thread, nginx, {context.rounds} "
           f"rounds of {seconds} s. `loadgen URL --cacert FILE -c {connections} -d {seconds}s --threads 1 "
           f"--no-keep-alive`, `wrk -t1 -c{connections} -d{seconds}s -H 'Connection: close' URL`. Of loadgen's "
           f"handshakes {100 * resumed:.1f} % resumed a session.")
    return [how, "", *table(HEAD, rows), *reason_lines(reasons),
            *target_table([Target("loadgen's CPU per request over wrk's", 1.0, ratio, "x")])]


def memory(context):
    def run(nginx, url, users):
        return clients.loadgen(context.loadgen, arguments(nginx, url, users, context.seconds), CLIENT_CORE)

    with servers.Nginx(SERVER_CORE, ADDRESSES, tls=True) as nginx:
        urls = addresses_of(context, nginx, USERS)
        results, reasons = take_turns(context, {
            "few": lambda: run(nginx, next(urls), 10),
            "many": lambda: run(nginx, next(urls), USERS),
        }, 3)
    rss = {name: [one.rss_mb for one in runs.values()] for name, runs in results.items()}
    a_user = None
    if {"few", "many"} <= rss.keys():
        a_user = (statistics.median(rss["many"]) - statistics.median(rss["few"])) * 1e3 / (USERS - 10)
    rows = [[f"{users:,}", spread(rss[name])] for name, users in (("few", 10), ("many", USERS)) if name in rss]
    how = (f"`loadgen URL --cacert FILE -c N -d {context.seconds}s --threads 1` against nginx, TLS 1.3, 3 runs each. "
           "RSS is the kernel's VmHWM, read to the end; a user's share is the difference.")
    return [how, "", *table(["users", "RSS MB"], rows), *reason_lines(reasons),
            *target_table([Target("memory a TLS user", 45, a_user, " kB", digits=1)])]
