"""Redirects, against a server that counts what it was asked. argv: loadgen."""

import collections
import json
import subprocess
import sys
import unittest

from bookkeeper import Bookkeeper
from loadgen_e2e import PlanFile, Run, assert_balanced, offers, plan, run_tests

LOADGEN = sys.argv[1]
ENGINES = [engine for engine in ("native", "uring", "curl") if offers(LOADGEN, engine)]
BODY = "x" * 300


class Site(Bookkeeper):
    """/to/N?WHERE redirects with status N, /chain/N N times, anything else is answered with the request's own body."""

    def answer_to(self, asked):
        path = asked.path
        if path.startswith("/to/"):
            code, _, where = path[4:].partition("?")
            return int(code), [f"Location: {where.replace('BAD', 'http://[')}"], b"gone elsewhere"
        if path.startswith("/chain/"):
            left = int(path[7:])
            return (302, [f"Location: {left - 1}"], b"") if left else (200, [], b"arrived")
        return 200, [], asked.body or b"here"


class Redirects(unittest.TestCase):
    def setUp(self):
        self.site = Site()
        self.addCleanup(self.site.close)

    def run_steps(self, steps, *arguments, **group):
        settings = {"follow_redirects": True} | group.pop("http", {})
        with PlanFile(plan(self.site.url, steps, http=settings, **group)) as path:
            run = Run(LOADGEN, path, "--no-probe", *arguments)
        self.assertIsNotNone(run.run, run.err)
        assert_balanced(self, run.totals)
        checks = {line["check"]: line["result"] for line in run.run["verdict"]["evidence"]}
        self.assertEqual(checks["ledger"], "passed")
        self.assertEqual(checks["phases"], "passed", "they add up to the nanosecond, the follow-ups among them")
        return run

    def test_a_redirected_request_is_one_in_all_books(self):
        for engine in ENGINES:
            with self.subTest(engine=engine):
                self.setUp()  # new books
                self.count_a_redirected_request(engine)

    def count_a_redirected_request(self, engine):
        run = self.run_steps([{"get": "/chain/3", "expect": {"status": 200, "body_equals": "arrived"}}, {"get": "/"}],
                             "--engine", engine, users=4, loops=5)
        self.assertEqual((run.code, run.totals["planned"], run.totals["succeeded"]), (0, 40, 40), run.err)
        self.assertEqual((run.totals["redirects_followed"], run.run["follow_ups_ns"]["count"]), (60, 20))
        self.assertEqual(run.totals["by_status"], {"200": 40})
        self.assertEqual(collections.Counter(asked.path for asked in self.site.asked),
                         {"/chain/3": 20, "/chain/2": 20, "/chain/1": 20, "/chain/0": 20, "/": 20})
        self.assertEqual(run.totals["bytes_out"], self.site.bytes_in)
        self.assertEqual(run.totals["bytes_in"], self.site.bytes_out)
        self.assertEqual(run.totals["connections_opened"], 4)
        self.assertRegex(run.out, r"(?m)^ +follow-ups +20 ")
        self.assertIn("60 redirects followed", run.out)

    def test_without_it_a_redirect_is_a_response(self):
        for arguments, codes in (((), {"302": 3}), (("-L",), {"200": 3})):
            run = Run(LOADGEN, self.site.url + "/chain/1", "-n", "3", "-c", "1", *arguments)
            self.assertEqual((run.code, run.totals["by_status"]), (0, codes), run.err)
        run = self.run_steps([{"get": "/chain/1"}], http={"follow_redirects": False})
        self.assertEqual((run.totals["by_status"], run.totals["redirects_followed"]), ({"302": 1}, 0))
        run = self.run_steps([{"get": "/chain/1"}], "--follow-redirects", http={"follow_redirects": False})
        self.assertEqual(run.totals["by_status"], {"200": 1})

    def test_method_and_body_by_the_status(self):
        for code, method, kept in ((302, "GET", False), (303, "GET", False), (307, "POST", True), (308, "POST", True)):
            self.site.asked.clear()
            echoed = {"expect": {"body_equals": BODY if kept else "here"}}
            run = self.run_steps([{"post": f"/to/{code}?/end", "body": BODY} | echoed])
            self.assertEqual(run.totals["succeeded"], 1, run.out)
            first, second = self.site.asked
            self.assertEqual((second.method, second.path, first.body.decode(), second.body.decode()),
                             (method, "/end", BODY, BODY if kept else ""))

    def test_credentials_stay_with_their_server(self):
        other = Site()
        self.addCleanup(other.close)
        self.run_steps([{"get": f"/to/302?{other.url}/end", "auth": {"bearer": "t"}, "headers": {"X-Own": "1"}},
                        {"get": other.url + "/"}])
        headers = next(asked.headers for asked in other.asked if asked.path == "/end")
        self.assertEqual((headers.get("Authorization"), headers.get("X-Own")), (None, "1"))
        self.assertEqual(headers["Host"], other.url.removeprefix("http://"))
        self.assertEqual(self.site.asked[0].headers["Authorization"], "Bearer t")

    def test_what_cannot_be_followed_has_a_kind_of_its_own(self):
        other = Site()
        self.addCleanup(other.close)
        for step, kind in (("/chain/21", "too_many_redirects"), (f"/to/302?{other.url}/", "redirect_elsewhere"),
                           ("/to/302?https://127.0.0.1/", "redirect_elsewhere"), ("/to/302?BAD", "redirect_unusable"),
                           ("/to/302?/" + 9000 * "x", "redirect_unusable")):
            run = self.run_steps([{"get": step}])
            self.assertEqual(run.totals["errors_by_kind"], {kind: 1})
        self.assertEqual(other.asked, [], "no load where the plan does not send it")
        self.assertEqual(self.run_steps([{"get": "/chain/20"}]).totals["succeeded"], 1)
        self.assertIn("ask that one (by a step, or in the URL), or",
                      self.run_steps([{"get": f"/to/302?{other.url}/"}]).out)

    def test_expectations_are_of_the_last_response(self):
        run = self.run_steps([{"get": "/chain/2", "expect": {"status": 404}}])
        self.assertEqual((run.totals["errors_by_kind"], run.totals["by_status"]), ({"status": 1}, {"200": 1}))

    def test_open_load_and_a_saved_run(self):
        text = json.loads(plan(self.site.url, [{"get": "/chain/2"}], http={"follow_redirects": True}))
        text["thread_groups"][0]["arrivals"] = [{"rate": "100/s", "for": "500ms"}]
        with PlanFile(json.dumps(text)) as path:
            run = Run(LOADGEN, path, "-t", "2")
        self.assertEqual((run.totals["succeeded"], run.totals["redirects_followed"]), (50, 100), run.err)
        with PlanFile(json.dumps(run.run)) as saved:
            again = subprocess.run([LOADGEN, "report", saved], capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((again.returncode, again.stdout), (0, run.out), again.stderr)


if __name__ == "__main__":
    run_tests()
