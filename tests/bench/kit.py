"""What the sections of tools/bench share: taking turns, medians with their spread, targets met or not."""

import math
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import machine
from servers import Unavailable

SERVER_CORE = 0
CLIENT_CORE = 1


@dataclass
class Context:
    """What the command line chose."""

    rounds: int
    seconds: int
    runs: int  # of the article's plan
    loadgen: Path
    server: Path
    say: Callable[[str], None]


def take_turns(context, subjects, rounds):
    """Runs {name: function} in rounds, each round begun by another subject; returns ({name: {round: result}}, reasons).

    A run that fails is left out and its reason returned; a subject that never ran is not tried again. Neither stops the
    others.
    """
    results, reasons, missing = {name: {} for name in subjects}, [], set()
    names = list(subjects)
    for turn in range(rounds):
        for name in names[turn % len(names):] + names[:turn % len(names)]:
            if name in missing:
                continue
            try:
                results[name][turn] = subjects[name]()
                context.say(f"round {turn + 1} of {rounds}: {name}")
            except Unavailable as error:
                if results[name]:
                    reasons.append(f"{name}: round {turn + 1} is missing: {error}")
                else:
                    missing.add(name)
                    reasons.append(f"{name}: not measured: {error}")
                context.say(reasons[-1])
    return {name: found for name, found in results.items() if found}, reasons


def start_all(context, stack, starts):
    """Starts servers; returns those that run and a sentence for each that cannot."""
    running, reasons = [], []
    for start in starts:
        try:
            running.append(stack.enter_context(start()))
            context.say(f"{running[-1].name} at {running[-1].url}")
        except Unavailable as error:
            reasons.append(f"not measured: {error}")
            context.say(reasons[-1])
    return running, reasons


def make_room(context, url, connections):
    machine.wait_for_ports(url, connections, context.say)


def spread(values, digits=1):
    """Median with the smallest and largest beside it."""
    values = list(values)
    return f"{statistics.median(values):,.{digits}f} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def ratio_by_round(ours, theirs):
    """Median over the rounds both have ({round: value}) of ours / theirs: what a round's runs shared cancels out."""
    ratios = [ours[turn] / theirs[turn] for turn in ours.keys() & theirs.keys()]
    return statistics.median(ratios) if ratios else math.nan


def variation_percent(values):
    """Coefficient of variation: sample standard deviation over the mean."""
    return 100 * statistics.stdev(values) / statistics.mean(values) if len(values) > 1 else math.nan


def table(head, rows):
    if not rows:
        return []
    return [f"| {' | '.join(head)} |", f"| {' | '.join(['---'] + ['---:'] * (len(head) - 1))} |",
            *(f"| {' | '.join(row)} |" for row in rows), ""]


@dataclass
class Target:
    """One figure of the issue's Measures: measured is None (or NaN) where it could not be had."""

    figure: str
    limit: float
    measured: float | None
    unit: str = ""
    at_least: bool = False
    digits: int = 2

    def row(self):
        limit = f"{'>=' if self.at_least else '<='} {self.limit:g}{self.unit}"
        if self.measured is None or math.isnan(self.measured):
            return [self.figure, limit, "–", "not measured"]
        met = self.measured >= self.limit if self.at_least else self.measured <= self.limit
        return [self.figure, limit, f"{self.measured:,.{self.digits}f}{self.unit}", "met" if met else "**not met**"]


def target_table(targets):
    return table(["figure", "target", "measured", ""], [target.row() for target in targets])


def reason_lines(reasons):
    return [f"- {reason}" for reason in dict.fromkeys(reasons)] + ([""] if reasons else [])
