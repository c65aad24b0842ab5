#!/usr/bin/python3
"""loadgen-server from outside: raw sockets, curl, wrk and h2load. Usage: server_test.py PATH-TO-loadgen-server"""

import json
import os
import re
import resource
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import unittest

SERVER = None


class Server:
    """The server on a free port, stopped at the end of a with block."""

    def __init__(self, *options, preexec=None):
        self.process = subprocess.Popen([SERVER, "--port", "0", *options], stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, preexec_fn=preexec)
        first_line = self.process.stdout.readline()
        found = re.fullmatch(r"loadgen-server listening on (http://127\.0\.0\.1:(\d+)) \(threads (\d+)\)\n", first_line)
        if not found:
            raise AssertionError(f"first line: {first_line!r}, stderr: {self.process.stderr.read()!r}")
        self.url, self.port, self.threads = found[1], int(found[2]), int(found[3])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=10)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def talk(self, request, half_close=True):
        """All bytes answered until the server closes."""
        with self.connect() as client:
            client.sendall(request)
            if half_close:
                client.shutdown(socket.SHUT_WR)
            return read_all(client)

    def stats(self):
        return Answer(self.talk(b"GET /stats HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")).json()

    def reset_stats(self):
        return self.talk(b"POST /stats/reset HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")


def read_all(client):
    data = b""
    while True:
        part = client.recv(65536)
        if not part:
            return data
        data += part


class Answer:
    """The first response in `data`; what follows it is in `rest`."""

    def __init__(self, data, head_only=False):
        head, blank, after = data.partition(b"\r\n\r\n")
        assert blank, data
        lines = head.decode().split("\r\n")
        version, status, self.reason = lines[0].split(" ", 2)
        assert version == "HTTP/1.1", lines[0]
        self.status = int(status)
        self.fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        length = 0 if head_only else int(self.fields.get("content-length", 0))
        self.body, self.rest = after[:length], after[length:]
        self.whole = len(self.body) == length

    def json(self):
        return json.loads(self.body)


