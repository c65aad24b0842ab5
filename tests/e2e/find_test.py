"""loadgen find from outside: against a server whose capacity is known, and every way in which a search can end.
argv: loadgen, loadgen-server.

/x?serve=1ms works for 1 ms on each request, one after another: it sustains 1,000 requests a second and no more, however
fast the machine is. A search that the machine spoils by its own evidence is a skip: it ends with exit code 22, or the
trials that were disturbed are missing at its end.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from loadgen_e2e import Server, run_tests

LOADGEN, SERVER = sys.argv[1:3]
KNEE = 1000
QUICK = ["-c", "10", "--trial", "2s", "--warm-up", "500ms", "-q"]
TRIALS = ["--trials", "16"]  # bounds the time where each second one is disturbed; a quiet machine needs ten
SLO = ["--slo", "p90<40ms,error_rate<1%"]


class Search:
    """One finished `loadgen find`: code, err, and report (its JSON; None when there is none)."""

    def __init__(self, *arguments, interrupt_after=None):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "curve.json")
            with subprocess.Popen([LOADGEN, "find", *arguments, "--out", f"json={path}"], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True) as process:
                if interrupt_after:
                    time.sleep(interrupt_after)
                    process.send_signal(signal.SIGINT)
                self.out, self.err = process.communicate(timeout=280)
                self.code = process.returncode
            self.report = None
            if os.path.exists(path) and os.path.getsize(path):
                with open(path, encoding="utf-8") as file:
                    self.report = json.load(file)


class Find(unittest.TestCase):
    def setUp(self):
        self.server = self.enterContext(Server(SERVER)) if hasattr(self, "enterContext") else Server(SERVER).__enter__()
        self.url = f"{self.server.url}/x?size=2&serve=1ms"

    def tearDown(self):
        if not hasattr(self, "enterContext"):
            self.server.__exit__(None, None, None)

    def valid(self, search):
        disturbed = [trial["reason"] for trial in search.report["trials"] if trial["objective"] == "disturbed"]
        if search.code == 22 or disturbed and search.report["end"] == "trials":
            self.skipTest(f"the machine spoilt the search: {disturbed[-3:]}")
        return search

    def test_it_finds_what_the_server_sustains(self):
        search = self.valid(Search(self.url, *QUICK, *TRIALS, *SLO, "--from", "300/s", "--to", "8000/s", "--precision", "40%"))
        self.assertEqual(search.code, 0, search.err)
        report = search.report
        self.assertEqual(report["end"], "precise")
        found = report["sustainable_rate"]
        self.assertLess(found["low"], KNEE)
        self.assertLess(found["rate"], KNEE * 1.15)
        self.assertGreater(found["high"], KNEE * 0.7)
        self.assertLess(max(trial["rate"] for trial in report["trials"]), 4 * KNEE, "no trial drowned the server")
        for trial in report["trials"]:
            if trial["rate"] > KNEE * 1.3:
                self.assertEqual(trial["objective"], "fails", trial)
            if trial["rate"] < KNEE * 0.5:
                self.assertIn(trial["objective"], ("holds", "leans to holding", "disturbed", "generator bound"), trial)

    def test_a_gate_on_the_rate(self):
        low = self.valid(Search(self.url, *QUICK, *TRIALS, *SLO, "--from", "400/s", "--to", "500/s", "--at-least", "300/s"))
        self.assertEqual((low.code, low.report["enough"]), (0, True), low.err)
        high = self.valid(Search(self.url, *QUICK, *TRIALS, *SLO, "--from", "4000/s", "--precision", "100%", "--at-least", "3000/s"))
        self.assertEqual((high.code, high.report["enough"]), (20, False), high.err)

    def test_the_highest_rate_allowed_is_an_end(self):
        search = self.valid(Search(self.url, *QUICK, *TRIALS, *SLO, "--from", "400/s", "--to", "500/s"))
        self.assertEqual(search.code, 0, search.err)
        self.assertEqual(search.report["end"], "highest rate")
        self.assertIsNone(search.report["sustainable_rate"]["high"])

    def test_trials_run_out_undecided(self):
        search = self.valid(Search(self.url, *QUICK, *SLO, "--from", "500/s", "--trials", "1"))
        self.assertEqual((search.code, search.report["end"]), (21, "trials"), search.err)

    def test_an_interrupt_reports_what_there_is(self):
        search = Search(self.url, *QUICK, *SLO, "--from", "300/s", interrupt_after=4)
        self.assertEqual(search.code, 130, search.err)
        self.assertEqual(search.report["end"], "interrupted")

    def test_an_interrupt_before_the_first_trial_is_over_leaves_the_rate_unknown(self):
        search = Search(self.url, *QUICK, *SLO, "--from", "300/s", "--at-least", "100/s", interrupt_after=0.7)
        self.assertEqual(search.code, 130, search.err)
        self.assertIn("interrupted", search.err)
        self.assertEqual((search.report["end"], search.report["trials"], search.report["enough"]), ("interrupted", [], None))
        self.assertIsNone(search.report["sustainable_rate"]["rate"])

    def test_mistakes_are_told_before_anything_is_sent(self):
        for arguments, words in (
            ([self.url], "no objective"),
            ([self.url, "--slo", "rps > 5"], "--at-least"),
            ([self.url, "--slo", "p99 > 50ms"], 'did you mean "p99 <= 50ms"?'),
            ([self.url, "--slo", "p99 < 5"], "--slo"),
            ([self.url, *SLO, "-d", "5s"], "--trial"),
            ([self.url, *SLO, "--from", "5/s", "--to", "1/s"], "--from"),
            ([self.url, *SLO, "--precision", "0.1%"], "--precision"),
            ([self.url, *SLO, "--trials", "0"], "--trials"),
        ):
            search = Search(*arguments)
            self.assertEqual(search.code, 64, arguments)
            self.assertIn(words, search.err)

    def test_nobody_there(self):
        search = Search("http://127.0.0.1:1/", *QUICK, *SLO)
        self.assertEqual(search.code, 23)
        self.assertEqual((search.report["command"], search.report["exit_code"]), ("find", 23))
        self.assertIn("Connection refused", search.report["problem"])


if __name__ == "__main__":
    run_tests()
