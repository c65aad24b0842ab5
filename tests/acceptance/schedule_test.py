"""Requests come when the plan says so: the server's own log of their arrivals against the plan (measurement test 5).

With L(t) the integral of the planned rate, request k of a uniform schedule is due when L = k + ½. The log's times are
of the same clock, but where the run's t0 lies in it is not known; the request that was least late tells it.
"""

import math

from kit import Acceptance, Server, Told, at_most, floor, main, near, plan, rank, run_plan, same


class Shape:
    """A plan's arrivals: segments of (seconds, rate from, rate to) with their L and its inverse."""

    def __init__(self, *segments):
        self.segments = segments
        self.total = self.count(self.length)

    @property
    def length(self):
        return sum(seconds for seconds, _, _ in self.segments)

    @property
    def arrivals(self):
        return [{"rate": f"{a}/s", "for": f"{t}s"} if a == b else {"from": f"{a}/s", "to": f"{b}/s", "over": f"{t}s"}
                for t, a, b in self.segments]

    def count(self, at):
        """L(at)."""
        done = 0.0
        for seconds, a, b in self.segments:
            t = min(max(at, 0.0), seconds)
            done += a * t + (b - a) / seconds * t * t / 2
            at -= seconds
        return done

    def rate(self, at):
        for seconds, a, b in self.segments:
            if at <= seconds:
                return a + (b - a) * max(at, 0.0) / seconds
            at -= seconds
        return 0.0

    def time(self, count):
        """By halving: slower than a closed form, and independent of it."""
        low, high = 0.0, self.length
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if self.count(middle) < count else (low, middle)
        return high


CONSTANT = Shape((4, 333.3, 333.3))
RAMP = Shape((4, 0, 1000))
STAGES = Shape((1, 100, 100), (1, 800, 800), (1.6, 800, 200), (0.4, 52.5, 52.5))  # of whole cells of 200 ms


def logged(shape, spacing="uniform", *options, seed=1):
    with Server(log=True) as server:
        attempt = run_plan(plan(server.url, "/", arrivals=shape.arrivals, spacing=spacing, seed=seed), *options)
        attempt.requests = server.stats()["requests"]
    attempt.seconds = [ns / 1e9 for ns in server.arrivals]
    return attempt


def constant():
    return logged(CONSTANT)


def ramp():
    return logged(RAMP)


def stages():
    return logged(STAGES)


def lags(shape, seconds):
    """Of each request against its due time, in s, with the least one as zero."""
    late = [at - shape.time(k + 0.5) for k, at in enumerate(seconds)]
    return [lag - min(late) for lag in late], min(late)


def most_late(run):
    """In s. The server reads a request after its send lag and before it is answered. Of all seconds, ramps too."""
    return sum(max(second[key] for second in run["per_second"]) for key in ("worst_send_lag_ns", "max_ns")) / 1e9


def check_schedule(shape):
    def check(attempt):
        late, start = lags(shape, attempt.seconds)
        allowed = most_late(attempt.run)
        worst = max(abs((k + 1) - shape.count(at - start)) - 1 - shape.rate(at - start) * allowed
                    for k, at in enumerate(attempt.seconds))
        figures = [same("planned", round(shape.total), attempt.run["totals"]["planned"]),
                   same("came", round(shape.total), attempt.requests),
                   near("worst lag, ms", 0, max(late) * 1000, 0, allowed * 1000),
                   at_most("worst |came - L(t)| beyond what is allowed", 0, worst)]
        for second in range(math.ceil(shape.length)):
            came = sum(1 for at in attempt.seconds if second <= at - start < second + 1)
            expected = shape.count(second + 1) - shape.count(second)
            slack = 1 + shape.rate(second + 1) * allowed
            figures.append(near(f"in second {second}", expected, came, slack))
        return figures + stage_figures(shape, attempt.run)
    return check


def stage_figures(shape, run):
    """What the report tells of each stage by due time, which no lateness changes."""
    figures = [same("stages", len(shape.segments), len(run["stages"]))]
    begin = 0.0
    for stage, (seconds, a, b) in zip(run["stages"], shape.segments):
        expected = shape.count(begin + seconds) - shape.count(begin)
        figures += [near(f"{stage['name']}, due", expected, stage["due"], 1),
                    near(f"{stage['name']}, expected", expected, stage["expected"], 1e-6),
                    same(f"{stage['name']}, measured", a == b, stage["measured"])]
        begin += seconds
    return figures


check_constant, check_ramp, check_stages = check_schedule(CONSTANT), check_schedule(RAMP), check_schedule(STAGES)

DENSE = Shape((5, 2000, 2000))
SPARSE = Shape((5, 200, 200))


def poisson_dense():
    return logged(DENSE, "poisson")


def poisson_sparse():
    return logged(SPARSE, "poisson")


def poisson_sparse_two_threads():
    return logged(SPARSE, "poisson", "--threads", "2")


def poisson_sparse_other_seed():
    return logged(SPARSE, "poisson", seed=2)


