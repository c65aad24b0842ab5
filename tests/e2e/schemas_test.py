"""What loadgen writes as JSON against its JSON Schemas, by python3-jsonschema: files of every kind keep them, and wrong
ones do not.

    schemas_test.py LOADGEN LOADGEN_SERVER ROOT

ROOT is the repository: the schemas' copies are in its configs/, made up comparisons in its tests/golden/.
"""

import copy
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import jsonschema

from loadgen_e2e import PlanFile, Run, Server, plan, run_tests

LOADGEN, SERVER = "", ""
ROOT = pathlib.Path()

STAGES = [{"from": "0/s", "to": "400/s", "over": "500ms"}, {"rate": "400/s", "for": "1s"},
          {"from": "400/s", "to": "800/s", "steps": 2, "each": "600ms"},
          {"mean": "200/s", "amplitude": "100/s", "period": "1s", "for": "1s"}]
SIGNALS = {"steal", "cpu_pressure", "throttled_s", "retransmits", "listen_drops", "network_drops"}  # of the host
OPTIONAL = SIGNALS | {"until_outcome", "stopped_by", "calibration", "rows", "noise", "runs_table"}  # keys that may be missing
BY_NAME = {"errors_by_kind", "by_status", "values", "detectable"}  # objects whose keys are what was met


def run_of(server, thread_group, **settings):
    steps = thread_group.pop("steps", [{"get": "/async"}])
    with PlanFile(plan(server.url, steps, **thread_group, **settings)) as path:
        return Run(LOADGEN, path).run


