"""What loadgen counts is what the server counts, to the request and to the byte. argv: loadgen, loadgen-server."""

import sys
import unittest

from loadgen_e2e import PlanFile, Run, Server, assert_balanced, offers, plan, run_tests

LOADGEN, SERVER = sys.argv[1:3]


class Ledger:
    """The same books by every engine."""

    def setUp(self):
        if not offers(LOADGEN, self.engine):
            self.skipTest(f"this machine does not offer the engine {self.engine}")

    def run_plan(self, text, *options):
        with PlanFile(text) as path:
            run = Run(LOADGEN, path, "--progress", "none", "--engine", self.engine, *options)
        self.assertIsNotNone(run.run, run.err)
        self.assertEqual(run.run["generator"]["engine"], self.engine)
        assert_balanced(self, run.totals)
        return run

    def test_every_fault_is_counted_once_by_its_kind(self):
        for keep_alive in (True, False):
            for threads in ("1", "2"):
                with self.subTest(keep_alive=keep_alive, threads=threads), Server(SERVER) as server:
                    path = "/x?status=500@3/10&reset=1@7/100&truncate=1@11/100&malformed=1@19/1000&size=100"
                    run = self.run_plan(plan(server.url, [{"get": path}], users=20, loops=100,
                                             http={"keep_alive": keep_alive}), "--threads", threads)
                    totals, stats = run.totals, server.stats()
                    self.assertEqual(totals["sent"], 2000)
                    errors = {kind: count for kind, count in totals["errors_by_kind"].items() if count}
                    self.assertEqual(errors, {"status": 200, "reset": 20, "closed_mid_body": 20, "malformed_response": 2})
                    self.assertEqual(totals["succeeded"], 2000 - 242)
                    self.assertEqual(run.run["response_ns"]["count"], totals["succeeded"])
                    self.assertEqual(run.run["send_lag_ns"]["count"], totals["succeeded"])
                    # The probe is one connection without a request; /stats does not count itself.
                    self.assertEqual(stats["requests"], totals["sent"])
                    self.assertEqual(totals["bytes_in"], stats["bytes"]["out"])
                    self.assertEqual(totals["bytes_out"], stats["bytes"]["in"])
                    self.assertEqual(totals["connections_opened"], stats["connections"]["accepted"] - 1)

    def test_requests_never_answered_time_out(self):
        with Server(SERVER) as server:
            run = self.run_plan(plan(server.url, [{"get": "/x?never=1@5/10"}], users=10, loops=4,
                                     http={"response_timeout": "300ms"}))
            self.assertEqual(run.totals["errors_by_kind"], {"response_timeout": 4})
            self.assertEqual(run.totals["succeeded"], 36)

    def test_requests_in_flight_when_the_grace_is_over_are_unfinished(self):
        with Server(SERVER) as server:
            run = self.run_plan(plan(server.url, [{"get": "/x?never=1"}], users=7, loops="forever", duration="300ms",
                                     grace="200ms"))
            self.assertEqual(run.totals["unfinished"], 7)
            self.assertEqual(run.totals["sent"], 7)
            self.assertEqual(run.code, 23, "nothing succeeded")

    def test_expectations(self):
        with Server(SERVER) as server:
            steps = [{"name": "right", "get": "/", "expect": {"status": 200, "body_equals": "OK"}},
                     {"name": "wrong body", "get": "/", "expect": {"body_contains": "NO"}},
                     {"name": "wrong status", "get": "/status/404"},
                     {"name": "right status", "get": "/status/404", "expect": {"status": ["4xx"]}},
                     {"name": "wrong header", "get": "/", "expect": {"headers": {"X-None": "1"}}}]
            run = self.run_plan(plan(server.url, steps, users=3, loops=2))
            failed = {row["label"]: row["failed"] for row in run.run["labels"]}
            self.assertEqual(failed, {"right": 0, "wrong body": 6, "wrong status": 6, "right status": 0, "wrong header": 6})
            self.assertEqual(run.totals["errors_by_kind"], {"expectation": 12, "status": 6})

    def test_on_error_skips_are_not_started(self):
        with Server(SERVER) as server:
            steps = [{"get": "/status/500"}, {"get": "/"}]
            run = self.run_plan(plan(server.url, steps, users=5, loops=3, on_error="start_next_loop"))
            self.assertEqual((run.totals["planned"], run.totals["sent"], run.totals["not_started"]), (30, 15, 15))
            run = self.run_plan(plan(server.url, steps, users=5, loops=3, on_error="stop_user"))
            self.assertEqual((run.totals["sent"], run.totals["not_started"]), (5, 25))

    def test_a_kept_connection_that_the_server_closes_is_opened_again(self):
        with Server(SERVER, "--idle-timeout", "1s") as server:
            run = self.run_plan(plan(server.url, [{"get": "/", "think_time": "2500ms"}], users=4, loops=2))
            self.assertEqual(run.totals["failed"], 0)
            self.assertEqual(run.totals["connections_reopened"], 4)
            self.assertEqual(run.totals["connections_opened"], 8)

    def test_a_new_visitor_has_a_new_connection(self):
        with Server(SERVER) as server:
            for same_user, opened in ((True, 3), (False, 12)):
                run = self.run_plan(plan(server.url, [{"get": "/"}, {"get": "/"}], users=3, loops=4,
                                         same_user_on_next_iteration=same_user))
                self.assertEqual(run.totals["connections_opened"], opened)

    def test_bodies_of_every_shape_arrive_whole(self):
        with Server(SERVER) as server:
            steps = [{"get": "/bytes/0"}, {"get": "/bytes/1000000"}, {"get": "/x?size=100000&chunked=1"},
                     {"head": "/bytes/5000"}, {"get": "/status/204"}, {"get": "/status/304"},
                     {"post": "/echo", "body": "x" * 300000, "expect": {"body_equals": "x" * 300000}},
                     {"get": "/x?size=30&trickle=1ms"}]
            run = self.run_plan(plan(server.url, steps, users=4, loops=3))
            self.assertEqual(run.totals["succeeded"], 4 * 3 * len(steps), run.out)
            self.assertEqual(run.totals["bytes_in"], server.stats()["bytes"]["out"])

    def test_too_large_a_response_is_refused(self):
        with Server(SERVER) as server:
            run = self.run_plan(plan(server.url, [{"get": "/bytes/70000"}], users=2, loops=2, http={"max_response": "64KiB"}))
            self.assertEqual(run.totals["errors_by_kind"], {"response_too_large": 4})

    def test_iterations_are_dealt_exactly(self):
        with Server(SERVER) as server:
            run = Run(LOADGEN, server.url + "/", "-c", "7", "-n", "100", "--progress", "none", "--engine", self.engine)
            self.assertEqual((run.code, run.totals["planned"], run.totals["succeeded"]), (0, 100, 100))
            self.assertEqual(server.stats()["requests"], 100)


class LedgerByNative(Ledger, unittest.TestCase):
    engine = "native"


class LedgerByCurl(Ledger, unittest.TestCase):
    engine = "curl"


class LedgerByUring(Ledger, unittest.TestCase):
    engine = "uring"


if __name__ == "__main__":
    run_tests()
