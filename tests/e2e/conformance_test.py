"""Every engine against every server that can be had here: the same plans, and what must come of them.

conformance_test.py LOADGEN SERVER REPOSITORY. A row of SERVERS is a server, a row of ENGINES an engine; a pair that the
program refuses ("cannot do") is left out, a server that is not installed is named and skipped.
"""

import contextlib
import csv
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from loadgen_e2e import PlanFile, Run, assert_balanced, plan, run_tests

LOADGEN, BUNDLED, ROOT = (Path(argument).resolve() for argument in sys.argv[1:4])
sys.path.insert(0, str(ROOT / "tools" / "lib"))

import servers  # noqa: E402  (the path above comes first)

USERS, LOOPS = 10, 20
ENGINES = ("native", "uring", "curl", "http2")
FRAME_HEADER = 9
HTTP2 = {"version": "2"}


class Target:
    """A running server: where it is, what it answers there, and what to trust."""

    def __init__(self, server, path="/", body="OK", certificate=None, http=None, url=None):
        self.server, self.path, self.body = server, path, body
        self.url = url or server.url
        self.http = http or {}
        self.trust = ["--cacert", certificate] if certificate else []

    def plan(self, steps, http=None, **group):
        return plan(self.url, steps, http=self.http | (http or {}), **group)

    def step(self, **more):
        return {"name": "step", "get": self.path, "expect": {"status": "200", "body_equals": self.body}} | more


def bundled(stack):
    return Target(stack.enter_context(servers.bundled(BUNDLED)))


def bundled_tls(stack):
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    port, certificate = servers.free_port(), f"{folder}/certificate.pem"
    server = servers.Server("loadgen-server, TLS",
                            [servers.built(BUNDLED), "--port", port, "--tls-self-signed", certificate], port)
    return Target(stack.enter_context(server), certificate=certificate, url=f"https://127.0.0.1:{port}")


def nginx(stack):
    server = stack.enter_context(servers.Nginx())
    return Target(server, url=server.urls[0])


def nginx_tls(stack):
    server = stack.enter_context(servers.Nginx(tls=True))
    return Target(server, url=server.urls[0], certificate=server.certificate)


def nginx_http2(stack):
    server = stack.enter_context(servers.Nginx(tls=True, http2=True))
    return Target(server, url=server.urls[0], certificate=server.certificate, http=HTTP2)


def nghttpd(stack):
    return Target(stack.enter_context(servers.Nghttpd()), path="/ok", http=HTTP2)


def axum(stack):
    return Target(stack.enter_context(servers.axum()), path="/async")


def blacksheep(stack):
    return Target(stack.enter_context(servers.blacksheep()), path="/async")


SERVERS = {"loadgen-server": bundled, "loadgen-server over TLS": bundled_tls, "nginx": nginx, "nginx over TLS": nginx_tls,
           "nginx over TLS, HTTP/2": nginx_http2, "nghttpd, HTTP/2": nghttpd, "Axum": axum, "Blacksheep": blacksheep}


def bytes_by_curl(target):
    """Bytes of one response with its header, as curl receives them."""
    return len(subprocess.run(["curl", "--silent", "--show-error", "--include", *target.trust, target.url + target.path],
                              check=True, stdout=subprocess.PIPE).stdout)


