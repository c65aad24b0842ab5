"""The plan's JSON Schema against the plans that ship, and against the parser that it must agree with.

    schema_test.py LOADGEN CONFIGS

LOADGEN is the program, CONFIGS the directory with the plans and plan.schema.json.
"""

import copy
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import jsonschema

USAGE = 64  # the exit code of a mistake in a plan

LOADGEN = ""
CONFIGS = pathlib.Path()


def loadgen(*arguments):
    return subprocess.run([LOADGEN, *map(str, arguments)], capture_output=True, timeout=60, check=False)


def without_comments(text):
    """Blanks out // and /* */ outside strings; what is left is plain JSON with every position kept."""
    out = []
    at = 0
    while at < len(text):
        if text[at] == '"':
            end = at + 1
            while text[end] != '"':
                end += 2 if text[end] == "\\" else 1
            out.append(text[at : end + 1])
            at = end + 1
        elif text.startswith(("//", "/*"), at):
            line = text.startswith("//", at)
            end = text.find("\n" if line else "*/", at)
            end = len(text) if end < 0 else end + (0 if line else 2)
            out.append("".join(c if c == "\n" else " " for c in text[at:end]))
            at = end
        else:
            out.append(text[at])
            at += 1
    return "".join(out)


GOOD = {
    "target": "http://localhost:3000",
    "thread_groups": [{"users": 2, "ramp_up": "1s", "steps": [{"get": "/", "expect": {"status": "2xx"}}]}],
    "http": {"keep_alive": True},
    "auth": {"basic": {"user": "me", "password": "secret"}},
    "tls": {"client_cert": "client.pem", "client_key": "client.pem"},
    "thresholds": ["p99 <= 250ms", "error_rate{GET /} < 0.1%"],
    "undecided": "pass",
}

GROUP = ("thread_groups", 0)
STEP = (*GROUP, "steps", 0)
NO_KEY = object()

# The same as open load.
OPEN = {
    "target": "http://localhost:3000",
    "warm_up": "1s",
    "seed": 7,
    "thread_groups": [
        {
            "arrivals": [
                {"rate": "100/s", "for": "5s"},
                {"from": "0/s", "to": "90/m", "over": "30s"},
                {"from": "1/s", "to": "1.5k/s", "steps": 5, "each": "30s"},
                {"spike": "10/s", "base": "1/s", "before": "10s", "for": "5s", "after": "10s", "rise": "0s"},
                {"mean": "1000/s", "amplitude": "500/s", "period": "60s", "for": "5m"},
            ],
            "spacing": "poisson",
            "max_in_flight": 50,
            "at_limit": "drop",
            "connections": 5,
            "steps": [{"get": "/"}],
        }
    ],
}
SEGMENT = (*GROUP, "arrivals", 0)

