#!/usr/bin/env python3
"""Our histogram and its files against the `hdrhistogram` package of PyPI: the same values must fall into the same
buckets, and what one side writes the other must read.

usage: hdr_interop_test.py HISTOGRAM_DUMP BUILD_DIR

Exits 77 (ctest: skipped) with the reason when the package is neither importable nor installable. It is installed into
a virtual environment of its own, BUILD_DIR/hdr-venv, and nowhere else.
"""

import importlib.util
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

PACKAGE = "hdrhistogram==0.10.8"
SKIPPED = 77
# 0, twice 1, 2047, 2048, 2049, 300 times a millisecond, 123,456,789: as HdrHistogram's C and Java libraries encode it.
GOLDEN_VALUES = [0, 1, 1, 2047, 2048, 2049] + [1_000_000] * 300 + [123_456_789]
GOLDEN = "HISTFAAAAC942pNpmSzMwMDAxwABzFCaEch0M9ixgMH+A0SAieWnPBPL/j7GGywf85gArEcJCA=="
PERCENTILES = {"p50": 50.0, "p90": 90.0, "p95": 95.0, "p99": 99.0, "p99.9": 99.9}
HIGHEST = 3_600_000_000_000

dump_program = ""


def rerun_with_hdrh(build_dir):
    """Replaces this process by one in BUILD_DIR/hdr-venv, where the package can be imported; exits 77 if it cannot."""
    venv = build_dir / "hdr-venv"
    python = venv / "bin" / "python"
    if pathlib.Path(sys.prefix) == venv:
        sys.exit(f"{PACKAGE} is installed in {venv} but cannot be imported; remove that folder and run the test again")
    steps = [[sys.executable, "-m", "venv", str(venv)],
             [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE]]
    probe = [str(python), "-c", "import hdrh.histogram"]
    if not python.exists() or subprocess.run(probe, stderr=subprocess.DEVNULL, check=False).returncode != 0:
        for step in steps:
            try:
                done = subprocess.run(step, capture_output=True, text=True, timeout=180, check=False)
            except (OSError, subprocess.TimeoutExpired) as error:
                skip(f"{' '.join(step)}: {error}")
            if done.returncode != 0:
                skip(f"{' '.join(step)}\n{done.stdout}{done.stderr}")
    os.execv(python, [str(python), *sys.argv])


def skip(reason):
    print(f"skipped, {PACKAGE} cannot be installed: {reason}")
    sys.exit(SKIPPED)


def values_like_latencies(seed, count):
    """A mixture that meets every part of the range: tight, heavy-tailed, log-uniform up to an hour, tiny, zero."""
    rng = random.Random(seed)
    draws = [lambda: round(rng.gauss(2_300_000, 40_000)),
             lambda: round(rng.lognormvariate(15, 2)),
             lambda: int(math.exp(rng.uniform(0, math.log(HIGHEST)))),
             lambda: rng.randint(0, 5000)]
    return [min(max(rng.choice(draws)(), 0), HIGHEST) for _ in range(count)]


def run_dump(text, *mode):
    return subprocess.run([dump_program, *mode], input=text, capture_output=True, text=True, check=True).stdout


def lines_of(values):
    return "".join(f"{value}\n" for value in values)


def parse_dump(text):
    scalars, buckets = {}, {}
    for name, *numbers in map(str.split, text.splitlines()):
        if name == "bucket":
            buckets[int(numbers[0])] = int(numbers[1])
        else:
            scalars[name] = int(numbers[0])
    return scalars, buckets


def ours(values):
    return parse_dump(run_dump(lines_of(values)))


def buckets_of(histogram):
    counts = ((i, histogram.get_count_at_index(i)) for i in range(histogram.counts_len))
    return {histogram.get_value_from_index(i): count for i, count in counts if count}


