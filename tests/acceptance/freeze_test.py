"""A server that stands still for 100 ms in every second, at 1,000 requests a second (measurement tests 1 and 2).

While it is frozen nothing is answered; afterwards all that waited is, so the wait falls linearly from 100 ms to nothing
in what was due during the freeze: with X the freeze's length, Y its period, L0 the base latency and rho the share of
the capacity that is asked for, q(p) = L0 + max(0, X - (1 - rho)(1 - p) Y), mean = L0 + X² / (2 Y (1 - rho)).
"""

from kit import (LOADGEN, MS, QUANTILES, TRUSTED, Acceptance, Server, Told, at_least, at_most, at_rest, charge,
                 constant, epsilon, floor, in_ns, loadgen_e2e, main, mean, milliseconds, near, plan, rank, run_plan,
                 same)

LENGTH, PERIOD, RATE = 100.0, 1000.0, 1000  # ms, ms, 1/s
GAP = 1000 / RATE                           # ms
LATEST = 4.0                                # ms that the server may hold an answer for longer than its script says


def expected(base, rho=0.0):
    wait = lambda p: LENGTH - (1 - rho) * (1 - p) * PERIOD
    figures = {key: base + max(0.0, wait(p)) for key, p in QUANTILES.items() if key != "p50"}
    return figures | {"mean": base + LENGTH * LENGTH / (2 * PERIOD * (1 - rho))}


def frozen(path, seconds=10, **group):
    """.held: how long the server really held each request, sorted, in ms."""
    with Server("--freeze", "100ms/1s", "--spin", "200us", log=True) as server:
        attempt = run_plan(plan(server.url, path, **group or {"arrivals": constant(RATE, seconds)}))
    attempt.held = sorted(ns / MS for ns in server.holds)
    return attempt


def open_load():
    return frozen("/x?delay=1ms")


def open_load_by_options():
    with Server("--freeze", "100ms/1s", "--spin", "200us", log=True) as server:
        target = server.url + "/x?delay=1ms"
        attempt = loadgen_e2e.Run(LOADGEN, target, "-R", "1000/s", "-d", "5s", "--progress", "none")
    attempt.held = sorted(ns / MS for ns in server.holds)
    return attempt


def single_worker():
    return frozen("/x?serve=500us", arrivals=constant(RATE, 5))


def two_connections():
    return frozen("/x?delay=1ms", arrivals=constant(RATE, 5), max_in_flight=2)


def dropping():
    return frozen("/x?delay=1ms", arrivals=constant(RATE, 3), max_in_flight=20, at_limit="drop")


def closed_loop():
    return frozen("/x?delay=1ms", users=1, loops="forever", duration="5s")


def responses(exact, attempt, seconds, late=None):
    """late: what the server's answers were held beyond the formula, by figure."""
    times, late = milliseconds(attempt.run, "response_ns"), late or dict.fromkeys(exact, 0)
    figures = [near(key, value, times[key], GAP + epsilon(value), GAP + epsilon(value) + floor().p99_9 + late[key])
               for key, value in exact.items()]
    return figures + [same("sent", RATE * seconds, attempt.run["totals"]["sent"])]


def as_held(base, rho, attempt, seconds):
    """A hundred answers do not leave at once when a freeze ends: what the server says it took for that is allowed."""
    exact = expected(base, rho)
    held = {"mean": mean(attempt.held)} | {key: rank(attempt.held, p) for key, p in QUANTILES.items()}
    late = {key: max(0.0, held[key] - value) for key, value in exact.items()}
    punctual = at_most("server later than scripted, ms", LATEST, max(late.values()))
    return responses(exact, attempt, seconds, late) + [punctual]


def check_open(attempt, seconds=10):
    return as_held(1.0, 0.0, attempt, seconds) + [same("model", "open", attempt.run["offered"]["model"])]


def check_open_5s(attempt):
    return check_open(attempt, 5)


def check_single_worker(attempt):
    return as_held(0.5, 0.5, attempt, 5)


