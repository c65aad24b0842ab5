"""Where connections go to and come from, against servers that log whom they were reached by. argv: loadgen."""

import collections
import http.server
import json
import os
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

from loadgen_e2e import PlanFile, Run, assert_balanced, offers, plan, run_tests

LOADGEN = sys.argv[1]
ENGINES = [engine for engine in ("native", "uring", "curl") if offers(LOADGEN, engine)]


class Site:
    """A server at several addresses of one port, or at a unix socket. .connections counts (its address, the peer's) of
    each accepted connection, .hosts the Host headers of all requests."""

    def __init__(self, *addresses, path=None, context=None):
        site = self
        self.connections, self.hosts, self.lock = collections.Counter(), collections.Counter(), threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = path is None

            def setup(self):
                if context:
                    self.request = context.wrap_socket(self.request, server_side=True)
                super().setup()

            def handle(self):
                # a probe connects and goes away without a word
                try:
                    super().handle()
                except OSError:
                    pass
                finally:
                    if context:
                        self.request.close()  # the listener closes the socket below it only

            def do_GET(self):  # noqa: N802
                with site.lock:
                    site.hosts[self.headers["host"]] += 1
                    if not getattr(self, "counted", False):
                        ends = (path, path) if path else (self.request.getsockname()[0], self.client_address[0])
                        site.connections[ends] += 1
                    self.counted = True
                self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            request_queue_size = 128

            def __init__(self, address, family):
                self.address_family = family
                super().__init__(address, Handler)

            def server_bind(self):
                if path:
                    self.socket.bind(self.server_address)
                else:
                    super().server_bind()

            def get_request(self):
                connection, peer = super().get_request()
                return connection, peer or ("", 0)

            def handle_error(self, *_):
                pass  # a client that does not want to talk to this certificate

        self.port = 0
        self.servers = []
        for address in addresses or [path]:
            family = socket.AF_UNIX if path else socket.AF_INET6 if ":" in address else socket.AF_INET
            server = Listener(path or (address, self.port), family)
            self.port = self.port or (0 if path else server.server_address[1])
            self.servers.append(server)
            threading.Thread(target=server.serve_forever, daemon=True).start()

    def peers(self):
        """Connections by the peer's address."""
        return by(self.connections, 1)

    def reached(self):
        """Connections by the server's own address."""
        return by(self.connections, 0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.shutdown()
            server.server_close()


def by(connections, end):
    out = collections.Counter()
    for ends, count in connections.items():
        out[ends[end]] += count
    return dict(out)


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
        return True
    except OSError:
        return False


class Addresses(unittest.TestCase):
    def check(self, run, sent):
        self.assertEqual((run.code, run.totals["succeeded"]), (0, sent), run.err)
        assert_balanced(self, run.totals)

    def test_users_take_the_addresses_of_a_name_in_turn(self):
        for engine in ENGINES:
            with self.subTest(engine=engine), Site("127.0.0.2", "127.0.0.3", "127.0.0.4") as site:
                run = Run(LOADGEN, f"http://shop.test:{site.port}/", "-c", "12", "-n", "60", "--engine", engine, "--resolve",
                          f"shop.test:{site.port}:127.0.0.2,127.0.0.3,127.0.0.4")
                self.check(run, 60)
                self.assertEqual(site.reached(), {"127.0.0.2": 4, "127.0.0.3": 4, "127.0.0.4": 4})
                self.assertEqual(dict(site.hosts), {f"shop.test:{site.port}": 60})
                self.assertEqual(run.run["addresses"], {"targets": 1, "used": 3, "refused": 0, "sources": 0})
                self.assertRegex(run.out, r"(?m)^Addresses +3 of 1 target in turn$")

    def test_two_threads_deal_users_to_addresses_as_one_does(self):
        with Site("127.0.0.2", "127.0.0.3", "127.0.0.4") as site:
            run = Run(LOADGEN, f"http://shop.test:{site.port}/", "-c", "12", "-n", "60", "--threads", "2", "--engine", "native",
                      "--resolve", f"shop.test:{site.port}:127.0.0.2,127.0.0.3,127.0.0.4")
            self.check(run, 60)
            self.assertEqual(site.reached(), {"127.0.0.2": 4, "127.0.0.3": 4, "127.0.0.4": 4})

    def test_connections_come_from_the_sources_in_turn(self):
        for engine in ENGINES:
            with self.subTest(engine=engine), Site("127.0.0.2", "127.0.0.3") as site:
                run = Run(LOADGEN, f"http://h.test:{site.port}/", "-c", "8", "-n", "40", "--engine", engine, "--interface",
                          "127.0.0.5,127.0.0.6", "--resolve", f"h.test:{site.port}:127.0.0.2,127.0.0.3")
                self.check(run, 40)
                self.assertEqual(set(site.connections.values()), {2}, site.connections)
                self.assertEqual(site.peers(), {"127.0.0.5": 4, "127.0.0.6": 4})
                self.assertRegex(run.out, r"(?m)^Addresses +2 of 1 target in turn; sent from 2 in turn$")

    def test_an_interface_is_its_addresses_and_a_wrong_one_is_told_before_the_run(self):
        with Site("127.0.0.1") as site:
            url = f"http://127.0.0.1:{site.port}/"
            self.check(Run(LOADGEN, url, "-c", "2", "-n", "4", "--interface", "lo"), 4)
            self.assertEqual(site.peers(), {"127.0.0.1": 2})
            for wrong, told in (("192.0.2.1", "connections cannot come from 192.0.2.1"), ("eth99", "eth99")):
                run = Run(LOADGEN, url, "-c", "2", "-n", "4", "--interface", wrong)
                self.assertNotEqual(run.code, 0)
                self.assertIn(told, run.err)
            self.assertEqual(sum(site.hosts.values()), 4, "nothing was sent")

    def test_connect_to_leaves_the_host_header(self):
        for engine in ENGINES:
            with self.subTest(engine=engine), Site("127.0.0.2") as site:
                text = json.loads(plan("http://shop.test", [{"get": "/"}], users=3, loops=5))
                text["addresses"] = {"connect_to": [f"shop.test:80:127.0.0.2:{site.port}"]}
                with PlanFile(json.dumps(text)) as path:
                    self.check(Run(LOADGEN, path, "--engine", engine), 15)
                self.assertEqual((site.reached(), dict(site.hosts)), ({"127.0.0.2": 3}, {"shop.test": 15}))

    def test_unix_sockets(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "app.sock")
            for engine in [engine for engine in ENGINES if engine != "curl"]:
                with self.subTest(engine=engine), Site(path=path) as site:
                    run = Run(LOADGEN, "http://shop.test/", "-c", "4", "-n", "40", "--engine", engine, "--unix-socket", path)
                    self.check(run, 40)
                    self.assertEqual((sum(site.connections.values()), dict(site.hosts)), (4, {"shop.test": 40}))
                os.unlink(path)
            run = Run(LOADGEN, "http://shop.test/", "-n", "4", "--unix-socket", path, "--engine", "curl")
            self.assertEqual(run.code, 64)
            self.assertIn("--engine curl cannot connect to a unix socket", run.err)
            run = Run(LOADGEN, "http://shop.test/", "-n", "4", "--unix-socket", path)
            self.assertEqual(run.code, 23)
            self.assertIn(f"cannot connect to unix:{path} for shop.test:80 (unix:{path}: No such file", run.err)
            run = Run(LOADGEN, "http://shop.test/", "-n", "4", "-c", "1", "--unix-socket", path, "--no-probe")
            self.assertEqual(run.totals["errors_by_kind"], {"connect_unreachable": 4})

    def test_what_refuses_is_a_last_resort_and_is_named(self):
        for engine in ENGINES:
            with self.subTest(engine=engine), Site("127.0.0.2") as site:
                where = f"h.test:{site.port}:127.0.0.9,127.0.0.2"
                run = Run(LOADGEN, f"http://h.test:{site.port}/", "-c", "6", "-n", "12", "--engine", engine, "--resolve", where)
                self.check(run, 12)
                self.assertIn(f"127.0.0.9:{site.port}: Connection refused", run.err)
                self.assertEqual(run.run["addresses"], {"targets": 1, "used": 1, "refused": 1, "sources": 0})
                # without the probe every second user meets the refusal, and moves on
                run = Run(LOADGEN, f"http://h.test:{site.port}/", "-c", "6", "-n", "12", "--engine", engine, "--resolve", where,
                          "--no-probe")
                self.check(run, 12)
                self.assertEqual(site.reached(), {"127.0.0.2": 12})

    def test_localhost_with_one_address_is_no_news(self):
        with Site("127.0.0.1") as site:
            run = Run(LOADGEN, f"http://localhost:{site.port}/", "-c", "4", "-n", "8")
            self.check(run, 8)
            self.assertNotIn("warning", run.err)
            self.assertEqual(site.reached(), {"127.0.0.1": 4}, "nobody knocked at ::1 first")

    @unittest.skipUnless(has_ipv6(), "this machine has no ::1")
    def test_ip_versions(self):
        with Site("127.0.0.1", "::1") as site:
            where = ["--resolve", f"h.test:{site.port}:::1,127.0.0.1"]
            url = f"http://h.test:{site.port}/"
            for flag, reached in (("-4", {"127.0.0.1": 4}), ("-6", {"::1": 4}), ("", {"127.0.0.1": 2, "::1": 2})):
                site.connections.clear()
                self.check(Run(LOADGEN, url, "-c", "4", "-n", "8", *where, *([flag] if flag else [])), 8)
                self.assertEqual(site.reached(), reached)
        run = Run(LOADGEN, "http://127.0.0.1:9/", "-n", "1", "-6")
        self.assertIn('cannot resolve "127.0.0.1" over IPv6', run.err)

    def test_https_to_a_name_that_is_resolved_here(self):
        with tempfile.TemporaryDirectory() as folder:
            certificate = os.path.join(folder, "shop.pem")
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=shop.test",
                            "-addext", "subjectAltName=DNS:shop.test", "-keyout", certificate + ".key", "-out", certificate],
                           check=True, capture_output=True)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate, certificate + ".key")
            path = os.path.join(folder, "s")
            common = ["-c", "4", "-n", "8", "--cacert", certificate]
            with Site("127.0.0.2", "127.0.0.3", context=context) as site, Site(path=path, context=context) as unix:
                url = f"https://shop.test:{site.port}/"
                self.check(Run(LOADGEN, url, *common, "--resolve", f"shop.test:{site.port}:127.0.0.2,127.0.0.3"), 8)
                self.assertEqual(site.reached(), {"127.0.0.2": 2, "127.0.0.3": 2})
                self.check(Run(LOADGEN, "https://shop.test/", *common, "--unix-socket", path), 8)
                self.assertEqual(dict(unix.hosts), {"shop.test": 8})
                wrong = Run(LOADGEN, f"https://other.test:{site.port}/", *common, "--resolve",
                            f"other.test:{site.port}:127.0.0.2")
                self.assertEqual(wrong.code, 23, "the certificate is of another name")

    def test_check_tells_addresses_and_rules_without_effect(self):
        with PlanFile(plan("http://shop.test:81", [{"get": "/"}])) as path:
            done = subprocess.run([LOADGEN, "check", path, "--resolve", "shop.test:81:127.0.0.2,::1", "--resolve",
                                   "shop.tset:81:127.0.0.3"], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"(?m)^  shop\.test:81  127\.0\.0\.2:81, \[::1\]:81$")
        self.assertIn("note: resolve shop.tset:81:127.0.0.3 changes nothing", done.stdout)

    def test_mistakes_on_the_command_line(self):
        for options, told in ((["--unix-socket", "/s", "-4"], "a unix socket has no address"),
                              (["-4", "-6"], "leave no address"), (["--resolve", "h:80"], "HOST:PORT:ADDRESS"),
                              (["--connect-to", "a:b"], "has not four parts")):
            run = Run(LOADGEN, "http://127.0.0.1:9/", "-n", "1", *options)
            self.assertEqual(run.code, 64)
            self.assertIn(told, run.err)


if __name__ == "__main__":
    run_tests()
