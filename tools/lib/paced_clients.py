"""Load generators asked for a rate, as child processes, each read into the same Paced figures.

None but loadgen comes with this repository's tools/install: where one is missing its rows are left out.
"""

import csv
import json
import shutil
import statistics
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import clients
from clients import last_words, percentile, run_measured
from machine import first_match
from servers import Unavailable

INSTALL = {"h2load": "apt-get install nghttp2-client", "wrk": "apt-get install wrk", "hey": "apt-get install hey",
           "vegeta": "go install github.com/tsenart/vegeta/v12@latest", "oha": "cargo install oha"}
UNITS_MS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 60e3}


@dataclass(frozen=True)
class Load:
    """What is asked for."""

    url: str
    rate: int
    seconds: int
    connections: int

    @property
    def planned(self):
        return self.rate * self.seconds


@dataclass(frozen=True)
class Paced:
    """What a client says came of it. p90_ms … are the client's own figures, of whatever it calls latency."""

    completed: int
    rps: float
    cpu_us: float  # of the client, for one completed request
    p90_ms: float
    p99_ms: float
    mean_ms: float
    report: dict  # loadgen's run.json, else empty

    def missing_percent(self, load):
        return 100 * (1 - self.completed / load.planned)


def need(program):
    if not shutil.which(program):
        raise Unavailable(f"{program} is not installed ({INSTALL[program]})")


def run(program, arguments, core):
    """stdout, stderr and CPU seconds."""
    need(program)
    code, out, err, cpu_s, _ = run_measured([program, *arguments], core)
    if code != 0:
        raise Unavailable(f"{program} ended with exit code {code}: {last_words(out, err)}")
    return out, err, cpu_s


def paced(completed, rps, cpu_s, times, report=None):
    """times: (p90, p99, mean) in ms."""
    if completed == 0:
        raise Unavailable("not one request was completed")
    return Paced(completed, rps, cpu_s * 1e6 / completed, *times, report or {})


def loadgen(binary, load, arguments, core):
    asked = ["-R", f"{load.rate}/s", "-d", f"{load.seconds}s", "-c", load.connections]
    result = clients.loadgen(
        binary, [load.url, *asked, "--max-in-flight", load.connections, "--threads", 1, *arguments], core)
    figures = result.report["response_ns"]["intervals"]
    times = [figures[key]["value"] / 1e6 for key in ("p90", "p99", "mean")]
    return paced(result.completed, result.rps, result.cpu_s, times, result.report)


def h2load(load, core):
    """Each connection keeps its own rate. Latencies out of its log: request sent to last byte."""
    each = load.rate / load.connections
    with tempfile.TemporaryDirectory(prefix="loadgen-h2load-") as folder:
        log = Path(folder) / "requests.tsv"
        out, _, cpu_s = run("h2load", ["--h1", "-t1", f"-c{load.connections}", "-D", load.seconds, f"--rps={each:g}",
                                       f"--log-file={log}", load.url], core)
        times = [int(line.split("\t")[2]) / 1e3 for line in log.read_text().splitlines()]
    done, rps, _ = clients.parse_h2load(out)
    return paced(done, rps, cpu_s, (percentile(times, 0.9), percentile(times, 0.99), statistics.mean(times)))


def parse_wrk_latency(text):
    """(p90, p99, mean) in ms out of wrk --latency."""
    def ms(pattern):
        value = first_match(pattern, text, "")
        number = value.rstrip("usm")
        return float(number) * UNITS_MS[value[len(number):]]
    return ms(r"^\s*90%\s+(\S+)"), ms(r"^\s*99%\s+(\S+)"), ms(r"^\s*Latency\s+(\S+)")


def wrk(load, core):
    """Has no rate: as fast as its connections are answered."""
    out, _, cpu_s = run("wrk", ["-t1", f"-c{load.connections}", f"-d{load.seconds}s", "--latency", load.url], core)
    requests, elapsed, _ = clients.parse_wrk(out)
    return paced(requests, requests / elapsed, cpu_s, parse_wrk_latency(out))


def hey(load, core):
    """Each worker keeps its own rate."""
    out, _, cpu_s = run("hey", ["-z", f"{load.seconds}s", "-c", load.connections, "-q",
                                f"{load.rate / load.connections:g}", "-o", "csv", load.url], core)
    rows = list(csv.DictReader(out.splitlines()))
    times = [float(row["response-time"]) * 1e3 for row in rows if row["status-code"].startswith("2")]
    if not times:
        raise Unavailable(f"hey: {last_words(out, '')}")
    end = max(float(row["offset"]) + float(row["response-time"]) for row in rows)
    return paced(len(times), len(times) / end, cpu_s,
                 (percentile(times, 0.9), percentile(times, 0.99), statistics.mean(times)))


def vegeta(load, core):
    """Opens more connections when those kept are in use."""
    with tempfile.TemporaryDirectory(prefix="loadgen-vegeta-") as folder:
        targets, results = Path(folder) / "targets", Path(folder) / "results"
        targets.write_text(f"GET {load.url}\n")
        _, _, cpu_s = run("vegeta", ["attack", f"-targets={targets}", f"-output={results}", f"-rate={load.rate}/s",
                                     f"-duration={load.seconds}s", f"-connections={load.connections}"], core)
        done = subprocess.run(["vegeta", "report", "-type=json", results], capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    latencies = report["latencies"]
    return paced(report["requests"], report["rate"], cpu_s,
                 [latencies[key] / 1e6 for key in ("90th", "99th", "mean")])


def oha(load, core):
    """With its own correction: from the planned time on."""
    out, _, cpu_s = run("oha", ["--no-tui", "--output-format", "json", "--latency-correction", "-q", load.rate, "-c",
                                load.connections, "-z", f"{load.seconds}s", load.url], core)
    report = json.loads(out)
    completed = sum(report["statusCodeDistribution"].values())
    percentiles = report["latencyPercentiles"]
    return paced(completed, report["summary"]["requestsPerSec"], cpu_s,
                 [1e3 * seconds for seconds in (percentiles["p90"], percentiles["p99"], report["summary"]["average"])])
