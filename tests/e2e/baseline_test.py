"""loadgen --baseline and --save-baseline from outside. argv: loadgen, loadgen-server.

Earlier jobs are written by hand, far above or far below what a loopback server takes: no chance decides.
"""

import json
import os
import sys
import tempfile
import unittest

from loadgen_e2e import Run, Server, run_tests

LOADGEN, SERVER = sys.argv[1:3]
LOAD = ["-n", "1200", "-R", "1000/s", "--seed", "1"]
TRIES = 5  # of a run that must be valid, on a machine that may be busy


class Baselines(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "baseline.json")

    def call(self, server, *arguments):
        return Run(LOADGEN, server.url + "/x?size=5", *LOAD, *arguments)

    def read(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def write(self, baseline):
        with open(self.path, "w", encoding="utf-8") as file:
            json.dump(baseline, file)

    def saved(self, server, *arguments):
        """A run that was added to the file; skipped where this machine lets none be valid."""
        for _ in range(TRIES):
            run = self.call(server, "--save-baseline", self.path, *arguments)
            if "was not added" not in run.err:
                return run
            self.assertEqual(run.code, 22, run.err)
        return self.skipTest(run.err)

    def judged(self, server, *arguments):
        """A run held against the file; skipped where this machine lets none be valid."""
        for _ in range(TRIES):
            run = self.call(server, "--baseline", self.path, *arguments)
            if run.code != 22:
                return run
            self.assertTrue(all(gate["doubt"] for gate in run.run["thresholds"]), run.out)
        return self.skipTest(run.out)

    def with_jobs(self, server, count, p50_ms):
        """A file of so many jobs whose times were about p50_ms."""
        self.saved(server)
        baseline = self.read()
        job = baseline["jobs"][0]
        for i in range(count):
            times = p50_ms * (1.01 if i % 2 else 0.99)
            values = {**job["values"], "p50": times, "p99": times}
            baseline["jobs"].append({**job, "values": values})
        del baseline["jobs"][0]
        self.write(baseline)

    def test_a_run_becomes_a_job(self):
        with Server(SERVER) as server:
            run = self.saved(server, "--label", "commit 1")
            self.assertEqual(run.code, 0, run.err)
            baseline = self.read()
            self.assertEqual(baseline["schema"], "loadgen/baseline/v1")
            self.assertEqual([job["label"] for job in baseline["jobs"]], ["commit 1"])
            job = baseline["jobs"][0]
            p50_ns = run.run["response_ns"]["intervals"]["p50"]["value"]
            self.assertAlmostEqual(job["values"]["p50"], p50_ns / 1e6)
            self.assertEqual(job["values"]["error_rate"], 0)
            self.assertEqual(job["response_histogram"], run.run["response_histogram"])
            self.assertEqual(baseline["fingerprint"]["target"], server.url)
            self.saved(server, "--label", "commit 2")
            self.assertEqual([job["label"] for job in self.read()["jobs"]], ["commit 1", "commit 2"])

    def test_slower_than_every_earlier_job_fails(self):
        with Server(SERVER) as server:
            self.with_jobs(server, 10, 0.0001)
            run = self.judged(server)
            self.assertEqual(run.code, 20, run.out + run.err)
            self.assertEqual(len(self.read()["jobs"]), 10, "it moves by --save-baseline alone")

    def test_faster_than_every_earlier_job_passes(self):
        with Server(SERVER) as server:
            self.with_jobs(server, 10, 1000)
            run = self.judged(server)
            self.assertEqual(run.code, 0, run.out + run.err)

    def test_fewer_than_ten_jobs_decide_nothing(self):
        with Server(SERVER) as server:
            self.with_jobs(server, 9, 0.0001)
            self.assertEqual(self.judged(server).code, 21)

    def test_other_circumstances_are_refused_before_anything_is_sent(self):
        with Server(SERVER) as server:
            self.with_jobs(server, 10, 1000)
            baseline = self.read()
            baseline["fingerprint"]["kernel"] = "\x1b[31m0.0.1"
            self.write(baseline)
            before = server.stats()["requests"]
            for option in ("--baseline", "--save-baseline"):
                run = self.call(server, option, self.path)
                self.assertEqual(run.code, 22, run.err)
                self.assertIn("the kernel was \\x1b[31m0.0.1 and is ", run.err)
                self.assertIn("--force", run.err)
            self.assertEqual(server.stats()["requests"], before)
            self.assertEqual(self.judged(server, "--force").code, 0)

    def test_another_load_is_another_plan(self):
        with Server(SERVER) as server:
            self.with_jobs(server, 10, 1000)
            run = Run(LOADGEN, server.url + "/y", *LOAD, "--baseline", self.path)
            self.assertEqual(run.code, 22, run.err)
            self.assertIn("the plan (hash) was", run.err)

    def test_files_that_are_none(self):
        with Server(SERVER) as server:
            for text in ("", "{", "[]", '{"schema": "loadgen/baseline/v9"}'):
                with open(self.path, "w", encoding="utf-8") as file:
                    file.write(text)
                for option in ("--baseline", "--save-baseline"):
                    run = self.call(server, option, self.path)
                    self.assertEqual(run.code, 64, run.err)
                    self.assertIn(f"{option} {self.path}: it is no", run.err)
                with open(self.path, encoding="utf-8") as file:
                    self.assertEqual(file.read(), text, "what stands in it stays")
            missing = os.path.join(self.folder.name, "none.json")
            self.assertEqual(self.call(server, "--baseline", missing).code, 64)
            nowhere = os.path.join(self.folder.name, "no", "folder.json")
            self.assertEqual(self.call(server, "--save-baseline", nowhere).code, 64)
            self.assertEqual(self.call(server, "--force").code, 64)


if __name__ == "__main__":
    run_tests()