# Where to put what into GOOD, so that both the schema and the parser must refuse it.
BAD = [
    (("thread_groups",), NO_KEY),
    (("thread_groups",), []),
    (("thread_groups",), {}),
    (("unknown",), 1),
    (("thresholds",), "p99 <= 1s"),
    (("thresholds",), [5]),
    (("thresholds",), [""]),
    (("undecided",), "ignore"),
    ((*GROUP, "thresholds"), ["p99 <= 1s"]),
    (("name",), ""),
    (("name",), 5),
    (("target",), "localhost:3000"),
    (("target",), "ftp://localhost:3000"),
    (("target",), "http://localhost:3000/#top"),
    (("variables",), {"a": [1]}),
    (("grace",), 10),
    (("grace",), "10"),
    (("grace",), "-1s"),
    (("grace",), "1 s"),
    (("grace",), "1d"),
    (("grace",), None),
    (("http", "keep_alive"), "yes"),
    (("http", "follow_redirects"), "yes"),
    (("http", "cookies"), True),
    (("http", "max_response"), 65536),
    (("http", "max_response"), "64K"),
    (("http", "accept_encoding"), ["zstd"]),
    (("http", "proxy"), "ftp://proxy:21"),
    (("http", "proxy"), "proxy:1/path"),
    (("http", "accept_encoding"), "gzip"),
    (("http", "user_agent"), "a\r\nb"),
    (("http", "user_agent"), ""),
    (("tls", "verify"), "no"),
    (("tls", "min_version"), "1.1"),
    (("tls", "min_version"), 1.2),
    (("tls", "ca_file"), ""),
    (("tls", "server_name"), "a b"),
    (("tls", "client_key"), NO_KEY),
    (("tls", "client_cert"), NO_KEY),
    (("tls", "insecure"), True),
    (("auth", "basic"), NO_KEY),
    (("auth", "basic"), "me:secret"),
    (("auth", "basic", "user"), "a:b"),
    (("auth", "basic", "user"), NO_KEY),
    (("auth", "basic", "password"), NO_KEY),
    (("auth", "basic", "password"), "a\nb"),
    (("auth", "bearer"), "t"),
    (("auth", "digest"), {"user": "u:v", "password": "p"}),
    ((*GROUP, "auth"), {"bearer": ""}),
    ((*STEP, "auth"), "Bearer t"),
    ((*GROUP, "steps"), NO_KEY),
    ((*GROUP, "steps"), []),
    ((*GROUP, "users"), 0),
    ((*GROUP, "users"), -1),
    ((*GROUP, "users"), 1.5),
    ((*GROUP, "users"), 1000001),
    ((*GROUP, "users"), "ten"),
    ((*GROUP, "users"), True),
    ((*GROUP, "loops"), 0),
    ((*GROUP, "loops"), "for ever"),
    ((*GROUP, "ramp"), "exakt"),
    ((*GROUP, "on_error"), "stop"),
    ((*GROUP, "delayed_start"), 1),
    ((*GROUP, "arrivals"), []),
    ((*GROUP, "arrivals"), [{"rate": "5/s", "for": "5s"}]),
    ((*GROUP, "spacing"), "uniform"),
    ((*GROUP, "max_in_flight"), 5),
    ((*GROUP, "at_limit"), "wait"),
    ((*GROUP, "connections"), 5),
    ((*STEP, "get"), NO_KEY),
    ((*STEP, "post"), "/"),
    ((*STEP, "get"), "no-slash"),
    ((*STEP, "get"), "/a b"),
    ((*STEP, "get"), "/a\nb"),
    ((*STEP, "get"), "/\u00fc"),
    ((*STEP, "get"), "/#top"),
    ((*STEP, "get"), ""),
    ((*STEP, "get"), "ftp://localhost/"),
    ((*STEP, "headers"), {"X": "a\r\nY: b"}),
    ((*STEP, "headers"), {"X": "a\n"}),
    ((*STEP, "headers"), {"a b": "c"}),
    ((*STEP, "headers"), {"": "c"}),
    ((*STEP, "headers"), {"X": 1}),
    ((*STEP, "body"), 1),
    ((*STEP, "body_file"), ""),
    ((*STEP, "multipart"), []),
    ((*STEP, "multipart"), {"name": "a", "value": "b"}),
    ((*STEP, "multipart"), [{"name": "a"}]),
    ((*STEP, "multipart"), [{"value": "b"}]),
    ((*STEP, "multipart"), [{"name": "", "value": "b"}]),
    ((*STEP, "multipart"), [{"name": "a", "value": "b", "file": "c"}]),
    ((*STEP, "multipart"), [{"name": "a", "value": "b", "file_name": "c"}]),
    ((*STEP, "multipart"), [{"name": "a", "value": "b", "type": "a\nb"}]),
    (("http", "continue_timeout"), "0s0"),
    ((*STEP, "expect"), 200),
    ((*STEP, "expect", "status"), []),
    ((*STEP, "expect", "status"), 99),
    ((*STEP, "expect", "status"), 600),
    ((*STEP, "expect", "status"), "6xx"),
    ((*STEP, "expect", "status"), [200, "20"]),
    ((*STEP, "expect", "body_contains"), ""),
    ((*STEP, "expect", "body"), "OK"),
]

# The same for OPEN.
BAD_OPEN = [
    (("warm_up",), 5),
    (("warm_up",), "automatic"),
    (("seed",), -1),
    (("seed",), 2**53),
    (("arrivals",), [{"rate": "5/s", "for": "5s"}]),
    ((*GROUP, "arrivals"), NO_KEY),
    ((*GROUP, "arrivals"), []),
    ((*GROUP, "arrivals"), {"rate": "5/s", "for": "5s"}),
    (SEGMENT, {}),
    (SEGMENT, {"rate": "5/s"}),
    (SEGMENT, {"rate": 5, "for": "5s"}),
    (SEGMENT, {"rate": "5", "for": "5s"}),
    (SEGMENT, {"rate": "-5/s", "for": "5s"}),
    (SEGMENT, {"rate": "5/d", "for": "5s"}),
    (SEGMENT, {"rate": "1e3/s", "for": "5s"}),
    (SEGMENT, {"rate": "5/s", "for": 5}),
    (SEGMENT, {"rate": "5/s", "for": "5s", "over": "1s"}),
    (SEGMENT, {"rate": "5/s", "for": "5s", "unknown": 1}),
    (SEGMENT, {"from": "1/s", "to": "5/s"}),
    (SEGMENT, {"from": "1/s", "to": "5/s", "over": "5s", "steps": 5}),
    (SEGMENT, {"from": "1/s", "to": "5/s", "steps": 1, "each": "5s"}),
    (SEGMENT, {"from": "1/s", "to": "5/s", "steps": 1001, "each": "5s"}),
    (SEGMENT, {"spike": "5/s", "base": "1/s", "for": "5s"}),
    (SEGMENT, {"mean": "5/s", "amplitude": "1/s", "for": "5s"}),
    ((*GROUP, "spacing"), "poison"),
    ((*GROUP, "max_in_flight"), 0),
    ((*GROUP, "at_limit"), "queue"),
    ((*GROUP, "connections"), -1),
    ((*GROUP, "users"), 5),
    ((*GROUP, "ramp_up"), "5s"),
    ((*GROUP, "ramp"), "exact"),
    ((*GROUP, "loops"), 1),
    ((*GROUP, "iterations"), 1),
    ((*GROUP, "duration"), "5s"),
    ((*GROUP, "delayed_start"), True),
    ((*GROUP, "same_user_on_next_iteration"), False),
]


