"""A server of a test's own that keeps books: every request as it came, and all bytes in and out."""

import http.server
import threading
from typing import NamedTuple


class Asked(NamedTuple):
    connection: tuple  # address and port of whoever asked: the same as long as the connection lasts
    method: str
    path: str
    headers: object  # email.message.Message: get, get_all, items
    body: bytes


class Bookkeeper:
    """Listens on a port of its own, url, until close(). What it answers a subclass says: answer_to(asked) ->
    (status, header lines, body), called by one thread at a time. Its books are asked (in the order of arrival),
    bytes_in and bytes_out."""

    def __init__(self):
        self.asked, self.bytes_in, self.bytes_out = [], 0, 0
        self.lock = threading.Lock()
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer_to(self, asked):
        raise NotImplementedError

    def enter(self, asked, head):
        """Into the books; the bytes of the answer."""
        with self.lock:
            status, lines, body = self.answer_to(asked)
            out = "\r\n".join([f"HTTP/1.1 {status} x", *lines, f"Content-Length: {len(body)}", "", ""]).encode()
            out += b"" if asked.method == "HEAD" else body
            self.asked.append(asked)
            self.bytes_in += len(head) + len(asked.body)
            self.bytes_out += len(out)
        return out

    def handler(self):
        books = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                lines = "".join(f"{name}: {value}\r\n" for name, value in self.headers.items())
                asked = Asked(self.client_address, self.command, self.path, self.headers, body)
                self.wfile.write(books.enter(asked, self.raw_requestline + lines.encode() + b"\r\n"))

            do_GET = do_POST = do_PUT = do_HEAD = answer  # noqa: N815

            def log_message(self, *_):
                pass

        return Handler

    def close(self):
        self.server.shutdown()
        self.server.server_close()
