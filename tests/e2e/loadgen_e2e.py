"""What the end-to-end tests share: servers that are started and stopped by pid, and loadgen runs with their run.json."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request


class Server:
    """A loadgen-server on a free port for the length of a with block."""

    def __init__(self, binary, *options):
        self.command = [binary, "--port", "0", *options]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        self.url = next(word for word in line.split() if "://" in word)
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def stats(self):
        with urllib.request.urlopen(self.url + "/stats", timeout=10) as answer:
            return json.load(answer)


class Run:
    """One finished call of loadgen: code, out, err, and run (the run.json, None when there is none)."""

    def __init__(self, binary, *arguments, timeout=60, **popen):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.json")
            self.start(binary, path, arguments, timeout, popen)

    def start(self, binary, path, arguments, timeout, popen):
        done = subprocess.run([binary, *arguments, "--out", f"json={path}", "--out", "text"], capture_output=True,
                              text=True, timeout=timeout, check=False, **popen)
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        self.run = self.read(path)

    @staticmethod
    def read(path):
        """The run.json there, None when there is none."""
        if not os.path.exists(path) or not os.path.getsize(path):
            return None
        with open(path, encoding="utf-8") as file:
            return json.load(file)

    @property
    def totals(self):
        return self.run["totals"]


def free_port():
    """A port of 127.0.0.1 where nobody listens now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def offers(binary, engine):
    """Whether loadgen can use that engine here: else it refuses the command line before it asks for the target."""
    return subprocess.run([binary, "http://127.0.0.1:1/", "-n", "1", "--engine", engine], capture_output=True,
                          timeout=30, check=False).returncode != 64


def assert_balanced(test, totals):
    """Every request planned stands in exactly one line of the ledger."""
    test.assertEqual(totals["planned"], totals["sent"] + totals["not_started"] + totals["dropped"])
    test.assertEqual(totals["sent"], totals["succeeded"] + totals["failed"] + totals["unfinished"])
    test.assertEqual(totals["failed"], sum(totals["errors_by_kind"].values()))


def plan(target, steps, **group):
    """A plan of one thread group as JSON text."""
    http = group.pop("http", {})
    grace = group.pop("grace", "10s")
    return json.dumps({"target": target, "thread_groups": [{"steps": steps, **group}], "http": http, "grace": grace})


def too_few_blocks(comparison):
    """Why a comparison (its JSON) was left with fewer than the five blocks that a decision takes; empty: it was not."""
    few = comparison and any(len(compared["blocks"]) < 5 for compared in comparison["compared"] if compared["gated"])
    return f"this machine is too busy: {comparison['left_out'][0]}" if few and comparison["left_out"] else ""


class PlanFile:
    """A plan on disk for the length of a with block."""

    def __init__(self, text):
        self.text = text

    def __enter__(self):
        handle, self.path = tempfile.mkstemp(suffix=".json")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(self.text)
        return self.path

    def __exit__(self, *_):
        os.unlink(self.path)


def run_tests(argv=None, **how):
    """Runs the file's tests and exits: 77, which ctest shows as a skip, when none failed and some were skipped."""
    result = unittest.main(argv=argv or sys.argv[:1], exit=False, **how).result
    for test, reason in result.skipped:
        print(f"SKIPPED {test.id()}: {reason}")
    sys.exit(1 if not result.wasSuccessful() else 77 if result.skipped else 0)
