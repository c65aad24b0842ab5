"""What the acceptance tests share: figures with tolerances, this machine's floor, runs that are judged or repeated.

A test makes a run, and a check, a plain function, turns it into figures: expected, measured, tolerance. The test's
sibling hands the same check what a wrong tool would have told of the same run, and wants it refused; so no check can
pass whatever it is given. Programs: argv[1] is loadgen, argv[2] loadgen-server.

Where a figure is off although nothing is wrong, the machine was in the way. Then loadgen's own evidence must say so:
such a run is repeated, and if all were disturbed the test is skipped with that evidence. A skip makes the whole file
end with 77, which ctest shows.
"""

import contextlib
import json
import math
import os
import statistics
import sys
import tempfile
import unittest
from typing import NamedTuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), os.pardir, "e2e"))
import loadgen_e2e  # noqa: E402

LOADGEN, SERVER = sys.argv[1:3]
TRIES = 3
MS = 1e6  # ns
BUSY = {"run-queue wait": 0.02, "steal": 0.01, "cpu_pressure": 0.10}  # shares of time; a quiet machine stays below
QUANTILES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99_9": 0.999}


class Figure(NamedTuple):
    name: str
    expected: object
    measured: object
    tolerance: str
    holds: bool

    def __str__(self):
        mark = "ok " if self.holds else "OUT"
        return (f"  {mark} {self.name:<38} expected {shown(self.expected):>14}  measured {shown(self.measured):>14}"
                f"  tolerance {self.tolerance}")


def shown(value):
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def near(name, expected, measured, below, above=None):
    """measured may be `below` under expected and `above` (or the same) over it."""
    above = below if above is None else above
    return Figure(name, float(expected), float(measured), f"-{below:.3f} +{above:.3f}",
                  expected - below <= measured <= expected + above)


def same(name, expected, measured):
    return Figure(name, expected, measured, "exact", expected == measured)


def at_most(name, most, measured):
    return Figure(name, f"<= {shown(float(most))}", float(measured), "exact", measured <= most)


def at_least(name, least, measured):
    return Figure(name, f">= {shown(float(least))}", float(measured), "exact", measured >= least)


def one_of(name, allowed, measured):
    return Figure(name, " or ".join(allowed), measured, "exact", measured in allowed)


def show(title, figures):
    print(f"{title}:", *figures, sep="\n", flush=True)


def names_out(figures):
    return {figure.name for figure in figures if not figure.holds}


def named(figures):
    return ", ".join(sorted(names_out(figures)))


class Server(loadgen_e2e.Server):
    """A loadgen-server; with log=True its requests' arrivals and holds are known after the with block."""

    def __init__(self, *options, log=False):
        self.folder = tempfile.TemporaryDirectory() if log else None
        if log:
            self.log = os.path.join(self.folder.name, "requests.log")
            options += ("--log", self.log)
        super().__init__(SERVER, *options)

    def __exit__(self, *exception):
        super().__exit__(*exception)
        if self.folder:
            with open(self.log, encoding="ascii") as file:
                rows = [line.split() for line in file]
            self.arrivals = [int(arrived) for arrived, _ in rows]
            self.holds = [int(held) for _, held in rows if held != "-"]
            self.folder.cleanup()


def plan(url, path, **group):
    """A plan of one request. http, grace and warm_up are keys of the plan, all others of its thread group."""
    whole = {key: group.pop(key) for key in ("http", "grace", "warm_up", "seed") if key in group}
    group = {"steps": [{"name": "request", "get": path}]} | group
    return json.dumps({"target": url, "thread_groups": [group], **whole})


def constant(rate, seconds):
    return [{"rate": f"{rate}/s", "for": f"{seconds}s"}]


def run_plan(text, *options, **popen):
    """A finished run of a plan: .run is its run.json, .out what it printed."""
    with loadgen_e2e.PlanFile(text) as path:
        run = loadgen_e2e.Run(LOADGEN, "--config", path, "--progress", "none", *options, **popen)
    if run.run is None:
        raise AssertionError(f"no run.json; exit code {run.code}: {run.err}")
    return run