def interrupted(server):
    """run.json of a run that Ctrl-C ended."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "run.json"
        process = subprocess.Popen([LOADGEN, f"{server.url}/async", "-c", "5", "-d", "30s", "--out", f"json={path}",
                                    "-q"])
        time.sleep(1.5)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        return json.loads(path.read_text())


RUNS = {  # name: server -> run.json
    "closed": lambda server: Run(LOADGEN, f"{server.url}/async", "-c", "20", "-d", "2s").run,
    "tiny": lambda server: Run(LOADGEN, f"{server.url}/async", "-c", "1", "-n", "3").run,
    "open with stages": lambda server: run_of(server, {"arrivals": STAGES, "spacing": "poisson", "connections": 5}),
    "dropped at a limit": lambda server: run_of(
        server, {"arrivals": [{"rate": "500/s", "for": "1s"}], "max_in_flight": 3, "at_limit": "drop",
                 "steps": [{"get": "/async?delay=50ms"}]}),
    "with a JTL": lambda server: Run(LOADGEN, f"{server.url}/async", "-n", "200", "--out", "jtl=/dev/null").run,
    "all failed": lambda server: Run(LOADGEN, f"{server.url}/status/503", "-c", "2", "-n", "50").run,
    "failed in several ways": lambda server: run_of(
        server, {"users": 4, "loops": 3, "steps": [{"get": "/async?reset=1"}, {"get": "/status/404"},
                                                   {"get": "/async?delay=1h"}]},
        http={"response_timeout": "200ms"}),
    "unfinished": lambda server: run_of(server, {"users": 4, "steps": [{"get": "/async?delay=1h"}], "duration": "300ms"},
                                        grace="100ms"),
    "unreachable": lambda server: Run(LOADGEN, "http://127.0.0.1:1/", "-n", "5", "--no-probe").run,
    "stopped by an error": lambda server: run_of(
        server, {"users": 4, "loops": 10, "on_error": "stop_test", "steps": [{"get": "/status/500"}]}),
    "interrupted": interrupted,
    "stopped by a threshold": lambda server: Run(LOADGEN, f"{server.url}/x?status=500@0/2", "-R", "200/s", "-d", "30s",
                                                 "--fail-if", "error_rate > 1% abort").run,
    "until met": lambda server: Run(LOADGEN, f"{server.url}/async", "-R", "500/s", "-d", "30s", "--until", "rate 30%").run,
    "until not met": lambda server: Run(LOADGEN, f"{server.url}/async", "-R", "1000/s", "-d", "1s", "--until",
                                        "p99 0.0001%").run,
}


def shortened(value):
    """With the first element only of every list: all that is said of the others."""
    if isinstance(value, dict):
        return {key: shortened(member) for key, member in value.items()}
    return [shortened(member) for member in value[:1]] if isinstance(value, list) else value


def places(value, path=()):
    """Every path into a JSON value."""
    yield path
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from places(member, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def described(schema, path=""):
    """(path, schema) of every property in a schema."""
    for key, member in schema.get("properties", {}).items():
        yield f"{path}.{key}", member
        yield from described(member, f"{path}.{key}")
    if isinstance(schema.get("items"), dict):
        yield from described(schema["items"], f"{path}[]")


class Format:
    """One schema; the tests of each format inherit it. files: {name: what was written}."""

    name = ""
    files = {}
    richest = ""  # the file that has every list filled
    fields = 40  # more than so many are described

    @classmethod
    def read_schema(cls):
        cls.bytes = subprocess.run([LOADGEN, "schema", cls.name], capture_output=True, timeout=60, check=True).stdout
        cls.schema = json.loads(cls.bytes)
        jsonschema.Draft7Validator.check_schema(cls.schema)
        cls.validator = jsonschema.Draft7Validator(cls.schema)

    def test_the_checked_in_schema_is_current(self):
        self.assertEqual((ROOT / f"configs/{self.name}.schema.json").read_bytes(), self.bytes,
                         f"write it anew: loadgen schema {self.name} > configs/{self.name}.schema.json")

    def test_every_file_keeps_it(self):
        for name, file in self.files.items():
            with self.subTest(name):
                self.assertIsNotNone(file, "nothing was written")
                errors = [f"{list(e.path)}: {e.message[:300]}" for e in self.validator.iter_errors(file)]
                self.assertEqual(errors, [])

    def each_place(self):
        """(file, path) of everything in the richest file but its plan, which has a schema of its own."""
        file = shortened(self.files[self.richest])
        self.assertTrue(self.validator.is_valid(file))
        for path in places(file):
            if path[:1] != ("plan",):
                yield copy.deepcopy(file), path

    def assert_refused(self, file, path, value):
        """That the file does not keep the schema with that value at that path."""
        with self.subTest(path=path, value=value):
            wrong = copy.deepcopy(file)
            at(wrong, path[:-1])[path[-1]] = value
            self.assertFalse(self.validator.is_valid(wrong))

    def test_a_key_too_few_is_refused(self):
        for wrong, path in self.each_place():
            if path and isinstance(path[-1], str) and path[-1] not in OPTIONAL and not BY_NAME.intersection(path[-2:-1]):
                del at(wrong, path[:-1])[path[-1]]
                self.assertFalse(self.validator.is_valid(wrong), f"{path} may be missing")

    def test_a_key_too_many_is_refused(self):
        for wrong, path in self.each_place():
            if isinstance(at(wrong, path), dict):
                at(wrong, path)["unknown key"] = "much"
                self.assertFalse(self.validator.is_valid(wrong), f"{path} may hold anything")

    def test_a_value_of_another_kind_is_refused(self):
        for wrong, path in self.each_place():
            if path:
                value = at(wrong, path)
                at(wrong, path[:-1])[path[-1]] = 1.5 if isinstance(value, (str, list, dict, bool)) else "much"
                self.assertFalse(self.validator.is_valid(wrong), f"{path} may be {at(wrong, path)!r}")

    def test_every_field_is_described_and_every_number_has_a_unit(self):
        fields = list(described(self.schema))
        for name, definition in self.schema.get("definitions", {}).items():
            fields += described(definition, name)
        self.assertGreater(len(fields), self.fields)
        for path, field in fields:
            self.assertTrue(field.get("description"), f"{path} is not described")
            kinds = {field.get("type")} if isinstance(field.get("type"), str) else set(field.get("type", ()))
            if kinds & {"number", "integer"}:
                self.assertRegex(field["description"], r" \[[^]]+\]$", f"{path} has no unit")


class OfRuns(Format, unittest.TestCase):
    name = "run"
    richest = "open with stages"

    @classmethod
    def setUpClass(cls):
        cls.read_schema()
        with Server(SERVER) as server:
            cls.files = {name: make(server) for name, make in RUNS.items()}

    def test_the_runs_are_what_their_names_say(self):
        runs = self.files
        self.assertEqual(runs["closed"]["offered"]["model"], "closed")
        self.assertGreaterEqual(len(runs["open with stages"]["stages"]), 5)
        self.assertGreater(runs["dropped at a limit"]["totals"]["dropped"], 0)
        self.assertEqual(runs["with a JTL"]["rows"]["written"], 200)
        self.assertEqual(runs["all failed"]["totals"]["succeeded"], 0)
        self.assertGreaterEqual(len(runs["failed in several ways"]["totals"]["errors_by_kind"]), 3)
        self.assertEqual(runs["unfinished"]["totals"]["unfinished"], 4)
        self.assertEqual(runs["unreachable"]["totals"]["errors_by_kind"], {"connect_refused": 5})
        self.assertEqual(runs["stopped by an error"]["stop"], "on_error")
        self.assertEqual(runs["interrupted"]["stop"], "interrupted")
        self.assertEqual(runs["stopped by a threshold"]["stopped_by"]["threshold"], "fail if error_rate > 1% abort")
        self.assertTrue(runs["until met"]["until_outcome"]["met"])
        self.assertFalse(runs["until not met"]["until_outcome"]["met"])

    def test_words_and_counts_have_their_limits(self):
        for path, value in ((("schema",), "loadgen/run/v2"), (("verdict", "name"), "FINE"), (("stop",), "tired"),
                            (("offered", "model"), "half open"), (("totals", "sent"), -1), (("totals", "sent"), 1.5),
                            (("totals", "errors_by_kind"), {"bad_luck": 1}), (("totals", "by_status"), {"2xx": 1}),
                            (("rate", "resolution"), "roughly"), (("rate", "n"), None)):
            self.assert_refused(self.files["closed"], path, value)


SHORT = ["--blocks", "5", "--passes", "1", "--slice", "700ms", "--warm-up", "200ms", "--warming", "50ms"]
COMPARISONS = {  # name: what is asked of one server, or of two
    "gate": ["--target", "candidate", *SHORT, "-R", "200/s"],
    "same server": ["--aa", *SHORT, "-R", "200/s"],
    "runs": ["--target", "candidate", "--runs", "2", "--discard", "1", "-c", "2", "-n", "50"],
}


def comparison_of(arguments):
    """comparison.json of `compare`, with base and candidate both our own server."""
    command = f"={SERVER} --port {{port}}"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "comparison.json"
        words = [word + command if word == "candidate" else word for word in arguments]
        subprocess.run([LOADGEN, "compare", "/async", "--target", f"base{command}", *words, "-q", "--out", f"json={path}"],
                       capture_output=True, timeout=120, check=False)
        return json.loads(path.read_text())


class OfComparisons(Format, unittest.TestCase):
    name = "comparison"
    richest = "gate"

    @classmethod
    def setUpClass(cls):
        cls.read_schema()
        cls.files = {name: comparison_of(arguments) for name, arguments in COMPARISONS.items()}
        for path in (ROOT / "tests/golden/comparison").glob("*.json"):
            cls.files[path.name] = json.loads(path.read_text())

    def test_the_modes_have_their_own_parts(self):
        self.assertEqual([self.files[name]["design"]["mode"] for name in COMPARISONS], ["gate", "same", "runs"])
        self.assertIn("noise", self.files["same server"])
        self.assertTrue(self.files["runs"]["runs_table"]["runs"])
        for path, value in ((("schema",), "loadgen/run/v1"), (("decision",), "FINE"), (("design", "mode"), "race"),
                            (("compared", 0, "decision"), "RUNS"), (("compared", 0, "doubt"), "some")):
            self.assert_refused(self.files["gate"], path, value)


SEARCHES = {  # name: what is asked, and after how many seconds Ctrl-C ends it
    "found": (["--from", "100/s", "--to", "200/s"], None),
    "nothing known": (["--from", "100/s"], 0.3),
}


def curve_of(server, arguments, interrupt_after):
    """curve.json of `find`."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "curve.json"
        with subprocess.Popen([LOADGEN, "find", f"{server.url}/async", "--slo", "p90<100ms", "--trial", "1s", "--warm-up",
                               "200ms", *arguments, "-q", "--out", f"json={path}"], stdout=subprocess.DEVNULL) as process:
            if interrupt_after is not None:
                time.sleep(interrupt_after)
                process.send_signal(signal.SIGINT)
            process.wait(timeout=120)
        return json.loads(path.read_text())


