"""Proxies of a few lines for the end-to-end tests: HTTP (whole URLs and CONNECT, over TLS too) and SOCKS5."""

import base64
import contextlib
import socket
import ssl
import struct
import threading
import urllib.parse


class Proxy:
    """A proxy on a free port for the length of a with block. .asked: one (what, authorization) a request to it, where
    what is "CONNECT host:port", "GET http://..." or "SOCKS5 name host:port" (or address, for name)."""

    def __init__(self, serve, user=None, password=None, certificate=None):  # certificate: its file and its key's
        self.serve, self.user, self.password = serve, user, password
        self.asked = []
        self.lock = threading.Lock()
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*certificate)

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.at = "127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.run, args=(client,), daemon=True).start()

    def run(self, client):
        try:
            with client if self.context is None else self.context.wrap_socket(client, server_side=True) as stream:
                self.serve(self, stream)
        except OSError:
            pass  # either side is gone

    def note(self, what, authorization=None):
        with self.lock:
            self.asked.append((what, authorization))

    @property
    def authorization(self):
        pair = f"{self.user}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode() if self.user else None


def pipe(one, other):
    """Bytes both ways until either side ends."""
    def copy(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
    back = threading.Thread(target=copy, args=(other, one), daemon=True)
    back.start()
    copy(one, other)
    back.join()


def http(proxy, client):
    """RFC 9110 9.3.6 and RFC 9112 3.2.2, requests without bodies; each connection to a server serves one client."""
    with contextlib.ExitStack() as stack:
        serve_http(proxy, client, stack)


def serve_http(proxy, client, stack):
    stream = stack.enter_context(client.makefile("rb"))
    server = None
    while line := stream.readline().decode().rstrip():
        method, target, version = line.split(" ")
        headers = []
        while header := stream.readline().decode().rstrip():
            headers.append(header)
        fields = {name.lower(): value.strip() for name, value in (header.split(":", 1) for header in headers)}
        given = fields.get("proxy-authorization")
        proxy.note(f"{method} {target}", given)
        if given != proxy.authorization:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
                           b"Content-Length: 0\r\n\r\n")
            continue
        where = urllib.parse.urlsplit(f"//{target}" if method == "CONNECT" else target)
        if server is None:
            server = stack.enter_context(socket.create_connection((where.hostname, where.port or 80)))
        if method == "CONNECT":
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            return pipe(client, server)
        kept = [header for header in headers if not header.lower().startswith("proxy-")]
        path = where.path + ("?" + where.query if where.query else "")
        server.sendall("\r\n".join([f"{method} {path} {version}", *kept, "", ""]).encode())
        client.sendall(response_of(server))


def response_of(server):
    """One response with a Content-Length, whole."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += server.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    length = int(lengths[0])
    while len(body) < length:
        body += server.recv(65536)
    return head + b"\r\n\r\n" + body


def exactly(client, count):
    data = b""
    while len(data) < count:
        more = client.recv(count - len(data))
        if not more:
            raise OSError("the client is gone")
        data += more
    return data


def socks5(proxy, client):
    """RFC 1928, and RFC 1929 when the proxy has a user."""
    _, count = exactly(client, 2)
    methods = exactly(client, count)
    wanted = 2 if proxy.user else 0
    if wanted not in methods:
        client.sendall(b"\x05\xff")
        return
    client.sendall(bytes([5, wanted]))
    if proxy.user:
        user = exactly(client, exactly(client, 2)[1]).decode()
        password = exactly(client, exactly(client, 1)[0]).decode()
        good = (user, password) == (proxy.user, proxy.password)
        client.sendall(b"\x01\x00" if good else b"\x01\x01")
        if not good:
            return
    _, _, _, kind = exactly(client, 4)
    if kind == 3:
        host, form = exactly(client, exactly(client, 1)[0]).decode(), "name"
    else:
        family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
        host, form = socket.inet_ntop(family, exactly(client, size)), "address"
    port = struct.unpack(">H", exactly(client, 2))[0]
    proxy.note(f"SOCKS5 {form} {host}:{port}")
    try:
        server = socket.create_connection((host, port))
    except OSError:
        client.sendall(b"\x05\x05\x00\x01" + bytes(6))
        return
    client.sendall(b"\x05\x00\x00\x01" + bytes(6))
    with server:
        pipe(client, server)
