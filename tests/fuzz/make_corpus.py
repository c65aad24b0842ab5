#!/usr/bin/env python3
"""Makes those files of the fuzz corpora anew that hold a record, whose layout changes with kRecordVersion.

    make_corpus.py LOADGEN SERVER

LOADGEN and SERVER are the programs. Afterwards look at `git diff --stat`: nothing else may have changed.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile
import zlib

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus"
SAVED = ("schema", "tool", "host", "plan", "record")  # of run.json: what is read back
TOOL = {"name": "loadgen", "version": "0.1.0", "compiler": "gcc"}
HOST = {
    "cpu_model": "Example CPU",
    "architecture": "x86_64",
    "cores": 2,
    "usable_cores": 2,
    "memory_bytes": 25276514304,
    "kernel": "6.1.0",
    "os": "Debian GNU/Linux 12 (bookworm)",
}
ANOTHER_VERSION = 2
BOMB = bytes(1 << 20)


STEP = {"get": "/"}
SEVERAL_STEPS = [{"name": name, "get": path} for name, path in (("one", "/"), ("another", "/b"), ("a third", "/c?d=e"))]
CLOSED = {"users": 1, "iterations": 3, "steps": [STEP]}
OPEN = {"arrivals": [{"rate": "20/s", "for": "300ms"}], "steps": SEVERAL_STEPS}
REFUSED = {"users": 50, "iterations": 2, "ramp_up": "5ms", "steps": [STEP]}
NOBODY = "http://127.0.0.1:1"


def saved_run(loadgen, target, group):
    """run.json of a run, without what is not read back or names this machine."""
    with tempfile.TemporaryDirectory() as folder:
        plan, out = pathlib.Path(folder, "plan.json"), pathlib.Path(folder, "run.json")
        plan.write_text(json.dumps({"target": target, "thread_groups": [group]}))
        command = [loadgen, "--config", plan, "--no-probe", "--out", f"json={out}"]
        subprocess.run(command, capture_output=True, timeout=60, check=False)
        run = json.loads(out.read_text())
    return {key: run[key] for key in SAVED} | {"tool": TOOL, "host": HOST}


def record_of(run):
    return zlib.decompress(base64.b64decode(run["record"]))


def runs_of(loadgen, server):
    with subprocess.Popen([server, "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            target = next(word for word in process.stdout.readline().split() if "://" in word)
            return {
                "closed": saved_run(loadgen, target, CLOSED),
                "open": saved_run(loadgen, target, OPEN),
                "refused": saved_run(loadgen, NOBODY, REFUSED),
            }
        finally:
            process.terminate()


def main(loadgen, server):
    runs = runs_of(loadgen, server)
    for name, run in runs.items():
        (CORPUS / "run_file" / f"{name}.json").write_text(json.dumps(run, separators=(",", ":")))
        (CORPUS / "record" / name).write_bytes(record_of(run))
    closed = record_of(runs["closed"])
    version = closed[:1]  # a number below 128 is one byte
    (CORPUS / "record" / "cut").write_bytes(closed[: len(closed) // 2])
    (CORPUS / "record" / "version").write_bytes(bytes([ANOTHER_VERSION]) + closed[1:])
    many = CORPUS / "record" / "many-labels"
    many.write_bytes(version + many.read_bytes()[1:])
    # A record of a kilobyte that grows to a megabyte.
    bomb = runs["closed"] | {"record": base64.b64encode(zlib.compress(BOMB, 9)).decode()}
    (CORPUS / "run_file" / "bomb.json").write_text(json.dumps(bomb))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
