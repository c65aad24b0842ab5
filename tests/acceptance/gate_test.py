"""loadgen compare on this machine, for real: two copies of one server are no regression; one that costs 15 % more CPU
time a request, and one that answers 20 % later, are. argv: loadgen, loadgen-server.

Where the machine was too busy for an answer, loadgen must say so itself: then the test is skipped with its evidence.
"""

import math
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools" / "lib"))

from gate_trials import Trials  # noqa: E402  (the path above comes first)
from kit import main  # noqa: E402


class Gate(unittest.TestCase):
    trials = Trials(*sys.argv[1:3])
    same = None

    @classmethod
    def setUpClass(cls):
        cls.same = cls.trials.same()

    def decided(self, trial, metric, change):
        """The figure, unless this machine could not tell that change: by its verdicts, or by its spread."""
        if trial.evidence():
            self.assertEqual(trial.code, 22)
            self.skipTest(trial.evidence())
        figure = trial.figure(metric)
        self.assertTrue(figure["gated"])
        # What is found 80 times in 100 lies at margin + room; at twice the room it is missed hardly ever.
        room = math.inf if figure["detectable"] is None else figure["detectable"] - figure["margin"]
        if figure["decision"] == "INCONCLUSIVE" and figure["margin"] + 2 * room > change:
            self.skipTest(f"{metric}: {figure['reason']} Blocks differ by {100 * figure['d']['spread']:.1f} %, which "
                          f"can hide {100 * change:.0f} %")
        return figure

    def test_two_copies_of_one_server_are_no_regression(self):
        self.assertIn(self.same.code, (0, 21, 22), self.same)
        for figure in self.same.report["compared"]:
            self.assertNotEqual(figure["decision"], "REGRESSION", figure)
        if self.same.evidence():
            self.skipTest(self.same.evidence())

    def test_15_percent_more_cpu_a_request_are_a_regression(self):
        trial = self.trials.costlier(0.15, self.same.figure("server_cpu")["base"])
        figure = self.decided(trial, "server_cpu", 0.15)
        self.assertEqual((figure["decision"], trial.code), ("REGRESSION", 20), figure)

    def test_answers_20_percent_later_are_a_regression(self):
        trial = self.trials.slower(1.2)
        figure = self.decided(trial, "p50", 0.20)
        self.assertEqual((figure["decision"], trial.code), ("REGRESSION", 20), figure)
        self.assertAlmostEqual(figure["change"]["value"], 0.20, delta=0.03)


if __name__ == "__main__":
    main()
