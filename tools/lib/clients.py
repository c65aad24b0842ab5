"""Load generators run as child processes: loadgen, wrk and h2load, each read into the same Result."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from machine import first_match
from servers import ROOT, Unavailable, built

# loadgen's exit codes with a whole report: fine, a threshold missed, inconclusive, not a valid measurement.
REPORTED = (0, 20, 21, 22)
TIMEOUT_S = 180


@dataclass
class Result:
    """One run of one client. cpu_s: user and system time of the whole process, starting up included."""

    client: str
    completed: int
    errors: int
    rps: float
    cpu_s: float
    rss_mb: float
    report: dict = field(default_factory=dict)  # loadgen's run.json; of h2load p99_us and mean_connect_us

    @property
    def cpu_us(self):
        """CPU time of the client for one completed request, in us."""
        return self.cpu_s * 1e6 / self.completed if self.completed else float("nan")


def peak_rss_mb(pid):
    """Largest resident size so far in MB (10^6), 0 once the process is gone.

    Not ru_maxrss: that one begins with the size of the process that started the child, here Python's own 18 MB.
    """
    with contextlib.suppress(OSError):
        return int(first_match(r"^VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), "0")) * 1024 / 1e6
    return 0.0


def run_measured(command, core=None):
    """Runs a command to its end; returns its exit code, stdout, stderr, CPU seconds and largest resident size in MB."""
    words = (["taskset", "-c", str(core)] if core is not None else []) + [str(word) for word in command]
    with tempfile.TemporaryFile(mode="w+") as out, tempfile.TemporaryFile(mode="w+") as err:
        process = subprocess.Popen(words, stdout=out, stderr=err, stdin=subprocess.DEVNULL, cwd=ROOT)
        deadline, rss_mb = time.monotonic() + TIMEOUT_S, 0.0
        try:
            while True:
                rss_mb = max(rss_mb, peak_rss_mb(process.pid))
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)  # the usage of this child alone
                if pid:
                    process.returncode = os.waitstatus_to_exitcode(status)
                    break
                if time.monotonic() > deadline:
                    raise Unavailable(f"{command[0]} was stopped: it had not ended after {TIMEOUT_S} s")
                time.sleep(0.02)
        finally:
            if process.returncode is None:
                process.kill()
                process.wait()
        out.seek(0)
        err.seek(0)
        return process.returncode, out.read(), err.read(), usage.ru_utime + usage.ru_stime, rss_mb


def last_words(out, err):
    lines = (err.strip() or out.strip()).splitlines()
    return lines[-1] if lines else "it printed nothing"


def loadgen(binary, arguments, core=None):
    """Runs loadgen with these arguments, in the repository's root, and reads the run.json it writes."""
    binary = built(binary)
    with tempfile.TemporaryDirectory(prefix="loadgen-run-") as folder:
        file = Path(folder) / "run.json"
        code, out, err, cpu_s, rss_mb = run_measured([binary, *arguments, "--quiet", "--out", f"json={file}"], core)
        if code not in REPORTED or not file.exists():
            raise Unavailable(f"loadgen ended with exit code {code}: {last_words(out, err)}")
        report = json.loads(file.read_text())
    totals = report["totals"]
    completed = totals["succeeded"] + totals["failed"]
    return Result("loadgen", completed, totals["failed"], totals["rps"], cpu_s, rss_mb, report)


def parse_wrk(text):
    """(requests, seconds, errors) out of what wrk prints."""
    found = re.search(r"^\s*(\d+) requests in ([\d.]+)(us|ms|s|m),", text, re.MULTILINE)
    if not found:
        raise Unavailable(f"wrk: {last_words(text, '')}")
    seconds = float(found.group(2)) * {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0}[found.group(3)]
    sockets = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    errors = sum(map(int, sockets.groups())) if sockets else 0
    return int(found.group(1)), seconds, errors + int(first_match(r"Non-2xx or 3xx responses: (\d+)", text, "0"))


def wrk(url, connections, seconds, headers=(), core=None):
    if not shutil.which("wrk"):
        raise Unavailable("wrk is not installed (apt-get install wrk)")
    extra = [word for header in headers for word in ("-H", header)]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", *extra, url]
    code, out, err, cpu_s, rss_mb = run_measured(command, core)
    if code != 0:
        raise Unavailable(f"wrk ended with exit code {code}: {last_words(out, err)}")
    requests, elapsed, errors = parse_wrk(out)
    return Result("wrk", requests, errors, requests / elapsed, cpu_s, rss_mb)


def parse_h2load(text):
    """(requests done, requests a second, errors) out of what h2load prints."""
    rps = first_match(r"^finished in .*?, ([\d.]+) req/s", text, "")
    counts = re.search(r"(\d+) done, \d+ succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", text)
    if not rps or not counts:
        raise Unavailable(f"h2load: {last_words(text, '')}")
    done, failed = int(counts.group(1)), int(counts.group(2))  # failed holds errored and timeout already
    return done, float(rps), failed


def h2load_mean_connect_us(text):
    """Mean of h2load's "time for connect" line (min, max, mean, sd), which its per-request log leaves out."""
    found = re.search(r"^time for connect:\s+\S+\s+\S+\s+([\d.]+)(us|ms|s)\b", text, re.MULTILINE)
    return float(found.group(1)) * {"us": 1, "ms": 1e3, "s": 1e6}[found.group(2)] if found else float("nan")


def percentile(values, fraction):
    """Smallest value with at least this fraction of all at or below it (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, -(-int(fraction * 1e6) * len(ordered) // 10**6) - 1)]


def h2load(url, arguments, core=None, latencies=False, http2=False):
    """latencies: also have it log every request, for the p99 that its own summary lacks (request sent -> last byte)."""
    if not shutil.which("h2load"):
        raise Unavailable("h2load is not installed (apt-get install nghttp2-client)")
    with tempfile.TemporaryDirectory(prefix="loadgen-h2load-") as folder:
        log = Path(folder) / "requests.tsv"
        extra = [f"--log-file={log}"] if latencies else []
        version = [] if http2 else ["--h1"]
        code, out, err, cpu_s, rss_mb = run_measured(["h2load", *version, "-t1", *arguments, *extra, url], core)
        if code != 0:
            raise Unavailable(f"h2load ended with exit code {code}: {last_words(out, err)}")
        report = {}
        if latencies:
            report["p99_us"] = percentile([int(line.split("\t")[2]) for line in log.read_text().splitlines()], 0.99)
            report["mean_connect_us"] = h2load_mean_connect_us(out)
    done, rps, errors = parse_h2load(out)
    return Result("h2load", done, errors, rps, cpu_s, rss_mb, report)
