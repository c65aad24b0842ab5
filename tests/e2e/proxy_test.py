"""Runs through proxies, and what the proxy and the server behind it saw. argv: loadgen, loadgen-server."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import proxies
from loadgen_e2e import PlanFile, Run, Server, assert_balanced, plan, run_tests
from proxies import Proxy

LOADGEN, SERVER = sys.argv[1:3]
USERS, LOOPS = 3, 4


class Proxied(unittest.TestCase):
    def setUp(self):
        self.plain = self.enter(Server(SERVER))
        self.folder = self.enter(tempfile.TemporaryDirectory())
        self.certificate = os.path.join(self.folder, "server.pem")
        self.secure = self.enter(Server(SERVER, "--tls-self-signed", self.certificate))
        self.port = self.plain.url.rsplit(":", 1)[1].rstrip("/")
        self.tls_port = self.secure.url.rsplit(":", 1)[1].rstrip("/")

    def enter(self, context):
        value = context.__enter__()
        self.addCleanup(context.__exit__, None, None, None)
        return value

    def load(self, url, proxy, *arguments, resolve=(), **group):
        text = json.loads(plan(url, [{"get": "/"}], http={"proxy": proxy}, users=USERS, loops=LOOPS, **group))
        text |= {"tls": {"ca_file": self.certificate}, "addresses": {"resolve": list(resolve)}}
        with PlanFile(json.dumps(text)) as path:
            return Run(LOADGEN, "--config", path, *arguments)

    def assert_all_answered(self, run):
        self.assertEqual((run.code, run.totals["succeeded"]), (0, USERS * LOOPS), run.err)
        assert_balanced(self, run.totals)
        self.assertEqual(run.run["generator"]["engine"], "curl")
        checks = {line["check"]: line["result"] for line in run.run["verdict"]["evidence"]}
        self.assertEqual(checks["phases"], "passed")

    def test_http_goes_to_the_proxy_as_whole_urls(self):
        with Proxy(proxies.http, "me", "pass:word") as proxy:
            run = self.load(f"http://localhost:{self.port}", f"http://me:pass%3Aword@{proxy.at}", "--no-probe")
            self.assert_all_answered(run)
            self.assertEqual(set(proxy.asked), {(f"GET http://localhost:{self.port}/", proxy.authorization)})
            self.assertEqual(len(proxy.asked), USERS * LOOPS)
        self.assertEqual(run.run["connect_ns"]["count"], USERS, "each user's connection is kept")
        for shown in (run.out, run.err, json.dumps(run.run)):
            self.assertNotIn("pass:word", shown)
            self.assertNotIn("pass%3Aword", shown)
            self.assertNotIn(proxy.authorization.split()[1], shown)

    def pair_of_the_proxy(self):
        """Certificate and key; what is trusted grows by the certificate."""
        if not shutil.which("openssl"):
            self.skipTest("openssl is not installed")
        pair = [os.path.join(self.folder, name) for name in ("proxy.pem", "proxy.key")]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-out", pair[0], "-keyout", pair[1],
                        "-days", "2", "-subj", "/CN=proxy", "-addext", "subjectAltName=IP:127.0.0.1"],
                       check=True, capture_output=True)
        with open(pair[0], encoding="ascii") as one, open(self.certificate, "a", encoding="ascii") as trusted:
            trusted.write(one.read())
        return pair

    def test_a_proxy_over_tls_is_verified_by_its_own_name(self):
        pair = self.pair_of_the_proxy()
        for url in (f"https://localhost:{self.tls_port}", f"http://localhost:{self.port}"):
            with Proxy(proxies.http, "me", "secret", pair) as proxy:
                self.assert_all_answered(self.load(url, f"https://me:secret@{proxy.at}"))
                wrong = proxy.at.replace("127.0.0.1", "localhost")
                run = self.load(url, f"https://me:secret@{wrong}", "--no-probe")
                self.assertEqual(run.totals["errors_by_kind"], {"proxy": USERS * LOOPS}, run.err)

    def test_https_goes_through_a_tunnel_for_each_user(self):
        with Proxy(proxies.http, "me", "secret") as proxy:
            run = self.load(f"https://localhost:{self.tls_port}", f"http://me:secret@{proxy.at}", "--no-probe")
            self.assert_all_answered(run)
            self.assertEqual(proxy.asked, [(f"CONNECT localhost:{self.tls_port}", proxy.authorization)] * USERS)
            self.assertEqual((run.run["connect_ns"]["count"], run.run["tls_ns"]["count"]), (USERS, USERS))

    def test_socks5_with_names_resolved_here_or_there(self):
        # The first answer for localhost may be ::1, where nobody listens.
        for scheme, host, form in (("socks5", "127.0.0.1", "address"), ("socks5h", "localhost", "name")):
            for target, port in ((f"http://{host}:{self.port}", self.port),
                                 (f"https://{host}:{self.tls_port}", self.tls_port)):
                with Proxy(proxies.socks5, "me", "secret") as proxy:
                    run = self.load(target, f"{scheme}://me:secret@{proxy.at}", "--no-probe")
                    self.assert_all_answered(run)
                    self.assertEqual([what for what, _ in proxy.asked], [f"SOCKS5 {form} {host}:{port}"] * USERS)

    def test_a_name_is_left_to_the_proxy(self):
        with Proxy(proxies.socks5) as proxy:
            run = self.load("http://no-such-name.invalid", f"socks5h://{proxy.at}", "--no-probe")
            self.assertEqual(run.totals["errors_by_kind"], {"proxy": USERS * LOOPS}, run.err)
            self.assertEqual(proxy.asked[0][0], "SOCKS5 name no-such-name.invalid:80")

    def test_the_name_of_a_proxy_is_resolved_here(self):
        for serve, scheme in ((proxies.http, "http"), (proxies.socks5, "socks5h")):
            for url in (f"http://localhost:{self.port}", f"https://localhost:{self.tls_port}"):
                with Proxy(serve) as proxy:
                    port = proxy.at.split(":")[1]
                    self.assert_all_answered(self.load(url, f"{scheme}://proxy.test:{port}",
                                                       resolve=[f"proxy.test:{port}:127.0.0.1"]))

    def test_connect_to_leads_the_proxy_elsewhere(self):
        with Proxy(proxies.http) as proxy:
            run = Run(LOADGEN, "http://shop.test/", "-n", "4", "-c", "2", "-x", proxy.at, "--no-probe",
                      "--connect-to", f"shop.test:80:localhost:{self.port}")
            self.assertEqual(run.totals["succeeded"], 4, run.err)
            self.assertEqual(proxy.asked, [(f"CONNECT localhost:{self.port}", None)] * 2)

    def test_a_proxy_and_a_unix_socket_exclude_each_other(self):
        run = Run(LOADGEN, "http://h/", "-n", "1", "-x", "p:1", "--unix-socket", "/nowhere")
        self.assertEqual(run.code, 64)
        self.assertIn("http.proxy (--proxy)", run.err)
        self.assertIn("addresses.unix_socket (--unix-socket)", run.err)

    def test_a_proxy_that_refuses_is_told_before_and_counted(self):
        for serve, scheme in ((proxies.http, "http"), (proxies.socks5, "socks5h")):
            with Proxy(serve, "me", "secret") as proxy:
                url = f"https://localhost:{self.tls_port}"
                probed = self.load(url, f"{scheme}://me:wrong-password@{proxy.at}")
                self.assertEqual(probed.code, 23)
                self.assertIn(f"the proxy {proxy.at} refuses", probed.err)
                self.assertNotIn("wrong-password", probed.err)
                run = self.load(url, f"{scheme}://me:wrong-password@{proxy.at}", "--no-probe")
                self.assertEqual(run.totals["errors_by_kind"], {"proxy": USERS * LOOPS}, run.err)
                self.assertEqual(run.run["connect_ns"]["count"], 0)
        with Proxy(proxies.http, "me", "secret") as proxy:
            run = self.load(f"http://localhost:{self.port}", f"http://{proxy.at}", "--no-probe")
            self.assertEqual(run.totals["errors_by_kind"], {"proxy": USERS * LOOPS}, "407 is the proxy's")

    def test_nobody_listens_where_the_proxy_should_be(self):
        run = Run(LOADGEN, self.plain.url, "-n", "1", "--proxy", "http://127.0.0.1:1")
        self.assertEqual(run.code, 23)
        self.assertRegex(run.err, r"the proxy 127.0.0.1:1 refuses, or cannot reach .*Connection refused")

    def test_a_certificate_behind_the_proxy_is_verified(self):
        with Proxy(proxies.http) as proxy:
            url = f"https://localhost:{self.tls_port}"
            run = Run(LOADGEN, url, "-n", "2", "-c", "1", "-x", f"http://{proxy.at}", "--no-probe")
            self.assertEqual(run.totals["errors_by_kind"], {"certificate_self_signed": 2})
            probed = Run(LOADGEN, url, "-n", "2", "-c", "1", "-x", f"http://{proxy.at}")
            self.assertEqual(probed.code, 23)
            self.assertIn("--insecure", probed.err)
            self.assertEqual(Run(LOADGEN, url, "-n", "2", "-c", "1", "-x", proxy.at, "-k").totals["succeeded"], 2)

    def test_the_environment_names_no_proxy(self):
        environment = os.environ | {name: "http://127.0.0.1:1" for name in ("http_proxy", "https_proxy", "ALL_PROXY")}
        run = Run(LOADGEN, self.plain.url, "-n", "2", "--engine", "curl", env=environment)
        self.assertEqual(run.code, 0, run.err)
        with Proxy(proxies.http) as proxy:
            run = Run(LOADGEN, self.plain.url, "-n", "2", "-x", proxy.at, env=os.environ | {"no_proxy": "*"})
            self.assertEqual(run.code, 0, run.err)
            self.assertTrue(proxy.asked)

    def test_an_engine_that_cannot_is_refused_with_its_name_and_the_key(self):
        for engine in ("native", "uring"):
            run = Run(LOADGEN, self.plain.url, "-n", "1", "-x", "127.0.0.1:1", "--engine", engine)
            self.assertEqual(run.code, 64)
            self.assertRegex(run.err, f"--engine {engine}.*(http.proxy \\(--proxy\\)|io_uring)")


if __name__ == "__main__":
    run_tests()