def changed(good, path, value):
    plan = copy.deepcopy(good)
    owner = plan
    for key in path[:-1]:
        owner = owner[key]
    if value is NO_KEY:
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    return plan


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        result = loadgen("schema")
        assert result.returncode == 0, result.stderr
        cls.bytes = result.stdout
        cls.schema = json.loads(result.stdout)
        jsonschema.Draft7Validator.check_schema(cls.schema)
        cls.validator = jsonschema.Draft7Validator(cls.schema)

    def check(self, plan):
        with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
            json.dump(plan, file)
            file.flush()
            return loadgen("check", file.name)

    def test_the_checked_in_schema_is_current(self):
        self.assertEqual(
            (CONFIGS / "plan.schema.json").read_bytes(),
            self.bytes,
            "write it anew: loadgen schema > configs/plan.schema.json",
        )

    def test_every_plan_that_ships_is_valid(self):
        plans = sorted(p for p in CONFIGS.glob("*.json") if not p.name.endswith(".schema.json"))
        self.assertGreaterEqual(len(plans), 8)
        for path in plans:
            with self.subTest(path.name):
                plan = json.loads(without_comments(path.read_text(encoding="utf-8")))
                self.assertEqual([e.message for e in self.validator.iter_errors(plan)], [])
                self.assertEqual(plan["$schema"], "plan.schema.json")
                result = loadgen("check", path)
                self.assertEqual(result.returncode, 0, result.stderr.decode())

    def test_the_plans_that_the_bad_ones_come_from_are_good(self):
        for plan in (GOOD, OPEN):
            self.assertEqual([e.message for e in self.validator.iter_errors(plan)], [])
            result = self.check(plan)
            self.assertEqual(result.returncode, 0, result.stderr.decode())

    def test_schema_and_parser_refuse_the_same_plans(self):
        both = [(changed(GOOD, path, value), path, value) for path, value in BAD]
        both += [(changed(OPEN, path, value), path, value) for path, value in BAD_OPEN]
        for extra in ({"loops": 1, "iterations": 1},):
            plan = copy.deepcopy(GOOD)
            plan["thread_groups"][0].update(extra)
            both.append((plan, GROUP, extra))
        bodies = {"body": "", "json": 1, "body_file": "x", "multipart": [{"name": "a", "value": "b"}]}
        for pair in itertools.combinations(bodies, 2):
            plan = copy.deepcopy(GOOD)
            plan["thread_groups"][0]["steps"][0].update({key: bodies[key] for key in pair})
            both.append((plan, STEP, pair))
        for plan, path, value in both:
            with self.subTest(path=path, value=value):
                self.assertFalse(self.validator.is_valid(plan), "the schema lets it pass")
                result = self.check(plan)
                self.assertEqual(result.returncode, USAGE, "the parser lets it pass")
                self.assertIn(b":1:", result.stderr, "the message has no line and column")

    def test_variables_are_allowed_wherever_a_string_is_read(self):
        plan = copy.deepcopy(GOOD)
        plan["variables"] = {"n": 3, "t": "2s", "yes": True, "mode": "jmeter"}
        plan["grace"] = "${t}"
        plan["http"]["keep_alive"] = "${yes}"
        plan["thread_groups"][0].update(users="${n}", loops="${__P(loops,4)}", ramp="${mode}", ramp_up="${n}s")
        self.assertEqual([e.message for e in self.validator.iter_errors(plan)], [])
        result = self.check(plan)
        self.assertEqual(result.returncode, 0, result.stderr.decode())
        plan = copy.deepcopy(OPEN)
        plan["variables"] = {"r": 100, "s": "uniform", "n": 9}
        plan["thread_groups"][0].update(
            arrivals=[{"rate": "${r}/s", "for": "${n}s"}], spacing="${s}", max_in_flight="${n}", connections="${n}"
        )
        plan.update(warm_up="${n}s", seed="${n}")
        self.assertEqual([e.message for e in self.validator.iter_errors(plan)], [])
        result = self.check(plan)
        self.assertEqual(result.returncode, 0, result.stderr.decode())


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    LOADGEN, CONFIGS = sys.argv[1], pathlib.Path(sys.argv[2])
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]])
