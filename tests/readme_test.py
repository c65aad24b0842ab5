"""The README says what the programs say: its help blocks and its exit codes. argv: loadgen, loadgen-server, root.
With LOADGEN_APPROVE set, the help blocks are written anew first."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

LOADGEN, SERVER, ROOT = sys.argv[1:4]
README = os.path.join(ROOT, "README.md")


HELP_BLOCK = re.compile(r"(<!-- (loadgen|loadgen-server)((?: \w+)*) --help -->\n```\n)(.*?)(\n```)", re.S)


def help_of(program, command=""):
    path = {"loadgen": LOADGEN, "loadgen-server": SERVER}[program]
    done = subprocess.run([path, *command.split(), "--help"], capture_output=True, text=True, check=True, timeout=30)
    return done.stdout.strip()


def with_help_of_now(text):
    return HELP_BLOCK.sub(lambda found: found[1] + help_of(found[2], found[3]) + found[5], text)


class Readme(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        with open(README, encoding="utf-8") as file:
            self.text = file.read()

    def test_help_blocks_are_current(self):
        blocks = HELP_BLOCK.findall(self.text)
        self.assertEqual({"loadgen", "loadgen-server"}, {program for _, program, command, _, _ in blocks if not command})
        for _, program, command, text, _ in blocks:
            self.assertEqual(text, help_of(program, command), "tools/approve pastes the help of now into README.md")

    def test_plans_are_plans(self):
        plans = re.findall(r"<!-- a plan -->\n```jsonc\n(.*?)\n```", self.text, re.S)
        self.assertGreaterEqual(len(plans), 2)
        for plan in plans:
            with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as file:
                file.write(plan)
                file.flush()
                result = subprocess.run([LOADGEN, "check", file.name], capture_output=True, text=True, timeout=30)
            self.assertEqual(result.returncode, 0, result.stderr)

    def test_exit_codes_are_documented(self):
        listed = set(re.findall(r"(?m)^ {2,4}(\d+)  ", help_of("loadgen").split("Exit codes:")[1]))
        self.assertGreaterEqual(len(listed), 6)
        for code in listed:
            self.assertTrue(re.search(rf"(?m)^\| {code} \|", self.text), f"exit code {code} is not in README.md's table")

    def test_files_named_exist(self):
        for path in re.findall(r"\]\(([^)#:]+)\)", self.text):
            self.assertTrue(os.path.exists(os.path.join(ROOT, path)), f"README.md links to {path}, which is not there")


def approve():
    with open(README, encoding="utf-8") as file:
        text = with_help_of_now(file.read())
    with open(README, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    if os.environ.get("LOADGEN_APPROVE"):
        approve()
    unittest.main(argv=sys.argv[:1])
