"""Saved runs: every report of a run.json is byte for byte the one made when the run ended; merging is exact; mistakes
are told. argv: loadgen, loadgen-server."""

import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from loadgen_e2e import Server, plan, run_tests

LOADGEN, SERVER = sys.argv[1:3]
FORMATS = ("text", "json", "hlog", "hgrm")


def loadgen(*arguments, **popen):
    return subprocess.run([LOADGEN, *arguments], capture_output=True, timeout=60, check=False, **popen)


class SavedRuns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server(SERVER).__enter__()
        cls.folder = tempfile.TemporaryDirectory()

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()
        cls.server.__exit__()

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def run_live(self, name, *arguments, environment=None):
        """A run with every report in a file; returns the path of its run.json."""
        outputs = [word for kind in FORMATS for word in ("--out", f"{kind}={self.path(name + '.' + kind)}")]
        done = loadgen(*arguments, *outputs, "-q", env={**os.environ, **(environment or {})})
        self.assertIn(done.returncode, (0, 23), done.stderr)
        return self.path(name + ".json")

    def assert_same_reports(self, name, run):
        for kind in FORMATS:
            with open(self.path(f"{name}.{kind}"), "rb") as file:
                live = file.read()
            again = loadgen("report", run, "--out", kind)
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertEqual(again.stdout, live, f"{kind} of {name}")

    def write_plan(self, steps, **group):
        path = self.path("plan.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(plan(self.server.url, steps, **group))
        return path

    def test_shapes_of_load(self):
        several = self.write_plan([{"name": "a", "get": "/"}, {"name": "lost", "get": "/nowhere"}], users=5, loops=20)
        for name, arguments in {"closed": (self.server.url + "/", "-c", "4", "-n", "400"),
                                "timed": (self.server.url + "/", "-c", "4", "-d", "1500ms", "--warm-up", "300ms"),
                                "open": (self.server.url + "/", "-R", "300/s", "-d", "2s", "--spacing", "poisson", "-t", "2"),
                                "refused": ("http://127.0.0.1:1/", "-n", "3", "--no-probe"),
                                "labels": (several,)}.items():
            with self.subTest(name):
                self.assert_same_reports(name, self.run_live(name, *arguments))

    def test_hidden_values_and_what_looks_like_a_variable(self):
        path = self.write_plan([{"name": "\\${x}", "post": "/echo", "body": "a${env:TOKEN}\\${b}",
                                 "headers": {"Authorization": "Bearer ${env:TOKEN}"}}])
        run = self.run_live("hidden", path, environment={"TOKEN": "s3cr3t-word"})
        self.assert_same_reports("hidden", run)
        with open(run, encoding="utf-8") as file:
            self.assertNotIn("s3cr3t-word", file.read())

    def test_stdin_and_several_files(self):
        run = self.run_live("stdin", self.server.url + "/", "-n", "50")
        with open(run, "rb") as file:
            from_stdin = loadgen("report", "-", stdin=file)
        once = loadgen("report", run)
        self.assertEqual((from_stdin.returncode, from_stdin.stdout), (0, once.stdout))
        twice = loadgen("report", run, run)
        self.assertEqual(twice.stdout.count(once.stdout), 2)
        refused = loadgen("report", run, run, "--out", "json")
        self.assertEqual(refused.returncode, 64)
        self.assertIn(b"--out json: it holds one run, and 2 are named", refused.stderr)

    def test_mistakes(self):
        run = self.run_live("good", self.server.url + "/", "-n", "5")
        with open(run, encoding="utf-8") as file:
            good = file.read()
        newer = json.loads(good)
        newer["schema"] = "loadgen/run/v9"
        texts = {"no JSON": ("hello", b"is no JSON"), "cut": (good[:len(good) // 2], b"cut short or damaged"),
                 "a plan": (plan("http://h", [{"get": "/"}]), b"is no run.json"),
                 "another version": (json.dumps(newer), b'is of "loadgen/run/v9"')}
        for name, (text, message) in texts.items():
            with self.subTest(name):
                path = self.path("bad.json")
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                done = loadgen("report", path)
                self.assertEqual((done.returncode, done.stdout), (64, b""))
                self.assertIn(message, done.stderr)
                self.assertEqual(done.stderr.count(b"\n"), 1)
        self.assertEqual(loadgen("report", self.path("missing.json")).returncode, 64)
        onto_itself = loadgen("report", run, "--out", f"text={run}")
        self.assertEqual(onto_itself.returncode, 64, "a report may not replace the run it is made of")

    def test_merging(self):
        arguments = (self.server.url + "/", "-R", "200/s", "-d", "1s")
        runs = [self.run_live(f"part{i}", *arguments, "--seed", str(i)) for i in (1, 2)]
        merged = self.path("merged.json")
        done = loadgen("merge", *runs, "--out", f"json={merged}", "--out", "text")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"never all under way at the same time", done.stdout)
        loaded = []
        for path in (*runs, merged):
            with open(path, encoding="utf-8") as file:
                loaded.append(json.load(file))
        for field in ("planned", "sent", "succeeded", "bytes_in"):
            self.assertEqual(loaded[2]["totals"][field], sum(run["totals"][field] for run in loaded[:2]), field)
        self.assertTrue(loaded[2]["totals"]["balanced"])
        with open(merged, "rb") as file:
            self.assertEqual(loadgen("report", merged, "--out", "json").stdout, file.read())
        other = self.run_live("other", self.server.url + "/", "-R", "100/s", "-d", "1s")
        refused = loadgen("merge", runs[0], other)
        self.assertEqual(refused.returncode, 64)
        self.assertIn(b"is of another plan", refused.stderr)
        self.assertEqual(loadgen("merge", runs[0]).returncode, 64)
        twice = loadgen("merge", runs[0], runs[1], runs[0])
        self.assertEqual((twice.returncode, twice.stdout), (64, b""))
        self.assertIn(f'"{runs[0]}" and "{runs[0]}" hold the same run'.encode(), twice.stderr)

    def test_merged_runs_end_as_a_run_does_and_a_report_never_fails(self):
        parts = [self.path(f"gated{i}.json") for i in (1, 2)]
        for part in parts:
            done = loadgen(self.server.url + "/", "-c", "2", "-n", "400", "--fail-if", "p50 > 1ns", "-q", "--out", f"json={part}")
            self.assertIn(done.returncode, (20, 22), done.stderr)
            self.assertEqual(loadgen("report", part).returncode, 0)
        done = loadgen("merge", *parts, "--out", "json")
        (threshold,) = json.loads(done.stdout)["thresholds"]
        self.assertEqual(threshold["result"], "failed")
        self.assertEqual(done.returncode, 22 if threshold["doubt"] else 20, "22: others kept the machine busy")


if __name__ == "__main__":
    run_tests()
