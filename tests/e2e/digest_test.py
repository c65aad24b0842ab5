"""Digest authentication, against a server that computes RFC 7616 by itself. argv: loadgen."""

import collections
import hashlib
import json
import re
import subprocess
import sys
import unittest

from bookkeeper import Bookkeeper
from loadgen_e2e import PlanFile, Run, assert_balanced, offers, plan, run_tests

LOADGEN = sys.argv[1]
ENGINES = [engine for engine in ("native", "uring", "curl") if offers(LOADGEN, engine)]
USER, PASSWORD, REALM = 'Mufasa "the king"', "Circle of Life", "the \\ lands"


def fields_of(header):
    """What stands in an Authorization: Digest, without quotes."""
    found = re.findall(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]*))', header.removeprefix("Digest "))
    return {name: re.sub(r"\\(.)", r"\1", quoted) if quoted else plain for name, quoted, plain in found}


class Door(Bookkeeper):
    """Lets in who answers its last nonce; each nonce is good for `uses` requests. challenge: what its 401 says."""

    def __init__(self, challenge, uses=10**9):
        super().__init__()
        self.challenge, self.uses = challenge, uses
        self.nonces, self.counts, self.left, self.refused = 0, {}, collections.Counter(), []

    def answer_to(self, asked):
        status, lines = self.judge(asked.method, asked.path, asked.headers.get_all("Authorization") or [])
        return status, lines, b"OK"

    def judge(self, method, path, said):
        stale = False
        if said:
            fields = fields_of(said[0])
            mistake = self.mistake(method, path, fields) if len(said) == 1 else "said twice"
            stale = mistake == "too old"
            if mistake is None:
                return (302, ["Location: /end"]) if path == "/hop" else (200, [])
            if not stale:
                self.refused.append((mistake, said))
        self.nonces += 1
        nonce = f"nonce{self.nonces}"
        self.counts[nonce], self.left[nonce] = 0, self.uses
        return 401, [f'WWW-Authenticate: {line.replace("NONCE", nonce)}{", stale=true" if stale else ""}'
                     for line in self.challenge]

    def mistake(self, method, path, fields):
        """What is wrong with an answer; None: nothing."""
        name = fields.get("algorithm", "MD5")
        function = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[name.upper().removesuffix("-SESS")]

        def hashed(*parts):
            return function(":".join(parts).encode()).hexdigest()

        nonce = fields["nonce"]
        if nonce not in self.counts:
            return "unknown nonce"
        if (fields["username"], fields["realm"], fields["uri"]) != (USER, REALM, path):
            return "another user, realm or path"
        secret = hashed(USER, REALM, PASSWORD)
        if name.lower().endswith("-sess"):
            secret = hashed(secret, nonce, fields["cnonce"])
        with_qop = any("qop" in line for line in self.challenge)
        if with_qop != ("qop" in fields):
            return "qop"
        parts = [fields["nc"], fields["cnonce"], "auth"] if with_qop else []
        if fields["response"] != hashed(secret, nonce, *parts, hashed(method, path)):
            return "response"
        if self.left[nonce] == 0:
            return "too old"
        self.left[nonce] -= 1
        self.counts[nonce] += 1
        return "nc" if with_qop and int(fields["nc"], 16) != self.counts[nonce] else None


def challenge(algorithm, qop='qop="auth, auth-int"'):
    parts = ['realm="the \\\\ lands"', 'nonce="NONCE"', 'opaque="o\\"p"', *([algorithm] if algorithm else []),
             *([qop] if qop else [])]
    return f'Digest {", ".join(parts)}'


class Digest(unittest.TestCase):
    def run_plan(self, door, steps, *arguments, password=PASSWORD, **group):
        text = json.loads(plan(door.url, steps, **group)) | {"auth": {"digest": {"user": USER, "password": password}}}
        with PlanFile(json.dumps(text)) as path:
            run = Run(LOADGEN, path, "--no-probe", *arguments)
            check = subprocess.run([LOADGEN, "check", path], capture_output=True, text=True, timeout=30, check=True)
        self.assertIsNotNone(run.run, run.err)
        assert_balanced(self, run.totals)
        totals = run.totals
        self.assertEqual(totals["sent"] + totals["redirects_followed"] + totals["challenges_answered"], len(door.asked))
        self.assertEqual((totals["bytes_out"], totals["bytes_in"]), (door.bytes_in, door.bytes_out))
        checks = {line["check"]: line["result"] for line in run.run["verdict"]["evidence"]}
        self.assertEqual((checks["ledger"], checks["phases"]), ("passed", "passed"))
        for text in (run.out, run.err, json.dumps(run.run), check.stdout):
            for secret in (PASSWORD, "Mufasa", "response="):
                self.assertNotIn(secret, text)
        return run

    def door(self, *challenges, **how):
        door = Door(list(challenges), **how)
        self.addCleanup(door.close)
        return door

    def test_every_user_is_asked_once(self):
        steps = [{"get": "/a?b=c"}, {"post": "/b", "body": "x" * 300}]
        for engine in ENGINES:
            for line in (challenge("algorithm=MD5"), challenge(""), challenge("algorithm=SHA-256"),
                         challenge("algorithm=SHA-256-sess"), challenge("algorithm=MD5-sess"),
                         challenge("", qop="")):
                with self.subTest(engine=engine, challenge=line):
                    door = self.door('Basic realm="b"', line)
                    run = self.run_plan(door, steps, "--engine", engine, users=3, loops=4)
                    self.assertEqual(door.refused, [])
                    self.assertEqual((run.totals["succeeded"], run.totals["challenges_answered"]), (24, 3), run.out)
                    self.assertEqual(run.run["follow_ups_ns"]["count"], 3)
                    self.assertEqual(run.totals["by_status"], {"200": 24})
                    self.assertIn("3 challenges answered", run.out)

    def test_a_nonce_grows_old(self):
        door = self.door(challenge("algorithm=SHA-256"), uses=2)
        run = self.run_plan(door, [{"get": "/"}], loops=6)
        self.assertEqual((run.totals["succeeded"], run.totals["challenges_answered"], door.refused), (6, 3, []))

    def test_a_wrong_password_is_a_401(self):
        door = self.door(challenge("algorithm=MD5"))
        run = self.run_plan(door, [{"get": "/"}], loops=2, password="Circle")
        self.assertEqual((run.totals["errors_by_kind"], run.totals["by_status"]), ({"status": 2}, {"401": 2}))
        self.assertEqual((run.totals["challenges_answered"], [why for why, _ in door.refused]), (2, ["response"] * 2))

    def test_what_is_not_understood_says_so(self):
        for line in (challenge("algorithm=SHA-512-256"), challenge("", qop="qop=auth-int"), 'Basic realm="b"'):
            run = self.run_plan(self.door(line), [{"get": "/"}])
            self.assertEqual(run.totals["errors_by_kind"], {"digest_unsupported": 1}, line)
            self.assertIn("MD5 or SHA-256, with qop auth or none", run.out)

    def test_a_redirect_on_the_way(self):
        for engine in ENGINES:
            door = self.door(challenge("algorithm=MD5"))
            run = self.run_plan(door, [{"get": "/hop"}], "--engine", engine, loops=2, http={"follow_redirects": True})
            self.assertEqual((run.totals["succeeded"], run.totals["redirects_followed"], door.refused), (2, 2, []))
            self.assertEqual(run.totals["challenges_answered"], 1)


if __name__ == "__main__":
    run_tests()
