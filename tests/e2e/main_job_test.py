"""The main job: 6,000 users in 2 seconds, every one of them accounted for. argv: loadgen, loadgen-server, root.

Nothing here depends on how fast the machine is; how well the ramp was kept is a figure of the report and of tools/bench.
"""

import os
import sys
import unittest

from loadgen_e2e import Run, Server, assert_balanced, run_tests

LOADGEN, SERVER, ROOT = sys.argv[1:4]


class MainJob(unittest.TestCase):
    def check(self, plan, threads):
        with Server(SERVER) as server:
            run = Run(LOADGEN, "--config", os.path.join(ROOT, "configs", plan), "--target", server.url, "--threads", threads,
                      "--progress", "none")
            stats = server.stats()
        self.assertEqual(run.code, 0, run.out + run.err)
        totals = run.totals
        assert_balanced(self, totals)
        self.assertEqual((totals["planned"], totals["sent"], totals["succeeded"]), (6000, 6000, 6000), run.out)
        self.assertEqual(totals["connections_opened"], 6000, "each user its own connection, as in JMeter")
        self.assertEqual((stats["requests"], stats["bytes"]["out"]), (6000, totals["bytes_in"]))
        self.assertEqual(run.run["ramp"]["users_started"], 6000)
        self.assertAlmostEqual(run.run["ramp"]["planned_s"], 2.0, delta=0.001)
        self.assertGreaterEqual(run.run["ramp"]["achieved_s"], 1.9, "never earlier than planned, but for the first user's lag")
        for series in ("response_ns", "service_ns", "send_lag_ns"):
            self.assertEqual(run.run[series]["count"], 6000)
        self.assertGreaterEqual(run.run["service_ns"]["min"], 2_000_000 if "async" in plan else 0)

    def test_async(self):
        self.check("async_6000.json", "auto")

    def test_async_on_two_threads(self):
        self.check("async_6000.json", "2")

    def test_fibonacci(self):
        self.check("fibonacci_6000.json", "auto")


if __name__ == "__main__":
    run_tests()