def get(target, *fields, method="GET", version="HTTP/1.1"):
    lines = [f"{method} {target} {version}", "host: h", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def receive_one(client, head_only=False):
    """One response of a connection that stays open."""
    data = b""
    while True:
        part = client.recv(65536)
        assert part, f"closed after {data!r}"
        data += part
        if b"\r\n\r\n" in data:
            answer = Answer(data, head_only)
            if answer.whole:
                return answer


class Routes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server()
        cls.addClassCleanup(cls.server.__exit__)

    def ask(self, *arguments, **named):
        return Answer(self.server.talk(get(*arguments, **named)), head_only=named.get("method") == "HEAD")

    def test_every_route(self):
        for target, status, body in [("/", 200, b"OK"), ("/async", 200, b"OK"), ("/fibonacci", 200, b"OK"),
                                     ("/bytes/5", 200, b"abcde"), ("/bytes/0", 200, b""),
                                     ("/status/503", 503, b"Service Unavailable")]:
            answer = self.ask(target)
            self.assertEqual((answer.status, answer.body), (status, body), target)
            self.assertRegex(answer.fields["date"], r"^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$")
        self.assertEqual(self.ask("/nothing").status, 404)

    def test_a_large_body_arrives_whole(self):
        answer = self.ask("/bytes/10000001")
        self.assertEqual(len(answer.body), 10000001)
        self.assertEqual(answer.body, (b"abcdefghijklmnopqrstuvwxyz" * 384616)[:10000001])

    def test_async_waits_two_milliseconds_and_blocks_nobody(self):
        with self.server.connect() as client:
            waits = []
            for _ in range(50):
                begin = time.monotonic()
                client.sendall(get("/async"))
                receive_one(client)
                waits.append(time.monotonic() - begin)
        self.assertGreaterEqual(min(waits), 0.002)
        self.assertLess(min(waits), 0.004, "the best of fifty, so that a busy machine does not matter")
        begin = time.monotonic()
        clients = [self.server.connect() for _ in range(50)]
        for client in clients:
            client.sendall(get("/x?delay=300ms"))
        for client in clients:
            receive_one(client)
            client.close()
        self.assertLess(time.monotonic() - begin, 3, "fifty waits of 0.3 s one after the other would take 15 s")

    def test_head_is_get_without_the_body(self):
        for target in ["/", "/bytes/100", "/async", "/status/404", "/x?status=500&chunked", "/x?size=7&hold=1"]:
            data = self.server.talk(get(target, method="HEAD") + get("/", method="HEAD"))
            first, second, end = data.split(b"\r\n\r\n")
            self.assertEqual(end, b"", target)
            length = re.search(rb"content-length: (\d+)", first)
            whole = self.ask(target)
            self.assertEqual(length and length[1].decode(), whole.fields.get("content-length"), target)
            self.assertTrue(second.startswith(b"HTTP/1.1 200"), target)

    def test_echo(self):
        body = os.urandom(300000)
        request = get("/echo", f"content-length: {len(body)}", method="POST") + body
        self.assertEqual(Answer(self.server.talk(request)).body, body)
        chunked = b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part)
                           for part in (body[i:i + 7777] for i in range(0, len(body), 7777)))
        request = get("/echo", "transfer-encoding: chunked", method="POST") + chunked + b"0\r\ntrailer: 1\r\n\r\n"
        answer = Answer(self.server.talk(request + get("/bytes/3")))
        self.assertEqual(answer.body, body)
        self.assertEqual(Answer(answer.rest).body, b"abc", "the next request begins where the body ended")

    def test_a_chunked_body_split_at_every_byte(self):
        request = get("/echo", "transfer-encoding: chunked", method="PUT") + b"3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n"
        with self.server.connect() as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for at in range(1, len(request)):
                client.sendall(request[:at])
                client.sendall(request[at:])
                self.assertEqual(receive_one(client).body, b"abc0123456789", at)

    def test_expect_100_continue(self):
        with self.server.connect() as client:
            client.sendall(get("/echo", "content-length: 5", "expect: 100-continue", method="POST"))
            self.assertEqual(client.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n")
            client.sendall(b"hello")
            self.assertEqual(receive_one(client).body, b"hello")
        whole = get("/echo", "content-length: 5", "expect: 100-continue", method="POST") + b"hello"
        self.assertEqual(Answer(self.server.talk(whole)).status, 200, "no 100 when the body is already there")

    def test_pipelined_requests_are_answered_in_order(self):
        targets = ["/bytes/1", "/async", "/bytes/2", "/x?delay=5ms&size=3", "/bytes/4", "/fibonacci", "/bytes/200000",
                   "/bytes/6"] * 10
        sizes = [1, 2, 2, 3, 4, 2, 200000, 6] * 10
        rest = self.server.talk(b"".join(get(target) for target in targets))
        for size in sizes:
            answer = Answer(rest)
            self.assertEqual(len(answer.body), size)
            rest = answer.rest
        self.assertEqual(rest, b"")

    def test_pipelined_requests_split_at_odd_places(self):
        stream = b"".join(get(target) for target in ["/bytes/1", "/async", "/", "/bytes/4"])
        for step in (1, 7, 31, 64):
            with self.server.connect() as client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for at in range(0, len(stream), step):
                    client.sendall(stream[at:at + step])
                client.shutdown(socket.SHUT_WR)
                rest = read_all(client)
            for body in (b"a", b"OK", b"OK", b"abcd"):
                answer = Answer(rest)
                self.assertEqual(answer.body, body, step)
                rest = answer.rest

    def test_connections_end_when_they_should(self):
        plain = self.server.talk(b"GET / HTTP/1.0\r\n\r\n", half_close=False)
        self.assertEqual(Answer(plain).fields["connection"], "close")
        closing = self.server.talk(get("/", "connection: close"), half_close=False)
        self.assertEqual(Answer(closing).fields["connection"], "close")
        with self.server.connect() as client:
            for _ in range(2):
                client.sendall(b"GET / HTTP/1.0\r\nconnection: keep-alive\r\n\r\n")
                self.assertEqual(receive_one(client).fields["connection"], "keep-alive")
        with self.server.connect() as client:
            for _ in range(2):
                client.sendall(get("/"))
                self.assertNotIn("connection", receive_one(client).fields)

    def test_refusals(self):
        many = "x: y\r\n" * 101
        for request, status in [
                (b"GET / HTTP/1.1\r\n\r\n", 400),
                (b"GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n", 400),
                (b"nonsense\r\n\r\n", 400),
                (b"\x16\x03\x01\x02\x00", 400),
                (b"GET / HTTP/1.1\nhost: a\n\n", 400),
                (get("/", "content-length: x"), 400),
                (get("/", "content-length: -1"), 400),
                (get("/", "content-length: 1", "transfer-encoding: chunked"), 400),
                (get("/echo", "transfer-encoding: chunked", method="POST") + b"zz\r\n", 400),
                (get("/x?delay=5"), 400),
                (get("/missing"), 404),
                (get("/", method="POST"), 405),
                (get("/echo"), 405),
                (get("/echo", "content-length: 1048577", method="POST"), 413),
                (get("/echo", "transfer-encoding: chunked", method="POST") + b"100001\r\n", 413),
                (get("/" + "a" * 17000), 414),
                (get("/", "expect: wonders"), 417),
                (get("/", "x: " + "a" * 17000), 431),
                (f"GET / HTTP/1.1\r\nhost: a\r\n{many}\r\n".encode(), 431),
                (get("/", method="BREW"), 501),
                (get("/", method="CONNECT"), 501),
                (get("/", "transfer-encoding: gzip"), 501),
                (get("/", version="HTTP/3.0"), 505)]:
            self.assertEqual(Answer(self.server.talk(request)).status, status, request[:60])
        self.assertEqual(self.ask("/", method="POST").fields["allow"], "GET, HEAD")
        self.assertEqual(self.ask("/echo").fields["allow"], "POST, PUT")

    def test_a_refusal_arrives_although_the_client_goes_on_sending(self):
        with self.server.connect() as client:
            client.sendall(get("/echo", "content-length: 50000000", method="POST"))
            for _ in range(20):
                client.sendall(b"x" * 65536)
                time.sleep(0.002)
            client.shutdown(socket.SHUT_WR)
            self.assertEqual(Answer(read_all(client)).status, 413)

    def test_what_is_not_kept_waiting_by_an_error_stays_open(self):
        with self.server.connect() as client:
            for target in ("/missing", "/x?delay=5", "/"):
                client.sendall(get(target))
                receive_one(client)


class Scripts(unittest.TestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.__exit__)

    def outcome(self, target):
        """What a request on its own connection comes to."""
        try:
            data = self.server.talk(get(target), half_close=False)
        except ConnectionResetError:
            return "reset"
        try:
            answer = Answer(data)
        except (AssertionError, ValueError):
            return "malformed"
        return answer.status if answer.whole else "truncated"

    def test_the_selectors_strike_exactly(self):
        target = "/w?close&status=500@3/10&reset@7/100&truncate@11/100&malformed@19/100"
        counted = {}
        for index in range(200):
            outcome = self.outcome(target)
            expected = {7: "reset", 11: "truncated", 19: "malformed"}.get(index % 100, 500 if index % 10 == 3 else 200)
            self.assertEqual(outcome, expected, index)
            counted[outcome] = counted.get(outcome, 0) + 1
        self.assertEqual(counted, {200: 174, 500: 20, "reset": 2, "truncated": 2, "malformed": 2})
        stats = self.server.stats()
        self.assertEqual(stats["requests"], 200)
        self.assertEqual(stats["responses"], 194, "reset, truncated and malformed are no responses")
        self.assertEqual(stats["statuses"], {"200": 174, "500": 20})
        self.assertEqual(stats["behaviours"],
                         {"status": 20, "close": 200, "truncate": 2, "reset": 2, "malformed": 2})
        self.assertEqual(stats["paths"], {"/w": 200})
        self.assertEqual(stats["connections"], {"accepted": 200, "open": 0})

    def test_bytes_are_counted_exactly_and_looking_changes_nothing(self):
        requests = get("/") * 3 + get("/bytes/100000") + get("/x?chunked&size=70000")
        received = self.server.talk(requests)
        for _ in range(3):
            stats = self.server.stats()
            self.assertEqual(stats["bytes"], {"in": len(requests), "out": len(received)})
            self.assertEqual(stats["connections"], {"accepted": 1, "open": 0})
            self.assertEqual(stats["requests"], 5)
        self.assertEqual(Answer(self.server.reset_stats()).json()["requests"], 5)
        after = self.server.stats()
        self.assertEqual((after["requests"], after["bytes"], after["paths"], after["connections"]),
                         (0, {"in": 0, "out": 0}, {}, {"accepted": 0, "open": 0}))

    def test_never_answers_and_keeps_the_connection(self):
        with self.server.connect() as client:
            client.sendall(get("/n?never@1/2"))
            receive_one(client)
            client.sendall(get("/n?never@1/2") + get("/"))
            client.settimeout(0.3)
            with self.assertRaises(TimeoutError):
                client.recv(1)
            self.assertEqual(self.server.stats()["connections"]["open"], 1)
        time.sleep(0.1)
        stats = self.server.stats()
        self.assertEqual(stats["connections"]["open"], 0, "the server notices that the client has gone")
        self.assertEqual((stats["requests"], stats["responses"], stats["behaviours"]), (2, 1, {"never": 1}))

    def test_a_reset_is_a_reset_before_any_byte(self):
        with self.server.connect() as client:
            client.sendall(get("/x?reset"))
            with self.assertRaises(ConnectionResetError):
                client.recv(1)

    def test_truncated_answers_announce_the_whole(self):
        data = self.server.talk(get("/x?size=1000&truncate=400"), half_close=False)
        self.assertEqual(Answer(data).fields["content-length"], "1000")
        self.assertEqual(len(Answer(data).body), 400)
        self.assertNotIn("connection", Answer(data).fields, "an honest server would not know it either")

    def test_trickle(self):
        begin = time.monotonic()
        data = self.server.talk(get("/x?trickle=20ms&size=10&close"), half_close=False)
        self.assertEqual(Answer(data).body, b"abcdefghij")
        self.assertGreaterEqual(time.monotonic() - begin, 0.2)

    def test_chunked_answers_read_by_curl(self):
        curl = subprocess.run(["curl", "-s", f"{self.server.url}/x?chunked&size=200000"], capture_output=True, check=True)
        self.assertEqual(len(curl.stdout), 200000)
        old = self.server.talk(b"GET /x?chunked&size=10 HTTP/1.0\r\nconnection: keep-alive\r\n\r\n", half_close=False)
        self.assertTrue(old.endswith(b"\r\n\r\nabcdefghij"), "HTTP/1.0: ended by the close")

    def test_hold_tells_the_time_held(self):
        for wait_ms in (0, 5, 20):
            held = int(Answer(self.server.talk(get(f"/x?delay={wait_ms}ms&hold=1"))).fields["x-hold-ns"])
            self.assertGreaterEqual(held, wait_ms * 1e6)
            self.assertLess(held, wait_ms * 1e6 + 50e6)
        self.assertNotIn("x-hold-ns", Answer(self.server.talk(get("/x?delay=1ms"))).fields)

    def test_delays_of_a_distribution_have_its_quantiles(self):
        with self.server.connect() as client:
            held = []
            for _ in range(20):
                client.sendall(get("/d?delay=uniform(1ms,9ms)&strata=20&hold=1"))
                held.append(int(receive_one(client).fields["x-hold-ns"]))
        held.sort()
        for i, ns in enumerate(held):
            exact = 1e6 + (i + 0.5) / 20 * 8e6
            self.assertGreaterEqual(ns, exact - 1)
        self.assertNotEqual(held[0], held[-1])

    def test_paths_are_bounded(self):
        with self.server.connect() as client:
            for i in range(300):
                client.sendall(get(f"/status/200?i={i}") + get(f"/p{i}"))
                receive_one(client)
        time.sleep(0.1)
        paths = self.server.stats()["paths"]
        self.assertLessEqual(len(paths), 257)
        self.assertGreater(paths["other"], 0)


class Behaviour(unittest.TestCase):
    def test_freeze_windows(self):
        with Server("--freeze", "300ms/600ms") as server, server.connect() as client:
            held = []
            begin = time.monotonic()
            while time.monotonic() - begin < 2.5:
                client.sendall(get("/?hold=1"))
                held.append(int(receive_one(client).fields["x-hold-ns"]) / 1e9)
            elapsed = time.monotonic() - begin
            frozen = [seconds for seconds in held if seconds > 0.1]
            # Whoever asks without a pause meets every window; a stall of this test may hide one of them.
            self.assertGreaterEqual(len(frozen), elapsed / 0.6 - 2)
            self.assertLessEqual(len(frozen), elapsed / 0.6 + 1)
            self.assertGreater(max(frozen), 0.25)
            self.assertLess(min(frozen), 0.35, "as long as the window, no longer")
            self.assertEqual(server.stats()["responses"], len(held))

    def test_idle_connections_are_closed_and_busy_ones_are_not(self):
        with Server("--idle-timeout", "800ms") as server:
            with server.connect() as idle, server.connect() as slow, server.connect() as busy, server.connect() as waiting:
                begin = time.monotonic()
                slow.sendall(b"GET / HT")
                waiting.sendall(get("/x?delay=2s"))
                while time.monotonic() - begin < 1.6:
                    time.sleep(0.05)
                    busy.sendall(get("/"))
                    self.assertEqual(receive_one(busy).status, 200)
                self.assertEqual(idle.recv(1), b"")
                self.assertEqual(slow.recv(1), b"", "half a request is no reason to stay")
                self.assertLess(time.monotonic() - begin, 5)
                self.assertEqual(receive_one(waiting).status, 200, "a request in hand is not idle")

    def test_a_reader_that_does_not_read_is_let_go(self):
        with Server("--idle-timeout", "300ms") as server, server.connect() as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.sendall(get("/bytes/100000000"))
            time.sleep(1)
            self.assertEqual(server.stats()["connections"]["open"], 0)

    def test_a_graceful_stop_finishes_what_is_in_flight(self):
        for threads in ("1", "2"):
            with Server("--threads", threads) as server:
                with server.connect() as client, server.connect() as idle:
                    client.sendall(get("/x?delay=400ms"))
                    idle.sendall(get("/"))
                    receive_one(idle)
                    time.sleep(0.1)
                    server.process.send_signal(signal.SIGTERM)
                    self.assertEqual(idle.recv(1), b"")
                    answer = receive_one(client)
                    self.assertEqual((answer.status, answer.fields["connection"]), (200, "close"))
                    self.assertEqual(client.recv(1), b"")
                self.assertEqual(server.process.wait(5), 0)
                with self.assertRaises(ConnectionRefusedError):
                    server.connect()

    def test_a_stop_waits_no_longer_than_five_seconds(self):
        with Server() as server, server.connect() as client:
            client.sendall(get("/x?delay=60s"))
            time.sleep(0.1)
            begin = time.monotonic()
            server.process.send_signal(signal.SIGINT)
            self.assertEqual(server.process.wait(10), 0)
            self.assertAlmostEqual(time.monotonic() - begin, 5, delta=1.5)

    def test_a_stop_with_a_full_backlog_is_no_failure(self):
        for _ in range(3):
            with Server() as server:
                server.process.send_signal(signal.SIGSTOP)
                clients = [server.connect() for _ in range(900)]
                server.process.terminate()
                server.process.send_signal(signal.SIGCONT)
                _, errors = server.process.communicate(timeout=10)
                for client in clients:
                    client.close()
                self.assertEqual((server.process.returncode, errors), (0, ""))

    def test_a_port_in_use_is_explained(self):
        with Server() as server:
            for threads in ("1", "2"):
                second = subprocess.run([SERVER, "--port", str(server.port), "--threads", threads],
                                        capture_output=True, text=True, timeout=10)
                self.assertEqual(second.returncode, 69)
                self.assertIn(f"127.0.0.1:{server.port}", second.stderr)
                self.assertIn("--port", second.stderr)

    def test_threads_share_the_port_and_their_counters(self):
        with Server("--threads", "2") as server:
            self.assertEqual(server.threads, 2)
            for _ in range(40):
                self.assertEqual(Answer(server.talk(get("/t?status=500@1/2"))).status // 100 in (2, 5), True)
            stats = server.stats()
            self.assertEqual((stats["requests"], stats["connections"]["accepted"]), (40, 40))
            self.assertEqual(stats["statuses"], {"200": 20, "500": 20}, "one index over all threads")
            second = subprocess.run([SERVER, "--port", str(server.port), "--threads", "2"], capture_output=True, timeout=10)
            self.assertEqual(second.returncode, 69, "a second server must not slip in beside the first")

    def test_out_of_descriptors_it_waits_instead_of_spinning(self):
        def few():
            resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
        with Server(preexec=few) as server:
            clients = [server.connect() for _ in range(60)]
            time.sleep(0.3)
            before = cpu_seconds(server.process.pid)
            time.sleep(1)
            self.assertLess(cpu_seconds(server.process.pid) - before, 0.2)
            for client in clients[:40]:
                client.close()
            clients[-1].sendall(get("/"))
            self.assertEqual(receive_one(clients[-1]).status, 200, "those in the backlog get their turn")
            for client in clients:
                client.close()
            server.process.terminate()
            _, errors = server.process.communicate(timeout=10)
            self.assertEqual(errors.count("cannot accept more connections"), 1, errors)

    def test_body_limit_option(self):
        with Server("--max-body", "10B") as server:
            post = lambda n: get("/echo", f"content-length: {n}", method="POST") + b"x" * n
            self.assertEqual(Answer(server.talk(post(10))).status, 200)
            self.assertEqual(Answer(server.talk(post(11))).status, 413)

    def test_usage(self):
        for arguments, code in [(["--help"], 0), (["--version"], 0), (["--delay", "5"], 64), (["--what"], 64)]:
            run = subprocess.run([SERVER, *arguments], capture_output=True, text=True, timeout=10)
            self.assertEqual(run.returncode, code, arguments)
            self.assertEqual(bool(run.stdout), code == 0, arguments)
        self.assertRegex(subprocess.run([SERVER, "--version"], capture_output=True, text=True).stdout,
                         r"^loadgen-server \d+\.\d+\.\d+\n$")

    def test_abrupt_clients_do_no_harm(self):
        with Server() as server:
            for i in range(200):
                client = server.connect()
                client.sendall(get(["/", "/async", "/bytes/1000000", "/x?trickle=1ms&size=50", "/x?never"][i % 5]))
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                client.close()
            time.sleep(0.3)
            self.assertEqual(server.stats()["connections"]["open"], 0)
            self.assertIsNone(server.process.poll())


class OutsideClients(unittest.TestCase):
    """Clients that are not ours: both ends agreeing with each other proves little."""

    def need(self, program):
        if shutil.which(program) is None:
            self.skipTest(f"{program} is not installed")

    def test_curl(self):
        self.need("curl")
        with Server() as server:
            curl = lambda *arguments: subprocess.run(["curl", "-sS", *arguments], capture_output=True, timeout=20).stdout
            self.assertEqual(curl(server.url + "/"), b"OK")
            self.assertEqual(curl("--http1.0", server.url + "/fibonacci"), b"OK")
            self.assertEqual(curl("-d", "hello", server.url + "/echo"), b"hello")
            self.assertEqual(curl("-H", "transfer-encoding: chunked", "-d", "hello", server.url + "/echo"), b"hello")
            self.assertTrue(curl("-I", server.url + "/").startswith(b"HTTP/1.1 200 OK"))
            self.assertEqual(curl("-g", f"{server.url}/x?delay=exp(1ms)&size=3"), b"abc")

    def test_wrk(self):
        self.need("wrk")
        with Server() as server:
            for path in ("/", "/async", "/fibonacci", "/bytes/5000"):
                run = subprocess.run(["wrk", "-t1", "-c50", "-d1s", server.url + path], capture_output=True, text=True,
                                     timeout=30)
                self.assertNotIn("Socket errors", run.stdout, path)
                self.assertNotIn("Non-2xx", run.stdout, path)
                completed = int(re.search(r"(\d+) requests in", run.stdout)[1])
                self.assertGreater(completed, 100, path)
                # What was under way when wrk stopped reading is in the server's count only.
                answered = server.stats()["paths"][path]
                self.assertGreaterEqual(answered, completed, path)
                self.assertLessEqual(answered, completed + 50, path)

    def test_h2load(self):
        self.need("h2load")
        with Server() as server:
            run = subprocess.run(["h2load", "--h1", "-c20", "-m4", "-n20000", server.url + "/"], capture_output=True,
                                 text=True, timeout=60)
            self.assertRegex(run.stdout, r"20000 succeeded, 0 failed, 0 errored, 0 timeout")
            stats = server.stats()
            self.assertEqual((stats["requests"], stats["responses"]), (20000, 20000))


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    SERVER = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