class Conformance:
    """What each pair must do. A subclass says which: engine, and target (shared by all engines)."""

    @classmethod
    def setUpClass(cls):
        cls.target = cls.pool.get(cls.server_name)

    def words(self, path):
        return ["--config", path, "--engine", self.engine, "--progress", "none"]

    def measure(self, step, *options, **more):
        """All users' loops of one step."""
        with PlanFile(self.target.plan([step], users=USERS, loops=LOOPS, **more)) as path:
            run = Run(LOADGEN, *self.words(path), *self.target.trust, *options)
        self.assertIsNotNone(run.run, run.err)
        self.assertEqual(run.run["generator"]["engine"], self.engine)
        assert_balanced(self, run.totals)
        self.assertEqual(run.totals["sent"], USERS * LOOPS)
        return run

    def test_each_request_is_answered_over_its_users_own_connection(self):
        totals = self.measure(self.target.step()).totals
        self.assertEqual((totals["succeeded"], totals["failed"]), (USERS * LOOPS, 0))
        self.assertEqual(totals["connections_opened"], USERS)
        if self.target.http == HTTP2:  # header fields are compressed by what went before: no size of their own
            self.assertGreater(totals["bytes_in"], USERS * LOOPS * (2 * FRAME_HEADER + len(self.target.body)))
        else:
            self.assertEqual(totals["bytes_in"], USERS * LOOPS * bytes_by_curl(self.target))

    def test_a_new_connection_for_each_request(self):
        totals = self.measure(self.target.step(), http={"keep_alive": False}).totals
        self.assertEqual((totals["succeeded"], totals["connections_opened"]), (USERS * LOOPS, USERS * LOOPS))

    def test_a_check_that_fails_is_a_failure_and_keeps_the_connection(self):
        totals = self.measure(self.target.step(expect={"body_equals": "other"})).totals
        self.assertEqual(totals["errors_by_kind"], {"expectation": USERS * LOOPS})
        self.assertEqual(totals["connections_opened"], USERS)

    def test_stamps_stand_in_their_order(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "rows.jtl")
            run = self.measure(self.target.step(), "--out", f"jtl={path}")
            with open(path, encoding="utf-8", newline="") as file:
                rows = list(csv.DictReader(file))
        self.assertNotEqual(run.run["verdict"]["name"], "BROKEN", run.out)
        self.assertEqual(len(rows), USERS * LOOPS)
        for row in rows:
            times = [int(row[column]) for column in ("Connect", "Latency", "elapsed")]
            self.assertEqual(times, sorted(times), row)
        self.assertEqual(sum(int(row["bytes"]) for row in rows), run.totals["bytes_in"])
        handshakes = (run.run["tls_ns"] or {"count": 0})["count"]
        self.assertEqual(handshakes, USERS if self.target.url.startswith("https") else 0)

    def test_an_interrupt_ends_what_is_under_way_and_reports(self):
        forever = self.target.plan([self.target.step()], users=USERS, loops="forever", duration="30s")
        with PlanFile(forever) as path, tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "run.json")
            process = subprocess.Popen([LOADGEN, *self.words(path), *self.target.trust, "-q", "--out", f"json={out}"],
                                       stderr=subprocess.PIPE, text=True)
            time.sleep(1.5)
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=20)
            self.assertEqual(process.returncode, 130, err)
            totals = Run.read(out)["totals"]
        assert_balanced(self, totals)
        self.assertGreater(totals["succeeded"], 0)


class Untrusted:
    """Over TLS: a certificate that nothing vouches for is told before a request is sent."""

    def test_a_certificate_without_a_voucher_is_refused(self):
        with PlanFile(self.target.plan([self.target.step()], users=1, loops=1)) as path:
            run = Run(LOADGEN, *self.words(path))
        self.assertEqual(run.code, 23, run.err)
        self.assertIn("certificate", run.err)


class Pool:
    """The servers, each started when it is first asked for."""

    def __init__(self):
        self.stack, self.started = contextlib.ExitStack(), {}

    def get(self, name):
        if name not in self.started:
            try:
                self.started[name] = SERVERS[name](self.stack)
            except servers.Unavailable as error:
                self.started[name] = error
        if isinstance(self.started[name], Exception):
            raise unittest.SkipTest(f"{name}: {self.started[name]}")
        return self.started[name]


def carries(engine, server_name):
    """Whether the program takes that engine for that server's plan; 64 is a refused command line."""
    scheme = "https" if "TLS" in server_name else "http"
    version = ["--http2"] if "HTTP/2" in server_name else []
    done = subprocess.run([LOADGEN, f"{scheme}://127.0.0.1:1/", "-n", "1", "--engine", engine, *version],
                          capture_output=True, timeout=30, check=False)
    return done.returncode != 64


def pairs(pool):
    for server_name in SERVERS:
        for engine in ENGINES:
            if not carries(engine, server_name):
                continue
            bases = (Conformance, Untrusted) if "TLS" in server_name else (Conformance,)
            yield type(f"{engine}, {server_name}", (*bases, unittest.TestCase),
                       {"engine": engine, "server_name": server_name, "pool": pool})


def load_tests(loader, _tests, _pattern):
    pool = Pool()
    unittest.addModuleCleanup(pool.stack.close)
    return unittest.TestSuite(loader.loadTestsFromTestCase(case) for case in pairs(pool))


if __name__ == "__main__":
    if not shutil.which("curl"):
        print("curl is not installed")
        sys.exit(77)
    run_tests()
