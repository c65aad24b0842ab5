"""Plans that say who they are from, against a server that asks. argv: loadgen."""

import contextlib
import json
import subprocess
import sys
import unittest

from bookkeeper import Bookkeeper
from loadgen_e2e import PlanFile, Run, plan, run_tests

LOADGEN = sys.argv[1]

BASIC = "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617 2: of Aladdin, with "open sesame"


class Doorkeeper(Bookkeeper):
    """200 where the path is the name of the scheme and the right value comes with it, else 401."""

    KNOWN = {"/basic": BASIC, "/bearer": "Bearer a-token.of~letters"}

    def answer_to(self, asked):
        known = asked.headers.get_all("Authorization") == [self.KNOWN[asked.path]]
        return 200 if known else 401, [], b""


def with_auth(url, password, steps):
    whole = json.loads(plan(url, steps, users=2, loops=3))
    return json.dumps({"auth": {"basic": {"user": "Aladdin", "password": password}}, **whole})


class Auth(unittest.TestCase):
    STEPS = [{"get": "/basic"}, {"get": "/bearer", "auth": {"bearer": "a-token.of~letters"}}]

    def test_the_server_believes_it_and_no_output_shows_it(self):
        with contextlib.closing(Doorkeeper()) as door, PlanFile(with_auth(door.url, "open sesame", self.STEPS)) as path:
            run = Run(LOADGEN, path)
            check = subprocess.run([LOADGEN, "check", path], capture_output=True, text=True, timeout=30, check=True)
        self.assertEqual(run.code, 0, run.err)
        self.assertEqual((run.totals["succeeded"], run.totals["failed"]), (12, 0))
        self.assertIn("Authorization: ***", check.stdout)
        for text in (run.out, run.err, json.dumps(run.run), check.stdout):
            for secret in ("sesame", "Aladdin", BASIC, "a-token"):
                self.assertNotIn(secret, text)

    def test_a_wrong_password_is_a_failure(self):
        with contextlib.closing(Doorkeeper()) as door, PlanFile(with_auth(door.url, "close sesame", self.STEPS)) as path:
            run = Run(LOADGEN, path)
        self.assertEqual((run.totals["succeeded"], run.totals["failed"]), (6, 6))

    def test_a_plan_with_a_mistake_is_quoted_without_it(self):
        with PlanFile('{"auth": {"basic": {"user": "Aladdin", "passwort": "open sesame"}}}') as path:
            done = subprocess.run([LOADGEN, "check", path], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn('unknown key "passwort"; did you mean "password"?', done.stderr)
        self.assertNotIn("sesame", done.stderr)


if __name__ == "__main__":
    run_tests()
