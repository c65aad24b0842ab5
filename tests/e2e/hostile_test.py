"""Servers that mean harm, and plans at the edge of sense: every run ends, in time, with its books balanced.

argv: loadgen, loadgen-server.
"""

import json
import socket
import sys
import threading
import time
import unittest

from loadgen_e2e import PlanFile, Run, Server, assert_balanced, plan, run_tests

LOADGEN, SERVER = sys.argv[1:3]
USERS, REQUESTS = 3, 6
DRIP_S = 0.25  # 40 bytes of them take ten times the timeout


class Harm:
    """Accepts, reads one request's beginning, and does harm(connection) in a thread of its own."""

    def __init__(self, harm):
        self.harm = harm

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        try:
            while True:
                threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()
        except OSError:
            pass  # the listener was closed

    def serve(self, connection):
        with connection:
            try:
                if connection.recv(65536):
                    self.harm(connection)
            except OSError:
                pass  # loadgen has had enough


def send_for_ever(head, more):
    def harm(connection):
        connection.sendall(head)
        while True:
            connection.sendall(more)
    return harm


def say_nothing(connection):
    connection.recv(1)


def drip(connection):
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK":
        connection.sendall(bytes([byte]))
        time.sleep(DRIP_S)


def answer_twice(connection):
    while True:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOKHTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")
        connection.recv(65536)


def close_at_once(connection):
    connection.shutdown(socket.SHUT_RDWR)


OK = b"HTTP/1.1 200 OK\r\n"


class HostileServers(unittest.TestCase):
    def meet(self, harm, timeout="10s"):
        with Harm(harm) as server:
            before = time.monotonic()
            run = Run(LOADGEN, server.url, "-c", str(USERS), "-n", str(REQUESTS), "--timeout", timeout,
                      "--no-progress")
            took = time.monotonic() - before
        self.assertIsNotNone(run.run, run.err)
        assert_balanced(self, run.totals)
        self.assertEqual(run.totals["sent"], REQUESTS)
        self.assertLess(took, 30)
        return run

    def fails(self, kind, harm, timeout="10s"):
        run = self.meet(harm, timeout)
        self.assertEqual({k: n for k, n in run.totals["errors_by_kind"].items() if n}, {kind: REQUESTS}, run.out)
        self.assertEqual(run.code, 23)
        return run

    def test_one_that_says_nothing(self):
        run = self.fails("response_timeout", say_nothing, "1s")
        self.assertEqual(run.totals["bytes_in"], 0)

    def test_one_that_speaks_too_slowly(self):
        self.fails("response_timeout", drip, "1s")

    def test_one_that_closes(self):
        self.fails("closed_before_response", close_at_once)

    def test_headers_without_end(self):
        self.fails("response_too_large", send_for_ever(OK, b"X-More: and more\r\n" * 500))

    def test_a_header_without_end(self):
        self.fails("response_too_large", send_for_ever(OK + b"X: ", b"x" * 65536))

    def test_trailers_without_end(self):
        self.fails("response_too_large",
                   send_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: x\r\n" * 5000))

    def test_a_body_without_end(self):
        run = self.fails("response_too_large", send_for_ever(OK + b"\r\n", b"x" * 1_000_000))
        self.assertGreater(run.totals["bytes_in"], REQUESTS * (64 << 20))

    def test_no_http(self):
        self.fails("malformed_response", send_for_ever(b"220 smtp.example ESMTP\r\n", b"500 what?\r\n"))

    def test_a_second_answer_nobody_asked_for_is_never_taken_for_the_next(self):
        run = self.meet(answer_twice)
        self.assertEqual((run.totals["succeeded"], run.totals["connections_opened"]), (REQUESTS, REQUESTS))


class Edges(unittest.TestCase):
    def totals(self, *arguments):
        with Server(SERVER) as server:
            run = Run(LOADGEN, server.url + "/", *arguments, "--no-progress")
            self.assertEqual(run.code, 0, run.err)
            assert_balanced(self, run.totals)
            self.assertEqual(server.stats()["requests"], run.totals["sent"])
        return run.totals

    def test_one_request(self):
        totals = self.totals("-c", "1", "-n", "1")
        self.assertEqual((totals["succeeded"], totals["connections_opened"]), (1, 1))

    def test_more_users_than_requests(self):
        totals = self.totals("-c", "5000", "-n", "10")
        self.assertEqual((totals["planned"], totals["succeeded"], totals["connections_opened"]), (10, 10, 10))

    def test_a_moment(self):
        totals = self.totals("-c", "4", "-d", "1ms")
        self.assertGreater(totals["succeeded"], 0)
        self.assertEqual(totals["unfinished"], 0, "what was begun is waited for")

    def test_several_groups_and_targets(self):
        with Server(SERVER) as here, Server(SERVER) as there:
            steps = [{"name": "here", "get": "/"}, {"name": "there", "get": there.url + "/bytes/10"}]
            late = {"users": 2, "loops": 5, "ramp_up": "200ms", "startup_delay": "100ms",
                    "steps": [{"name": "late", "get": "/async"}]}
            both = json.loads(plan(here.url, steps, users=3, loops=4))
            both["thread_groups"].append(late)
            with PlanFile(json.dumps(both)) as path:
                run = Run(LOADGEN, path, "--no-progress")
            assert_balanced(self, run.totals)
            self.assertEqual({row["label"]: row["succeeded"] for row in run.run["labels"]},
                             {"late": 10, "here": 12, "there": 12})
            self.assertEqual((here.stats()["requests"], there.stats()["requests"]), (22, 12))
            self.assertEqual(run.totals["connections_opened"], 2 + 3 + 3)


if __name__ == "__main__":
    run_tests()
