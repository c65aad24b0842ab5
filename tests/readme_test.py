"""The README says what the programs say: its help blocks and its exit codes. argv: loadgen, loadgen-server, root."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

LOADGEN, SERVER, ROOT = sys.argv[1:4]


def help_of(program):
    return subprocess.run([program, "--help"], capture_output=True, text=True, check=True, timeout=30).stdout.strip()


class Readme(unittest.TestCase):
    def setUp(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            self.text = file.read()

    def block(self, name):
        found = re.search(rf"<!-- {name} --help -->\n```\n(.*?)\n```", self.text, re.S)
        self.assertIsNotNone(found, f"README.md has no help block of {name}")
        return found.group(1).strip()

    def test_help_blocks_are_current(self):
        for name, program in (("loadgen", LOADGEN), ("loadgen-server", SERVER)):
            self.assertEqual(self.block(name), help_of(program), f"paste the output of {name} --help into README.md")

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
        listed = set(re.findall(r"(?m)^ {2,4}(\d+)  ", help_of(LOADGEN).split("Exit codes:")[1]))
        self.assertGreaterEqual(len(listed), 6)
        for code in listed:
            self.assertRegex(self.text, rf"(?m)^\| {code} \|", f"exit code {code} is not in README.md's table")

    def test_files_named_exist(self):
        for path in re.findall(r"\]\(([^)#:]+)\)", self.text):
            self.assertTrue(os.path.exists(os.path.join(ROOT, path)), f"README.md links to {path}, which is not there")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
