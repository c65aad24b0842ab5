"""Servers under test as child processes: started on a free port, their CPU time read, stopped by pid."""

import contextlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT_S = 20
STOP_TIMEOUT_S = 5


class Unavailable(Exception):
    """A program that a measurement wanted cannot be had here; the text says why. Such a row is skipped."""


def free_port():
    """A port below the ephemeral range: no outgoing connection of a load generator can sit on it."""
    ephemeral = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in random.sample(range(min(20000, ephemeral - 1000), ephemeral), k=200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
    raise Unavailable("no free port found below the ephemeral range")


def cpu_seconds(pid):
    """User and system time of a process with all its threads: what /proc/PID/stat counts, in ns instead of ticks.

    The clock's number is made as clock_getcpuclockid(3) makes it: the inverted pid above three bits, of which 2 means
    the scheduler's own count.
    """
    return time.clock_gettime((~pid << 3) | 2)


class Server:
    """One running server. core: pin it there (None leaves it to the kernel). Use as a context manager."""

    def __init__(self, name, command, port, core=None):
        self.name, self.port = name, port
        self.url = f"http://127.0.0.1:{port}"
        pin = ["taskset", "-c", str(core)] if core is not None else []
        self._log = tempfile.TemporaryFile(mode="w+")
        words = pin + [str(word) for word in command]
        try:
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=self._log,
                                             stderr=subprocess.STDOUT)
        except OSError as error:
            raise Unavailable(f"{name}: {error}") from error
        self.pid = self._process.pid
        try:
            self._wait_until_it_accepts()
        except BaseException:
            self.stop()
            raise

    def _wait_until_it_accepts(self):
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._log.seek(0)
                words = self._log.read().strip().splitlines() or ["no word"]
                raise Unavailable(f"{self.name} ended while starting: {words[-1]}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.05)
        raise Unavailable(f"{self.name} did not accept on port {self.port} within {START_TIMEOUT_S} s")

    def cpu_seconds(self):
        return cpu_seconds(self.pid)

    def stop(self):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def prepare(peer):
    """Builds or installs one of peers/*; returns its serve script."""
    script = ROOT / "peers" / peer / "serve"
    done = subprocess.run([script, "--prepare"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise Unavailable((done.stderr.strip().splitlines() or [f"{peer}: could not be prepared"])[-1])
    return script


def axum(workers=1, core=None):
    script, port = prepare("axum"), free_port()
    noun = "worker" if workers == 1 else "workers"
    return Server(f"Axum, {workers} {noun}", [script, port, workers], port, core)


def blacksheep(core=None):
    script, port = prepare("blacksheep"), free_port()
    return Server("Blacksheep", [script, port], port, core)


def built(binary):
    """The binary itself where it exists; a report names it without the folder that the repository happens to be in."""
    if not Path(binary).exists():
        raise Unavailable(f"{Path(binary).name} is not built here "
                          "(cmake --preset release; cmake --build --preset release)")
    return Path(binary).resolve()


def bundled(binary, core=None):
    binary = built(binary)
    port = free_port()
    return Server("loadgen-server, 1 thread", [binary, "--port", port, "--threads", 1], port, core)


NGINX_CONF = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr error;
worker_rlimit_nofile 40000;
events {{ worker_connections 20000; }}
http {{
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  server {{
    {listen}
    {tls}
    location / {{ return 200 "OK"; }}
  }}
}}
"""


NGINX_TLS = """
    ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key; ssl_protocols TLSv1.2 TLSv1.3;
    ssl_session_cache shared:sessions:10m; ssl_session_tickets on;
"""


def make_certificate(folder, addresses):
    """folder/server.pem and server.key: self-signed, on the curve P-256, for 127.0.0.1 and its next neighbours."""
    names = ",".join(f"IP:127.0.0.{n + 1}" for n in range(addresses))
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
               "-subj", "/CN=localhost", "-addext", f"subjectAltName={names}",
               "-keyout", f"{folder}/server.key", "-out", f"{folder}/server.pem"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"openssl made no certificate: {error}") from error


class Nghttpd(Server):
    """nghttpd, which speaks HTTP/2 without TLS to whoever knows; it serves one file of two bytes, /ok."""

    def __init__(self, core=None, threads=1):
        binary = shutil.which("nghttpd") or shutil.which("nghttpd", path="/usr/sbin")
        if not binary:
            raise Unavailable("nghttpd is not installed (apt-get install nghttp2-server)")
        self._folder = tempfile.TemporaryDirectory(prefix="loadgen-nghttpd-")
        (Path(self._folder.name) / "ok").write_text("OK")
        port = free_port()
        command = [binary, "--no-tls", "-a", "127.0.0.1", "-n", threads, "-d", self._folder.name, port]
        super().__init__("nghttpd", command, port, core)

    def stop(self):
        super().stop()
        self._folder.cleanup()


class Nginx(Server):
    """nginx with one worker that answers every path with two bytes, on 127.0.0.1 and more loopback addresses beside it.

    Each address has its own set of client ports, so that runs which open a connection a request can take turns on them.
    With tls it speaks that alone, and with http2 also HTTP/2 over it; .certificate is the file to trust.
    """

    def __init__(self, core=None, addresses=1, tls=False, http2=False):
        binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
        if not binary:
            raise Unavailable("nginx is not installed (apt-get install nginx-light)")
        self._folder = tempfile.TemporaryDirectory(prefix="loadgen-nginx-")
        port = free_port()
        secured = (" ssl" if tls else "") + (" http2" if http2 else "")
        listen = " ".join(f"listen 127.0.0.{n + 1}:{port}{secured} backlog=4096;" for n in range(addresses))
        if tls:
            make_certificate(self._folder.name, addresses)
        self.certificate = f"{self._folder.name}/server.pem"
        conf = Path(self._folder.name) / "nginx.conf"
        conf.write_text(NGINX_CONF.format(folder=self._folder.name, listen=listen,
                                          tls=NGINX_TLS.format(folder=self._folder.name) if tls else ""))
        self.urls = [f"http{'s' if tls else ''}://127.0.0.{n + 1}:{port}" for n in range(addresses)]
        super().__init__("nginx", [binary, "-p", self._folder.name, "-c", conf], port, core)
        self._worker = int(Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()[0])

    def cpu_seconds(self):
        return cpu_seconds(self._worker)

    def stop(self):
        super().stop()
        self._folder.cleanup()
