"""Trials of `loadgen compare` whose right answer is known: the bundled server against itself, or against one that costs
or waits more by a known share. Shared by the acceptance test and tools/bench."""

import json
import os
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

# An answer takes 10 ms, so that what a busy machine adds is small beside it; 2,000/s are 1,400 in a slice, enough for a
# p99. Fewer than eight blocks: the ranks are not asked, and a trial is half a minute.
LOAD = ["/async", "-R", "2000/s"]
DESIGN = ["--blocks", "7", "--passes", "2", "--slice", "900ms", "--warm-up", "200ms", "--warming", "300ms"]
DELAY = "10ms"
TIMEOUT_S = 300


@dataclass
class Trial:
    code: int
    seconds: float
    report: dict = field(repr=False)

    @property
    def decision(self):
        return self.report["decision"]

    def figure(self, metric):
        return next(compared for compared in self.report["compared"] if compared["metric"] == metric)

    def evidence(self):
        """Why this machine could not decide, in loadgen's own words; empty: it could."""
        if self.decision == "INVALID":
            return f"{self.report['sentence']} {'; '.join(self.report['left_out'][:2])}"
        return ""


class Failed(Exception):
    """loadgen made no report: its last words."""


class Trials:
    """One set of programs. Where there are two cores, the server has one and loadgen the other."""

    def __init__(self, loadgen, server, design=None):
        self.loadgen, self.server = Path(loadgen).resolve(), Path(server).resolve()
        self.design = design or DESIGN
        self.cores = sorted(os.sched_getaffinity(0))

    def pinned(self, place):
        return ["taskset", "-c", str(self.cores[place])] if len(self.cores) > 1 else []

    def target(self, name, *options):
        words = [*self.pinned(1), self.server, "--port", "{port}", "--delay", DELAY, *options]
        return ["--target", f"{name}={' '.join(map(str, words))}"]

    def compare(self, *candidate, seed=1, metrics=None):
        """The server against itself with these options more."""
        gates = ["--metric", metrics] if metrics else []
        with tempfile.TemporaryDirectory(prefix="loadgen-gate-") as folder:
            file = Path(folder) / "comparison.json"
            command = [*self.pinned(0), self.loadgen, "compare", *LOAD, *self.design, *gates, "--seed", str(seed),
                       *self.target("base"), *self.target("cand", *candidate), "--quiet", "--out", f"json={file}"]
            begin = time.monotonic()
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=TIMEOUT_S,
                                  check=False)
            if not file.exists() or file.stat().st_size == 0:
                raise Failed(f"exit code {done.returncode}: {done.stderr.strip()}")
            return Trial(done.returncode, time.monotonic() - begin, json.loads(file.read_text()))

    def same(self, seed=1):
        return self.compare(seed=seed)

    def costlier(self, share, cost_us, seed=1):
        """cost_us: what a request costs the server without it."""
        return self.compare("--extra-work", f"{round(1e3 * share * cost_us)}ns", seed=seed, metrics="server_cpu")

    def slower(self, factor, seed=1):
        return self.compare("--stretch", str(factor), seed=seed, metrics="p50")
