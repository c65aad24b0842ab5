#!/usr/bin/env python3
"""The measuring scripts measured: what they read out of other programs, and the arithmetic of their reports.

tools_test.py REPOSITORY
"""

import math
import socket
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1)).resolve()
sys.path[:0] = [str(ROOT / "tools" / "lib"), str(ROOT / "tests" / "bench")]

import clients  # noqa: E402  (the paths above come first)
import kit  # noqa: E402
import machine  # noqa: E402
import open_load  # noqa: E402
import paced_clients  # noqa: E402
import servers  # noqa: E402

WRK = """Running 2s test @ http://127.0.0.1:21001/
  1 threads and 100 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.07ms  487.21us  15.18ms   92.36%
  68834 requests in 1.50s, 9.78MB read
"""
WRK_ERRORS = WRK + """  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 50
Requests/sec:  45889.33
"""
H2LOAD = """finished in 2.00s, 3005.33 req/s, 346.32KB/s
requests: 6000 total, 6000 started, 5990 done, 5985 succeeded, 15 failed, 10 errored, 0 timeout
status codes: 5985 2xx, 0 3xx, 5 4xx, 0 5xx
                     min         max         mean         sd        +/- sd
time for request:     2.41ms      6.38ms      3.82ms       530us    75.95%
time for connect:       50us       946us       351us       188us    64.65%
"""


WRK_LATENCY = """  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   198.12ms  344.93ms   1.02s    81.26%
    Req/Sec    43.01k    12.4k    56.7k     78.00%
  Latency Distribution
     50%  487.00us
     75%   12.04ms
     90%  816.50ms
     99%    1.00s
"""


class OtherClients(unittest.TestCase):
    def test_wrks_latencies(self):
        self.assertEqual(paced_clients.parse_wrk_latency(WRK_LATENCY), (816.5, 1000, 198.12))

    def test_what_a_rate_leaves_out(self):
        load = paced_clients.Load("", 1000, 20, 100)
        run = paced_clients.paced(16_000, 800, 0.8, (1, 2, 3))
        self.assertAlmostEqual(run.missing_percent(load), 20)
        self.assertAlmostEqual(run.cpu_us, 50)

    def test_the_truth_of_a_freeze(self):
        # One second in five at 1,000/s, counted out: 5,000 requests, of which 1,000 wait 1,000 ms down to 1 ms.
        waits = sorted([0.0] * 4000 + [float(ms) for ms in range(1, 1001)])
        p90, p99, mean = open_load.truth_ms()
        self.assertAlmostEqual(paced_clients.percentile(waits, 0.9), p90, delta=1)
        self.assertAlmostEqual(paced_clients.percentile(waits, 0.99), p99, delta=1)
        self.assertAlmostEqual(sum(waits) / 5000, mean, delta=1)

    def test_wake_ups_are_late_and_never_early(self):
        late = open_load.wake_ups_us(50, 1000)
        self.assertEqual(len(late), 50)
        self.assertGreaterEqual(min(late), 0)

    def test_wrk(self):
        self.assertEqual(clients.parse_wrk(WRK), (68834, 1.5, 0))

    def test_wrk_counts_socket_errors_and_bad_statuses(self):
        self.assertEqual(clients.parse_wrk(WRK_ERRORS)[2], 1 + 2 + 3 + 4 + 50)

    def test_wrk_without_a_result_is_no_measurement(self):
        with self.assertRaisesRegex(servers.Unavailable, "unable to connect"):
            clients.parse_wrk("unable to connect to 127.0.0.1:1 Connection refused")

    def test_h2load(self):
        self.assertEqual(clients.parse_h2load(H2LOAD), (5990, 3005.33, 15))
        self.assertEqual(clients.h2load_mean_connect_us(H2LOAD), 351)
        self.assertAlmostEqual(clients.h2load_mean_connect_us(H2LOAD.replace("351us", "1.25ms")), 1250)

    def test_percentile_is_the_nearest_rank(self):
        for fraction, expected in ((0.5, 50), (0.99, 99), (0.999, 100), (1.0, 100)):
            self.assertEqual(clients.percentile(range(1, 101), fraction), expected)


