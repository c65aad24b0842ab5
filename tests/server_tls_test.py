#!/usr/bin/python3
"""loadgen-server over TLS, from outside: Python's ssl, openssl and curl. Usage: server_tls_test.py PATH-TO-loadgen-server"""

import os
import pathlib
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest

import server_test
from server_test import Answer, read_all

USAGE, UNAVAILABLE = 64, 69


class TlsServer:
    """The server with a certificate of its own, which .context() trusts; stopped at the end of a with block."""

    def __init__(self, *options):
        self.folder = tempfile.TemporaryDirectory()
        self.certificate = os.path.join(self.folder.name, "server.pem")
        self.process = subprocess.Popen([server_test.SERVER, "--port", "0", "--tls-self-signed", self.certificate, *options],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        first_line = self.process.stdout.readline()
        found = re.fullmatch(r"loadgen-server listening on (https://127\.0\.0\.1:(\d+)) \(threads \d+\)\n", first_line)
        if not found:
            raise AssertionError(f"first line: {first_line!r}, stderr: {self.process.stderr.read()!r}")
        self.url, self.port = found[1], int(found[2])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        self.process.communicate(timeout=10)
        self.folder.cleanup()

    def context(self):
        return ssl.create_default_context(cafile=self.certificate)

    def connect(self, context=None, name="localhost", session=None):
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        return (context or self.context()).wrap_socket(plain, server_hostname=name, session=session)

    def talk(self, request):
        with self.connect() as client:
            client.sendall(request)
            return read_all(client)

    def stats(self):
        return Answer(self.talk(b"GET /stats HTTP/1.1\r\nhost: h\r\nconnection: close\r\n\r\n")).json()


def get(path, *headers):
    return "\r\n".join([f"GET {path} HTTP/1.1", "host: h", *headers, "", ""]).encode()


class Tls(unittest.TestCase):
    def setUp(self):
        self.server = TlsServer()
        self.addCleanup(self.server.__exit__)

    def test_its_certificate_is_for_this_machine_only(self):
        for name in ("localhost", "127.0.0.1"):
            with self.server.connect(name=name) as client:
                client.sendall(get("/", "connection: close"))
                self.assertEqual(Answer(read_all(client)).body, b"OK")
        with self.assertRaisesRegex(ssl.SSLCertVerificationError, "(?i)hostname mismatch"):
            self.server.connect(name="example.org")
        with self.assertRaisesRegex(ssl.SSLCertVerificationError, "self.signed"):
            self.server.connect(context=ssl.create_default_context())

    def test_a_connection_is_kept_and_requests_may_be_pipelined(self):
        with self.server.connect() as client:
            for _ in range(3):
                client.sendall(get("/"))
                self.assertTrue(client.recv(4096).endswith(b"\r\n\r\nOK"))
            client.sendall(get("/bytes/7") * 200 + get("/", "connection: close"))
            answers = read_all(client)
        self.assertEqual(answers.count(b"HTTP/1.1 200 OK"), 201)

    def test_large_bodies_go_both_ways_whole(self):
        with self.server.connect() as client:
            client.sendall(get("/bytes/9000000", "connection: close"))
            time.sleep(0.3)  # the socket's buffers fill, and the rest waits for room
            self.assertEqual(len(Answer(read_all(client)).body), 9_000_000)
        body = os.urandom(900_000)
        head = f"POST /echo HTTP/1.1\r\nhost: h\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n".encode()
        self.assertEqual(Answer(self.server.talk(head + body)).body, body)

    def test_scripts_hold_as_without_tls(self):
        begin = time.monotonic()
        self.assertEqual(Answer(self.server.talk(get("/x?delay=50ms&status=503", "connection: close"))).status, 503)
        self.assertGreaterEqual(time.monotonic() - begin, 0.05)
        with self.server.connect() as client:
            client.sendall(get("/x?truncate=1&size=1000"))
            self.assertLess(len(read_all(client)), 1100)

    def test_sessions_are_resumed_and_counted(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version=version):
                before = self.server.stats()["tls"]
                context = self.server.context()
                context.minimum_version = context.maximum_version = version
                with self.server.connect(context) as first:
                    first.sendall(get("/", "connection: close"))
                    read_all(first)
                    session = first.session
                with self.server.connect(context, session=session) as second:
                    second.sendall(get("/", "connection: close"))
                    read_all(second)
                    self.assertTrue(second.session_reused)
                after = self.server.stats()["tls"]
                # The two above, and the one that asked for the first statistics.
                self.assertEqual(after["handshakes"] - before["handshakes"], 3)
                self.assertEqual(after["resumed"] - before["resumed"], 1)

    def test_it_agrees_to_http_1_1(self):
        for offered, chosen in ((["h2", "http/1.1"], "http/1.1"), (["http/1.1"], "http/1.1"), (["h2"], None)):
            context = self.server.context()
            context.set_alpn_protocols(offered)
            with self.server.connect(context) as client:
                self.assertEqual(client.selected_alpn_protocol(), chosen)

    def test_it_says_goodbye(self):
        """Without a close_notify OpenSSL 3 takes the end for an attack, and so would Python (SSLEOFError)."""
        context = self.server.context()
        context.options &= ~getattr(ssl, "OP_IGNORE_UNEXPECTED_EOF", 0)
        with self.server.connect(context) as client:
            client.sendall(get("/", "connection: close"))
            self.assertTrue(read_all(client).endswith(b"OK"))
        with self.server.connect(context) as client:
            client.sendall(get("/"))
            self.assertTrue(client.recv(4096).endswith(b"OK"))
            self.server.process.send_signal(signal.SIGTERM)
            self.assertEqual(client.recv(1), b"")

    def test_clients_that_speak_something_else_do_no_harm(self):
        for bytes_sent in (get("/"), b"\x16\x03\x01\x02\x00", b"\x00" * 1000, b""):
            with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as client:
                try:
                    client.sendall(bytes_sent)
                    client.shutdown(socket.SHUT_WR)
                    read_all(client)
                except TimeoutError:
                    raise
                except OSError:
                    pass  # the server may hang up at any moment
        self.assertEqual(Answer(self.server.talk(get("/", "connection: close"))).body, b"OK")
        self.assertIsNone(self.server.process.poll())

    def test_curl(self):
        if not shutil.which("curl"):
            self.skipTest("curl is not installed")
        done = subprocess.run(["curl", "-sS", "--cacert", self.server.certificate, f"{self.server.url}/bytes/50000",
                               f"{self.server.url}/"], capture_output=True, timeout=30, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(len(done.stdout), 50_002)
        done = subprocess.run(["curl", "-sS", "--cacert", self.server.certificate, f"{self.server.url}/x?reset=1"],
                              capture_output=True, text=True, timeout=30, check=False)
        self.assertIn("reset by peer", done.stderr)  # Python's ssl takes a reset for an end


class Options(unittest.TestCase):
    def test_a_handshake_that_does_not_end_is_idle(self):
        with TlsServer("--idle-timeout", "200ms") as server:
            with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
                client.sendall(b"\x16\x03\x01")
                self.assertEqual(client.recv(1), b"")

    def test_files_that_cannot_be_used(self):
        with TlsServer() as server, tempfile.TemporaryDirectory() as folder:
            other = pathlib.Path(folder, "other.pem")
            other.write_text("no certificate")
            for arguments, code, said in (
                    (["--tls-cert", str(other), "--tls-key", str(other)], UNAVAILABLE, f"cannot use --tls-cert {other}"),
                    (["--tls-cert", server.certificate, "--tls-key", str(other)], UNAVAILABLE, f"cannot use --tls-key {other}"),
                    (["--tls-self-signed", f"{folder}/none/x.pem"], UNAVAILABLE, "cannot write --tls-self-signed"),
                    (["--tls-cert", server.certificate], USAGE, "--tls-key"),
                    (["--tls-key", str(other)], USAGE, "--tls-cert"),
                    (["--tls-cert", "/nowhere", "--tls-key", str(other)], USAGE, "/nowhere")):
                with self.subTest(arguments=arguments):
                    done = subprocess.run([server_test.SERVER, "--port", "0", *arguments], capture_output=True, text=True,
                                          timeout=20, check=False)
                    self.assertEqual(done.returncode, code, done.stderr)
                    self.assertIn(said, done.stderr)

    def test_a_certificate_of_ones_own(self):
        if not shutil.which("openssl"):
            self.skipTest("openssl is not installed")
        with tempfile.TemporaryDirectory() as folder:
            cert, key = f"{folder}/cert.pem", f"{folder}/key.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days",
                            "2", "-subj", "/CN=mine", "-addext", "subjectAltName=DNS:mine"], check=True, capture_output=True)
            process = subprocess.Popen([server_test.SERVER, "--port", "0", "--tls-cert", cert, "--tls-key", key],
                                       stdout=subprocess.PIPE, text=True)
            try:
                port = int(re.search(r":(\d+) ", process.stdout.readline())[1])
                context = ssl.create_default_context(cafile=cert)
                with context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=10),
                                         server_hostname="mine") as client:
                    client.sendall(get("/", "connection: close"))
                    self.assertEqual(Answer(read_all(client)).body, b"OK")
            finally:
                process.terminate()
                process.communicate(timeout=10)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    server_test.SERVER = sys.argv.pop(1)
    unittest.main()
