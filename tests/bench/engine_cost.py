"""Sections http2 and curl: what a request costs the client by the engines that others' libraries carry."""

import itertools
import statistics

import clients
import servers
from client_cost import ADDRESSES, HEAD, compare, head
from kit import CLIENT_CORE, SERVER_CORE, Target, make_room, reason_lines, table, target_table

CONNECTIONS, STREAMS = 100, 10
FEW, MANY = 100, 6000


def http2(context):
    users, seconds = CONNECTIONS * STREAMS, context.seconds
    with servers.Nghttpd(SERVER_CORE) as server:
        url = server.url + "/ok"
        rows, ratio, reasons = compare(context, {
            "loadgen": lambda: clients.loadgen(
                context.loadgen,
                [url, "--http2", "--streams", STREAMS, "-c", users, "-d", f"{seconds}s", "--threads", 1], CLIENT_CORE),
            "h2load": lambda: clients.h2load(
                url, [f"-c{CONNECTIONS}", f"-m{STREAMS}", "-D", seconds], CLIENT_CORE, http2=True),
        }, to="h2load")
    how = (f"Closed loop over {CONNECTIONS} connections of HTTP/2 with {STREAMS} streams each, without TLS, one thread, a "
           f"file of two bytes from nghttpd, {context.rounds} rounds of {seconds} s. `loadgen URL --http2 --streams "
           f"{STREAMS} -c {users} -d {seconds}s --threads 1`, `h2load -t1 -c{CONNECTIONS} -m{STREAMS} -D {seconds} URL`.")
    return [how, "", *table(head("h2load"), rows), *reason_lines(reasons),
            *target_table([Target("loadgen's CPU per request over h2load's", 1.0, ratio, "x")])]


def curl(context):
    lines, targets, reasons, rss = [], [], [], {}
    for connections in (FEW, MANY):
        with servers.Nginx(SERVER_CORE, ADDRESSES) as nginx:
            turns = itertools.cycle(nginx.urls)

            def run(client, connections=connections, turns=turns):
                url = next(turns)
                make_room(context, url, connections)
                return client(url + "/")

            def by_curl(url, connections=connections):
                result = clients.loadgen(context.loadgen, [url, "--engine", "curl", "-c", connections, "-d",
                                                           f"{context.seconds}s", "--threads", 1], CLIENT_CORE)
                rss.setdefault(connections, []).append(result.rss_mb)
                return result

            rows, ratio, why = compare(context, {
                "loadgen": lambda: run(by_curl),
                "wrk": lambda: run(lambda url: clients.wrk(url, connections, context.seconds, core=CLIENT_CORE)),
            })
        lines += [f"{connections:,} connections:", "", *table(HEAD, rows)]
        targets.append(Target(f"loadgen's CPU per request over wrk's, {connections:,} connections", 2.5, ratio, "x"))
        reasons += why
    a_user = None
    if rss.keys() == {FEW, MANY}:
        a_user = (statistics.median(rss[MANY]) - statistics.median(rss[FEW])) * 1e3 / (MANY - FEW)
    targets.append(Target("memory a user", 22, a_user, " kB", digits=1))
    how = (f"The same as the section on keep-alive, by libcurl: `loadgen URL --engine curl -c N -d {context.seconds}s "
           f"--threads 1`, {context.rounds} rounds of {context.seconds} s. A user's memory is the difference between the "
           "two numbers of connections.")
    return [how, "", *lines, *reason_lines(reasons), *target_table(targets)]