class OfCurves(Format, unittest.TestCase):
    name = "curve"
    richest = "found"

    @classmethod
    def setUpClass(cls):
        cls.read_schema()
        with Server(SERVER) as server:
            cls.files = {name: curve_of(server, *asked) for name, asked in SEARCHES.items()}

    def test_what_is_not_known_is_null(self):
        curve = self.files["nothing known"]
        self.assertEqual((curve["end"], curve["sustainable_rate"]["rate"]), ("interrupted", None))
        self.assert_refused(curve, ("sustainable_rate", "rate"), "none")


class OfUnmeasured(Format, unittest.TestCase):
    """What each command writes when nobody answers."""

    name = "unmeasured"
    richest = "run"
    fields = 8

    @classmethod
    def setUpClass(cls):
        cls.read_schema()
        nobody = "http://127.0.0.1:1"
        calls = {"run": [nobody], "find": [nobody, "--slo", "p99<1s"],
                 "compare": ["/", "-R", "5/s", "--aa", "--target", f"base={nobody}", "--ready-timeout", "10ms"]}
        cls.files = {}
        for name, words in calls.items():
            done = subprocess.run([LOADGEN, name, *words, "-q", "--out", "json"], capture_output=True, timeout=60, check=False)
            cls.files[name] = json.loads(done.stdout)

    def test_each_command_gives_its_name(self):
        self.assertEqual([(name, file["command"]) for name, file in self.files.items()], [(name, name) for name in self.files])


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    LOADGEN, SERVER, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2]), pathlib.Path(sys.argv[3])
    run_tests([sys.argv[0], *sys.argv[4:]])
