#!/usr/bin/env python3
"""loadgen against the article's own servers, Axum and Blacksheep: exact totals, and curl's count of the bytes.

peers_test.py LOADGEN REPOSITORY. Exit code 77 (skipped, to ctest) when neither server can be had here: no cargo and no
pip, or no way for them to reach their packages.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

SKIPPED = 77
USERS = 200
LOADGEN, ROOT = (Path(argument).resolve() for argument in sys.argv[1:3])
sys.path.insert(0, str(ROOT / "tools" / "lib"))

import servers  # noqa: E402  (the path above comes first)

PLAN = {
    "name": "peers",
    "thread_groups": [{
        "name": "Thread Group", "users": USERS, "ramp_up": "1s", "loops": 1,
        "steps": [{"name": path, "get": path, "expect": {"status": "200", "body_equals": "OK"}}
                  for path in ("/async", "/fibonacci")],
    }],
}


def bytes_by_curl(url):
    """Bytes of one response with its header, as curl receives them."""
    return len(subprocess.run(["curl", "--silent", "--show-error", "--include", url], check=True,
                              stdout=subprocess.PIPE).stdout)


def run_loadgen(server):
    with tempfile.TemporaryDirectory() as folder:
        plan, report = Path(folder) / "plan.json", Path(folder) / "run.json"
        plan.write_text(json.dumps(PLAN | {"target": server.url}))
        done = subprocess.run([LOADGEN, "--config", plan, "--quiet", "--out", f"json={report}"], timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise AssertionError(f"loadgen ended with exit code {done.returncode}:\n{done.stdout}")
        return json.loads(report.read_text())


class PeerCase:
    """The tests of one peer; start() gives its running server."""

    unavailable = None

    @classmethod
    def setUpClass(cls):
        try:
            cls.server = cls.start()
        except servers.Unavailable as error:
            cls.unavailable = str(error)
            raise unittest.SkipTest(str(error))
        cls.addClassCleanup(cls.server.stop)
        cls.report = run_loadgen(cls.server)

    def test_every_request_planned_was_sent_and_succeeded(self):
        totals = self.report["totals"]
        for figure in ("planned", "sent", "succeeded"):
            self.assertEqual(totals[figure], 2 * USERS, figure)
        for figure in ("failed", "unfinished", "dropped"):
            self.assertEqual(totals[figure], 0, figure)

    def test_both_steps_of_a_user_share_one_connection(self):
        self.assertEqual(self.report["totals"]["connections_opened"], USERS)

    def test_bytes_received_are_those_curl_counts(self):
        expected = USERS * sum(bytes_by_curl(self.server.url + path) for path in ("/async", "/fibonacci"))
        self.assertEqual(self.report["totals"]["bytes_in"], expected)

    def test_service_time_holds_the_servers_own_wait(self):
        # Half of the requests go to /async, which sleeps 2 ms: the slowest tenth cannot be faster than that.
        self.assertGreaterEqual(self.report["service_ns"]["p90"], 2e6)
        self.assertEqual(self.report["service_ns"]["count"], 2 * USERS)


class Axum(PeerCase, unittest.TestCase):
    start = staticmethod(servers.axum)


class Blacksheep(PeerCase, unittest.TestCase):
    start = staticmethod(servers.blacksheep)


def main():
    if not shutil.which("curl"):
        print("skipped: curl is not installed")
        return SKIPPED
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromTestCase, (Axum, Blacksheep)))
    outcome = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    if not outcome.wasSuccessful():
        return 1
    return SKIPPED if Axum.unavailable and Blacksheep.unavailable else 0


if __name__ == "__main__":
    sys.exit(main())
