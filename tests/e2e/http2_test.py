"""HTTP/2 against servers that are not ours: nghttpd, and nginx by its own access log. argv: loadgen, loadgen-server."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
from collections import Counter

from loadgen_e2e import PlanFile, Run, Server, assert_balanced, free_port, plan, run_tests

LOADGEN, SERVER = sys.argv[1:3]
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"
NGHTTPD, NGINX = shutil.which("nghttpd", path=PATH), shutil.which("nginx", path=PATH)

NGINX_CONFIGURATION = """
daemon off; master_process off; pid nginx.pid; error_log error.log warn;
events {{ worker_connections 512; }}
http {{
  log_format ledger "$status $connection $server_protocol";
  access_log access.log ledger;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  default_type text/plain;
  server {{
    listen 127.0.0.1:{port} ssl http2;
    ssl_certificate {certificate}; ssl_certificate_key {certificate};
    keepalive_requests {limit};
    location = /     {{ return 200 "OK"; }}
    location = /gone {{ return 410; }}
  }}
}}
"""


def wait_for(port, process):
    for _ in range(100):
        if process.poll() is not None:
            raise AssertionError("the server ended: " + str(process.returncode))
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("the server does not listen")


class Foreign(unittest.TestCase):
    """A server of somebody else for each test, in a folder of its own with a certificate."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.port = free_port()

    def file(self, name, text=None):
        path = os.path.join(self.folder, name)
        if text is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        return path

    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                        "-keyout", self.file("key.pem"), "-out", self.file("cert.pem")],
                       check=True, capture_output=True)
        with open(self.file("cert.pem"), encoding="utf-8") as cert, open(self.file("key.pem"), encoding="utf-8") as key:
            self.file("both.pem", cert.read() + key.read())

    def start(self, *command):
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)
        self.addCleanup(self.stop)
        wait_for(self.port, self.process)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


@unittest.skipUnless(NGHTTPD, "nghttpd is not installed")
class Nghttpd(Foreign):
    def start_plain(self, *options):
        self.file("page", "p" * 20_000)
        self.start(NGHTTPD, "--no-tls", "-a", "127.0.0.1", "-d", self.folder, *options, str(self.port))
        self.url = f"http://127.0.0.1:{self.port}"

    def test_by_prior_knowledge_users_share_connections(self):
        self.start_plain()
        run = Run(LOADGEN, self.url + "/page", "--http2", "--streams", "5", "-c", "20", "-n", "400", "--threads", "1",
                  "--no-probe")
        self.assertEqual((run.code, run.totals["by_status"]), (0, {"200": 400}), run.err)
        assert_balanced(self, run.totals)
        self.assertEqual(run.run["generator"]["engine"], "http2")
        self.assertEqual(run.totals["connections_opened"], 4)
        self.assertGreater(run.totals["bytes_in"], 400 * (20_000 + 2 * 9), "bodies, and the headers of their frames")
        self.assertLess(run.totals["bytes_in"], 400 * (20_000 + 500))

    def test_without_streams_everybodys_connection_is_his_own(self):
        self.start_plain()
        with PlanFile(plan(self.url, [{"get": "/page", "expect": {"body_equals": "p" * 20_000}}, {"get": "/none",
                           "expect": {"status": 404}}], users=7, loops=10, http={"version": "2"})) as path:
            run = Run(LOADGEN, path)
        self.assertEqual((run.code, run.totals["by_status"]), (0, {"200": 70, "404": 70}), run.err)
        self.assertEqual(run.totals["connections_opened"], 7)

    def test_a_body_goes_up_and_is_echoed(self):
        self.start_plain("--echo-upload")
        body = "b" * 200_000
        with PlanFile(plan(self.url, [{"post": "/", "body": body, "expect": {"body_equals": body}}], users=4, loops=5,
                           http={"version": "2", "streams_per_connection": 4})) as path:
            run = Run(LOADGEN, path, "--threads", "1")
        self.assertEqual((run.code, run.totals["succeeded"]), (0, 20), run.err)
        self.assertGreater(run.totals["bytes_out"], 20 * 200_000)

    def test_over_tls(self):
        self.make_certificate()
        self.file("page", "p" * 20_000)
        self.start(NGHTTPD, "-a", "127.0.0.1", "-d", self.folder, str(self.port), self.file("key.pem"),
                   self.file("cert.pem"))
        run = Run(LOADGEN, f"https://127.0.0.1:{self.port}/page", "--http2", "--streams", "10", "-c", "20", "-n", "200",
                  "--threads", "1", "--cacert", self.file("cert.pem"))
        self.assertEqual((run.code, run.totals["by_status"]), (0, {"200": 200}), run.err)
        self.assertEqual((run.totals["connections_opened"], run.run["tls_ns"]["count"]), (2, 2))

    def test_a_server_that_goes_is_noticed(self):
        self.start_plain()
        run = Run(LOADGEN, self.url + "/page", "--http2", "-c", "2", "-n", "20")
        self.assertEqual(run.totals["succeeded"], 20)
        self.stop()
        run = Run(LOADGEN, self.url + "/page", "--http2", "-c", "2", "-n", "20", "--no-probe")
        self.assertEqual(run.totals["errors_by_kind"], {"connect_refused": 20})


