"""Queues with known answers: one worker, half busy (measurement test 4).

M/M/1: Poisson arrivals at lambda, exponential service with mean 1/mu: the response time is exponential with mean
1/(mu - lambda). D/M/1, uniform arrivals: it is exponential too, with mean s / (1 - x) where x = exp(-(1 - x) / rho),
here 0.2032. M/D/1: the mean wait is rho s / (2 (1 - rho)). D/D/1: nobody waits. What is random makes these figures vary
from run to run; TOLERANCE is twice the 95 % half-width of runs of this length, as 300 simulated ones had it.
"""

import math

from kit import (QUANTILES, Acceptance, Server, Told, at_rest, constant, epsilon, in_ns, main, milliseconds, near, plan,
                 run_plan, same)

RATE, SECONDS = 1000, 8
N = RATE * SECONDS
SERVICE = 0.5  # ms; rho = 1000/s * 0.5 ms = 0.5
DM1_MEAN = SERVICE / (1 - 0.2032)  # ms
TOLERANCE = {"M/M/1": {"p50": 0.078, "p90": 0.128, "p99": 0.278, "mean": 0.104}, "M/D/1": {"mean": 0.05}}


def one_worker(service, spacing):
    with Server("--spin", "200us") as server:
        return run_plan(plan(server.url, f"/q?serve={service}&strata={N}&seed=5", arrivals=constant(RATE, SECONDS),
                             spacing=spacing, seed=3))


def poisson_exponential():
    return one_worker("exp(500us)", "poisson")


def uniform_exponential():
    return one_worker("exp(500us)", "uniform")


def poisson_fixed():
    return one_worker("500us", "poisson")


def uniform_fixed():
    return one_worker("500us", "uniform")


def noisy(name, expected, measured, share):
    slack = share * expected + epsilon(expected)
    return near(name, expected, measured, slack, slack + at_rest())


def exponential_times(mean):
    return {key: -mean * math.log(1 - p) for key, p in QUANTILES.items()} | {"mean": mean}


def exponential(attempt, mean):
    """Figures of response times that are exponential with that mean."""
    expected, times = exponential_times(mean), milliseconds(attempt.run, "response_ns")
    return [noisy(key, expected[key], times[key], share) for key, share in TOLERANCE["M/M/1"].items()]


def check_mm1(attempt):
    return exponential(attempt, 1000 / (1000 / SERVICE - RATE))


def check_dm1(attempt):
    return exponential(attempt, DM1_MEAN)


def check_md1(attempt):
    wait = 0.5 * SERVICE / (2 * (1 - 0.5))
    measured = milliseconds(attempt.run, "response_ns")["mean"]
    return [noisy("mean", SERVICE + wait, measured, TOLERANCE["M/D/1"]["mean"]),
            same("spacing", "poisson", attempt.run["arrivals"]["spacing"])]


def check_dd1(attempt):
    times = milliseconds(attempt.run, "response_ns")
    return [near(key, SERVICE, times[key], 0.001, at_rest()) for key in QUANTILES if key != "p99_9"]


class Queues(Acceptance):
    def test_poisson_arrivals_at_an_exponential_server(self):
        self.accepted(poisson_exponential, check_mm1)

    def test_a_wait_left_out_is_refused(self):
        good = self.accepted(poisson_exponential, check_mm1)
        alone = in_ns(exponential_times(SERVICE))
        self.refused("the service without its wait", check_mm1, Told(good, response_ns=alone),
                     {"p50", "p90", "p99", "mean"})

    def test_uniform_arrivals_at_an_exponential_server(self):
        self.accepted(uniform_exponential, check_dm1)

    def test_uniform_arrivals_told_as_poisson_are_refused(self):
        uniform = self.accepted(uniform_exponential, check_dm1)
        by_formula = in_ns(exponential_times(DM1_MEAN))  # chance and waking can make one run look like the other
        self.refused("uniform arrivals", check_mm1, Told(uniform, response_ns=by_formula), {"p90", "p99", "mean"})

    def test_poisson_arrivals_at_a_fixed_server(self):
        self.accepted(poisson_fixed, check_md1)

    def test_uniform_arrivals_at_a_fixed_server_do_not_wait(self):
        self.accepted(uniform_fixed, check_dd1)

    def test_uniform_arrivals_hide_the_queue_and_are_refused_as_poisson(self):
        uniform = self.accepted(uniform_fixed, check_dd1)
        nobody_waits = in_ns({key: SERVICE for key in (*QUANTILES, "mean")})  # whatever waking cost that run
        self.refused("uniform arrivals", check_md1, Told(uniform, response_ns=nobody_waits), {"mean", "spacing"})

    def test_poisson_waits_are_refused_where_nobody_waits(self):
        poisson = self.accepted(poisson_fixed, check_md1)
        self.refused("a queue", check_dd1, poisson, {"p90", "p95", "p99"})


if __name__ == "__main__":
    main()
