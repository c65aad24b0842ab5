"""Plans that say https, against loadgen-server with a certificate of its own. argv: loadgen, loadgen-server."""

import csv
import json
import os
import ssl
import sys
import tempfile
import unittest
import urllib.request

from loadgen_e2e import PlanFile, Run, Server, assert_balanced, plan, run_tests

LOADGEN, SERVER = sys.argv[1:3]


class TlsServer(Server):
    """loadgen-server with TLS; .certificate is the file to trust."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory()
        self.certificate = os.path.join(self.folder.name, "server.pem")
        super().__init__(SERVER, "--tls-self-signed", self.certificate, *options)

    def __exit__(self, *how):
        super().__exit__(*how)
        self.folder.cleanup()

    def stats(self):
        trusting = ssl.create_default_context(cafile=self.certificate)
        with urllib.request.urlopen(self.url + "/stats", timeout=10, context=trusting) as answer:
            return json.load(answer)


class Https(unittest.TestCase):
    def setUp(self):
        self.server = TlsServer()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__)

    def run_plan(self, *arguments, **group):
        tls = {"ca_file": self.server.certificate} | group.pop("tls", {})
        text = json.loads(plan(self.server.url, [{"get": "/"}], **group)) | {"tls": tls}
        with PlanFile(json.dumps(text)) as path:
            return Run(LOADGEN, "--config", path, *arguments)

    def test_users_keep_their_connections_and_the_handshake_is_a_phase(self):
        run = self.run_plan("--no-probe", users=5, loops=40)
        self.assertEqual((run.code, run.totals["succeeded"]), (0, 200), run.err)
        assert_balanced(self, run.totals)
        figures = run.run
        self.assertEqual((figures["connect_ns"]["count"], figures["tls_ns"]["count"]), (5, 5))
        self.assertEqual(run.totals["tls_handshakes_resumed"], 0)
        self.assertEqual(figures["generator"]["engine"], "native")
        self.assertRegex(run.out, r"(?m)^TLS handshake +5 ")
        self.assertRegex(run.out, r"5 TLS handshakes of which 0 resumed a session")
        self.assertEqual(self.server.stats()["tls"]["handshakes"], 6, "of the run, and of this question")
        checks = {line["check"]: line["result"] for line in figures["verdict"]["evidence"]}
        self.assertEqual(checks["phases"], "passed", "they add up to the nanosecond, the handshake among them")

    def test_a_users_next_connection_resumes_the_session(self):
        for reuse in (True, False):
            before = self.server.stats()["tls"]
            run = self.run_plan(users=4, loops=10, http={"keep_alive": False}, tls={"session_reuse": reuse})
            self.assertEqual((run.code, run.totals["succeeded"]), (0, 40), run.err)
            resumed = 36 if reuse else 0
            self.assertEqual((run.run["tls_ns"]["count"], run.totals["tls_handshakes_resumed"]), (40, resumed))
            after = self.server.stats()["tls"]
            self.assertEqual(after["resumed"] - before["resumed"], resumed, "as the server counted")

    def test_a_visitor_resumes_nothing(self):
        run = self.run_plan(users=2, loops=5, same_user_on_next_iteration=False)
        self.assertEqual((run.run["tls_ns"]["count"], run.totals["tls_handshakes_resumed"]), (10, 0))

    def test_who_is_not_trusted_is_told_before_anything_is_sent(self):
        run = Run(LOADGEN, self.server.url, "-n", "3", "-c", "1")
        self.assertEqual(run.code, 23)
        self.assertRegex(run.err, r"its certificate is refused: self-signed certificate\)")
        self.assertIn("--insecure", run.err)
        run = Run(LOADGEN, self.server.url, "-n", "3", "-c", "1", "--no-probe")
        self.assertEqual(run.totals["errors_by_kind"], {"certificate_self_signed": 3})
        self.assertEqual(run.run["tls_ns"]["count"], 0)
        wrong = self.run_plan("--no-probe", tls={"server_name": "elsewhere.test"}, users=1, loops=2)
        self.assertEqual(wrong.totals["errors_by_kind"], {"certificate_name": 2})
        for accepting in (Run(LOADGEN, self.server.url, "-n", "3", "-c", "1", "--insecure"),
                          Run(LOADGEN, self.server.url, "-n", "3", "-c", "1", "--cacert", self.server.certificate)):
            self.assertEqual(accepting.totals["succeeded"], 3, accepting.err)

    def test_settings_that_openssl_refuses_are_told_as_mistakes(self):
        for tls in ({"ca_file": "/no/such/file"}, {"ciphers": "ROT13"}):
            run = self.run_plan(tls=tls)
            self.assertEqual(run.code, 64)
            self.assertIn(f"tls.{next(iter(tls))}: OpenSSL refuses", run.err)
        self.assertEqual(Run(LOADGEN, self.server.url, "-n", "1", "--insecure", "--engine", "uring").code, 64)

    def test_plain_http_to_a_port_that_speaks_tls_and_the_reverse(self):
        run = Run(LOADGEN, self.server.url.replace("https", "http"), "-n", "2", "-c", "1")
        self.assertEqual(run.totals["failed"], 2)
        with Server(SERVER) as plain:
            url = plain.url.replace("http", "https")
            self.assertRegex(Run(LOADGEN, url, "-n", "2").err, r"TLS handshake failed: .*Does that port speak TLS\?")
            self.assertEqual(Run(LOADGEN, url, "-n", "2", "--no-probe").totals["errors_by_kind"], {"tls": 2})

    def test_both_schemes_in_one_plan(self):
        with Server(SERVER) as plain:
            steps = [{"get": self.server.url + "/", "name": "secured"}, {"get": plain.url + "/", "name": "plain"}]
            text = json.loads(plan(plain.url, steps, users=3, loops=10)) | {"tls": {"ca_file": self.server.certificate}}
            with PlanFile(json.dumps(text)) as path:
                run = Run(LOADGEN, "--config", path)
        self.assertEqual((run.code, run.totals["succeeded"]), (0, 60), run.err)
        labels = {row["label"]: row["tls_ns"]["count"] for row in run.run["labels"]}
        self.assertEqual(labels, {"secured": 3, "plain": 0})

    def test_a_row_connects_until_the_handshake_is_done(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "rows.jtl")
            run = self.run_plan("--out", f"jtl={path}", users=1, loops=3, http={"keep_alive": False},
                                tls={"session_reuse": False})
            with open(path, encoding="utf-8", newline="") as file:
                connects = [int(row["Connect"]) for row in csv.DictReader(file)]
        both = (run.run["connect_ns"]["mean"] + run.run["tls_ns"]["mean"]) / 1e6
        self.assertAlmostEqual(sum(connects) / 3, both, delta=1.0)


if __name__ == "__main__":
    run_tests()
