"""loadgen as its users meet it: what it says and what it exits with. argv: loadgen, loadgen-server, repository root."""

import contextlib
import http.server
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from xml.etree import ElementTree

from loadgen_e2e import PlanFile, Run, Server, assert_balanced, plan, run_tests

LOADGEN, SERVER, ROOT = sys.argv[1:4]


def call(*arguments, **options):
    return subprocess.run([LOADGEN, *arguments], capture_output=True, text=True, timeout=60, check=False, **options)


@contextlib.contextmanager
def refusing_url():
    """Its port is taken, so that nobody else may listen there meanwhile, and nobody does."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{s.getsockname()[1]}/"


class Silent(http.server.BaseHTTPRequestHandler):
    """Answers every GET with 501."""

    def log_message(self, *_):
        pass


class Usage(unittest.TestCase):
    def test_help_teaches_and_version_tells(self):
        shown = call("--help")
        self.assertEqual(shown.returncode, 0)
        for word in ("Examples:", "Exit codes:", "--config", "--serve", "-J"):
            self.assertIn(word, shown.stdout)
        self.assertRegex(call("--version").stdout, r"^loadgen \d+\.\d+\.\d+\n$")

    def test_mistakes_exit_with_64_and_say_what_to_do(self):
        for arguments, said in ((["--nonsense"], "--nonsense"), ([], "name a plan"), (["no-such-plan.json"], "no-such-plan.json"),
                                (["http://h/", "-d", "10"], "10s"), (["ftp://h/"], "http and https"), (["/dev/zero"], "larger")):
            done = call(*arguments)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(said, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_a_wrong_plan_names_every_mistake_with_its_place(self):
        with PlanFile('{"target": "http://h:1",\n "thread_groups": [{"user": 5, "ramp_up": 2,\n  "steps": [{"get": "/"}]}]}') as path:
            done = call("check", path)
        self.assertEqual(done.returncode, 64)
        self.assertRegex(done.stderr, r":2:\d+: /thread_groups/0/user: .*users")
        self.assertRegex(done.stderr, r":2:\d+: /thread_groups/0/ramp_up: .*2s")

    def test_check_shows_the_plan_and_sends_nothing(self):
        done = call("check", os.path.join(ROOT, "configs", "async_6000.json"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("6000", done.stdout)
        self.assertIn("0.000333 s", done.stdout)
        self.assertIn("GET /async HTTP/1.1", done.stdout)

    def test_secrets_are_not_shown(self):
        with PlanFile(plan("http://127.0.0.1:1", [{"get": "/", "headers": {"Authorization": "Bearer hush"}}])) as path:
            done = call("check", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("hush", done.stdout + done.stderr)

    def test_variables_on_the_command_line(self):
        text = plan("http://127.0.0.1:1", [{"get": "/${where}"}], users="${__P(users,3)}")
        with PlanFile(text) as path:
            self.assertEqual(call("check", path).returncode, 64, "where is unknown")
            done = call("check", path, "-J", "where=here", "-J", "users=9")
        self.assertIn("GET /here ", done.stdout)


class Runs(unittest.TestCase):
    def test_the_summary_line_is_jmeters(self):
        with Server(SERVER) as server:
            run = Run(LOADGEN, server.url + "/", "-c", "2", "-n", "50", "--progress", "none")
        self.assertEqual(run.code, 0, run.err)
        self.assertRegex(run.out, r"(?m)^summary = {5}50 in 00:00:0\d = *[\d.]+/s Avg: {5}\d Min: {5}0 Max: +\d+ Err: {5}0 \(0\.00%\)$")
        self.assertEqual(run.run["schema"], "loadgen/run/v1")
        self.assertEqual(run.err, "")

    def test_localhost_is_found_though_only_127_0_0_1_listens(self):
        with Server(SERVER) as server:
            run = Run(LOADGEN, server.url.replace("127.0.0.1", "localhost") + "/", "-c", "3", "-n", "9")
        self.assertEqual((run.code, run.totals["succeeded"], run.totals["connections_opened"]), (0, 9, 3))

    def test_serve_starts_a_server_and_stops_it(self):
        done = call(os.path.join(ROOT, "configs", "smoke.json"), "--serve", "--progress", "none", "--out", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        run = json.loads(done.stdout)
        self.assertEqual(run["totals"]["failed"], 0)
        port = int(re.search(r":(\d+)", run["target"]).group(1))
        with socket.socket() as s:
            self.assertNotEqual(s.connect_ex(("127.0.0.1", port)), 0, "the server is gone with the run")

    def test_an_unreachable_target_is_told_at_once(self):
        with refusing_url() as url:
            done = call(url, "-n", "5")
            self.assertEqual(done.returncode, 23)
            self.assertIn("refused", done.stderr)
            run = Run(LOADGEN, url, "-c", "5", "-n", "20", "--no-probe")
            self.assertEqual(run.code, 23)
            self.assertEqual(run.totals["errors_by_kind"], {"connect_refused": 20})
            assert_balanced(self, run.totals)
            self.assertEqual(call("http://no-such-host.invalid/").returncode, 23)

    def waiting(self, *arguments):
        """loadgen as it waits for a target, once it has said so."""
        process = subprocess.Popen([LOADGEN, *arguments, "--ready-timeout", "50s"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        said = r"^loadgen: waiting for 127.0.0.1:\d+ to accept connections, 50s at most$"
        while not re.match(said, line := process.stderr.readline()):
            self.assertTrue(line, "it ended without a word of waiting")
        return process

    def test_a_target_that_is_being_started_is_waited_for(self):
        with http.server.HTTPServer(("127.0.0.1", 0), Silent, bind_and_activate=False) as server:
            server.server_bind()  # and refuses until it listens
            run = self.waiting(f"http://127.0.0.1:{server.server_port}/", "-n", "3", "--progress", "none")
            server.server_activate()
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            out, err = run.communicate(timeout=60)
            server.shutdown()
            thread.join()
        self.assertEqual((run.returncode, err), (23, ""), "three answers, if only of 501")
        self.assertRegex(out, r"(?m)^summary = +3 ")

    def test_a_wait_ends_with_its_time_or_a_signal(self):
        with refusing_url() as url:
            before = time.monotonic()
            done = call(url, "--ready-timeout", "1500ms", "-q")
            self.assertGreaterEqual(time.monotonic() - before, 1.5)
            self.assertEqual(done.returncode, 23)
            self.assertRegex(done.stderr, r"^loadgen: cannot connect to .*refused.* It was waited for: --ready-timeout 1.5s\.\n$")
            for number in (signal.SIGINT, signal.SIGTERM):
                for command in (["run"], ["find", "--slo", "p99<1s"]):
                    process = self.waiting(*command, url)
                    process.send_signal(number)
                    out, err = process.communicate(timeout=20)
                    self.assertEqual((process.returncode, out), (130, ""), err)
                    self.assertIn("interrupted while", err)

    def test_quiet_says_nothing(self):
        with Server(SERVER) as server:
            done = call(server.url + "/", "-n", "10", "-q")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_outputs_are_opened_before_the_run_and_lost_ones_told(self):
        with Server(SERVER) as server:
            done = call(server.url + "/", "-n", "10", "--out", "json=/no/such/folder/run.json")
            self.assertEqual((done.returncode, server.stats()["requests"]), (64, 0))
            with tempfile.TemporaryDirectory() as folder:
                pipe = os.path.join(folder, "pipe")
                os.mkfifo(pipe)
                unread = call(server.url + "/", "-n", "10", "--out", f"json={pipe}")
            self.assertEqual((unread.returncode, server.stats()["requests"]), (64, 0))
            self.assertIn("nobody reads from that pipe", unread.stderr)
            nameless = call(server.url + "/", "-n", "10", "--out", "json=")
            self.assertEqual((nameless.returncode, nameless.stdout), (64, ""))
            full = call(server.url + "/", "-n", "10", "--out", "json=/dev/full", "--out", "text")
            self.assertEqual(full.returncode, 70)
            self.assertIn("/dev/full", full.stderr)
            self.assertIn("summary =", full.stdout, "only that output is lost")

    def test_too_few_descriptors_are_told_with_the_number(self):
        with Server(SERVER) as server:
            limited = f'ulimit -n 200; exec "{LOADGEN}" {server.url}/ -c 500 -n 500'
            done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, timeout=60, check=False)
            self.assertEqual(done.returncode, 64)
            self.assertIn("564 file descriptors", done.stderr)
            self.assertEqual(server.stats()["requests"], 0)

    def test_progress_off_a_terminal_is_jmeters_lines_and_json_on_demand(self):
        with Server(SERVER) as server:
            done = call(server.url + "/async", "-c", "2", "-d", "2s", "--progress", "json")
            looks = [json.loads(line) for line in done.stderr.splitlines()]
        self.assertGreaterEqual(len(looks), 2)
        self.assertGreater(looks[-1]["completed"], looks[0]["completed"])


class Streams(unittest.TestCase):
    """What a shell can do to stdin, stdout and stderr."""

    def shell(self, command, *arguments):
        return subprocess.run(["bash", "-c", command, "bash", *arguments], capture_output=True, text=True, timeout=60,
                              check=False)

    def test_what_stdout_does_not_take_is_told(self):
        with PlanFile(plan("http://127.0.0.1:1", [{"get": "/"}])) as path:
            for arguments in (["--help"], ["--version"], ["schema"], ["check", path]):
                for target in ("/dev/full", "&-"):
                    done = self.shell(f'"$@" >{target}', LOADGEN, *arguments)
                    self.assertEqual(done.returncode, 70, arguments)
                    self.assertIn("stdout", done.stderr)

    def test_a_closed_stream_is_not_written_into_a_report_or_a_socket(self):
        for closed in (">&-", "2>&-", "<&-", "<&- >&- 2>&-"):
            with self.subTest(closed=closed), Server(SERVER) as server, tempfile.TemporaryDirectory() as folder:
                path = os.path.join(folder, "run.json")
                done = self.shell(f'"$@" {closed}', LOADGEN, server.url + "/", "-c", "2", "-n", "20", "--progress", "json",
                                  "--out", f"json={path}", "--out", "text")
                with open(path, encoding="utf-8") as file:
                    totals = json.load(file)["totals"]
                self.assertEqual((totals["succeeded"], totals["bytes_out"]), (20, server.stats()["bytes"]["in"]))
                self.assertEqual(done.returncode, 70 if ">&-" in closed.replace("2>&-", "") else 0)

    def test_a_reader_that_goes_away_loses_only_its_own_report(self):
        with Server(SERVER) as server, tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.json")
            done = self.shell('"$@" | true; exit ${PIPESTATUS[0]}', LOADGEN, server.url + "/", "-n", "20", "--out",
                              f"json={path}", "--out", "text")
            with open(path, encoding="utf-8") as file:
                self.assertEqual(json.load(file)["totals"]["succeeded"], 20)
        self.assertEqual(done.returncode, 70)
        self.assertIn("Broken pipe", done.stderr)

    def test_a_plan_comes_through_a_pipe_too(self):
        text = plan("http://127.0.0.1:1", [{"get": "/from-a-pipe"}])
        done = call("check", "/dev/stdin", input=text)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("GET /from-a-pipe ", done.stdout)


class Files(unittest.TestCase):
    def test_no_plan_at_all(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, content, said in (("empty", "", "end of the file"), ("blank", " \n", "end of the file"),
                                        ("binary", "\0\1\2", "NUL"), ("deep", "[" * 100_000, "nested")):
                path = os.path.join(folder, name)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(content)
                done = call("check", path)
                self.assertEqual(done.returncode, 64)
                self.assertIn(said, done.stderr)
            done = call("check", folder)
            self.assertEqual(done.returncode, 64)
            self.assertIn("directory", done.stderr)

    def test_mistakes_without_number_are_told_in_a_screenful_and_at_once(self):
        with PlanFile(json.dumps({f"key{i}": i for i in range(100_000)})) as path:
            done = call("check", path)
        self.assertEqual(done.returncode, 64)
        self.assertLess(len(done.stderr), 30_000)
        self.assertRegex(done.stderr, r"and \d{5} more\n$")

    def test_a_report_replaces_neither_the_plan_nor_another_report(self):
        with Server(SERVER) as server, tempfile.TemporaryDirectory() as folder:
            path, report = os.path.join(folder, "plan.json"), os.path.join(folder, "report")
            text = plan(server.url, [{"get": "/"}])
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            done = call(path, "--out", f"json={folder}/../{os.path.basename(folder)}/plan.json")
            self.assertEqual(done.returncode, 64)
            self.assertIn("itself, which the report would replace", done.stderr)
            with open(path, encoding="utf-8") as file:
                self.assertEqual(file.read(), text)
            done = call(path, "--out", f"json={report}", "--out", f"text={report}")
            self.assertEqual(done.returncode, 64)
            self.assertIn("json report goes to that file", done.stderr)
            self.assertEqual(server.stats()["requests"], 0)
            self.assertEqual(call(path, "--out", "json=/dev/null", "--out", "text=/dev/null").returncode, 0)

    def test_a_run_that_cannot_start_is_not_taken_for_the_one_before(self):
        with tempfile.TemporaryDirectory() as folder:
            path = {name: os.path.join(folder, name) for name in ("json", "junit", "markdown", "text", "csv", "jtl", "hgrm")}
            for file in path.values():
                pathlib.Path(file).write_text("x" * 100_000)
            outputs = [word for name, file in path.items() for word in ("--out", f"{name}={file}")]
            with refusing_url() as url:
                self.assertEqual(call(url, *outputs).returncode, 23)
                written = {name: pathlib.Path(file).read_text() for name, file in path.items()}
                report = json.loads(written["json"])
                self.assertEqual((report["schema"], report["command"], report["exit_code"]), ("loadgen/unmeasured/v1", "run", 23))
                case = ElementTree.fromstring(written["junit"]).find("testsuite/testcase/error")
                for text in (report["problem"], case.get("message"), case.text, written["markdown"], written["text"]):
                    self.assertIn("Connection refused", text)
                    self.assertIn("Is the server running", text)
                self.assertEqual((written["csv"], written["hgrm"]), ("", ""))
                self.assertTrue(written["jtl"].startswith("timeStamp,elapsed,"))
                self.assertEqual(written["jtl"].count("\n"), 1)
                silent = call(url)
                self.assertEqual((silent.returncode, silent.stdout), (23, ""), "stderr is enough for people")

    def test_a_new_report_replaces_the_last_one_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            report = os.path.join(folder, "report")
            with open(report, "w", encoding="utf-8") as file:
                file.write("x" * 100_000)
            with Server(SERVER) as server:
                self.assertEqual(call(server.url + "/", "-n", "3", "--out", f"json={report}").returncode, 0)
            with open(report, encoding="utf-8") as file:
                self.assertEqual(json.load(file)["totals"]["succeeded"], 3)


class Interruptions(unittest.TestCase):
    def interrupted(self, url, signals, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "run.json")
            process = subprocess.Popen([LOADGEN, url, "-c", "5", "-d", "60s", "--out", f"json={path}", "--out", "text", *options],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(1.0)
            for number in signals:
                process.send_signal(number)
                time.sleep(0.4)
            out, err = process.communicate(timeout=30)
            with open(path, encoding="utf-8") as file:
                return process.returncode, out, err, json.load(file)

    def test_one_signal_drains_and_reports(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with Server(SERVER) as server:
                code, out, err, run = self.interrupted(server.url + "/async", [number])
            self.assertEqual(code, 130)
            self.assertIn("interrupted", err)
            self.assertIn("summary =", out)
            self.assertGreater(run["totals"]["succeeded"], 100)
            self.assertEqual(run["totals"]["unfinished"], 0)
            assert_balanced(self, run["totals"])

    def test_a_second_signal_stops_now(self):
        with Server(SERVER) as server:
            before = time.monotonic()
            code, _, _, run = self.interrupted(server.url + "/x?never=1", [signal.SIGINT, signal.SIGINT])
        self.assertEqual(code, 130)
        self.assertLess(time.monotonic() - before, 8)
        self.assertEqual(run["totals"]["unfinished"], 5)
        assert_balanced(self, run["totals"])

    def test_a_signal_that_nohup_has_switched_off_stays_off(self):
        with Server(SERVER) as server:
            process = subprocess.Popen(["nohup", LOADGEN, server.url + "/async", "-c", "2", "-d", "1500ms", "--out", "json"],
                                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(0.6)
            process.send_signal(signal.SIGHUP)
            out, _ = process.communicate(timeout=30)
        self.assertEqual(process.returncode, 0)
        self.assertGreaterEqual(json.loads(out)["totals"]["window_s"], 1.4)

    def test_a_server_that_dies_is_counted_not_fatal(self):
        with Server(SERVER) as server:
            process = subprocess.Popen([LOADGEN, server.url + "/async", "-c", "5", "-d", "2s", "--out", "json"],
                                       stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            time.sleep(0.8)
            server.process.kill()
            out, _ = process.communicate(timeout=30)
        totals = json.loads(out)["totals"]
        self.assertGreater(totals["succeeded"], 0)
        self.assertGreater(totals["errors_by_kind"]["connect_refused"], 0)
        assert_balanced(self, totals)


if __name__ == "__main__":
    run_tests()
