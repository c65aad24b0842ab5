"""Cookies, against a server that hands them out and judges what comes back by itself. argv: loadgen."""

import collections
import http.cookies
import json
import sys
import unittest

from bookkeeper import Bookkeeper
from loadgen_e2e import PlanFile, Run, assert_balanced, offers, plan, run_tests

LOADGEN = sys.argv[1]
ENGINES = [engine for engine in ("native", "uring", "curl") if offers(LOADGEN, engine)]


class Site(Bookkeeper):
    """/login gives each caller a session of its own and one of /shop; /out takes the session away; /hop sets a cookie
    and leads to /shop/end."""

    def __init__(self):
        super().__init__()
        self.sessions = 0

    def answer_to(self, asked):
        if asked.path == "/login":
            self.sessions += 1
            return 200, [f"Set-Cookie: session={self.sessions}; Path=/; HttpOnly", "Set-Cookie: basket=b; Path=/shop",
                         "Set-Cookie: stolen=1; Domain=example.com", "Set-Cookie: sealed=1; Path=/; Secure",
                         "Set-Cookie: old=1; Path=/; Expires=Sun, 06 Nov 1994 08:49:37 GMT"], b"OK"
        if asked.path == "/out":
            return 200, ["Set-Cookie: session=; Path=/; Max-Age=0"], b"OK"
        if asked.path == "/hop":
            return 302, ["Location: /shop/end", "Set-Cookie: hopped=1; Path=/shop"], b"OK"
        return 200, [], b"OK"

    @property
    def brought(self):
        """What each request brought along, by connection: path, {name: value}, header."""
        visits = collections.defaultdict(list)
        for asked in self.asked:
            sent = asked.headers.get_all("Cookie") or []
            jar = http.cookies.SimpleCookie(sent[0] if sent else "")
            visits[asked.connection].append((asked.path, {name: morsel.value for name, morsel in jar.items()}, sent))
        return visits


class Cookies(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def run_plan(self, text, *arguments):
        with PlanFile(text) as path:
            run = Run(LOADGEN, path, "--no-probe", *arguments)
        self.assertIsNotNone(run.run, run.err)
        assert_balanced(self, run.totals)
        totals = run.totals
        self.assertEqual(totals["sent"] + totals["redirects_followed"], len(self.site.asked))
        self.assertEqual((totals["bytes_out"], totals["bytes_in"]), (self.site.bytes_in, self.site.bytes_out))
        checks = {line["check"]: line["result"] for line in run.run["verdict"]["evidence"]}
        self.assertEqual((checks["ledger"], checks["phases"]), ("passed", "passed"))
        return run

    def test_each_user_keeps_its_own(self):
        steps = [{"get": "/login"}, {"get": "/shop/a?b"}, {"post": "/", "body": "x"}, {"get": "/out"}, {"get": "/"}]
        for engine in ENGINES:
            with self.subTest(engine=engine):
                self.setUp()
                run = self.run_plan(plan(self.site.url, steps, users=3, http={"cookies": "user"}), "--engine", engine)
                self.assertEqual(run.totals["succeeded"], 15, run.err)
                sessions = set()
                for visits in self.site.brought.values():
                    (_, first, _), (_, shop, _), (_, posted, _), (_, leaving, _), (_, after, header) = visits
                    self.assertEqual((first, after, header), ({}, {}, []))
                    self.assertEqual(shop, posted | {"basket": "b"})
                    self.assertEqual(posted, leaving)
                    self.assertEqual(set(posted), {"session"}, "none of another domain, of https, or of the past")
                    sessions.add(posted["session"])
                self.assertEqual(sessions, {"1", "2", "3"})

    def test_the_longer_path_comes_first_and_behind_the_plans_own(self):
        steps = [{"get": "/login"}, {"get": "/shop/", "headers": {"Cookie": "own=0"}}]
        self.run_plan(plan(self.site.url, steps, http={"cookies": "user"}))
        self.assertEqual([visit[2] for visit in next(iter(self.site.brought.values()))],
                         [[], ["own=0; basket=b; session=1"]])

    def test_they_live_as_long_as_the_plan_says(self):
        for how, later in (("off", [None, None, None, None]), ("user", [None, "1", "1", "2"]),
                           ("iteration", [None, "1", None, "2"])):
            self.setUp()
            self.run_plan(plan(self.site.url, [{"get": "/"}, {"get": "/login"}, {"get": "/"}], loops=2),
                          "--cookies", how)
            seen = [jar.get("session") for visits in self.site.brought.values()
                    for path, jar, _ in visits if path == "/"]
            self.assertEqual(seen, later, how)

    def test_a_redirect_takes_them_along(self):
        for engine in ENGINES:
            self.setUp()
            self.run_plan(plan(self.site.url, [{"get": "/hop"}, {"get": "/"}],
                               http={"cookies": "user", "follow_redirects": True}), "--engine", engine)
            self.assertEqual([(path, jar) for path, jar, _ in next(iter(self.site.brought.values()))],
                             [("/hop", {}), ("/shop/end", {"hopped": "1"}), ("/", {})], engine)

    def test_an_arrival_brings_none(self):
        text = json.loads(plan(self.site.url, [{"get": "/"}, {"get": "/login"}, {"get": "/"}],
                               http={"cookies": "user"}))
        text["thread_groups"][0] |= {"arrivals": [{"rate": "50/s", "for": "400ms"}], "max_in_flight": 2}
        self.run_plan(json.dumps(text), "-t", "1")
        for visits in self.site.brought.values():
            kept = [bool(jar) for path, jar, _ in visits if path == "/"]
            self.assertEqual(kept, [False, True] * (len(kept) // 2))
        self.assertEqual(self.site.sessions, 20)


if __name__ == "__main__":
    run_tests()
