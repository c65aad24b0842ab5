#!/usr/bin/python3
"""When loadgen-server does what it is asked: queues, freezes, delays of connections and bodies, the request log.
Usage: server_timing_test.py PATH-TO-loadgen-server

A busy machine makes things late, never early: lower bounds are exact, upper bounds hold for the best of several tries.
"""

import os
import subprocess
import sys
import tempfile
import time
import unittest

import server_test
from server_test import Answer, Server, get, receive_one


def milliseconds(client, target):
    """Until the whole answer is there."""
    begin = time.monotonic()
    client.sendall(get(target))
    receive_one(client)
    return (time.monotonic() - begin) * 1e3


def cpu_seconds(pid):
    """Of all its threads, in ns: the clock's number as clock_getcpuclockid(3) makes it."""
    return time.clock_gettime((~pid << 3) | 2)


class Timing(unittest.TestCase):
    def test_a_served_path_answers_one_after_another(self):
        for threads in ("1", "2"):
            with Server("--threads", threads) as server:
                clients = [server.connect() for _ in range(5)]
                begin = time.monotonic()
                for client in clients:
                    client.sendall(get("/q?serve=40ms"))
                done = []
                for client in clients:
                    receive_one(client)
                    done.append((time.monotonic() - begin) * 1e3)
                    client.close()
                self.assertGreaterEqual(min(done), 40)
                self.assertGreaterEqual(max(done), 200, "five times 40 ms, whichever thread took them")
                self.assertLess(max(done), 400)

    def test_paths_without_that_rule_do_not_wait_for_it(self):
        with Server() as server, server.connect() as slow, server.connect() as quick:
            slow.sendall(get("/q?serve=500ms"))
            self.assertLess(milliseconds(quick, "/q"), 400)
            self.assertLess(milliseconds(quick, "/r?serve=1ms"), 400)

    def test_spinning_makes_answers_exact(self):
        with Server("--spin", "200us") as server, server.connect() as client:
            held = []
            for _ in range(200):
                client.sendall(get("/d?delay=1ms&hold=1"))
                held.append(int(receive_one(client).fields["x-hold-ns"]))
        held.sort()
        self.assertGreaterEqual(held[0], 1_000_000)
        self.assertLess(held[len(held) // 4], 1_020_000, "a timer alone is 30 us late or more")

    def test_a_frozen_wait_falls_linearly(self):
        with Server("--freeze", "200ms/1s") as server, server.connect() as first:
            clients = [server.connect() for _ in range(9)]
            begin = time.monotonic()
            first.sendall(get("/?hold=1"))
            sent = []
            for i, client in enumerate(clients):
                time.sleep(max(0, begin + 0.02 * (i + 1) - time.monotonic()))
                sent.append(time.monotonic() - begin)
                client.sendall(get("/?hold=1"))
            for client, offset in zip(clients, sent):
                held = int(receive_one(client).fields["x-hold-ns"]) / 1e9
                if offset < 0.19:
                    self.assertAlmostEqual(held, 0.2 - offset, delta=0.015)
                client.close()
            self.assertLess(milliseconds(first, "/"), 2000)

    def test_after_a_freeze_comes_the_delay(self):
        with Server("--freeze", "100ms/10s") as server, server.connect() as client:
            self.assertGreaterEqual(milliseconds(client, "/x?delay=50ms"), 150)

    def test_one_freeze_at_its_time(self):
        with Server("--freeze-at", "300ms/300ms") as server, server.connect() as client:
            begin = time.monotonic()
            waits = []
            while time.monotonic() - begin < 1.2:
                at = time.monotonic() - begin
                waits.append((milliseconds(client, "/"), at))
                time.sleep(0.002)
        longest, at = max(waits)
        self.assertAlmostEqual(longest, 300, delta=30)
        self.assertAlmostEqual(at, 0.3, delta=0.03)
        self.assertLess(sorted(waits)[-2][0], 150, "once")

    def test_the_accept_delay_is_paid_by_new_connections_once(self):
        with Server("--accept-delay", "100ms") as server:
            connects, firsts, seconds = [], [], []
            for _ in range(5):
                begin = time.monotonic()
                with server.connect() as client:
                    connects.append((time.monotonic() - begin) * 1e3)
                    firsts.append(connects[-1] + milliseconds(client, "/"))
                    seconds.append(milliseconds(client, "/"))
        self.assertLess(min(connects), 50, "the kernel answers the handshake")
        self.assertGreaterEqual(min(firsts), 100)
        self.assertLess(min(firsts), 150)
        self.assertLess(min(seconds), 50)

    def test_a_client_that_leaves_during_the_accept_delay_is_forgotten(self):
        with Server("--accept-delay", "100ms") as server:
            for _ in range(20):
                server.connect().close()
            time.sleep(0.3)
            self.assertEqual(server.stats()["connections"]["open"], 0)

    def test_stretched_delays_are_longer(self):
        with Server("--delay", "20ms", "--stretch", "3") as server, server.connect() as client:
            for target, least in (("/async", 60), ("/x?delay=20ms", 60), ("/q?serve=20ms", 60), ("/x?size=2&pause=30ms", 90)):
                best = min(milliseconds(client, target) for _ in range(3))
                self.assertGreaterEqual(best, least, target)
                self.assertLess(best, least + 25, target)

    def test_extra_work_is_processor_time_of_every_request_that_is_counted(self):
        requests, work_ms = 100, 2
        with Server("--extra-work", f"{work_ms}ms") as server, server.connect() as client:
            before = cpu_seconds(server.process.pid)
            for i in range(requests):
                client.sendall(get("/" if i % 2 else "/x?size=5"))
                receive_one(client)
            between = cpu_seconds(server.process.pid)
            for _ in range(20):
                client.sendall(get("/stats"))
                receive_one(client)
            after = cpu_seconds(server.process.pid)
        self.assertGreaterEqual(between - before, requests * work_ms / 1e3)
        self.assertLess(between - before, 2 * requests * work_ms / 1e3)
        self.assertLess(after - between, 20 * work_ms / 1e3, "/stats costs no extra work")

    def test_a_pause_halves_the_body(self):
        with Server() as server, server.connect() as client:
            for target, half in (("/p?size=10&pause=100ms", b"abcde"), ("/p?pause=100ms&size=9", b"abcde")):
                client.sendall(get(target))
                data = client.recv(65536)
                begin = time.monotonic()
                self.assertEqual(data.partition(b"\r\n\r\n")[2], half)
                rest = client.recv(65536)
                self.assertGreaterEqual(time.monotonic() - begin, 0.09)
                self.assertTrue(Answer(data + rest).whole)


class Log(unittest.TestCase):
    def test_the_log_has_every_request_but_those_for_the_counters(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "requests.log")
            with Server("--log", path, "--threads", "2") as server:
                begin = time.monotonic_ns()
                for target in ("/", "/x?delay=30ms", "/missing", "/async"):
                    with server.connect() as client:
                        client.sendall(get(target))
                        receive_one(client)
                with server.connect() as client:
                    client.sendall(get("/x?never"))
                    time.sleep(0.1)
                end = time.monotonic_ns()
                self.assertEqual(server.stats()["requests"], 5)
            with open(path, encoding="ascii") as log:
                rows = [line.split() for line in log]
        arrivals = [int(row[0]) for row in rows]
        self.assertEqual(arrivals, sorted(arrivals))
        self.assertTrue(begin <= arrivals[0] and arrivals[-1] <= end, "one clock for all of the machine")
        self.assertEqual([row[1] == "-" for row in rows], [False, False, False, False, True])
        self.assertGreaterEqual(int(rows[1][1]), 30_000_000)
        self.assertGreaterEqual(int(rows[3][1]), 2_000_000)

    def test_a_log_that_cannot_be_written_is_told_at_once(self):
        run = subprocess.run([server_test.SERVER, "--port", "0", "--log", "/no/such/folder/log"], capture_output=True,
                             text=True, timeout=10, check=False)
        self.assertEqual(run.returncode, 69)
        self.assertIn("/no/such/folder/log", run.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    server_test.SERVER = os.path.abspath(sys.argv.pop(1))
    unittest.main(verbosity=1)
