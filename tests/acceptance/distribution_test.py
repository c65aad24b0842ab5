"""Delays of a known distribution, each of its quantiles served exactly once (measurement test 3).

With n requests the server's delays are F⁻¹((i + ½) / n), i = 0 … n-1, in shuffled order: there is no sampling noise,
and every percentile is known to the microsecond. The server also tells how long it really held each request, and what
the client measured beyond that must be within the machine's floor.
"""

import math

from kit import (MS, QUANTILES, Acceptance, Server, Told, at_rest, constant, epsilon, in_ns, main, mean, milliseconds,
                 near, percentile_figures, plan, rank, run_plan, same)

N, MEAN = 5000, 5.0  # requests, ms


def exponential():
    with Server("--spin", "200us", log=True) as server:
        attempt = run_plan(plan(server.url, f"/x?delay=exp(5ms)&strata={N}", arrivals=constant(1000, N // 1000)))
    attempt.held = sorted(ns / MS for ns in server.holds)
    return attempt


def quantile(p):
    """Of the delays served: the nearest rank's middle of its slice."""
    return -MEAN * math.log(1 - (math.ceil(p * N) - 0.5) / N)


def check(attempt):
    measured = milliseconds(attempt.run, "response_ns")
    allowed = at_rest()  # client and server sleep while the server holds an answer
    expected = {key: quantile(p) for key, p in QUANTILES.items()} | {"mean": MEAN, "max": quantile(1)}
    figures = percentile_figures(expected, measured, 0.001, allowed)
    service = milliseconds(attempt.run, "service_ns")
    # Every request took at least as long as it was held, so the sorted times differ by no less than nothing.
    figures += [near(f"service {key} - held {key}", 0, service[key] - rank(attempt.held, p),
                     epsilon(service[key]), epsilon(service[key]) + allowed) for key, p in QUANTILES.items()]
    return figures + [near("service mean - held mean", 0, service["mean"] - mean(attempt.held), 0.0, allowed),
                      same("answered", N, attempt.run["response_ns"]["count"])]


class KnownDistribution(Acceptance):
    def test_every_percentile_is_that_of_the_distribution(self):
        self.accepted(exponential, check)

    def test_bins_that_double_are_refused(self):
        good = self.accepted(exponential, check)
        coarse = {key: 2.0 ** math.ceil(math.log2(value)) for key, value in
                  milliseconds(good.run, "response_ns").items()}
        self.refused("bins that double", check, Told(good, response_ns=in_ns(coarse) | {"count": N}),
                     {"p90", "p99", "p99_9"})

    def test_slow_requests_left_out_are_refused(self):
        good = self.accepted(exponential, check)
        kept = sorted(quantile((i + 0.5) / N) for i in range(N) if quantile((i + 0.5) / N) < 20)
        told = {key: rank(kept, p) for key, p in QUANTILES.items()} | {"mean": mean(kept), "max": kept[-1]}
        told = Told(good, response_ns=in_ns(told) | {"count": len(kept)})
        self.refused("what took longer than 20 ms left out", check, told,
                     {"p99", "p99_9", "mean", "max", "answered"})


if __name__ == "__main__":
    main()
