"""Reports that other programs read, as those programs read them. argv: loadgen, loadgen-server."""

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import xml.etree.ElementTree as ElementTree

from loadgen_e2e import PlanFile, Server, plan, run_tests

LOADGEN, SERVER = sys.argv[1:3]

LABELS = ['plain', 'a "quoted", comma', "=1+1", "</testcase>&", "back\\slash | pipe", "two\nlines", "a b", "a_b"]


class Exposition:
    """Prometheus's text format, read by its specification; a line that is none of it is an error."""

    NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
    SAMPLE = re.compile(rf'({NAME})(?:\{{((?:{NAME}="(?:[^"\\\n]|\\["\\n])*",?)*)\}})? (\S+)')
    LABEL = re.compile(rf'({NAME})="((?:[^"\\]|\\.)*)"')

    def __init__(self, text):
        self.types, self.values, family = {}, {}, None
        assert text.endswith("\n")
        for line in text.splitlines():
            if line.startswith("# HELP "):
                family = line.split()[2]
                assert family not in self.types, f"{family} comes twice"
            elif line.startswith("# TYPE "):
                assert line.split()[2] == family, line
                self.types[family] = line.split()[3]
            else:
                found = self.SAMPLE.fullmatch(line)
                assert found and found[1].startswith(family), line
                labels = tuple(sorted((k, v.encode().decode("unicode_escape")) for k, v in self.LABEL.findall(found[2] or "")))
                assert (found[1], labels) not in self.values, f"twice: {line}"
                self.values[found[1], labels] = float(found[3])

    def value(self, name, **labels):
        return self.values[name, tuple(sorted(labels.items()))]

    def check_histogram(self, test, name, label):
        """Buckets rise, and the last is the count."""
        buckets = [(float(dict(labels)["le"]), value) for (sample, labels), value in self.values.items()
                   if sample == name + "_bucket" and dict(labels)["label"] == label]
        test.assertEqual("histogram", self.types[name])
        test.assertLessEqual(len(buckets), 20)
        test.assertEqual(buckets, sorted(buckets))
        test.assertEqual([value for _, value in buckets], sorted(value for _, value in buckets))
        test.assertEqual(float("inf"), buckets[-1][0])
        test.assertEqual(self.value(name + "_count", label=label), buckets[-1][1])