def theirs(values):
    from hdrh.histogram import HdrHistogram
    histogram = HdrHistogram(1, HIGHEST, 3)
    for value in values:
        if not histogram.record_value(value):
            raise ValueError(f"hdrhistogram refuses {value}")
    return histogram, buckets_of(histogram)


class Interop(unittest.TestCase):
    def compare(self, values):
        scalars, our_buckets = ours(values)
        histogram, their_buckets = theirs(values)
        self.assertEqual(scalars["count"], len(values))
        self.assertEqual(our_buckets, their_buckets)
        self.assertEqual(scalars["max"], max(values))
        for name, percent in PERCENTILES.items():
            # Theirs rounds the rank to the nearest, ours rounds up: the counts below are multiples of 1000, so that
            # every rank is whole and both mean the same sample. Ours then stops at the exact maximum.
            expected = min(histogram.get_value_at_percentile(percent), max(values))
            self.assertEqual(scalars[name], expected, name)

    def test_random_values(self):
        for seed, count in enumerate([1000, 6000, 50_000]):
            with self.subTest(seed=seed, count=count):
                self.compare(values_like_latencies(seed, count))

    def test_edges_of_every_doubling(self):
        edges = [2**n + d for n in range(42) for d in (-1, 0, 1) if 2**n + d <= HIGHEST]
        edges += [HIGHEST, HIGHEST - 1, 123_456_789]
        self.compare((edges * 8)[:1000])

    def test_encodings_are_read_both_ways(self):
        from hdrh.histogram import HdrHistogram
        for values in (GOLDEN_VALUES, values_like_latencies(7, 20_000), [5], []):
            their_histogram, expected = theirs(values)
            read_by_us = parse_dump(run_dump(their_histogram.encode().decode(), "decode"))
            self.assertEqual(read_by_us[1], expected)
            self.assertEqual(read_by_us[0]["count"], len(values))
            read_by_them = HdrHistogram.decode(run_dump(lines_of(values), "base64").strip())
            self.assertEqual(buckets_of(read_by_them), expected)
            self.assertEqual(read_by_them.get_total_count(), len(values))

    def test_golden_vector(self):
        from hdrh.histogram import HdrHistogram
        expected = ours(GOLDEN_VALUES)[1]
        self.assertEqual(parse_dump(run_dump(GOLDEN, "decode"))[1], expected)
        self.assertEqual(buckets_of(HdrHistogram.decode(GOLDEN)), expected)

    def test_interval_log_is_read(self):
        from hdrh.histogram import HdrHistogram
        from hdrh.log import HistogramLogReader
        values = values_like_latencies(11, 4500)
        with tempfile.NamedTemporaryFile("w", suffix=".hlog") as file:
            file.write(run_dump(lines_of(values), "hlog"))
            file.flush()
            reader = HistogramLogReader(file.name, HdrHistogram(1, HIGHEST, 3))
            seen = []
            while (interval := reader.get_next_interval_histogram()) is not None:
                seen.append(interval)
            reader.close()
        self.assertEqual(reader.get_start_time_sec(), 1_700_000_000)
        seconds = [values[at:at + 1000] for at in range(0, len(values), 1000)]
        self.assertEqual(len(seen), 2 * len(seconds))
        for number, part in enumerate(seconds):
            for interval, tag, expected in ((seen[2 * number], None, part), (seen[2 * number + 1], "service", part[::10])):
                self.assertEqual(interval.get_tag(), tag)
                self.assertEqual(interval.get_start_time_stamp(), (1_700_000_000 + number) * 1000)
                self.assertEqual(interval.get_end_time_stamp(), (1_700_000_001 + number) * 1000)
                self.assertEqual(buckets_of(interval), theirs(expected)[1])


def main():
    global dump_program
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    dump_program = sys.argv[1]
    if importlib.util.find_spec("hdrh") is None:
        rerun_with_hdrh(pathlib.Path(sys.argv[2]).resolve())
    unittest.main(argv=sys.argv[:1], verbosity=2)


if __name__ == "__main__":
    main()
