"""Thresholds as a pipeline meets them: what a run says of each, and what it exits with. argv: loadgen, loadgen-server."""

import concurrent.futures
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import xml.etree.ElementTree

from loadgen_e2e import PlanFile, Run, Server, assert_balanced, plan, run_tests

LOADGEN, SERVER = sys.argv[1:3]
GATE_FAILED, UNDECIDED, INVALID, TARGET_FAILED, USAGE, INTERRUPTED = 20, 21, 22, 23, 64, 130
CANNOT_ANSWER = ("CLIENT-BOUND", "DISTURBED", "BROKEN")
TRIES = 5


def run_of(url, *arguments):
    """A run of 3 s at 200/s; one that a busy machine spoilt is made again."""
    for _ in range(TRIES):
        run = Run(LOADGEN, url, "-R", "200/s", "-d", "3s", *arguments)
        if run.run["verdict"]["name"] not in CANNOT_ANSWER:
            break
    return run


class Thresholds(unittest.TestCase):
    def expect(self, run, code):
        """The code, or on a machine that is too busy the one of a run that cannot answer: with its reason."""
        if run.run["verdict"]["name"] in CANNOT_ANSWER:
            self.assertEqual(run.code, INVALID, run.out)
            self.assertTrue(all(gate["doubt"] for gate in run.run["thresholds"]))
            self.skipTest("this machine is too busy: " + run.run["verdict"]["sentence"])
        self.assertEqual(run.code, code, run.out)

    def test_one_that_is_kept(self):
        with Server(SERVER) as server:
            run = run_of(server.url + "/async", "--fail-if", "p50 > 1s", "--fail-if", "error_rate >= 5%")
        self.expect(run, 0)
        self.assertEqual([gate["threshold"] for gate in run.run["thresholds"]], ["fail if p50 > 1s", "fail if error_rate >= 5%"])
        self.assertEqual([gate["result"] for gate in run.run["thresholds"]], ["passed", "passed"])
        self.assertIn("Thresholds   2 passed", run.out)
        self.assertEqual(run.run["plan"]["thresholds"], ["fail if p50 > 1s", "fail if error_rate >= 5%"])

    def test_a_slow_target_fails_one_of_times(self):
        with Server(SERVER) as server:
            run = run_of(server.url + "/x?delay=30ms", "--fail-if", "p50 > 20ms", "--fail-if", "max > 1h")
        self.expect(run, GATE_FAILED)
        self.assertEqual([gate["result"] for gate in run.run["thresholds"]], ["failed", "passed"])
        self.assertGreater(run.run["thresholds"][0]["figure"]["value"], 30e6)
        self.assertRegex(run.out, r"(?m)^  FAILED       fail if p50 > 20ms: 3\d\.\d\d ms\b")

    def test_failures_fail_one_of_errors_and_stand_for_themselves(self):
        with Server(SERVER) as server:
            run = Run(LOADGEN, server.url + "/x?status=500@0/10", "-R", "200/s", "-d", "3s", "--fail-if", "error_rate > 1%")
            self.assertEqual(run.code, GATE_FAILED, "however busy this machine is, it made no status 500: " + run.out)
            self.assertAlmostEqual(run.run["thresholds"][0]["figure"]["value"], 0.1, delta=0.01)
            # Nobody has said how many may fail: the times of the others are no answer.
            silent = run_of(server.url + "/x?status=500@0/10", "--fail-if", "p50 > 1s")
            self.expect(silent, INVALID)
            self.assertIn("no threshold of error_rate", silent.run["thresholds"][0]["doubt"])

    def test_not_decided_is_as_the_policy_says(self):
        # 600 requests without a failure do not show that fewer than 0.1 % fail.
        with Server(SERVER) as server:
            for policy, code, standing, said in (
                    ((), UNDECIDED, "undecided", "1 not decided\n"),
                    (("--undecided", "exit"), UNDECIDED, "undecided", "1 not decided\n"),
                    (("--undecided", "pass"), 0, "passed", "taken as passed (--undecided pass)"),
                    (("--undecided", "fail"), GATE_FAILED, "failed", "taken as failed (--undecided fail)")):
                run = run_of(server.url + "/async", "--fail-if", "error_rate >= 0.1%", *policy)
                self.expect(run, code)
                self.assertEqual(run.run["thresholds"][0]["result"], "undecided")
                self.assertEqual(run.run["thresholds"][0]["standing"], standing)
                self.assertIn(said, run.out.replace("\n" + " " * 15, " "))

    def test_no_success_at_all_is_the_target(self):
        with Server(SERVER) as server:
            run = Run(LOADGEN, server.url + "/status/500", "-c", "2", "-n", "50", "--fail-if", "error_rate > 1%")
        self.assertEqual(run.code, TARGET_FAILED)
        self.assertEqual(run.run["thresholds"][0]["result"], "failed")

    def test_an_interrupted_run_tells_them_and_says_that_it_is_a_part(self):
        with Server(SERVER) as server:
            process = subprocess.Popen([LOADGEN, server.url + "/async", "-R", "200/s", "-d", "60s", "--fail-if", "p50 > 1us"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(1.5)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=30)
        self.assertEqual(process.returncode, INTERRUPTED)
        told = "doubtful" if out.startswith(CANNOT_ANSWER) else "FAILED"
        self.assertIn(f"Thresholds   1 {told}; of the part that was run", out)

    def test_a_plans_own_by_label(self):
        steps = [{"name": "quick", "get": "/async"}, {"name": "slow {30}", "get": "/x?delay=30ms"}]
        text = plan("${url}", steps, users=4, duration="3s", loops="forever")
        text = text[:-1] + ', "thresholds": ["service.p50{slow {30}} < 20ms", "service.p50{quick} < 1s"]}'
        with Server(SERVER) as server, PlanFile(text) as path:
            for _ in range(TRIES):
                run = Run(LOADGEN, path, "-J", "url=" + server.url)
                if run.run["verdict"]["name"] not in CANNOT_ANSWER:
                    break
        self.expect(run, GATE_FAILED)
        self.assertEqual([gate["result"] for gate in run.run["thresholds"]], ["failed", "passed"])

    def test_one_turned_round_is_warned_of_before_the_run(self):
        with Server(SERVER) as server:
            done = subprocess.run([LOADGEN, server.url + "/", "-n", "10", "-q", "--fail-if", "p99 < 250ms", "--fail-if", "rps < 1"],
                                  capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.stderr.count("warning: "), 1, done.stderr)
        self.assertIn('"fail if p99 < 250ms" fails the run when p99 is below 250ms; did you mean "fail if p99 >= 250ms"?',
                      done.stderr)
        with PlanFile(plan("http://h:1", [{"get": "/"}])[:-1] + ', "thresholds": ["rps < 5"]}') as path:
            done = subprocess.run([LOADGEN, "check", path], capture_output=True, text=True, timeout=30, check=False)
        self.assertIn('note: threshold "rps < 5/s" fails the run when rps is not below 5/s; did you mean "rps >= 5/s"?',
                      done.stdout)

    def test_a_verdict_alone_fails_no_test_case_where_it_does_not_fail_the_run(self):
        with Server(SERVER) as server:
            # 22: what a busy machine makes of the verdict ERRORS.
            for arguments, told in (((), {0: []}), (("--strict",), {TARGET_FAILED: ["failure"], INVALID: ["error"]})):
                with self.subTest(arguments=arguments), tempfile.NamedTemporaryFile() as junit:
                    run = Run(LOADGEN, server.url + "/x?status=500@0/2", "-c", "2", "-n", "200", *arguments, "--out",
                              f"junit={junit.name}")
                    cases = xml.etree.ElementTree.parse(junit.name).findall(".//testcase")
                self.assertEqual([case.get("name") for case in cases], ["measurement"])
                self.assertEqual([child.tag for child in cases[0]], told.get(run.code), run.code)

    def test_mistakes_are_told_before_anything_is_sent(self):
        with Server(SERVER) as server:
            for arguments, said in ((["--fail-if", "p99 > 250"], "character 7: 250 has no unit"),
                                    (["--fail-if", "p99{Login} > 1s"], 'no request is named "Login"'),
                                    (["--fail-if", "fail if p99 > 1s"], '"fail if" are too many'),
                                    (["--undecided", "maybe"], "maybe")):
                done = subprocess.run([LOADGEN, server.url + "/", *arguments], capture_output=True, text=True, timeout=30,
                                      check=False)
                self.assertEqual(done.returncode, USAGE, done.stderr)
                self.assertIn(said, done.stderr)
            self.assertEqual(server.stats()["requests"], 0)
        with PlanFile(plan("http://h:1", [{"name": "Login", "get": "/"}])[:-1] + ',\n "thresholds": ["p99{Logn} < 1s"]}') as path:
            done = subprocess.run([LOADGEN, "check", path], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, USAGE)
        self.assertRegex(done.stderr, r':2:17: /thresholds/0: .*did you mean "Login"')


class Abort(unittest.TestCase):
    """Runs of 30 s that a threshold ends early, or does not. When exactly is a matter of the unit tests."""

    def stopped(self, run, threshold, within):
        """That this threshold stopped the run within so many seconds."""
        self.assertEqual(run.run["stop"], "threshold", run.out)
        self.assertEqual(run.run["stopped_by"]["threshold"], threshold)
        self.assertLess(run.run["stopped_by"]["at_s"], within)
        assert_balanced(self, run.totals)
        self.assertLess(run.run["wall_s"], 28)
        gate = next(gate for gate in run.run["thresholds"] if gate["threshold"] == threshold)
        self.assertTrue(gate["aborted"])
        self.assertEqual(gate["result"], "failed")
        self.assertIn(f"stopped by the threshold {threshold} at ", re.sub(r"\s+", " ", run.out))
        self.assertIn("; of the part that was run", run.out)
        self.assertIn("a threshold has failed for its time: no more requests are started", run.err)
        self.assertEqual(run.code, INVALID if gate["doubt"] else GATE_FAILED, run.out)
        self.assertTrue(not gate["doubt"] or run.run["verdict"]["name"] in CANNOT_ANSWER, run.out)

    def test_failures_stop_a_run(self):
        with Server(SERVER) as server, tempfile.NamedTemporaryFile() as junit:
            run = Run(LOADGEN, server.url + "/x?status=500@0/10", "-R", "200/s", "-d", "30s", "--fail-if",
                      "error_rate > 1% abort after 2s", "--fail-if", "p50 > 1s", "--out", f"junit={junit.name}")
            told = junit.read().decode()
        self.stopped(run, "fail if error_rate > 1% abort after 2s", 12)
        self.assertEqual(run.code, GATE_FAILED, "however busy this machine is")
        self.assertGreaterEqual(run.run["stopped_by"]["at_s"], 2)
        self.assertAlmostEqual(run.run["stopped_by"]["value"], 0.1, delta=0.02)
        self.assertEqual([gate["aborted"] for gate in run.run["thresholds"]], [True, False])
        self.assertIn("it stopped the run at", told)

    def test_a_slow_target_stops_a_closed_loop(self):
        with Server(SERVER) as server:
            run = Run(LOADGEN, server.url + "/x?delay=50ms", "-c", "8", "-t", "2", "-d", "30s", "--fail-if",
                      "p90 > 20ms over 2s abort after 1s")
        self.stopped(run, "fail if p90 > 20ms over 2s abort after 1s", 12)
        self.assertGreater(run.run["stopped_by"]["value"], 50e6)

    def test_a_target_that_answers_nothing_more_stops_a_run(self):
        def watched_by(threshold):
            text = plan("${url}", [{"get": "/async"}], arrivals=[{"rate": "100/s", "for": "30s"}], grace="0s")
            text = text[:-1] + f', "thresholds": ["{threshold}"]' + "}"
            with Server(SERVER, "--freeze-at", "2s/1m") as server, PlanFile(text) as path:
                return Run(LOADGEN, path, "-J", "url=" + server.url)

        thresholds = ("p99 <= 500ms abort after 2s", "error_rate <= 5% abort", "delivered >= 80% abort")
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for threshold, run in zip(thresholds, pool.map(watched_by, thresholds)):
                with self.subTest(threshold=threshold):
                    self.stopped(run, threshold, 20)
                    self.assertGreater(run.totals["succeeded"], 0)

    def test_a_target_that_is_killed_stops_a_run(self):
        server = subprocess.Popen([SERVER, "--port", "0"], stdout=subprocess.PIPE, text=True)
        url = next(word for word in server.stdout.readline().split() if word.startswith("http://"))
        killer = threading.Timer(2.5, server.kill)
        killer.start()
        try:
            run = Run(LOADGEN, url + "/async", "-R", "100/s", "-d", "30s",
                      "--fail-if", "error_rate > 5% abort after 2s", "--fail-if", "p99 > 1s abort after 15s")
        finally:
            killer.join()
            server.wait(timeout=20)
            server.stdout.close()
        self.stopped(run, "fail if error_rate > 5% abort after 2s", 15)
        self.assertEqual(run.code, GATE_FAILED, "however busy this machine is")
        self.assertIn("connect_refused", run.totals["errors_by_kind"])

    def test_what_passes_over_stops_nothing(self):
        with Server(SERVER, "--freeze-at", "1s/1500ms") as server:
            run = Run(LOADGEN, server.url + "/async", "-R", "100/s", "-d", "9s", "--fail-if", "p99 > 100ms abort",
                      "--fail-if", "error_rate > 5% abort", "--fail-if", "rps < 50 abort")
        self.assertEqual(run.run["stop"], "finished", run.out)
        self.assertNotIn("stopped_by", run.run)
        self.assertEqual(run.totals["not_started"], 0)

    def test_what_cannot_be_watched_is_refused(self):
        for arguments, said in (
                (["run", "URL", "--warm-up", "auto", "--fail-if", "p99 > 1s abort"], "say how long the warm-up is"),
                (["run", "URL", "-c", "2", "--fail-if", "delivered < 90% abort"], "watch rps"),
                (["run", "URL", "--fail-if", "error_rate{GET /} > 1% abort"], "watch error_rate"),
                (["find", "URL", "--slo", "p99 < 1s abort after 5s"], "each trial of a search is made to its end")):
            with self.subTest(arguments=arguments), Server(SERVER) as server:
                command = [server.url + "/" if word == "URL" else word for word in arguments if word != "run"]
                done = subprocess.run([LOADGEN, *command], capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual(done.returncode, USAGE, done.stderr)
                self.assertIn(said, done.stderr)
                self.assertEqual(server.stats()["requests"], 0)

    def test_a_comparison_says_that_it_holds_nothing_against_them(self):
        text = plan("http://h:1", [{"get": "/x?status=500@0/2"}], arrivals=[{"rate": "100/s", "for": "500ms"}])
        text = text[:-1] + ', "thresholds": ["error_rate < 1% abort"]}'
        with Server(SERVER) as server, PlanFile(text) as path:
            done = subprocess.run([LOADGEN, "compare", path, "--aa", "--target", "base=" + server.url, "--blocks", "5",
                                   "--passes", "1", "--warming", "50ms", "--warm-up", "100ms"], capture_output=True,
                                  text=True, timeout=120, check=False)
        self.assertIn("the plan's thresholds are for run", done.stderr)
        self.assertNotEqual(done.returncode, USAGE, done.stderr)


if __name__ == "__main__":
    run_tests()