class Formats(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """One run of hostile labels and of failures, written in every format."""
        names = ["json", "csv", "statistics", "junit", "markdown", "github", "prometheus", "hlog"]
        steps = [{"name": name, "get": "/status/503" if i == 0 else "/async"} for i, name in enumerate(LABELS)]
        with Server(SERVER) as server, tempfile.TemporaryDirectory() as folder, \
                PlanFile(plan(server.url, steps, users=10, loops=20)) as path:
            outs = [f"{name}={folder}/{name}" for name in names]
            cls.done = subprocess.run([LOADGEN, path, "--progress", "none", *(word for out in outs for word in ("--out", out))],
                                      capture_output=True, text=True, timeout=60, check=False,
                                      env={**os.environ, "GITHUB_ACTIONS": ""})
            cls.text = {}
            for name in names:
                with open(os.path.join(folder, name), encoding="utf-8", newline="") as file:
                    cls.text[name] = file.read()
        cls.run_json = json.loads(cls.text["json"])
        cls.verdict = cls.run_json["verdict"]["name"]  # ERRORS, or worse on a machine that others keep busy
        cls.rows = {row["label"]: row for row in cls.run_json["labels"]}

    def test_the_run_is_as_planned(self):
        self.assertEqual(0, self.done.returncode, self.done.stderr)
        self.assertEqual(set(LABELS), set(self.rows))
        self.assertEqual(200, self.rows["plain"]["failed"])

    def test_csv_is_read_back_by_row_and_column(self):
        header, *lines = list(csv.reader(self.text["csv"].splitlines()))
        self.assertEqual(["Label", "# Samples", "Average", "Median", "90% Line", "95% Line", "99% Line", "Min", "Max", "Std. Dev.",
                          "Error %", "Throughput", "Received KB/sec", "Sent KB/sec", "Avg. Bytes"], header)
        self.assertEqual(len(LABELS) + 1, len(lines))
        shown = {"=1+1": "'=1+1", "two\nlines": "two\\x0alines"}
        for line, label in zip(lines, [*LABELS, None]):
            row = self.rows[label] if label else self.run_json["totals"]
            self.assertEqual(shown.get(label, label) if label else "TOTAL", line[0])
            self.assertEqual(row["completed"], int(line[1]))
            elapsed = row["elapsed_ns"]
            for column, key in enumerate(("mean", "p50", "p90", "p95", "p99", "min", "max", "stddev"), 2):
                self.assertAlmostEqual(elapsed[key] / 1e6, float(line[column]), delta=0.0006, msg=key)
            self.assertAlmostEqual(100 * row["error_rate"], float(line[10].removesuffix("%")), delta=0.0006)
            self.assertAlmostEqual(row["rps"], float(line[11]), delta=1e-5)
            self.assertLessEqual(float(line[7]), float(line[3]))
            self.assertLessEqual(float(line[3]), float(line[8]))

    def test_each_label_with_a_success_has_its_own_tag_in_the_interval_log(self):
        intervals = [line.split(",") for line in self.text["hlog"].splitlines() if re.match(r"Tag=|\d", line)]
        tags = {first for first, *_ in intervals if first.startswith("Tag=")}
        self.assertEqual({'Tag=a_"quoted"__comma', "Tag==1+1", "Tag=</testcase>&", "Tag=back\\slash_|_pipe",
                          "Tag=two\\x0alines", "Tag=a_b", "Tag=a_b_2"}, tags)
        self.assertEqual({True}, {len(rest) == (4 if first in tags else 3) for first, *rest in intervals})

    def test_statistics_have_jmeters_fields(self):
        statistics = json.loads(self.text["statistics"])
        self.assertEqual({*LABELS, "Total"}, set(statistics))
        fields = {"transaction": str, "sampleCount": int, "errorCount": int, "errorPct": float, "meanResTime": float,
                  "medianResTime": float, "minResTime": float, "maxResTime": float, "pct1ResTime": float, "pct2ResTime": float,
                  "pct3ResTime": float, "throughput": float, "receivedKBytesPerSec": float, "sentKBytesPerSec": float}
        for label, entry in statistics.items():
            self.assertEqual(fields, {key: type(value) for key, value in entry.items()})
            self.assertEqual(label, entry["transaction"])
        self.assertEqual(100, statistics["plain"]["errorPct"])
        self.assertEqual((1600, 200), (statistics["Total"]["sampleCount"], statistics["Total"]["errorCount"]))

    def test_junit_holds_what_jenkins_schema_allows(self):
        # The elements and attributes of junit-10.xsd (Jenkins, xunit plugin) that there may be here.
        allowed = {"testsuites": {"name", "tests", "failures", "errors", "time"},
                   "testsuite": {"name", "tests", "failures", "errors", "time", "skipped", "timestamp"},
                   "properties": set(), "property": {"name", "value"}, "testcase": {"name", "classname", "time"},
                   "failure": {"type", "message"}, "error": {"type", "message"}, "skipped": {"type", "message"}}
        root = ElementTree.fromstring(self.text["junit"])
        self.assertEqual("testsuites", root.tag)
        for element in root.iter():
            self.assertLessEqual(set(element.attrib), allowed[element.tag])
        cases = root.findall("testsuite/testcase")
        self.assertEqual(["measurement"], [case.get("name") for case in cases], "a plan without thresholds")
        self.assertEqual([], list(cases[0]), "every eighth request failed, and nobody said that none may: exit code 0")
        self.assertEqual(("1", "0", "0"), (root.get("tests"), root.get("failures"), root.get("errors")))
        properties = {given.get("name"): given.get("value") for given in root.iter("property")}
        self.assertEqual(self.verdict, properties["verdict"])

    def test_markdown_tables_keep_their_columns(self):
        lines = self.text["markdown"].splitlines()
        self.assertRegex(lines[0], rf"^### \S+ {self.verdict}: ")
        tables = re.findall(r"(?:^\|.*\n)+", self.text["markdown"], re.M)
        self.assertGreaterEqual(len(tables), 3)
        for table in tables:
            self.assertEqual(1, len({line.count("|") for line in table.splitlines()}), table)
        self.assertNotRegex(self.text["markdown"].replace("<details>", "").replace("<summary>", "")
                            .replace("</details>", "").replace("</summary>", ""), r"<[a-z/]")

    def test_annotations_are_workflow_commands(self):
        for line in self.text["github"].splitlines():
            self.assertRegex(line, r"^::(error|warning|notice) title=[^,:]*::[^\r\n]+$")
        self.assertIn(f"::warning title=loadgen%3A {self.verdict}::", self.text["github"])

    def test_prometheus_counts_what_run_json_counts(self):
        metrics = Exposition(self.text["prometheus"])
        self.assertEqual(self.run_json["totals"]["sent"], metrics.value("loadgen_requests_sent_total"))
        self.assertEqual(200, metrics.value("loadgen_requests_failed_total"))
        self.assertEqual(1, metrics.value("loadgen_verdict", verdict=self.verdict))
        for label in LABELS:
            shown = label.replace("\n", "\\x0a")
            row = self.rows[label]
            for outcome in ("succeeded", "failed", "unfinished"):
                self.assertEqual(row[outcome], metrics.value("loadgen_label_requests_total", label=shown, outcome=outcome))
            for name in ("loadgen_response_time_seconds", "loadgen_service_time_seconds"):
                metrics.check_histogram(self, name, shown)
                self.assertEqual(row["succeeded"], metrics.value(name + "_count", label=shown))
        for name, kind in metrics.types.items():
            self.assertTrue(name.startswith("loadgen_"))
            self.assertEqual(kind == "counter", name.endswith("_total"), name)


def outputs_of(text):
    """A step's outputs as the runner reads them: name=value, or name<<delimiter, lines, delimiter."""
    outputs, lines = {}, iter(text.splitlines())
    for line in lines:
        found = re.fullmatch(r"(\w+)(=|<<)(.*)", line)
        if found[2] == "=":
            outputs[found[1]] = found[3]
        else:
            value = []
            for line in lines:
                if line == found[3]:
                    break
                value.append(line)
            outputs[found[1]] = "\n".join(value)
    return outputs


class GithubActions(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.summary, self.outputs = (os.path.join(self.folder.name, name) for name in ("summary", "outputs"))

    def step(self, *arguments, **variables):
        environment = {**os.environ, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": self.summary,
                       "GITHUB_OUTPUT": self.outputs, **variables}
        with Server(SERVER) as server:
            return subprocess.run([LOADGEN, server.url + "/async", "-c", "2", "-n", "2000", "--progress", "none", *arguments],
                                  capture_output=True, text=True, timeout=60, check=False, env=environment)

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            return file.read()

    def test_a_step_is_told_without_being_asked(self):
        done = self.step()
        self.assertEqual(0, done.returncode, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^::(notice|warning) title=loadgen%3A [A-Z-]+::")
        self.assertTrue(self.read(self.summary).startswith("### "))
        outputs = outputs_of(self.read(self.outputs))
        self.assertIn(outputs["verdict"], done.stdout)
        self.assertEqual("2000", outputs["requests"])
        self.assertEqual(0, float(outputs["error_rate"]))
        for name in ("thresholds_passed", "thresholds_failed", "thresholds_undecided"):
            self.assertEqual("0", outputs[name])
        self.assertEqual("", outputs["failed_thresholds"])

    def test_a_report_for_programs_stays_alone_on_stdout(self):
        done = self.step("--out", "json")
        self.assertEqual(2000, json.loads(done.stdout)["totals"]["completed"])
        self.assertRegex(done.stderr, r"(?m)^::(notice|warning) ")
        again = self.step("--out", "github")
        self.assertEqual(1, again.stdout.count("::\n") + len(re.findall(r"(?m)^::", again.stdout)), again.stdout)
        self.assertNotIn("::", again.stderr)

    def test_it_can_be_left_out(self):
        for arguments, variables in ((["--no-github"], {}), ([], {"GITHUB_ACTIONS": "false"})):
            done = self.step(*arguments, **variables)
            self.assertEqual(0, done.returncode, done.stderr)
            self.assertNotIn("::notice", done.stdout + done.stderr)
            self.assertFalse(os.path.exists(self.summary) or os.path.exists(self.outputs))

    def test_a_summary_that_cannot_be_written_is_told_and_the_run_counts(self):
        done = self.step(GITHUB_STEP_SUMMARY=os.path.join(self.folder.name, "no", "such"))
        self.assertEqual(0, done.returncode)
        self.assertIn("GITHUB_STEP_SUMMARY", done.stderr)
        self.assertIn("requests=2000", self.read(self.outputs))


class LiveMetrics(unittest.TestCase):
    """--listen, while a run of two thread groups goes on."""

    def setUp(self):
        self.server = Server(SERVER).__enter__()
        self.addCleanup(self.server.__exit__)
        plan_file = PlanFile(plan(self.server.url, [{"name": name, "get": "/"} for name in ("home", "a|b")], users=2,
                                  loops="forever", duration="60s", think_time="10ms"))
        self.process = subprocess.Popen([LOADGEN, plan_file.__enter__(), "--listen", "127.0.0.1:0", "--no-progress", "--out", "json"],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(plan_file.__exit__)
        self.addCleanup(self.end)
        self.url = re.search(r"http://127.0.0.1:\d+/metrics", self.process.stderr.readline())[0]

    def end(self):
        self.process.kill()
        self.process.communicate(timeout=20)

    def scrape(self):
        with urllib.request.urlopen(self.url, timeout=10) as answer:
            self.assertEqual("text/plain; version=0.0.4; charset=utf-8", answer.headers["Content-Type"])
            return Exposition(answer.read().decode())

    def scrape_until(self, holds):
        deadline = time.monotonic() + 30
        while not holds(metrics := self.scrape()):
            self.assertLess(time.monotonic(), deadline, "metrics do not come to it")
            time.sleep(0.2)
        return metrics

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        out, err = self.process.communicate(timeout=30)
        self.assertEqual(130, self.process.returncode, err)
        return json.loads(out)

    def test_counters_rise_and_histograms_follow(self):
        first = self.scrape_until(lambda m: m.value("loadgen_requests_completed_total") > 0)
        self.assertEqual(2, first.value("loadgen_users_active"))
        later = self.scrape_until(lambda m: m.value("loadgen_response_time_seconds_count", label="a|b") > 0)
        self.assertGreater(later.value("loadgen_requests_sent_total"), first.value("loadgen_requests_sent_total"))
        for label in ("home", "a|b"):
            later.check_histogram(self, "loadgen_response_time_seconds", label)
            later.check_histogram(self, "loadgen_service_time_seconds", label)
        run = self.stop()
        self.assertGreaterEqual(run["totals"]["sent"], later.value("loadgen_requests_sent_total"))

    def test_rude_clients_do_not_disturb_the_run(self):
        address = ("127.0.0.1", int(self.url.split(":")[2].split("/")[0]))
        peers = [socket.create_connection(address, timeout=10) for _ in range(40)]
        peers[0].sendall(b"\x00" * 100_000)
        peers[1].sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 4000)
        time.sleep(1)
        run = self.stop()
        for peer in peers:
            peer.close()
        self.assertGreater(run["totals"]["succeeded"], 50)
        self.assertEqual(0, run["totals"]["failed"])

    def test_there_is_one_page(self):
        with self.assertRaises(urllib.error.HTTPError) as other:
            urllib.request.urlopen(self.url.replace("/metrics", "/other"), timeout=10)
        self.assertEqual(404, other.exception.code)
        other.exception.close()

    def test_a_port_that_is_taken_is_an_error_before_the_run(self):
        port = self.url.split(":")[2].split("/")[0]
        done = subprocess.run([LOADGEN, self.server.url, "-n", "1", "--listen", f"127.0.0.1:{port}"], capture_output=True,
                              text=True, timeout=30, check=False)
        self.assertEqual(64, done.returncode)
        self.assertIn("--listen", done.stderr)
        self.assertIn("in use", done.stderr)


if __name__ == "__main__":
    run_tests(verbosity=2)