class Floor(NamedTuple):
    """What a request costs here when the server adds nothing, in ms; for one connection used every millisecond."""
    p50: float
    p99: float
    p99_9: float


def service_times(think_time, seconds):
    """Of one connection that is used again after each pause, in ns."""
    with Server() as server:
        return run_plan(plan(server.url, "/", users=1, duration=f"{seconds}s", loops="forever",
                             steps=[{"get": "/", "think_time": think_time}])).run["service_ns"]


def floor_now():
    service = service_times("1ms", 2)
    return Floor(*(service[key] / MS for key in ("p50", "p99", "p99_9")))


def rested_now():
    return min(service_times("20ms", 3)["p90"] for _ in range(2)) / MS


floors = {}  # what floor() and rested() found of this machine: it is measured once, when first asked for
QUIET = {"busy": Floor(0.05, 0.2, 0.3), "rested": 0.2}  # of a machine that has nothing else to do


@contextlib.contextmanager
def floors_of(machine):
    """Tolerances as if that machine's floors had been found here."""
    found = dict(floors)
    floors.update(machine)
    try:
        yield
    finally:
        floors.clear()
        floors.update(found)


def floor():
    """The lowest of several, because it widens the tolerances: what disturbs the machine now is no part of it."""
    if "busy" not in floors:
        found = floor_now()
        for _ in range(TRIES - 1):
            if found.p99_9 < 0.3:
                break
            found = min(found, floor_now(), key=lambda floor: floor.p99_9)
        floors["busy"] = found
        print(f"floor of this machine: p50 {found.p50:.3f} ms, p99 {found.p99:.3f} ms, p99.9 {found.p99_9:.3f} ms")
    return floors["busy"]


def rested():
    """p90 of what a request costs here after a rest of 20 ms, in ms, the lowest of several: a core that slept for so
    long takes its time to wake, which a machine without any other noise shows."""
    if "rested" not in floors:
        floors["rested"] = rested_now()
        print(f"floor of this machine after 20 ms of rest: p90 {floors['rested']:.3f} ms")
    return floors["rested"]


def at_rest():
    """What waking may cost, in ms, where the cores have time to fall asleep: before a request and before its answer."""
    return max(floor().p99_9, 2 * rested())


def epsilon(value_ms):
    """Width of a histogram's bucket at a value, both in ms."""
    return value_ms / 1000


def milliseconds(run, series):
    """{"p50": 1.2, …, "mean": …, "max": …} of a series of run.json."""
    return {key: run[series][key] / MS for key in (*QUANTILES, "mean", "max") if key in run[series]}


def percentile_figures(expected, measured, below, above=None):
    """Of every percentile that `expected` has; the histogram's own error comes on top of the tolerance."""
    above = below if above is None else above
    return [near(key, value, measured[key], below + epsilon(value), above + epsilon(value))
            for key, value in expected.items()]


def rank(values, p):
    """The p-quantile by nearest rank of sorted values."""
    return values[max(1, math.ceil(p * len(values))) - 1]


def phases_sum(run):
    """Of the phases and of the responses, in ns: count times mean."""
    total = lambda series: run[series]["count"] * run[series]["mean"]
    parts = ("connection_wait_ns", "send_lag_ns", "connect_ns", "tls_ns", "first_byte_ns", "download_ns")
    return sum(total(part) for part in parts), total("response_ns")


def audit(run):
    """What holds of every run: the ledger, Little's law, and the phases' sum where all requests are in the window."""
    totals = run["totals"]
    figures = [same("planned", totals["planned"], totals["sent"] + totals["not_started"] + totals["dropped"]),
               same("sent", totals["sent"], totals["succeeded"] + totals["failed"] + totals["unfinished"]),
               near("Little's law, error", 0, run["littles_law"]["error"], 0.01 + run["littles_law"]["edges"])]
    if run["response_ns"]["count"] == totals["sent"]:
        parts, whole = phases_sum(run)
        figures.append(near("phases over responses", 1, parts / whole, 1e-9))
    return figures


