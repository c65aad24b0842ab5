"""Section gate: `loadgen compare` where the right answer is known, many times: false alarms, misses, time taken."""

import statistics

from gate_trials import Failed, Trials
from kit import spread, table

SAME, COSTLIER, SHARE = 20, 10, 0.15


def tally(trials):
    counts = {}
    for trial in trials:
        counts[trial.decision] = counts.get(trial.decision, 0) + 1
    return ", ".join(f"{count} x {decision}" for decision, count in sorted(counts.items()))


def row(name, trials, wrong):
    times = [trial.seconds for trial in trials]
    return [name, str(len(trials)), tally(trials), str(wrong), f"{statistics.median(times):.0f}"]


def gate(context):
    trials = Trials(context.loadgen, context.server)
    same, costlier = [], []
    try:
        for seed in range(1, SAME + 1):
            same.append(trials.same(seed))
            context.say(f"the same server twice, {seed} of {SAME}: {same[-1].decision}, {same[-1].seconds:.0f} s")
        cost_us = statistics.median(trial.figure("server_cpu")["base"] for trial in same)
        for seed in range(1, COSTLIER + 1):
            costlier.append(trials.costlier(SHARE, cost_us, seed))
            context.say(f"{100 * SHARE:.0f} % more CPU, {seed} of {COSTLIER}: {costlier[-1].decision}, "
                        f"{costlier[-1].seconds:.0f} s")
    except Failed as error:
        return [f"Not measured: {error}"]
    alarms = sum(trial.decision == "REGRESSION" for trial in same)
    misses = sum(trial.decision != "REGRESSION" for trial in costlier)
    found = [100 * trial.figure("server_cpu")["change"]["value"] for trial in costlier]
    noise = [100 * trial.figure("server_cpu")["d"]["spread"] for trial in same]
    return [
        "Two copies of the bundled server, and one against another that spends 15 % more CPU time on each request; "
        f"`loadgen compare {' '.join(trials.design)}`, the server on one core and loadgen on another.", "",
        *table(["trial", "made", "decisions", "wrong", "seconds each"],
               [row("the same server twice (wrong: REGRESSION)", same, alarms),
                row(f"{100 * SHARE:.0f} % more CPU a request (wrong: anything but REGRESSION)", costlier, misses)]),
        f"Server CPU of the same server differs by {spread(noise)} % from block to block; of the costlier one "
        f"{spread(found)} % more was found."]
