"""Nothing is lost, in number, in bytes or in time (measurement tests 6 to 9).

Every kind of failure is counted exactly, bytes are those that the server sent, and requests that never got an answer
stay in the figures: as time-outs, or as unfinished when the run ended before them.
"""

import socket
import urllib.parse

from kit import (MS, TRUSTED, Acceptance, Server, Told, at_least, at_most, at_rest, charge, constant, epsilon, floor,
                 main, milliseconds, near, plan, run_plan, same)

FAULTS = {"status": 200, "reset": 20, "closed_mid_body": 20, "malformed_response": 2}  # of 2,000 requests


def faulty():
    path = "/x?status=500@3/10&reset=1@7/100&truncate=1@11/100&malformed=1@19/1000&size=100"
    with Server() as server:
        attempt = run_plan(plan(server.url, path, arrivals=constant(1000, 2)))
        attempt.stats = server.stats()
    return attempt


def check_faulty(attempt):
    run, totals = attempt.run, attempt.run["totals"]
    counted = {kind: count for kind, count in totals["errors_by_kind"].items() if count}
    figures = [same(kind, count, counted.get(kind, 0)) for kind, count in FAULTS.items()]
    return figures + [same("kinds", sorted(FAULTS), sorted(counted)),
                      same("sent", attempt.stats["requests"], totals["sent"]),
                      same("succeeded", 2000 - sum(FAULTS.values()), totals["succeeded"]),
                      same("response times", totals["succeeded"], run["response_ns"]["count"]),
                      same("times of failures", totals["failed"], run["failed_response_ns"]["count"]),
                      charge(run, "ERRORS")]


class Errors(Acceptance):
    def test_every_kind_is_counted_exactly(self):
        self.accepted(faulty, check_faulty)

    def test_resets_that_were_sent_again_quietly_are_refused(self):
        good = self.accepted(faulty, check_faulty)
        kinds = good.run["totals"]["errors_by_kind"] | {"reset": 0}
        told = Told(good, totals=good.run["totals"] | {"errors_by_kind": kinds, "sent": 1980, "planned": 1980})
        self.refused("resets left out", check_faulty, told, {"reset", "kinds", "sent"})

    def test_failures_among_the_response_times_are_refused(self):
        good = self.accepted(faulty, check_faulty)
        response = good.run["response_ns"] | {"count": good.run["totals"]["sent"]}
        self.refused("failures mixed in", check_faulty, Told(good, response_ns=response), {"response times"})


def answer_size(url, path, keep_alive):
    """Bytes of one answer, header and body, as they come off a plain socket."""
    address = urllib.parse.urlsplit(url)
    request = f"GET {path} HTTP/1.1\r\nhost: x\r\n{'' if keep_alive else 'connection: close'}\r\n\r\n"
    with socket.create_connection((address.hostname, address.port), timeout=10) as client:
        client.sendall(request.replace("\r\n\r\n\r\n", "\r\n\r\n").encode())
        client.shutdown(socket.SHUT_WR)
        return sum(len(piece) for piece in iter(lambda: client.recv(65536), b""))


def transfer(path, keep_alive, body):
    def run():
        with Server() as server:
            size = answer_size(server.url, path, keep_alive)
            before = server.stats()["bytes"]["out"]
            attempt = run_plan(plan(server.url, path, arrivals=constant(500, 1), http={"keep_alive": keep_alive}))
            attempt.size, attempt.body = size, body
            attempt.sent = server.stats()["bytes"]["out"] - before
        return attempt
    run.__name__ = f"transfer of {path}, {'kept' if keep_alive else 'closed'}"
    return run


def check_bytes(attempt):
    received = attempt.run["totals"]["bytes_in"]
    return [same("received: n (header + body)", 500 * attempt.size, received), same("sent", attempt.sent, received),
            at_least("received over bodies", 500 * attempt.body + 1, received)]


class Bytes(Acceptance):
    def test_received_is_what_was_sent(self):
        for path, body in (("/bytes/1000", 1000), ("/x?chunked&size=70000", 70000)):
            for keep_alive in (True, False):
                with self.subTest(path=path, keep_alive=keep_alive):
                    good = self.accepted(transfer(path, keep_alive, body), check_bytes)
                    totals = good.run["totals"] | {"bytes_in": 500 * body}
                    self.refused("bodies alone", check_bytes, Told(good, totals=totals),
                                 {"received: n (header + body)", "sent", "received over bodies"})