def check_two_connections(attempt):
    """Two connections answer two requests in the service time S that was measured: rho = rate * S / 2."""
    service = milliseconds(attempt.run, "service_ns")["p50"]
    figures = responses(expected(service, RATE * service / 1000 / 2), attempt, 5)
    return figures + [same("model", "open, bounded connections", attempt.run["offered"]["model"]),
                      at_least("arrivals that waited", 5 * 98, attempt.run["arrivals"]["waited"])]


def check_dropping(attempt):
    run = attempt.run
    return [near("dropped", 3 * (LENGTH / GAP - 19), run["totals"]["dropped"], 3 * 2),
            charge(run, "CENSORED"),
            same("p99 is a lower bound", True, run["response_ns"]["intervals"]["p99"]["at_least"])]


def check_closed(attempt):
    """One user: a freeze catches one request, so that p99 knows nothing of it; requests a second are what is left.

    Client and server sleep while the server holds the answer, and the hold ends as late as the server says.
    """
    times = milliseconds(attempt.run, "service_ns")
    late = max(0.0, rank(attempt.held, QUANTILES["p99"]) - 1.0)
    rate = (PERIOD - LENGTH) / PERIOD * 1000 / times["p50"]
    return [same("model", "closed", attempt.run["offered"]["model"]),
            same("the text says so", True, "closed" in attempt.out),
            near("p99", 1.0, times["p99"], 0.01, min(late, LATEST) + at_rest()),
            at_most("server later than scripted, ms", LATEST, late),
            near("max", LENGTH + 1.0, times["max"], 2.0, 2.0 + at_rest()),  # the first one connects
            near("requests/s", rate, attempt.run["totals"]["rps"], 0.1 * rate)]


class Freeze(Acceptance):
    def test_the_open_model_shows_the_whole_wait(self):
        self.accepted(open_load, check_open)

    def test_closed_loop_percentiles_told_as_open_are_refused(self):
        self.accepted(open_load, check_open)
        closed = self.accepted(closed_loop, check_closed)
        self.refused("a closed loop's percentiles", check_open, closed, {"p95", "p99", "mean", "model", "sent"})

    def test_the_same_from_the_command_line(self):
        self.accepted(open_load_by_options, check_open_5s)

    def test_a_single_worker_needs_as_long_again_to_catch_up(self):
        self.accepted(single_worker, check_single_worker)

    def test_the_parallel_servers_figures_are_not_those_of_a_single_worker(self):
        worker = self.accepted(single_worker, check_single_worker)
        parallel = Told(worker, response_ns=in_ns(expected(0.5) | {"p50": 0.5}))
        self.refused("a queue left out", check_single_worker, parallel, {"p90", "p95", "mean"})

    def test_bounded_connections_make_a_queue_that_counts(self):
        self.accepted(two_connections, check_two_connections)

    def test_service_time_told_as_response_time_is_refused(self):
        bounded = self.accepted(two_connections, check_two_connections)
        told = Told(bounded, response_ns=bounded.run["service_ns"])
        self.refused("service time", check_two_connections, told, {"p90", "p95", "p99", "mean"})

    def test_what_is_dropped_is_counted_and_changes_the_verdict(self):
        self.accepted(dropping, check_dropping)

    def test_drops_left_out_are_refused(self):
        dropped = self.accepted(dropping, check_dropping)
        totals = dropped.run["totals"] | {"dropped": 0, "planned": dropped.run["totals"]["sent"]}
        told = Told(dropped, totals=totals, verdict=TRUSTED,
                    response_ns=in_ns(milliseconds(dropped.run, "response_ns")))
        self.refused("drops left out", check_dropping, told,
                     {"dropped", "a check says CENSORED", "p99 is a lower bound"})

    def test_the_closed_model_prints_its_own_answer_and_its_name(self):
        self.accepted(closed_loop, check_closed)

    def test_open_figures_are_not_a_closed_loops(self):
        self.accepted(closed_loop, check_closed)
        told = Told(self.accepted(open_load, check_open))
        self.refused("an open run's figures", check_closed, told, {"model", "p99"})


if __name__ == "__main__":
    main()
