"""What a report must say about the machine it was measured on, and how long to wait before loading it again."""

import datetime
import os
import platform
import re
import shutil
import subprocess
import time
from pathlib import Path


def first_match(pattern, text, default="unknown"):
    found = re.search(pattern, text, re.MULTILINE)
    return found.group(1).strip() if found else default


def first_line(command):
    """The first line a command prints (nginx writes to stderr), or None without the command.

    wrk -v ends with exit code 1 after its version, so that the exit code says nothing here; a word with a digit must do.
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


def ephemeral_ports():
    low, high = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    return high - low + 1


def wait_for_ports(connections, say):
    """Waits until `connections` new ones fit beside the sockets still in TIME_WAIT (they stay there for 60 s).

    Counts every such socket as if it blocked one of our ports, which is more than do; a tenth is left for the rest of
    the machine. More connections than there are ports can only wait for (nearly) all old sockets to be gone.
    """
    room = int(ephemeral_ports() * 0.9)
    allowed = max(room - connections, room // 20)
    waiting = time_wait_sockets()
    if waiting > allowed:
        say(f"waiting: {waiting} sockets in TIME_WAIT, {allowed} leave room for {connections} connections")
    while time_wait_sockets() > allowed:
        time.sleep(0.5)