N, SHARE, TIMEOUT = 3000, 0.05, 1000.0  # requests, never answered, ms
TICK = 8.0                              # ms; a time-out strikes so much late at most


def black_hole():
    with Server("--spin", "200us") as server:
        path = f"/x?delay=uniform(1ms,9ms)&strata={N}&never@7/20"
        return run_plan(plan(server.url, path, arrivals=constant(1000, 3), http={"response_timeout": "1s"}))


def check_black_hole(attempt):
    """One in twenty is never answered: the rest tells the quantile p / (1 - f); beyond that only ">= T" is known."""
    run = attempt.run
    percentiles = run["response_ns"]["intervals"]
    figures = [same("timed out", int(N * SHARE), run["totals"]["errors_by_kind"].get("response_timeout", 0)),
               same("succeeded", int(N * (1 - SHARE)), run["totals"]["succeeded"])]
    for key, p in (("p50", 0.5), ("p90", 0.9)):
        expected = 1 + 8 * p / (1 - SHARE)
        # One in twenty is taken out of the even spread of the rest: a standard error of 0.013 ms.
        figures += [near(key, expected, percentiles[key]["value"] / MS, 0.06, 0.06 + at_rest()),
                    same(f"{key} is a lower bound", False, percentiles[key]["at_least"])]
    late = epsilon(TIMEOUT) + TICK + at_rest()
    for key in ("p99", "p99_9"):
        figures += [near(key, TIMEOUT, percentiles[key]["value"] / MS, epsilon(TIMEOUT), late),
                    same(f"{key} is a lower bound", True, percentiles[key]["at_least"])]
    return figures + [same("the text says >=", True, ">=" in attempt.out),
                      charge(run, "ERRORS")]


class BlackHole(Acceptance):
    def test_what_is_never_answered_stays_in_the_percentiles(self):
        self.accepted(black_hole, check_black_hole)

    def test_time_outs_left_out_are_refused(self):
        good = self.accepted(black_hole, check_black_hole)
        response = good.run["response_ns"]
        alone = {key: {"value": (1 + 8 * p) * MS, "at_least": False}
                 for key, p in (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99_9", 0.999))}
        kinds = good.run["totals"]["errors_by_kind"] | {"response_timeout": 0}
        told = Told(good, response_ns=response | {"intervals": alone},
                    totals=good.run["totals"] | {"errors_by_kind": kinds})
        self.refused("time-outs left out", check_black_hole, told,
                     {"timed out", "p50", "p90", "p99", "p99 is a lower bound", "p99_9 is a lower bound"})


def stalled_at_the_end():
    """Frozen from 2 s after the first request on, until after the run is over: 3 s and half a second of grace."""
    with Server("--freeze-at", "2s/60s") as server:
        return run_plan(plan(server.url, "/", arrivals=constant(1000, 3), grace="500ms"))


def check_stalled(attempt):
    run, totals = attempt.run, attempt.run["totals"]
    percentiles = run["response_ns"]["intervals"]
    late = 3  # ms, and requests: the two seconds begin when the first request comes, which opens a connection first
    return [near("unfinished", 1000, totals["unfinished"], late), near("succeeded", 2000, totals["succeeded"], late),
            charge(run, "CENSORED"),
            at_most("p50, ms", floor().p99_9, percentiles["p50"]["value"] / MS),
            at_most("p99 of those that were answered, ms", floor().p99_9 + 1, milliseconds(run, "response_ns")["p99"]),
            same("p50 is a lower bound", False, percentiles["p50"]["at_least"]),
            same("p90 is a lower bound", True, percentiles["p90"]["at_least"]),
            same("p99 is a lower bound", True, percentiles["p99"]["at_least"])]


class StallAtTheEnd(Acceptance):
    def test_unfinished_requests_are_reported(self):
        self.accepted(stalled_at_the_end, check_stalled)

    def test_a_run_that_forgets_them_is_refused(self):
        good = self.accepted(stalled_at_the_end, check_stalled)
        totals = good.run["totals"] | {"unfinished": 0, "planned": 2000, "sent": 2000}
        intervals = {key: figure | {"at_least": False} for key, figure in
                     good.run["response_ns"]["intervals"].items()}
        told = Told(good, totals=totals, response_ns=good.run["response_ns"] | {"intervals": intervals},
                    verdict=TRUSTED)
        self.refused("unfinished requests forgotten", check_stalled, told,
                     {"unfinished", "a check says CENSORED", "p90 is a lower bound", "p99 is a lower bound"})


if __name__ == "__main__":
    main()
