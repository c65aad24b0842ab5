"""loadgen compare from outside: its decisions by exit code, whom it starts and stops, and in which order it measures.
argv: loadgen, loadgen-server.

Decisions are asked for where chance cannot make them: a change of many times the noise, or an alpha that nothing
reaches. server_cpu decides: a busy machine makes times doubtful, but not the server's own clock. Five blocks decide, so
decisions are asked for with three to spare for the slices that the machine disturbs; where it leaves fewer than five,
loadgen must say so itself, and the test is skipped with its evidence.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from xml.etree import ElementTree

from loadgen_e2e import PlanFile, Server, plan, run_tests, too_few_blocks

LOADGEN, SERVER = sys.argv[1:3]
SLICES = ["--passes", "1", "--slice", "400ms", "--warm-up", "100ms", "--warming", "100ms"]
QUICK = ["--blocks", "5", *SLICES]
SPARE = ["--blocks", "8", *SLICES]
LOAD = ["/x?size=5", "-R", "300/s"]
BASE = f"{SERVER} --port {{port}}"
SLOWER = BASE + " --extra-work 500us"
BY_CPU = ["--metric", "server_cpu"]


def pids_of(word):
    """Processes that have this word in their command line."""
    found = subprocess.run(["pgrep", "-f", "--", word], capture_output=True, text=True, check=False)
    return [int(pid) for pid in found.stdout.split()]


def gone_soon(word):
    for _ in range(100):
        if not pids_of(word):
            return True
        time.sleep(0.1)
    return False


class Compare:
    """One finished `loadgen compare`: code, out, err, and report (its JSON; None when there is none)."""

    def __init__(self, *arguments, targets, timeout=120):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "comparison.json")
            words = [word for target in targets for word in ("--target", target)]
            done = subprocess.run([LOADGEN, "compare", *arguments, *words, "--out", f"json={path}", "--out", "text"],
                                  capture_output=True, text=True, timeout=timeout, check=False)
            self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
            self.report = None
            if os.path.exists(path) and os.path.getsize(path):
                with open(path, encoding="utf-8") as file:
                    self.report = json.load(file)

    def decides(self, test, code):
        """It ended with this exit code, or could not decide because of this machine."""
        if self.code != code and too_few_blocks(self.report):
            test.skipTest(too_few_blocks(self.report))
        test.assertEqual(self.code, code, self.out + self.err)


class Decisions(unittest.TestCase):
    def test_a_server_that_costs_much_more_is_a_regression(self):
        done = Compare(*LOAD, *SPARE, *BY_CPU, targets=[f"base={BASE}", f"cand={SLOWER}"])
        done.decides(self, 20)
        self.assertTrue(done.out.startswith("REGRESSION"), done.out)
        cpu = next(c for c in done.report["compared"] if c["metric"] == "server_cpu")
        self.assertTrue(cpu["gated"])
        self.assertGreater(cpu["candidate"] - cpu["base"], 450, "500 us a request, told to a tenth")
        self.assertLess(cpu["candidate"] - cpu["base"], 700)
        self.assertEqual(len(done.report["slices"]), 16)
        self.assertGreater(done.report["wall_s"], 16 * 0.4)
        self.assertRegex(done.err, r"compare: 8 blocks of 2 starts, 2 warmings of 100ms, 2 slices of 400ms: about \d+ s")
        self.assertRegex(done.err, r"changes found in four of five comparisons: server_cpu \d+ %")
        self.assertIn("block 8 of 8 done", done.err)

    def test_a_server_that_costs_much_less_is_an_improvement(self):
        done = Compare(*LOAD, *SPARE, *BY_CPU, targets=[f"old={SLOWER}", f"new={BASE}"])
        done.decides(self, 0)
        self.assertTrue(done.out.startswith("IMPROVED"), done.out)

    def test_a_candidate_that_fails_half_is_a_regression_though_only_its_times_are_gated(self):
        # Delays of 1 to 50 ms, four times as long in the candidate: half of its answers come too late.
        done = Compare("/x?delay=uniform(1ms,50ms)", "-R", "300/s", "--timeout", "100ms", *SPARE,
                       "--metric", "p50", targets=[f"base={BASE}", f"cand={BASE} --stretch 4"])
        done.decides(self, 20)
        said = "REGRESSION  Worse by more than the margin: error_rate, which was not gated,"
        self.assertTrue(done.out.startswith(said), done.out)
        self.assertEqual(done.report["reason"], "error_rate: not gated, but it is why p50 cannot be decided")
        told = {c["metric"]: (c["gated"], c["decides"], c["decision"]) for c in done.report["compared"]}
        self.assertEqual(told["p50"], (True, True, "INCONCLUSIVE"))
        self.assertEqual(told["error_rate"], (False, True, "REGRESSION"))

    def test_what_chance_alone_can_do_is_inconclusive(self):
        done = Compare(*LOAD, *QUICK, *BY_CPU, "--alpha", "0.01%", "--delta", "server_cpu=0.5%", "--aa",
                       targets=[f"base={BASE}"])
        self.assertEqual(done.code, 21, done.out + done.err)
        self.assertEqual(done.report["design"]["mode"], "same")
        self.assertEqual(done.report["design"]["targets"], ["base", "base again"])
        self.assertEqual(len(done.report["slices"]), 10)

    def test_a_generator_that_is_held_up_says_nothing_of_the_target(self):
        words = [LOADGEN, "compare", *LOAD, *QUICK, "--metric", "p50", "--target", f"base={BASE}", "--target", f"cand={BASE}"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while process.poll() is None:  # in every slice of 400 ms at least once
            process.send_signal(signal.SIGSTOP)
            time.sleep(0.15)
            process.send_signal(signal.SIGCONT)
            time.sleep(0.15)
        out, err = process.communicate()
        self.assertEqual(process.returncode, 22, out + err)
        self.assertTrue(out.startswith("INVALID"), out)

    def test_more_than_two_targets(self):
        done = Compare(*LOAD, *SPARE, *BY_CPU, targets=[f"base={BASE}", f"same={BASE}", f"slow={SLOWER}"])
        done.decides(self, 20)
        decisions = {c["target"]: c["decision"] for c in done.report["compared"] if c["gated"]}
        self.assertEqual(decisions["slow"], "REGRESSION")
        self.assertIn("same", decisions)


class Failures(unittest.TestCase):
    def fails(self, *arguments, targets):
        done = Compare(*LOAD, *QUICK, *arguments, targets=targets)
        self.assertEqual(done.code, 23, done.out + done.err)
        self.assertEqual(done.out, "")
        self.assertEqual((done.report["command"], done.report["exit_code"]), ("compare", 23))
        self.assertIn(done.report["problem"], done.err)
        return done.err

    def test_a_command_that_ends_is_told_with_its_last_words(self):
        err = self.fails(targets=[f"base={BASE}", "cand=echo no such table >&2; exit 3; {port}"])
        self.assertIn("target cand (echo no such table >&2; exit 3; {port}) in block 1: it ended before it answered, "
                      "with exit status 3\nIts last words:\nno such table\n", err)

    def test_a_command_that_never_answers(self):
        err = self.fails("--ready-timeout", "300ms", targets=["base=exec sleep 60 # {port}", f"cand={BASE}"])
        self.assertRegex(err, r"did not answer at http://127.0.0.1:\d+ within 300ms: .*refused")

    def test_a_url_that_nobody_serves(self):
        err = self.fails("--ready-timeout", "100ms", targets=["base=http://127.0.0.1:1", "cand=http://127.0.0.1:1"])
        self.assertIn("refused", err)

    def test_a_target_that_answers_wrongly(self):
        with PlanFile(plan("http://nobody", [{"get": "/status/500"}], users=2, loops=5)) as path:
            done = Compare(path, *QUICK[:4], targets=[f"base={BASE}", f"cand={BASE}"])
        self.assertEqual(done.code, 23)
        self.assertIn("it answered no request as the plan expects", done.err)

    def test_a_target_that_dies_meanwhile(self):
        done = Compare(*LOAD, *QUICK, targets=[f"base={BASE}", f"cand=timeout -s KILL 1 {BASE}"])
        self.assertEqual(done.code, 23, done.out + done.err)
        self.assertRegex(done.err, r"target cand .* it ended with ")

    def test_what_was_finished_before_a_target_failed_is_reported_and_decides_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            starts, junit = os.path.join(folder, "starts"), os.path.join(folder, "junit.xml")
            twice = f"echo x >>{starts}; [ $(wc -l <{starts}) -lt 3 ] || {{ echo no table left; exit 3; }}; exec {SLOWER}"
            done = Compare(*LOAD, *QUICK, "--out", f"junit={junit}", targets=[f"base={BASE}", f"cand={twice}"])
            cases = ElementTree.parse(junit).getroot()
        self.assertEqual(done.code, 23, done.out + done.err)
        self.assertIn("in block 3: it ended before it answered, with exit status 3\nIts last words:\nno table left\n", done.err)
        self.assertTrue(done.out.startswith("INVALID  Cut short, nothing is decided. target cand ("), done.out)
        report = done.report
        self.assertEqual((report["decision"], report["valid"], report["interrupted"]), ("INVALID", False, False))
        self.assertEqual((report["blocks_made"], len(report["slices"])), (2, 4))
        self.assertIn("exit status 3", report["reason"])
        self.assertEqual(cases.get("errors"), cases.get("tests"))

    def test_mistakes_exit_with_64_and_say_what_to_do(self):
        urls = ["a=http://h:1", "b=http://h:2"]
        for arguments, targets, said in (
                ([], ["a=http://h:1"], "name two targets"),
                ([], ["a=http://h:1", "a=http://h:2"], "two are called"),
                ([], ["a=./server", "b=./server"], "{port}"),
                (["--metric", "rps"], urls, "closed loop"),
                (["--metric", "server_cpu"], urls, "--pid"),
                (["--metric", "p98"], urls, "p99"),
                (["--delta", "p99=5"], urls, "5%"),
                (["--aa"], urls, "one --target"),
                (["--runs", "2", "--aa"], urls[:1], "--runs"),
                (["--discard", "2"], urls, "--runs"),
                (["--blocks", "3"], urls, "5 and more"),
                (["--pid", "c=1"], urls, "--pid"),
                (["--out", "json=/no/such/folder/x"], urls, "/no/such/folder")):
            words = [word for target in targets for word in ("--target", target)]
            done = subprocess.run([LOADGEN, "compare", "/x", "-R", "5/s", *arguments, *words], capture_output=True,
                                  text=True, timeout=30, check=False)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(said, done.stderr)


class Order(unittest.TestCase):
    def test_targets_are_started_anew_for_each_block_and_never_asked_at_once(self):
        with tempfile.TemporaryDirectory() as folder:
            done = Compare("/", "-R", "200/s", "--blocks", "5", "--passes", "2", "--slice", "300ms", "--warm-up",
                           "100ms", "--warming", "100ms", *BY_CPU,
                           targets=[f"a={BASE} --log {folder}/a-{{port}}", f"b={BASE} --log {folder}/b-{{port}}"])
            self.assertIn(done.code, (0, 20, 21), done.err)
            logs = {path.name: [int(line.split()[0]) for line in path.read_text().splitlines()]
                    for path in Path(folder).iterdir()}
        self.assertEqual(len(logs), 10, "two targets, five starts each")
        arrivals = sorted((at, name[0]) for name, log in logs.items() for at in log)
        turns = [owner for i, (_, owner) in enumerate(arrivals) if i == 0 or arrivals[i - 1][1] != owner]
        # A block: asked whether ready (ab), warmed (ab), and ABBA or BAAB: 7 turns at most, 8 with a block that begins
        # with who ended the last one.
        self.assertLessEqual(len(turns), 5 * 8, "interleaved requests would make thousands of turns")
        order = [(s["block"], s["target"]) for s in done.report["slices"]]
        for block in range(5):
            of_block = "".join(target for at, target in order if at == block)
            self.assertIn(of_block, ("abba", "baab"))

    def test_pairs_have_one_schedule_and_each_slice_its_run(self):
        with tempfile.TemporaryDirectory() as folder:
            done = Compare(*LOAD, *QUICK, *BY_CPU, "--seed", "7", "--save-runs", f"{folder}/runs",
                           targets=[f"the base={BASE}", f"cand={BASE}"])
            self.assertIn(done.code, (0, 20, 21), done.err)
            runs = {path.name: json.loads(path.read_text()) for path in Path(folder, "runs").iterdir()}
        self.assertEqual(len(runs), 10)
        seeds = {block: {runs[f"{name}_{block}_1.json"]["plan"]["seed"] for name in ("the_base", "cand")}
                 for block in range(1, 6)}
        self.assertTrue(all(len(of_pair) == 1 for of_pair in seeds.values()), "the same within a pair")
        self.assertEqual(len(set.union(*seeds.values())), 5, "another in each block")
        self.assertTrue(all(run["window"]["begin_s"] == 0.2 for run in runs.values()), "100 ms, in whole cells")


class Urls(unittest.TestCase):
    def test_running_servers_are_compared_and_stay(self):
        with Server(SERVER) as base, Server(SERVER, "--extra-work", "500us") as cand:
            done = Compare(*LOAD, *SPARE, *BY_CPU, "--pid", f"base={base.process.pid}", "--pid",
                           f"cand={cand.process.pid}", targets=[f"base={base.url}", f"cand={cand.url}"])
            done.decides(self, 20)
            self.assertFalse(done.report["design"]["restarted"])
            self.assertIn("not started anew", done.err)
            # By the server: one question, the warm-up and eight slices; each run opens one connection more to look.
            for server, name in ((base, "base"), (cand, "cand")):
                slices = sum(s["completed"] for s in done.report["slices"] if s["target"] == name)
                self.assertGreater(server.stats()["requests"], slices)
                self.assertLess(server.stats()["requests"], slices + 100)

    def test_the_paths_of_urls_count(self):
        with Server(SERVER) as server:
            for what, below in (([], "/bytes/3"), (["/3"], "/bytes"), (["http://nobody/3"], "/bytes/")):
                done = Compare(*what, "-R", "50/s", "--runs", "1", "--slice", "200ms", targets=[f"a={server.url}{below}"])
                self.assertEqual(done.code, 0, done.err)
            paths = server.stats()["paths"]
        self.assertEqual([path for path in paths if paths[path]], ["/bytes/3"])


class Runs(unittest.TestCase):
    def test_a_table_of_runs(self):
        with PlanFile(plan("http://nobody", [{"get": "/async"}], users=60, ramp_up="200ms")) as path, \
                tempfile.TemporaryDirectory() as folder:
            done = Compare(path, "--runs", "2", "--discard", "1", "--save-runs", folder,
                           targets=[f"one={BASE}", f"other={BASE}"])
            self.assertEqual(done.code, 0, done.err)
            self.assertEqual(sorted(os.listdir(folder)),
                             ["one_1_1.json", "one_2_1.json", "other_1_1.json", "other_2_1.json"])
            run = json.loads(Path(folder, "one_2_1.json").read_text())
        self.assertEqual(len(done.report["runs_table"]["runs"]), 2)
        self.assertAlmostEqual(done.report["runs_table"]["runs"][1]["one"]["rps"], run["totals"]["rps"])
        self.assertEqual(run["totals"]["planned"], 60)
        for row in ("Run 1", "Run 2", "AVERAGE"):
            self.assertRegex(done.out, rf"(?m)^{row} +\d+\.\d +0\.00 +\d+\.\d +0\.00$")


class Ends(unittest.TestCase):
    def started(self, mark, slice_length="500ms"):
        """A comparison in its second block, whose servers have `mark` in their command lines."""
        command = f"{BASE} --log /dev/null --max-body {mark}B"
        process = subprocess.Popen([LOADGEN, "compare", *LOAD, "--blocks", "5", "--slice", slice_length, "--warm-up", "100ms",
                                    "--warming", "100ms", "--target", f"base={command}", "--target", f"cand={command}",
                                    *BY_CPU], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if "block 1 of 5 done" in line:
                break
        return process

    def test_ctrl_c_reports_what_there_is_as_inconclusive(self):
        mark = f"{os.getpid()}01"
        process = self.started(mark)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, out + err)
        self.assertIn("again to stop at once", err)
        self.assertTrue(out.startswith("INCONCLUSIVE"), out)
        self.assertTrue(gone_soon(f"max-body {mark}B"))

    def test_ctrl_c_before_the_first_slice_reports_that_there_is_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "comparison.json")
            process = subprocess.Popen([LOADGEN, "compare", *LOAD, *QUICK, "--target", "base=exec sleep 60 # {port}", "--target",
                                        f"cand={BASE}", "--out", f"json={path}", "--out", "text"], stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            time.sleep(0.7)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 130, out + err)
            self.assertTrue(out.startswith("INCONCLUSIVE"), out)
            with open(path, encoding="utf-8") as file:
                report = json.load(file)
        self.assertEqual((report["interrupted"], report["slices"]), (True, []))

    def test_a_second_ctrl_c_stops_at_once(self):
        process = self.started(f"{os.getpid()}02")
        time.sleep(1)
        before = time.monotonic()
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertLess(time.monotonic() - before, 8)

    def test_no_server_outlives_a_killed_comparison(self):
        mark = f"{os.getpid()}03"
        process = self.started(mark)
        self.assertTrue(pids_of(f"max-body {mark}B"))
        process.kill()
        process.communicate(timeout=60)
        self.assertTrue(gone_soon(f"max-body {mark}B"))


if __name__ == "__main__":
    run_tests()