def kolmogorov_smirnov(sorted_values, distribution):
    """sqrt(n) D; above 1.63 in one of a hundred samples of that distribution."""
    n = len(sorted_values)
    worst = max(max((i + 1) / n - distribution(x), distribution(x) - i / n) for i, x in enumerate(sorted_values))
    return math.sqrt(n) * worst


def gap_figure(seconds):
    gaps = sorted(after - before for before, after in zip(seconds, seconds[1:]))
    mean = sum(gaps) / len(gaps)
    return at_most("gaps against the exponential, sqrt(n) D", 1.63,
                   kolmogorov_smirnov(gaps, lambda x: 1 - math.exp(-x / mean)))


def check_dense(attempt):
    """Instants against a constant rate; spread of the counts; counts of each second."""
    begin = attempt.seconds[0]
    instants = [at - begin for at in attempt.seconds]
    cells = [0] * 50
    for at in instants:
        cells[min(int(at * 10), 49)] += 1
    mean = sum(cells) / len(cells)
    dispersion = sum((c - mean) ** 2 for c in cells) / (len(cells) - 1) / mean
    length = instants[-1]
    figures = [near("variance over mean of counts", 1, dispersion, 3 * math.sqrt(2 / (len(cells) - 1))),
               at_most("instants against a constant rate, sqrt(n) D", 1.63,
                       kolmogorov_smirnov(instants, lambda x: x / length)),
               near("came", 10000, attempt.requests, 4 * math.sqrt(10000))]
    return figures + [near(f"in second {second}", 2000, sum(cells[10 * second:10 * second + 10]), 4 * math.sqrt(2000))
                      for second in range(5)]


def check_sparse(attempt):
    """At 200/s a lag of some 10 us does not show in gaps of 5 ms."""
    return [gap_figure(attempt.seconds), near("came", 1000, attempt.requests, 4 * math.sqrt(1000))]


def check_same_plan(one, other):
    """Request by request, from each run's first."""
    same_length = same("requests", len(one.seconds), len(other.seconds))
    apart = sorted(abs((a - one.seconds[0]) - (b - other.seconds[0])) for a, b in zip(one.seconds, other.seconds))
    return [same_length, near("median distance in time, ms", 0, rank(apart, 0.5) * 1000, 0, floor().p99_9)]


def moved_to(attempt, seconds):
    moved = Told(attempt)
    moved.seconds = seconds
    return moved


class Uniform(Acceptance):
    def test_a_constant_fractional_rate(self):
        self.accepted(constant, check_constant)

    def test_a_ramp_from_nothing(self):
        self.accepted(ramp, check_ramp)

    def test_several_stages_below_and_above_one_request_a_millisecond(self):
        self.accepted(stages, check_stages)

    def test_a_schedule_that_its_own_lag_moves_is_refused(self):
        good = self.accepted(constant, check_constant)
        late, _ = lags(CONSTANT, good.seconds)
        moved, lost = [], 0.0
        for at, lag in zip(good.seconds, late):
            lost += max(lag, 100e-6)  # each wake-up's lateness, never caught up
            moved.append(at + lost)
        self.refused("sleeping a gap after each request", check_constant, moved_to(good, moved), {"worst lag, ms"})

    def test_a_ramp_told_as_a_constant_rate_is_refused(self):
        wrong = Shape((4, 500, 500))
        self.refused("another shape", check_schedule(wrong), self.accepted(ramp, check_ramp),
                     {"worst lag, ms", "in second 0", "in second 3"})


class Poisson(Acceptance):
    def test_counts_and_instants_are_those_of_a_poisson_process(self):
        self.accepted(poisson_dense, check_dense)

    def test_uniform_arrivals_are_refused_as_poisson(self):
        good = self.accepted(poisson_dense, check_dense)
        uniform = [DENSE.time(k + 0.5) for k in range(round(DENSE.total))]
        self.refused("uniform arrivals", lambda told: check_dense(told) + [gap_figure(told.seconds)],
                     moved_to(good, uniform),
                     {"variance over mean of counts", "gaps against the exponential, sqrt(n) D"})

    def test_gaps_are_exponential(self):
        self.accepted(poisson_sparse, check_sparse)

    def test_clipped_gaps_are_refused(self):
        good = self.accepted(poisson_sparse, check_sparse)
        at, clipped = good.seconds[0], [good.seconds[0]]
        for before, after in zip(good.seconds, good.seconds[1:]):
            at += min(after - before, 0.010)  # at most twice the mean
            clipped.append(at)
        self.refused("gaps of at most twice the mean", check_sparse, moved_to(good, clipped),
                     {"gaps against the exponential, sqrt(n) D"})

    def test_the_seed_alone_makes_the_plan(self):
        one = self.accepted(poisson_sparse, check_sparse)
        two = self.accepted(poisson_sparse_two_threads, lambda attempt: check_same_plan(one, attempt))
        self.assertEqual(two.run["generator"]["threads"], 2)
        other = self.accepted(poisson_sparse_other_seed, check_sparse)
        self.refused("another seed", lambda told: check_same_plan(one, told), other, {"median distance in time, ms"})


if __name__ == "__main__":
    main()
