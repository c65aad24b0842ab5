"""Thresholds as a pipeline meets them: what a run says of each, and what it exits with. argv: loadgen, loadgen-server."""

import signal
import subprocess
import sys
import time
import unittest

from loadgen_e2e import PlanFile, Run, Server, plan, run_tests

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
        self.assertEqual([gate["threshold"] for gate in run.run["thresholds"]], ["p50 <= 1s", "error_rate < 5%"])
        self.assertEqual([gate["result"] for gate in run.run["thresholds"]], ["passed", "passed"])
        self.assertIn("Thresholds   2 passed", run.out)
        self.assertEqual(run.run["plan"]["thresholds"], ["p50 <= 1s", "error_rate < 5%"])

    def test_a_slow_target_fails_one_of_times(self):
        with Server(SERVER) as server:
            run = run_of(server.url + "/x?delay=30ms", "--fail-if", "p50 > 20ms", "--fail-if", "max > 1h")
        self.expect(run, GATE_FAILED)
        self.assertEqual([gate["result"] for gate in run.run["thresholds"]], ["failed", "passed"])
        self.assertGreater(run.run["thresholds"][0]["figure"]["value"], 30e6)
        self.assertRegex(run.out, r"(?m)^  FAILED       p50 <= 20ms: 3\d\.\d\d ms\b")

    def test_failures_fail_one_of_errors_and_stand_for_themselves(self):
        with Server(SERVER) as server:
            run = run_of(server.url + "/x?status=500@0/10", "--fail-if", "error_rate > 1%")
            self.expect(run, GATE_FAILED)
            self.assertAlmostEqual(run.run["thresholds"][0]["figure"]["value"], 0.1, delta=0.01)
            # Nobody has said how many may fail: the times of the others are no answer.
            silent = run_of(server.url + "/x?status=500@0/10", "--fail-if", "p50 > 1s")
            self.expect(silent, INVALID)
            self.assertIn("no threshold of error_rate", silent.run["thresholds"][0]["doubt"])

    def test_not_decided_is_as_the_policy_says(self):
        # 600 requests without a failure do not show that fewer than 0.1 % fail.
        with Server(SERVER) as server:
            for policy, code in (((), UNDECIDED), (("--undecided", "exit"), UNDECIDED), (("--undecided", "pass"), 0),
                                 (("--undecided", "fail"), GATE_FAILED)):
                run = run_of(server.url + "/async", "--fail-if", "error_rate >= 0.1%", *policy)
                self.expect(run, code)
                self.assertEqual(run.run["thresholds"][0]["result"], "undecided")

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
        self.assertRegex(out, r"Thresholds   1 FAILED; of the part that was run")

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

    def test_mistakes_are_told_before_anything_is_sent(self):
        with Server(SERVER) as server:
            for arguments, said in ((["--fail-if", "p99 > 250"], "character 7: 250 has no unit"),
                                    (["--fail-if", "p99{Login} > 1s"], 'no request is named "Login"'),
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


if __name__ == "__main__":
    run_tests()
