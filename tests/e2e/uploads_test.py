"""Bodies from files and forms, against a server that keeps what it is sent, and HTTP/2's against nghttpd.
argv: loadgen."""

import contextlib
import email.parser
import hashlib
import http.server
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

from loadgen_e2e import Run, assert_balanced, offers, plan, run_tests

LOADGEN = sys.argv[1]
NGHTTPD = shutil.which("nghttpd", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
ENGINES = [engine for engine in ("native", "uring", "curl") if offers(LOADGEN, engine)]
EXPECT = {"Expect": "100-continue"}
KEPT = 4 << 20  # a larger body is counted and hashed, and not kept


class Keeper(http.server.ThreadingHTTPServer):
    """Keeps every request, and answers /to/N?WHERE with a redirect of status N, all else with 200. To Expect:
    100-continue /refuse says 417, /silent nothing, and any other path 100."""

    daemon_threads = True

    def __init__(self):
        self.kept, self.lock = [], threading.Lock()
        self.on_first = lambda: None  # called when the first request has come, before it is answered
        super().__init__(("127.0.0.1", 0), KeeperHandler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def keep(self, request):
        with self.lock:
            self.kept.append(request)
            if len(self.kept) == 1:
                self.on_first()

    def close(self):
        self.shutdown()
        self.server_close()


class Kept:
    def __init__(self, handler):
        self.method, self.path, self.headers = handler.command, handler.path, handler.headers
        self.early = self.waited = None  # of one that expects a 100: body bytes before it, and how long none came
        self.size, self.digest, self.body = 0, hashlib.sha256(), b""

    def add(self, piece):
        self.size += len(piece)
        self.digest.update(piece)
        if self.size <= KEPT:
            self.body += piece


class KeeperHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    rbufsize = 0  # what has come and was not asked for stays visible to select()

    def handle_expect_100(self):
        self.kept = Kept(self)
        began = time.monotonic()
        patience = 10 if self.path == "/silent" else 0.1
        self.kept.early = bool(select.select([self.connection], [], [], patience)[0])
        self.kept.waited = time.monotonic() - began
        if self.path == "/refuse":
            self.answer(417, "Connection: close")
            self.close_connection = True
            while piece := self.connection.recv(1 << 16):
                self.kept.add(piece)
            self.server.keep(self.kept)
            return False
        return self.path == "/silent" or super().handle_expect_100()

    def answer(self, code, *headers):
        lines = [f"HTTP/1.1 {code} x", "Set-Cookie: seen=1; Path=/", "Content-Length: 2", *headers]
        self.wfile.write("\r\n".join(lines).encode() + b"\r\n\r\nOK")

    def take(self):
        kept = self.kept if self.headers.get("Expect") else Kept(self)
        left = int(self.headers.get("Content-Length", 0))
        while left and (piece := self.rfile.read(min(left, 1 << 16))):
            kept.add(piece)
            left -= len(piece)
        if left:  # cut off: nobody waits for an answer
            self.close_connection = True
            return
        self.server.keep(kept)
        if self.path.startswith("/to/"):
            code, _, where = self.path[4:].partition("?")
            self.answer(int(code), f"Location: {where}")
        else:
            self.answer(200)

    do_GET = do_POST = do_PUT = take  # noqa: N815

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionError:
            self.close_connection = True

    def log_message(self, *_):
        pass


def digest(body):
    return hashlib.sha256(body).hexdigest()


class WithFolder(unittest.TestCase):
    """A folder with files and plans in it, which is not the one that loadgen runs in."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, content):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def run_plan(self, url, steps, *arguments, **group):
        path = self.file("plan.json", plan(url, steps, **group).encode())
        run = Run(LOADGEN, path, "--no-probe", *arguments)
        self.assertIsNotNone(run.run, run.err)
        assert_balanced(self, run.totals)
        return run


class Uploads(WithFolder):
    def setUp(self):
        super().setUp()
        self.keeper = Keeper()
        self.addCleanup(self.keeper.close)
        self.url = self.keeper.url

    @contextlib.contextmanager
    def trying(self, engine):
        with self.subTest(engine=engine):
            self.keeper.kept.clear()
            yield

    def run_steps(self, steps, *arguments, **group):
        return self.run_plan(self.url, steps, *arguments, **group)

    def test_a_file_arrives_byte_for_byte(self):
        body = os.urandom(3_000_001)
        self.file("body.bin", body)
        for engine in ENGINES:
            with self.trying(engine):
                run = self.run_steps([{"put": "/f", "body_file": "body.bin"}], "--engine", engine, users=3, loops=2)
                self.assertEqual((run.code, run.totals["succeeded"]), (0, 6), run.out + run.err)
                self.assertEqual({kept.digest.hexdigest() for kept in self.keeper.kept}, {digest(body)})
                self.assertEqual(len(self.keeper.kept), 6)
                self.assertEqual(run.totals["connections_opened"], 3)
                self.assertGreater(run.totals["bytes_out"], 6 * len(body))
                self.assertLess(run.totals["bytes_out"], 6 * (len(body) + 500))

    def assert_form(self, kept, expected):
        text = f"Content-Type: {kept.headers['Content-Type']}\r\n\r\n".encode() + kept.body
        parts = email.parser.BytesParser().parsebytes(text).get_payload()
        told = [(part.get_param("name", header="content-disposition"), part.get_filename(), part["Content-Type"],
                 part.get_payload(decode=True)) for part in parts]
        self.assertEqual(told, expected)

    def test_a_form_is_read_back_field_by_field(self):
        photo = os.urandom(100_000)
        path = self.file("photo.png", photo)
        fields = [{"name": "who", "value": "me & you"}, {"name": "photo", "file": "photo.png", "type": "image/png"},
                  {"name": "again", "file": "photo.png", "file_name": "other.bin"},
                  {"name": "note", "value": "{}", "type": "application/json"}]
        expected = [("who", None, None, b"me & you"), ("photo", "photo.png", "image/png", photo),
                    ("again", "other.bin", "application/octet-stream", photo),
                    ("note", None, "application/json", b"{}")]
        for engine in ENGINES:
            with self.trying(engine):
                run = self.run_steps([{"post": "/form", "multipart": fields}], "--engine", engine, loops=2)
                self.assertEqual((run.code, run.totals["succeeded"]), (0, 2), run.err)
                for kept in self.keeper.kept:
                    self.assert_form(kept, expected)
                self.keeper.kept.clear()
                run = Run(LOADGEN, self.url + "/form", "-n", "1", "-c", "1", "-m", "POST", "--engine", engine,
                          "-F", "who=me & you", "-F", f"photo=@{path};type=image/png",
                          "-F", f"again=@{path};filename=other.bin", "-F", "note={};type=application/json")
                self.assertEqual((run.code, run.totals["succeeded"]), (0, 1), run.err)
                self.assert_form(self.keeper.kept[0], expected)

    def test_a_redirect_takes_it_along_or_leaves_it(self):
        self.file("body.bin", b"b" * 100_000)
        http = {"follow_redirects": True, "cookies": "user"}
        for engine in ENGINES:
            with self.trying(engine):
                run = self.run_steps([{"post": "/to/307?/end", "body_file": "body.bin"},
                                      {"post": "/to/308?/end", "multipart": [{"name": "f", "file": "body.bin"}]},
                                      {"post": "/to/303?/end", "multipart": [{"name": "f", "file": "body.bin"}]}],
                                     "--engine", engine, http=http)
                self.assertEqual((run.totals["succeeded"], run.totals["redirects_followed"]), (3, 3), run.out)
                first, second, form, again, dropped, end = self.keeper.kept
                self.assertEqual((first.body, second.body), (b"b" * 100_000,) * 2)
                self.assertEqual((first.headers["Cookie"], second.headers["Cookie"]), (None, "seen=1"))
                self.assert_form(again, [("f", "body.bin", "application/octet-stream", b"b" * 100_000)])
                self.assertEqual((form.body, form.headers["Content-Type"]), (again.body, again.headers["Content-Type"]))
                self.assertEqual((dropped.method, end.method, end.body, end.headers["Content-Type"]),
                                 ("POST", "GET", b"", None))

    def test_a_file_that_is_missing_is_a_wrong_plan(self):
        path = self.file("plan.json", plan(self.url, [{"put": "/f", "body_file": "gone.bin"}]).encode())
        said = f'loadgen: step "PUT /f": "{self.folder}/gone.bin" cannot be sent: No such file or directory'
        for command in ("check", "run", "find"):
            more = ("--slo", "p99<1s") if command == "find" else ()
            done = subprocess.run([LOADGEN, command, path, *more], capture_output=True, text=True, timeout=30,
                                  check=False)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(said, done.stderr)
        done = subprocess.run([LOADGEN, self.url, "-m", "PUT", "--body-file", self.folder], capture_output=True,
                              text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn("it is not a regular file", done.stderr)
        self.assertEqual(self.keeper.kept, [])

    def test_no_report_replaces_it(self):
        path = self.file("body.bin", b"b" * 1000)
        for form in (["--body-file", path], ["-F", f"f=@{path}"]):
            done = subprocess.run([LOADGEN, self.url, "-n", "1", "-m", "POST", *form, "--out", f"jtl={path}"],
                                  capture_output=True, text=True, timeout=30, check=False)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn(f"that is {path} itself, which the report would replace", done.stderr)
        self.assertEqual(os.path.getsize(path), 1000)

    def test_check_tells_sizes_and_no_content(self):
        self.file("body.bin", b"secret words" * 100)
        path = self.file("plan.json", plan(self.url, [{"put": "/f", "body_file": "body.bin"}]).encode())
        done = subprocess.run([LOADGEN, "check", path], capture_output=True, text=True, timeout=30, check=True)
        self.assertIn(f'1200  "{self.folder}/body.bin" (PUT /f)\n', done.stdout)
        self.assertIn("Content-Length: 1200\n", done.stdout)
        self.assertNotIn("secret", done.stdout)

    def test_a_file_that_goes_while_it_runs_is_still_there(self):
        for engine in ENGINES:
            with self.trying(engine):
                body = os.urandom(300_000)
                path = self.file("body.bin", body)
                self.keeper.on_first = lambda path=path: os.unlink(path)
                run = self.run_steps([{"put": "/f", "body_file": "body.bin"}], "--engine", engine, loops=4)
                self.assertFalse(os.path.exists(path))
                self.assertEqual((run.code, run.totals["succeeded"]), (0, 4), run.out)
                self.assertEqual([kept.digest.hexdigest() for kept in self.keeper.kept], [digest(body)] * 4)

    def test_a_file_that_becomes_shorter_fails_and_the_run_goes_on(self):
        for engine in ENGINES:
            with self.trying(engine):
                path = self.file("body.bin", os.urandom(300_000))
                self.keeper.on_first = lambda path=path: os.truncate(path, 100_000)
                run = self.run_steps([{"put": "/f", "body_file": "body.bin"}, {"get": "/"}], "--engine", engine,
                                     loops=4)
                self.assertEqual(run.totals["errors_by_kind"], {"upload": 3}, run.out + run.err)
                self.assertEqual(run.totals["by_status"], {"200": 5, "none": 3})

    def test_it_takes_no_memory_of_its_own(self):
        def peak(engine, size):
            path = self.file("body.bin", b"")
            os.truncate(path, size)
            process = subprocess.Popen([LOADGEN, self.url + "/f", "-n", "2", "-c", "2", "-m", "PUT", "--body-file",
                                        path, "--engine", engine, "-q"])
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(process.returncode, 0)
            self.assertEqual([kept.size for kept in self.keeper.kept], [size] * 2)
            self.keeper.kept.clear()
            return usage.ru_maxrss << 10

        for engine in ENGINES:
            with self.trying(engine):
                small = peak(engine, 1)
                self.assertLess(peak(engine, 64 << 20) - small, 32 << 20)

    def test_100_continue_lets_the_body_go(self):
        body = self.file("body.bin", os.urandom(300_000))
        for engine in ENGINES:
            with self.trying(engine):
                run = self.run_steps([{"put": "/f", "body_file": body, "headers": EXPECT},
                                      {"post": "/f", "body": "short", "headers": EXPECT}],
                                     "--engine", engine, http={"continue_timeout": "20s"})
                self.assertEqual((run.code, run.totals["by_status"]), (0, {"200": 2}), run.out + run.err)
                self.assertEqual([(kept.early, kept.size) for kept in self.keeper.kept], [(False, 300_000), (False, 5)])
                self.assertLess(run.run["wall_s"], 10, "nobody waited for the 20 s")

    def test_another_answer_keeps_it_back(self):
        self.file("body.bin", os.urandom(300_000))
        for engine in ENGINES:
            with self.trying(engine):
                run = self.run_steps([{"put": "/refuse", "body_file": "body.bin", "headers": EXPECT}],
                                     "--engine", engine, loops=3, http={"continue_timeout": "20s"})
                self.assertEqual(run.totals["by_status"], {"417": 3}, run.out + run.err)
                self.assertEqual(run.totals["errors_by_kind"], {"status": 3})
                self.assertEqual([(kept.early, kept.size) for kept in self.keeper.kept], [(False, 0)] * 3)
                self.assertLess(run.totals["bytes_out"], 3 * 500)

    def test_without_a_word_it_goes_after_the_timeout(self):
        body = os.urandom(300_000)
        self.file("body.bin", body)
        for engine in ENGINES:
            with self.trying(engine):
                run = self.run_steps([{"put": "/silent", "body_file": "body.bin", "headers": EXPECT}],
                                     "--engine", engine, http={"continue_timeout": "1500ms"})
                self.assertEqual((run.code, run.totals["by_status"]), (0, {"200": 1}), run.out + run.err)
                (kept,) = self.keeper.kept
                self.assertEqual((kept.early, kept.digest.hexdigest()), (True, digest(body)))
                self.assertGreater(kept.waited, 1.3, "longer than the second of a plan that does not say")


@unittest.skipUnless(NGHTTPD, "nghttpd is not installed")
class Http2(WithFolder):
    """nghttpd sends back what it was sent."""

    def setUp(self):
        super().setUp()
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            port = s.getsockname()[1]
        self.process = subprocess.Popen([NGHTTPD, "--no-tls", "-a", "127.0.0.1", "--echo-upload", "-d", self.folder,
                                         str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(lambda: (self.process.terminate(), self.process.wait(10)))
        self.url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 5
        while not self.listens(port) and time.monotonic() < deadline:
            time.sleep(0.05)

    @staticmethod
    def listens(port):
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", port)) == 0

    def test_a_file_comes_back(self):
        text = os.urandom(1_500_000).hex()
        self.file("body.txt", text.encode())
        run = self.run_plan(self.url, [{"post": "/", "body_file": "body.txt", "expect": {"body_equals": text}}],
                            users=4, loops=2, http={"version": "2", "streams_per_connection": 2})
        self.assertEqual((run.code, run.totals["succeeded"]), (0, 8), run.out + run.err)
        self.assertGreater(run.totals["bytes_out"], 8 * len(text))

    def test_100_continue_lets_it_go(self):
        self.file("body.txt", b"b" * 300_000)
        step = {"post": "/", "body_file": "body.txt", "headers": EXPECT, "expect": {"body_equals": "b" * 300_000}}
        run = self.run_plan(self.url, [step], http={"version": "2", "continue_timeout": "20s"})
        self.assertEqual((run.code, run.totals["succeeded"]), (0, 1), run.out + run.err)
        self.assertLess(run.run["wall_s"], 10, "nobody waited for the 20 s")


if __name__ == "__main__":
    run_tests()
