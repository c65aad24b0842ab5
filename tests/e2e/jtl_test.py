"""The JTL has a row for each request, and other programs can read it while the run goes on. argv: loadgen,
loadgen-server."""

import collections
import csv
import io
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from loadgen_e2e import PlanFile, Run, Server, plan, run_tests

LOADGEN, SERVER = sys.argv[1:3]
HEADER = ("timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,"
          "sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect")
MIXED = "/x?status=500@3/10&reset=1@7/100&size=100&delay=10ms"
NUMBERS = ("timeStamp", "elapsed", "bytes", "sentBytes", "grpThreads", "allThreads", "Latency", "IdleTime", "Connect")


def rows_of(text):
    """Rows as dicts with whole numbers where JMeter has them; fails on anything but whole lines of 17 columns."""
    lines = text.splitlines(keepends=True)
    assert lines[0] == HEADER + "\n", lines[0]
    assert text.endswith("\n"), "the last line is not whole"
    rows = list(csv.DictReader(io.StringIO(text), strict=True))
    assert len(rows) == len(lines) - 1, "a row is not one line"
    for row in rows:
        assert None not in row and None not in row.values(), row
        for name in NUMBERS:
            row[name] = int(row[name])
    return rows


class JtlFile:
    """A path for a JTL, for the length of a with block."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.folder.name, "run.jtl")
        return self

    def __exit__(self, *_):
        self.folder.cleanup()

    def text(self):
        with open(self.path, encoding="utf-8", newline="") as file:
            return file.read()

    def rows(self):
        return rows_of(self.text())


def outcomes(rows):
    return collections.Counter((row["label"], row["success"]) for row in rows)


class Books(unittest.TestCase):
    maxDiff = None

    def test_every_request_of_the_ledger_has_its_row(self):
        groups = {"users": 20, "loops": 50, "name": 'all, "of" them'}
        for threads in ("1", "2"):
            with self.subTest(threads=threads), Server(SERVER) as server, JtlFile() as jtl:
                # The delay keeps the first user there until the last has come, however late a thread begins.
                steps = [{"name": "mixed", "get": MIXED},
                         {"name": "wrong body, \"quoted\"", "get": "/async", "expect": {"body_equals": "NO"}},
                         {"name": "fine", "post": "/echo", "body": "hello"}]
                with PlanFile(plan(server.url, steps, **groups)) as path:
                    run = Run(LOADGEN, path, "--progress", "none", "--threads", threads, "--out", f"jtl={jtl.path}")
                rows, stats = jtl.rows(), server.stats()
                self.assertEqual(run.run["rows"], {"written": 3000, "lost": 0, "one_in": 1})
                self.assertEqual(len(rows), stats["requests"])
                expected = collections.Counter()
                for label in run.run["labels"]:
                    expected[label["label"], "true"] = label["succeeded"]
                    expected[label["label"], "false"] = label["failed"]
                self.assertEqual(outcomes(rows), +expected)
                self.assertEqual(sum(row["bytes"] for row in rows), stats["bytes"]["out"])
                self.assertEqual(sum(row["sentBytes"] for row in rows), stats["bytes"]["in"])
                self.check_columns(rows, run.run)
                self.check_users(rows, 20, 'all, "of" them 1-')

    def check_columns(self, rows, run):
        codes = collections.Counter(row["responseCode"] for row in rows)
        reset = "Non HTTP response code: java.net.SocketException"
        self.assertEqual(codes, {"500": 100, reset: 10, "200": 3000 - 110})
        for row in rows:
            self.assertEqual(row["responseMessage"], {"200": "OK", "500": "Internal Server Error",
                                                      reset: "Non HTTP response message: Connection reset"}
                             [row["responseCode"]])
            failure = {"wrong body, \"quoted\"": "body or header is not what the plan expects"}.get(row["label"], "")
            self.assertEqual(row["failureMessage"], failure or {"500": "status outside the expected ones"}.get(
                row["responseCode"], ""))
            path = {"fine": "/echo", "mixed": MIXED}.get(row["label"], "/async")
            self.assertEqual(row["URL"], run["target"] + path)
            self.assertEqual((row["dataType"], row["IdleTime"]), ("text", 0))
            self.assertLessEqual(0, row["Connect"])
            self.assertLessEqual(row["Latency"], row["elapsed"])
            if row["responseCode"] != reset:
                self.assertLessEqual(row["Connect"], row["Latency"])
            # A millisecond for what is cut off of each.
            self.assertGreaterEqual(row["timeStamp"], 1e3 * run["started_epoch_s"] - 1)
            self.assertLessEqual(row["timeStamp"] + row["elapsed"], 1e3 * run["ended_epoch_s"] + 1)
        mean = sum(row["elapsed"] for row in rows) / len(rows)
        # Users in step with one another are cut off alike: the errors of whole milliseconds do not quite average out.
        self.assertAlmostEqual(mean, run["totals"]["elapsed_ns"]["mean"] / 1e6, delta=0.25)
        ends = [row["timeStamp"] + row["elapsed"] for row in rows]
        disorder = max(before - after for before, after in zip(ends, ends[1:]))
        self.assertLessEqual(disorder, 1000, "rows come about in the order in which requests ended")

    def check_users(self, rows, users, name):
        self.assertEqual({row["threadName"] for row in rows}, {f"{name}{n + 1}" for n in range(users)})
        self.assertEqual({row["grpThreads"] - row["allThreads"] for row in rows}, {0})
        self.assertEqual(max(row["allThreads"] for row in rows), users)
        self.assertEqual(rows[-1]["allThreads"], 1, "the last one out is there until it has gone")

    def test_groups_are_told_apart(self):
        with Server(SERVER) as server, JtlFile() as jtl:
            text = (f'{{"target": "{server.url}", "thread_groups": ['
                    '{"name": "a", "users": 3, "loops": 40, "steps": [{"get": "/async"}]},'
                    '{"name": "b", "arrivals": [{"rate": "100/s", "for": "400ms"}], "steps": [{"get": "/"}]}]}')
            with PlanFile(text) as path:
                run = Run(LOADGEN, path, "--progress", "none", "--out", f"jtl={jtl.path}")
            rows = jtl.rows()
            self.assertEqual(outcomes(rows), {("GET /async", "true"): 120, ("GET /", "true"): 40}, run.err)
            self.assertEqual({row["threadName"] for row in rows if row["label"] == "GET /async"},
                             {"a 1-1", "a 1-2", "a 1-3"})
            arrivals = [row for row in rows if row["label"] == "GET /"]
            self.assertTrue(all(row["threadName"].startswith("b 2-") for row in arrivals))
            for row in rows:
                self.assertLessEqual(row["grpThreads"], row["allThreads"])

    def test_time_outs_and_what_is_unfinished(self):
        with Server(SERVER) as server, JtlFile() as jtl:
            with PlanFile(plan(server.url, [{"get": "/x?never=1@1/2"}], users=2, loops=2,
                               http={"response_timeout": "300ms"})) as path:
                Run(LOADGEN, path, "--progress", "none", "--out", f"jtl={jtl.path}")
            late = [row for row in jtl.rows() if row["success"] == "false"]
            self.assertEqual(len(late), 2)
            for row in late:
                self.assertEqual(row["responseCode"], "Non HTTP response code: java.net.SocketTimeoutException")
                self.assertEqual(row["Latency"], 0, "no byte came")
                self.assertGreaterEqual(row["elapsed"], 299)
        with Server(SERVER) as server, JtlFile() as jtl:
            with PlanFile(plan(server.url, [{"get": "/x?never=1"}], users=3, loops="forever", duration="200ms",
                               grace="100ms")) as path:
                Run(LOADGEN, path, "--progress", "none", "--out", f"jtl={jtl.path}")
            self.assertEqual([row["failureMessage"] for row in jtl.rows()], ["still in flight when the run ended"] * 3)

    def test_refused_connections_take_their_connect_time(self):
        with JtlFile() as jtl:
            run = Run(LOADGEN, "http://127.0.0.1:1/", "-n", "4", "-c", "2", "--no-probe", "--out", f"jtl={jtl.path}")
            self.assertEqual(run.code, 23)
            for row in jtl.rows():
                self.assertEqual(row["responseCode"],
                                 "Non HTTP response code: org.apache.http.conn.HttpHostConnectException")
                self.assertEqual((row["Connect"], row["Latency"]), (row["elapsed"], 0))

    def test_one_request_in_ten(self):
        with Server(SERVER) as server, JtlFile() as jtl:
            # Ten steps in turn by one user: a stride of ten would meet the same one for ever.
            steps = [{"name": f"step {n}", "get": f"/?n={n}&status=500@1/2"} for n in range(10)]
            with PlanFile(plan(server.url, steps, users=1, loops=400)) as path:
                run = Run(LOADGEN, path, "--progress", "none", "--out", f"jtl={jtl.path}", "--jtl-sample", "1/10")
            rows = jtl.rows()
            self.assertEqual(run.run["rows"], {"written": 400, "lost": 0, "one_in": 10})
            self.assertIn("400 rows, for one request in 10", run.out)
            self.assertEqual(len(rows), 400)
            self.assertEqual(len({row["label"] for row in rows}), 10)
            # Half of 400 draws: 200, standard deviation 10.
            self.assertAlmostEqual(sum(row["success"] == "false" for row in rows), 200, delta=50)

    def test_secrets_do_not_get_there(self):
        with Server(SERVER) as server, JtlFile() as jtl:
            steps = [{"get": "/?token=${env:JTL_TOKEN}", "headers": {"Authorization": "Bearer ${env:JTL_TOKEN}"}}]
            with PlanFile(plan(server.url, steps, users=1, loops=2)) as path:
                run = Run(LOADGEN, path, "--out", f"jtl={jtl.path}", env={**os.environ, "JTL_TOKEN": "hunter22"})
            self.assertEqual(run.totals["succeeded"], 2)
            self.assertNotIn("hunter22", jtl.text())
            self.assertEqual({row["URL"] for row in jtl.rows()}, {server.url + "/?token=***"})


class Stream(unittest.TestCase):
    def start(self, server, jtl, *options):
        command = [LOADGEN, server.url + "/async", "-R", "2000/s", "-c", "20", "--progress", "none", "-q",
                   "--out", f"jtl={jtl.path}", "--out", f"json={jtl.path}.json", *options]
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)

    def test_who_follows_the_file_reads_whole_lines(self):
        with Server(SERVER) as server, JtlFile() as jtl:
            process = self.start(server, jtl, "-d", "3s")
            looks, cut, seen = 0, 0, []
            while process.poll() is None:
                time.sleep(0.005)
                if not os.path.exists(jtl.path):
                    continue
                text = jtl.text()
                looks += bool(text)
                cut += bool(text) and not text.endswith("\n")
                seen.append(text.count("\n"))
            process.stderr.close()
            self.assertGreater(looks, 50)
            # Where the kernel lets a reader in between two pages of one write, a look may find a line in the making.
            self.assertLessEqual(cut, looks // 20)
            self.assertEqual(seen, sorted(seen), "the file only grows")
            halfway = seen[len(seen) // 2]
            self.assertGreater(halfway, 1000, "rows come while the run goes on")
            self.assertEqual(len(jtl.rows()), 6000)

    def test_a_signal_leaves_whole_lines_of_all_that_was_sent(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number), Server(SERVER) as server, JtlFile() as jtl:
                process = self.start(server, jtl, "-d", "60s")
                while not os.path.exists(jtl.path) or jtl.text().count("\n") < 500:
                    time.sleep(0.01)
                process.send_signal(number)
                _, errors = process.communicate(timeout=30)
                self.assertEqual(process.returncode, 130, errors)
                self.assertEqual(len(jtl.rows()), server.stats()["requests"])

    def test_a_second_signal_too(self):
        with Server(SERVER) as server, JtlFile() as jtl:
            with PlanFile(plan(server.url, [{"get": "/x?never=1@1/2"}], users=40, loops="forever", duration="60s",
                               grace="60s")) as path:
                process = subprocess.Popen([LOADGEN, path, "-q", "--out", f"jtl={jtl.path}"], stderr=subprocess.PIPE)
                while server.stats()["requests"] < 40:
                    time.sleep(0.01)
                process.send_signal(signal.SIGINT)
                time.sleep(0.3)
                process.send_signal(signal.SIGINT)
                process.communicate(timeout=30)
            rows = jtl.rows()
            self.assertEqual(len(rows), server.stats()["requests"])
            self.assertEqual(sum(row["failureMessage"].startswith("still in flight") for row in rows),
                             sum(row["success"] == "false" for row in rows))

    def test_stdout(self):
        with Server(SERVER) as server:
            done = subprocess.run([LOADGEN, server.url + "/", "-n", "300", "-c", "3", "--out", "jtl"],
                                  capture_output=True, text=True, timeout=60, check=True)
            self.assertEqual(len(rows_of(done.stdout)), 300)

    def test_a_reader_that_goes_away_is_told_and_costs_nothing_else(self):
        with Server(SERVER) as server, JtlFile() as jtl:
            process = subprocess.Popen(
                [LOADGEN, server.url + "/", "-n", "20k", "-c", "3", "--out", "jtl", "--out", f"json={jtl.path}"],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual(process.stdout.readline().decode(), HEADER + "\n")
            process.stdout.close()
            errors = process.stderr.read().decode()
            process.stderr.close()
            self.assertEqual(process.wait(timeout=60), 70)
            self.assertIn("the jtl report could not be written to stdout: Broken pipe", errors)
            self.assertEqual(server.stats()["requests"], 20000)
            self.assertGreater(os.path.getsize(jtl.path), 1000)

    def test_a_full_disk_loses_only_the_rest_of_the_jtl(self):
        limit = 300_000

        def allow_little():
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        with Server(SERVER) as server, JtlFile() as jtl:
            run = Run(LOADGEN, server.url + "/", "-n", "10000", "-c", "10", "--out", f"jtl={jtl.path}",
                      preexec_fn=allow_little)
            self.assertEqual(run.code, 70)
            self.assertEqual(run.totals["succeeded"], 10000, "the run went on, and the other outputs are there")
            self.assertIn(f"the jtl report could not be written to {jtl.path}: File too large", run.err)
            rows = jtl.rows()
            self.assertGreater(len(rows), 500)
            self.assertEqual(run.run["rows"], {"written": len(rows), "lost": 10000 - len(rows), "one_in": 1})
            self.assertLessEqual(os.path.getsize(jtl.path), limit)

    def test_mistakes_are_told_before_anything_is_sent(self):
        with Server(SERVER) as server, JtlFile() as jtl:
            for options, words in (
                    (["--jtl-sample", "1/10"], "which was not asked for"),
                    (["--out", f"jtl={jtl.path}", "--jtl-sample", "10%"], "not a share such as 1/100"),
                    (["--out", f"jtl={jtl.path}", "--jtl-sample", "1/0"], "not a share such as 1/100"),
                    (["--out", f"jtl={jtl.path}", "--out", "jtl"], "one file only"),
                    (["--out", f"jtl={jtl.path}/no/such"], "cannot write there")):
                done = subprocess.run([LOADGEN, server.url + "/", "-n", "1", *options], capture_output=True, text=True,
                                      timeout=60, check=False)
                self.assertEqual(done.returncode, 64, options)
                self.assertIn(words, done.stderr)
            self.assertEqual(server.stats()["requests"], 0)


if __name__ == "__main__":
    run_tests()
