"""What a report must say about the machine it was measured on, and how long to wait before loading it again."""

import datetime
import os
import platform
import re
import shutil
import socket
import subprocess
import time
from pathlib import Path


def first_match(pattern, text, default="unknown"):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip() if found else default


def first_line(command):
    """The first line a command prints (nginx writes to stderr), or None without the command.

    wrk -v ends with exit code 1 after its version, so that the exit code says nothing here; a digit must do.
    """
    if not shutil.which(str(command[0])):
        return None
    done = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    line = (done.stdout.strip().splitlines() or [""])[0]
    return line if re.search(r"\d", line) else None


def describe(versions_of):
    """Markdown lines about this machine; versions_of: commands that print a version."""
    cpu = first_match(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text())
    memory_kib = int(first_match(r"^MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text(), "0"))
    system = first_match(r'^PRETTY_NAME="?([^"\n]+)', Path("/etc/os-release").read_text())
    ports = "-".join(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    versions = [line for line in map(first_line, versions_of) if line]
    return [
        f"- CPU: {cpu}, {os.cpu_count()} cores; memory {memory_kib / 2**20:.1f} GiB",
        f"- {system}, Linux {platform.release()}; ephemeral ports {ports}, everything on loopback",
        f"- load average before the start: {os.getloadavg()[0]:.2f}",
        f"- {'; '.join(versions)}",
        f"- {datetime.date.today().isoformat()}",
    ]


def time_wait_sockets():
    return int(first_match(r"^TCP:.*\btw (\d+)", Path("/proc/net/sockstat").read_text(), "0"))


def time_wait_at(address, port):
    """Sockets in TIME_WAIT of connections to address:port, whichever end holds them (the one that closed first)."""
    at = socket.inet_aton(address)[::-1].hex().upper() + f":{port:04X}"
    with open("/proc/net/tcp") as table:
        return sum(1 for line in table if at in line and line.split()[3] == "06")


def wait_for_ports(url, connections, say):
    """Waits until `connections` new ones to this server fit beside its sockets still in TIME_WAIT (60 s on Linux).

    A connection is told from others by both ends, so every server address has a whole ephemeral range of its own; a
    tenth is left free. More connections than there are ports wait for (nearly) all old sockets to be gone. The second
    limit is the kernel's for the whole machine, beyond which it closes without TIME_WAIT and costs change.
    """
    low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    room = int((high - low + 1) * 0.9)
    allowed = max(room - connections, room // 20)
    allowed_in_all = int(int(Path("/proc/sys/net/ipv4/tcp_max_tw_buckets").read_text()) * 0.9) - connections
    address, port = url.rpartition("/")[2].split(":")
    told = False
    while (in_all := time_wait_sockets()) > allowed and (
            in_all > allowed_in_all or time_wait_at(address, int(port)) > allowed):
        if not told:
            say(f"waiting for sockets to leave TIME_WAIT: {in_all} on this machine, room for {connections} is needed")
        told = True
        time.sleep(1)