@unittest.skipUnless(NGINX, "nginx is not installed")
class Nginx(Foreign):
    def start_nginx(self, requests_a_connection):
        self.make_certificate()
        self.file("nginx.conf", NGINX_CONFIGURATION.format(port=self.port, certificate=self.file("both.pem"),
                                                           limit=requests_a_connection))
        self.start(NGINX, "-p", self.folder, "-c", "nginx.conf")
        self.url = f"https://127.0.0.1:{self.port}"

    def run_plan(self, steps, **rest):
        http = {"version": "2"} | rest.pop("http", {})
        text = json.loads(plan(self.url, steps, http=http, **rest)) | {"tls": {"ca_file": self.file("cert.pem")}}
        with PlanFile(json.dumps(text)) as path:
            return Run(LOADGEN, path, "--threads", "1", "--no-probe")

    def log(self):
        self.process.send_signal(3)  # QUIT: finish what is under way, write the log, end
        self.process.wait(10)
        with open(self.file("access.log"), encoding="utf-8") as file:
            return [line.split() for line in file]

    def test_the_books_agree(self):
        self.start_nginx(100_000)
        run = self.run_plan([{"get": "/"}, {"post": "/", "body": "b" * 5000}, {"get": "/gone", "expect": {"status": 410}}],
                            users=12, loops=20, http={"streams_per_connection": 4})
        self.assertEqual((run.code, run.totals["succeeded"]), (0, 720), run.err)
        assert_balanced(self, run.totals)
        self.assertEqual(run.totals["connections_opened"], 3)
        lines = self.log()
        self.assertEqual(Counter(status for status, _, _ in lines), {"200": 480, "410": 240})
        self.assertEqual({protocol for _, _, protocol in lines}, {"HTTP/2.0"})
        self.assertEqual(len({connection for _, connection, _ in lines}), 3)

    def test_a_connection_that_is_told_to_go_is_followed_by_another(self):
        self.start_nginx(10)
        run = self.run_plan([{"get": "/"}], users=4, loops=25, http={"streams_per_connection": 4})
        self.assertEqual((run.code, run.totals["succeeded"]), (0, 100), run.err)
        lines = self.log()
        self.assertEqual(len(lines), 100, "what was sent again had not been begun with")
        connections = len({connection for _, connection, _ in lines})
        self.assertGreaterEqual(connections, 8)
        self.assertEqual(run.totals["connections_opened"], connections)
        self.assertGreater(run.totals["connections_reopened"] + run.totals["requests_resent"], 0)


class WhoDoesNotSpeakIt(unittest.TestCase):
    def test_over_tls_is_told_before_anything_is_sent(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate = os.path.join(folder, "c.pem")
            with Server(SERVER, "--tls-self-signed", certificate) as server:
                run = Run(LOADGEN, server.url, "--http2", "-n", "3", "-c", "1", "--cacert", certificate)
                self.assertEqual(run.code, 23, run.err)
                self.assertIn("does not speak HTTP/2", run.err)
                run = Run(LOADGEN, server.url, "--http2", "-n", "3", "-c", "1", "--cacert", certificate, "--no-probe")
                self.assertEqual(run.totals["errors_by_kind"], {"no_http2": 3})

    def test_by_prior_knowledge_is_an_error_of_its_own(self):
        with Server(SERVER) as server:
            run = Run(LOADGEN, server.url, "--http2", "-n", "3", "-c", "1")
            self.assertEqual(sum(run.totals["errors_by_kind"].values()), 3, run.err)
            self.assertEqual(set(run.totals["errors_by_kind"]), {"no_http2"})

    def test_what_does_not_go_together_is_told(self):
        for arguments, words in ((["--streams", "2"], "--http2"),
                                 (["--http2", "--streams", "2", "--no-keep-alive"], "--no-keep-alive"),
                                 (["--http2", "--engine", "native"], "cannot do HTTP/2"),
                                 (["--engine", "http2"], "cannot do HTTP/1.1")):
            run = Run(LOADGEN, "http://127.0.0.1:1/", "-n", "1", *arguments)
            self.assertEqual(run.code, 64, run.err)
            self.assertIn(words, run.err)


if __name__ == "__main__":
    run_tests()