def disturbance(run):
    """loadgen's own evidence that something else had the machine; None when it has none.

    Its checks judge what was done to the generator. The server beside it is disturbed too where the machine is, and of
    that only the machine's own signals can tell.
    """
    told = [f"{line['check']}: {line['evidence']}" for line in run["verdict"]["evidence"]
            if line["verdict"] == "DISTURBED" and line["result"] in ("warning", "failed")]
    signals = {"run-queue wait": run["generator"]["run_queue_share"],
               **{key: run["generator"]["host"].get(key, 0) for key in BUSY if key != "run-queue wait"}}
    told += [f"{key} {100 * signals[key]:.1f} % of the time" for key, limit in BUSY.items() if signals[key] > limit]
    return "; ".join(told) or None


def risen(check, attempt):
    """What loadgen cannot see, the server's share of a busy machine: the floor is measured again, and if the same
    figures hold with what it is now, it has risen since the tolerances were made. None if they do not."""
    now = {"busy": floor_now()} | ({"rested": rested_now()} if "rested" in floors else {})
    with floors_of(now):
        if names_out(check(attempt)):
            return None
    return f"within tolerance with the machine's floor as it is now: {floors} -> {now}"


def charge(run, verdict):
    """That a check failed with that verdict. The run's own may be a worse one, when the machine was busy too."""
    failed = {line["verdict"] for line in run["verdict"]["evidence"] if line["result"] == "failed"}
    return same(f"a check says {verdict}", True, verdict in failed)


TRUSTED = {"name": "TRUSTWORTHY", "evidence": []}


class Acceptance(unittest.TestCase):
    """accepted() makes and checks a run once for all tests of a class; refused() is the siblings'."""

    kept = {}

    def accepted(self, make, check):
        """What make() returned (it has .run), once check(it) holds."""
        if make not in self.kept:
            self.kept[make] = self.attempt(make, check)
        outcome = self.kept[make]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def attempt(self, make, check):
        """Up to TRIES runs. What is out of tolerance is made again if the machine was disturbed, and once if nothing
        explains it: a tolerance of a fifth of a millisecond fails by chance now and then, what is wrong fails each
        time."""
        evidence, unexplained = None, 0
        for _ in range(TRIES):
            try:
                result = make()
            except AssertionError as error:
                return error
            figures = check(result) + audit(result.run)
            show(f"{self.id().rsplit('.', 2)[1]}, {make.__name__} ({result.run['verdict']['name']})", figures)
            if not names_out(figures):
                return result
            told = disturbance(result.run) or risen(check, result)
            evidence, unexplained = told or evidence, unexplained + (told is None)
            if unexplained == 2:
                return AssertionError(f"out of tolerance: {named(figures)}, and nothing that loadgen saw explains it: "
                                      f"{result.run['verdict']}")
            print(f"  {'disturbed: ' + told if told else 'not explained; once more'}")
        return unittest.SkipTest(f"DISTURBED in {TRIES - unexplained} of {TRIES} runs; out of tolerance: "
                                 f"{named(figures)}; the last evidence: {evidence}")

    def refused(self, what, check, told, wrong):
        """The check notices `what`, by the figures named in `wrong` at least. Where the machine's floor has widened the
        tolerances so far that it cannot, but on a quiet machine it would, the test is skipped."""
        figures = check(told)
        show(f"{self.id().rsplit('.', 2)[1]}, sibling: {what}", figures)
        missed = set(wrong) - names_out(figures)
        if not missed:
            return
        with floors_of(QUIET):
            self.assertLessEqual(set(wrong), names_out(check(told)), f"{what} goes unnoticed")
        self.skipTest(f"DISTURBED: the machine's floor, {floors}, hides {what}; within tolerance: "
                      f"{', '.join(sorted(missed))}")


class Told:
    """A run as a wrong tool would tell it: a copy of run.json with other figures."""

    def __init__(self, attempt, **replaced):
        self.__dict__.update(attempt.__dict__)
        self.run = json.loads(json.dumps(attempt.run)) | replaced


def in_ns(percentiles_ms):
    """A series of run.json with those figures; the interval's value is the same."""
    series = {key: value * MS for key, value in percentiles_ms.items()}
    intervals = {key: {"value": value, "at_least": False} for key, value in series.items()}
    return series | {"count": 0, "intervals": intervals}


def mean(values):
    return statistics.fmean(values)


main = loadgen_e2e.run_tests
