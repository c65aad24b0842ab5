"""A server that is not ours keeps the same books: loadgen's counts against nginx's own access log. argv: loadgen."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from collections import Counter

from loadgen_e2e import PlanFile, Run, assert_balanced, free_port, plan, run_tests

LOADGEN = sys.argv[1]
NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
SKIPPED = 77

# One process, no rights wanted, every file in a folder of its own. A log line is written when its request has ended.
CONFIGURATION = """
daemon off; master_process off; pid nginx.pid; error_log error.log warn;
events {{ worker_connections 512; }}
http {{
  log_format ledger "$status $connection $bytes_sent $request_length";
  access_log access.log ledger;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  default_type text/plain;
  gzip_types text/plain; gzip_min_length 0; gzip_comp_level 1;
  server {{
    listen 127.0.0.1:{port};
    keepalive_timeout 60s; keepalive_requests 100000;
    location = /        {{ return 200 "OK"; }}
    location = /ten     {{ keepalive_requests 10; return 200 "OK"; }}
    location = /close   {{ keepalive_timeout 0; return 200 "OK"; }}
    location = /gone    {{ return 410; }}
    location = /hang-up {{ return 444; }}
    location = /chunked {{ gzip on; alias page; }}
    location = /to-the-end {{ gzip on; chunked_transfer_encoding off; alias page; }}
  }}
}}
"""


class Nginx:
    """nginx for the length of a with block; stop() ends it when all is logged, and reads the log."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        port = free_port()
        with open(os.path.join(self.folder.name, "nginx.conf"), "w", encoding="utf-8") as file:
            file.write(CONFIGURATION.format(port=port))
        with open(os.path.join(self.folder.name, "page"), "w", encoding="utf-8") as file:
            file.write("".join(f"line {i}\n" for i in range(5000)))
        self.url = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([NGINX, "-p", self.folder.name, "-e", "error.log", "-c", "nginx.conf"],
                                        stderr=subprocess.PIPE, text=True)
        for _ in range(200):
            with socket.socket() as knock:
                if knock.connect_ex(("127.0.0.1", port)) == 0:
                    return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        self.process.kill()
        raise RuntimeError(f"nginx did not come up: {self.process.communicate()[1]}")

    def __exit__(self, *_):
        self.stop()
        self.process.stderr.close()
        self.folder.cleanup()

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=20)

    def log(self):
        """What nginx saw: (requests by status, connections that carried them, bytes out, bytes in)."""
        self.stop()
        with open(os.path.join(self.folder.name, "access.log"), encoding="utf-8") as file:
            rows = [[int(word) for word in line.split()] for line in file]
        statuses, connections, out, into = zip(*rows)
        return Counter(statuses), len(set(connections)), sum(out), sum(into)


class AgainstNginx(unittest.TestCase):
    def measure(self, steps, opened, users=20, loops=50, http=None, failed=None, repeated=0):
        """Runs the steps and holds every total to nginx's log.

        opened: connections expected; failed: kind -> count; repeated: requests that went out a second time.
        """
        with Nginx() as nginx, PlanFile(plan(nginx.url, steps, users=users, loops=loops, http=http or {})) as path:
            run = Run(LOADGEN, path, "--progress", "none")
            self.assertIsNotNone(run.run, run.err)
            statuses, connections, out, into = nginx.log()
        totals = run.totals
        assert_balanced(self, totals)
        self.assertEqual(totals["sent"], users * loops * len(steps))
        self.assertEqual(sum(statuses.values()), totals["sent"] + repeated)
        self.assertEqual({kind: n for kind, n in totals["errors_by_kind"].items() if n}, failed or {}, run.out)
        self.assertEqual(totals["bytes_in"], out)
        if not repeated:
            self.assertEqual(totals["bytes_out"], into)
        self.assertEqual((totals["connections_opened"], connections), (opened, opened))
        self.assertEqual(totals["connections_reopened"], repeated)
        return totals, statuses

    def test_kept_connections(self):
        totals, statuses = self.measure([{"get": "/", "expect": {"body_equals": "OK"}}], opened=20)
        self.assertEqual((totals["succeeded"], statuses), (1000, {200: 1000}))

    def test_a_new_connection_for_each_request(self):
        self.measure([{"get": "/"}], opened=1000, http={"keep_alive": False})

    def test_a_connection_announced_to_close_after_ten_requests_is_no_failure(self):
        self.measure([{"get": "/ten", "expect": {"body_equals": "OK"}}], opened=20 * 5)

    def test_a_connection_closed_after_each_response(self):
        self.measure([{"get": "/close", "expect": {"body_equals": "OK"}}], opened=1000)

    def test_bodies_chunked_and_to_the_end_of_the_connection(self):
        accept = {"headers": {"Accept-Encoding": "gzip"}}
        plain = {"expect": {"body_contains": "line 4999"}}
        self.measure([{"get": "/chunked", **accept}, {"get": "/chunked", **plain}, {"get": "/to-the-end", **accept}],
                     users=5, loops=20, opened=5 * 20)

    def test_a_failure_keeps_the_connection(self):
        _, statuses = self.measure([{"get": "/gone"}], users=5, loops=20, opened=5, failed={"status": 100})
        self.assertEqual(statuses, {410: 100})

    def test_hanging_up_on_a_new_connection_is_a_failure_at_once(self):
        _, statuses = self.measure([{"get": "/hang-up"}], users=5, loops=20, opened=100,
                                   failed={"closed_before_response": 100})
        self.assertEqual(statuses, {444: 100})

    def test_hanging_up_on_a_kept_connection_is_tried_once_more(self):
        _, statuses = self.measure([{"get": "/"}, {"get": "/hang-up"}], users=5, loops=20, opened=200,
                                   failed={"closed_before_response": 100}, repeated=100)
        self.assertEqual(statuses, {200: 100, 444: 200})


if __name__ == "__main__":
    if NGINX is None:
        print("nginx is not installed here (Debian: nginx-light)")
        sys.exit(SKIPPED)
    run_tests()