class Children(unittest.TestCase):
    def test_cpu_and_memory_are_the_childs_own(self):
        script = ("import time; block = bytearray(b'x' * 60_000_000)\n"
                  "while time.process_time() < 0.3: pass\nprint('done')")
        code, out, _, cpu_s, rss_mb = clients.run_measured([sys.executable, "-c", script])
        self.assertEqual((code, out), (0, "done\n"))
        self.assertTrue(0.3 <= cpu_s < 0.6, cpu_s)
        self.assertTrue(60 <= rss_mb < 160, rss_mb)

    def test_memory_of_a_small_child_is_not_that_of_this_process(self):
        self.assertLess(clients.run_measured(["sleep", "0.2"])[4], 6)

    def test_a_server_that_ends_while_starting_gives_its_last_words(self):
        with self.assertRaisesRegex(servers.Unavailable, "no such luck"):
            servers.Server("luckless", ["sh", "-c", "echo no such luck; exit 1"], servers.free_port())

    def test_a_server_is_stopped_and_its_cpu_time_read(self):
        port = servers.free_port()
        command = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", port]
        with servers.Server("python", command, port) as server:
            self.assertGreater(server.cpu_seconds(), 0.001)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port))

    def test_sockets_in_time_wait_are_found_by_their_server(self):
        here, elsewhere = "127.98.76.54", "127.98.76.53"  # nobody else's: at 127.0.0.1 any port may have some
        with socket.create_server((here, 0)) as listener:
            port = listener.getsockname()[1]
            before = machine.time_wait_at(here, port)
            client = socket.create_connection((here, port))
            accepted, _ = listener.accept()
            client.close()  # the first to close keeps the socket
            self.assertEqual(accepted.recv(1), b"")
            accepted.close()
            self.assertEqual(machine.time_wait_at(here, port), before + 1)
            self.assertEqual(machine.time_wait_at(elsewhere, port), 0)


class Reports(unittest.TestCase):
    def test_a_target_is_met_or_not_or_not_measured(self):
        self.assertEqual(kit.Target("f", 0.85, 0.85, "x").row(), ["f", "<= 0.85x", "0.85x", "met"])
        self.assertEqual(kit.Target("f", 0.85, 0.86, "x").row()[-1], "**not met**")
        self.assertEqual(kit.Target("f", 2980, 2979, at_least=True).row()[-1], "**not met**")
        self.assertEqual(kit.Target("f", 1, None).row()[-1], "not measured")
        self.assertEqual(kit.Target("f", 1, math.nan).row()[-1], "not measured")

    def test_ratios_are_taken_round_by_round(self):
        # The second round was slow for both; the ratio of the medians, 30 / 15, would say twice as much.
        self.assertEqual(kit.ratio_by_round({0: 10, 1: 44, 2: 30}, {0: 10, 1: 40, 2: 15}), 1.1)

    def test_a_round_that_one_lacks_does_not_shift_the_others(self):
        self.assertEqual(kit.ratio_by_round({0: 10, 2: 30}, {0: 10, 1: 40, 2: 10}), 2)
        self.assertTrue(math.isnan(kit.ratio_by_round({0: 1}, {1: 1})))

    def test_variation(self):
        self.assertAlmostEqual(kit.variation_percent([99, 101]), 100 * math.sqrt(2) / 100)

    def test_turns_rotate_and_a_missing_subject_does_not_stop_the_others(self):
        order = []

        def gone():
            raise servers.Unavailable("not here")

        context = kit.Context(3, 1, 1, Path(), Path(), say=lambda _: None)
        results, reasons = kit.take_turns(
            context, {"a": lambda: order.append("a") or 1, "b": lambda: order.append("b") or 2, "c": gone}, 3)
        self.assertEqual(order, ["a", "b", "b", "a", "a", "b"])
        self.assertEqual(results, {"a": {0: 1, 1: 1, 2: 1}, "b": {0: 2, 1: 2, 2: 2}})
        self.assertEqual(reasons, ["c: not measured: not here"])

    def test_a_run_that_fails_once_leaves_the_others_of_its_subject(self):
        answers = iter([1, None, 3])

        def fails_once():
            if (answer := next(answers)) is None:
                raise servers.Unavailable("stumbled")
            return answer

        context = kit.Context(3, 1, 1, Path(), Path(), say=lambda _: None)
        results, reasons = kit.take_turns(context, {"a": fails_once}, 3)
        self.assertEqual(results, {"a": {0: 1, 2: 3}})
        self.assertEqual(reasons, ["a: round 2 is missing: stumbled"])


if __name__ == "__main__":
    unittest.main()
