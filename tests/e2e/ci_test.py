"""docs/CI.md and action.yml as a pipeline would meet them: what they quote is YAML, shell and command lines that loadgen
takes, and the action does what its inputs say. argv: loadgen, loadgen-server, repository root.

Nothing here runs on GitHub, GitLab or Jenkins: their variables are made up, and Groovy is looked at for its shell only.
"""

import json
import os
import pathlib
import re
import shlex
import stat
import subprocess
import sys
import tempfile
import unittest
from xml.etree import ElementTree

import yaml

from loadgen_e2e import Server, plan, run_tests, too_few_blocks

LOADGEN, SERVER, ROOT = (os.path.abspath(argument) for argument in sys.argv[1:4])
TARGET_FAILED = 23
PAGE = pathlib.Path(ROOT, "docs/CI.md").read_text(encoding="utf-8")
ACTION = yaml.safe_load(pathlib.Path(ROOT, "action.yml").read_text(encoding="utf-8"))


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.S)


def workflow():
    return next(found for found in map(yaml.safe_load, blocks("yaml")) if "jobs" in found)


def gitlab():
    return next(found for found in map(yaml.safe_load, blocks("yaml")) if "jobs" not in found)


def loadgen_steps():
    return [step for job in workflow()["jobs"].values() for step in job["steps"] if step.get("uses", "").startswith("OWNER/")]


def shell_scripts():
    """Every piece of shell in the page and in action.yml."""
    scripts = blocks("sh") + re.findall(r"'''\n(.*?)'''", "".join(blocks("groovy")), re.S)
    scripts += [step["run"] for job in workflow()["jobs"].values() for step in job["steps"] if "run" in step]
    scripts += ["\n".join(job.get(part, [])) for job in gitlab().values() for part in ("before_script", "script")]
    return scripts + [step["run"] for step in ACTION["runs"]["steps"]]


def command_lines():
    """Every call of loadgen in the page's shell, as words without the program."""
    for script in shell_scripts():
        for line in script.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            if words and words[0] == "loadgen":
                yield words[1:words.index("||")] if "||" in words else words[1:]


def nobody_there(text):
    """With a target that refuses, and nothing to wait for."""
    return re.sub(r"\b30s\b", "100ms", text.replace("http://localhost:3000", "http://127.0.0.1:1"))


class Workspace:
    """A folder as the recipes expect it, with servers that end at once: nothing is measured."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        top = pathlib.Path(self.folder.name)
        self.path = top / "work"
        for folder in (self.path, top / "base", self.path / "base", self.path / "head", self.path / "loadgen-results"):
            folder.mkdir(exist_ok=True)
            executable(folder / "server", "echo no server today; exit 1")
        for folder in (self.path, self.path / "head"):
            (folder / "load.json").write_text(plan("http://127.0.0.1:1", [{"get": "/"}], arrivals=[{"rate": "100/s", "for": "3s"}]))
        return self.path

    def __exit__(self, *_):
        self.folder.cleanup()


def executable(path, script):
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def run_action(folder, inputs, loadgen=LOADGEN):
    """tools/ci action as action.yml's last step runs it; returns the process and the outputs it wrote."""
    step = ACTION["runs"]["steps"][-1]
    values = {name: str(about.get("default", "")) for name, about in ACTION["inputs"].items()} | inputs
    given = {name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: values[found[1]], text)
             for name, text in step["env"].items()}
    output, summary = folder / "output", folder / "summary"
    for file in (output, summary):
        file.write_text("")
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], cwd=folder, capture_output=True,
        text=True, timeout=120, check=False,
        env={**os.environ, **given, "LOADGEN": str(loadgen), "GITHUB_ACTIONS": "true", "GITHUB_ACTION_PATH": ROOT,
             "GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)})
    return done, output.read_text()


class Recipes(unittest.TestCase):
    def test_shell_is_shell(self):
        scripts = shell_scripts()
        self.assertGreaterEqual(len(scripts), 12)
        for script in scripts:
            done = subprocess.run(["bash", "-n"], input=re.sub(r"\$\{\{.*?\}\}", "x", script), capture_output=True,
                                  text=True, check=False)
            self.assertEqual(done.returncode, 0, f"{script}\n{done.stderr}")

    def test_command_lines_are_loadgens(self):
        lines = list(command_lines())
        self.assertGreaterEqual(len(lines), 5)
        for words in lines:
            words = [nobody_there(word) for word in words]
            with Workspace() as folder, self.subTest(words=words):
                done = subprocess.run([LOADGEN, *words], cwd=folder, capture_output=True, text=True, timeout=120,
                                      check=False)
                self.assertEqual(done.returncode, TARGET_FAILED, done.stderr)  # and not 64: all of it was understood

    def test_a_server_in_the_background_is_waited_for(self):
        runs = [words for words in command_lines() if words[0] == "load.json"]
        self.assertEqual(len(runs), 2)
        for words in runs:
            self.assertIn("--ready-timeout", words)
        (step,) = (step for step in loadgen_steps() if "command" not in step["with"])
        self.assertIn("--ready-timeout=", step["with"]["args"])

    def test_the_workflows_steps_are_ones_that_the_action_takes(self):
        steps = loadgen_steps()
        self.assertEqual(len(steps), 3)
        for step in steps:
            self.assertLessEqual(set(step["with"]), set(ACTION["inputs"]))
            inputs = {name: nobody_there(str(value)) for name, value in step["with"].items()}
            with Workspace() as folder, self.subTest(inputs=inputs):
                done, output = run_action(folder, inputs)
                self.assertEqual(done.returncode, TARGET_FAILED, done.stdout + done.stderr)
                self.assertIn(f"exit_code={TARGET_FAILED}\n", output)
                self.assertRegex(output, r"(?m)^problem")
                self.assertRegex(done.stdout, r"(?m)^::error title=loadgen[^:]*%3A nothing was measured::.")
                self.assertIn("nothing was measured", (folder / "summary").read_text())
                junit = ElementTree.parse(folder / "loadgen-results" / "junit.xml").getroot()
                self.assertEqual([junit.get(count) for count in ("tests", "failures", "errors")], ["1", "0", "1"])

    def test_later_steps_read_outputs_that_there_are(self):
        used = set(re.findall(r"steps\.load\.outputs\.(\w+)", PAGE))
        self.assertTrue(used)
        self.assertLessEqual(used, set(ACTION["outputs"]))

    def test_every_exit_code_is_in_the_table(self):
        told = subprocess.run([LOADGEN, "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
        codes = set(re.findall(r"(?m)^ {2,4}(\d+)  ", told.split("Exit codes:")[1]))
        self.assertGreaterEqual(len(codes), 8)
        self.assertEqual(codes, set(re.findall(r"(?m)^\| (\d+) \|", PAGE)))

    def test_links_lead_somewhere(self):
        for path in re.findall(r"\]\(([^)#:]+)\)", PAGE):
            self.assertTrue(pathlib.Path(ROOT, "docs", path).exists(), path)


class Action(unittest.TestCase):
    def test_inputs_and_outputs_are_those_of_its_steps(self):
        text = pathlib.Path(ROOT, "action.yml").read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r"inputs\.(\w+)", text)), set(ACTION["inputs"]))
        ids = {step["id"] for step in ACTION["runs"]["steps"] if "id" in step}
        for name, output in ACTION["outputs"].items():
            self.assertRegex(output["value"], rf"^\$\{{\{{ steps\.({'|'.join(ids)})\.outputs\.{name} \}}\}}$")
        for step in ACTION["runs"]["steps"]:
            self.assertEqual(step["shell"], "bash")

    def written(self, folder, output, of):
        """The step's outputs by name, when all that action.yml says are of such a command, the page and the files are there."""
        outputs = {name: value for name, value in re.findall(r"(?m)^(\w+)(?:=|<<)(.*)", output)}
        promised = {name for name, about in ACTION["outputs"].items()
                    if not about["description"].startswith("Of a ") or f"Of a {of}:" in about["description"]}
        self.assertLessEqual(promised, set(outputs))
        for file in ("loadgen-results/result.json", "loadgen-results/junit.xml", "loadgen-results/result.md", "summary"):
            self.assertGreater((folder / file).stat().st_size, 0, file)
        self.assertTrue((folder / "summary").read_text().endswith((folder / "loadgen-results" / "result.md").read_text()))
        return outputs

    def test_a_run_writes_every_output_and_the_files(self):
        with Server(SERVER) as server, Workspace() as folder:
            (folder / "load.json").write_text(plan(server.url, [{"get": "/async"}], users=5, loops=20))
            done, output = run_action(folder, {"plan": "load.json", "args": "--fail-if=p50 > 10s\n--fail-if=error_rate >= 90%\n\n"})
            self.assertIn(done.returncode, (0, 21), done.stdout + done.stderr)
            self.written(folder, output, "run")

    def test_a_comparison_writes_its_outputs_and_the_files(self):
        for arguments, decision, code in (("", "REGRESSION", 20), ("--no-github", None, 20)):
            with Workspace() as folder, self.subTest(arguments=arguments):
                done, output = run_action(folder, {"command": "compare", "plan": "/x?size=5", "args": f"""
                    {arguments}
                    -R300/s
                    --blocks=8
                    --passes=1
                    --slice=400ms
                    --warm-up=100ms
                    --warming=100ms
                    --metric=server_cpu
                    --target=base={SERVER} --port {{port}}
                    --target=cand={SERVER} --port {{port}} --extra-work 500us""".replace(" " * 20, "")})
                spoilt = too_few_blocks(json.loads((folder / "loadgen-results" / "result.json").read_text(encoding="utf-8")))
                if done.returncode != code and spoilt:
                    self.skipTest(spoilt)
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                annotations = re.findall(r"(?m)^::\w+ title=[^:]*::", done.stdout)
                if decision is None:
                    self.assertEqual((annotations, output), ([], f"exit_code={code}\n"))
                    continue
                self.assertEqual(annotations, ["::error title=loadgen compare%3A REGRESSION::",
                                               "::error title=loadgen compare%3A server_cpu of cand against base%3A REGRESSION::"])
                outputs = self.written(folder, output, "comparison")
                self.assertEqual((outputs["decision"], outputs["failed_figures"], outputs["exit_code"]),
                                 (decision, "server_cpu of cand against base", str(code)))

    def test_a_search_writes_its_outputs_and_the_files(self):
        with Server(SERVER) as server, Workspace() as folder:
            done, output = run_action(folder, {"command": "find", "plan": server.url + "/x?size=2", "args": """
                --slo=p50<1h
                -c10
                --from=200/s
                --to=200/s
                --trial=1s
                --warm-up=200ms""".replace(" " * 16, "")})
            outputs = self.written(folder, output, "search")
            standings = {0: "passed", 22: "doubtful"}  # 22: others kept the machine busy
            self.assertIn(done.returncode, standings, done.stdout + done.stderr)
            self.assertEqual(outputs["standing"], standings[done.returncode])
            if done.returncode == 0:
                self.assertEqual(outputs["rate"], "")  # held at all that was allowed
                self.assertRegex(done.stdout, r"(?m)^::notice title=loadgen find%3A [\d.,]+/s or more::")

    def test_what_fails_and_what_warns(self):
        for code, inputs, ends in ((0, {}, 0), (20, {}, 20), (21, {}, 21), (22, {}, 22), (21, {"undecided": "warn"}, 0),
                                   (22, {"undecided": "warn"}, 22), (22, {"invalid": "warn"}, 0),
                                   (20, {"undecided": "warn", "invalid": "warn"}, 20), (23, {}, 23)):
            with Workspace() as folder, self.subTest(code=code, inputs=inputs):
                executable(folder / "fake", f"exit {code}")
                done, output = run_action(folder, inputs, folder / "fake")
                self.assertEqual(done.returncode, ends, done.stdout + done.stderr)
                self.assertEqual(output, f"exit_code={code}\n")
                self.assertEqual("::warning" in done.stdout, code != 0 and ends == 0)

    def test_a_policy_that_is_neither_is_refused_before_anything_runs(self):
        for inputs in ({"undecided": "maybe"}, {"invalid": ""}):
            with Workspace() as folder, self.subTest(inputs=inputs):
                executable(folder / "fake", "touch ran")
                done, output = run_action(folder, inputs, folder / "fake")
                self.assertEqual(done.returncode, 64, done.stdout + done.stderr)
                self.assertIn("is neither fail nor warn", done.stdout)
                self.assertEqual(output, "")
                self.assertEqual(list(folder.rglob("ran")), [])

    def test_files_of_an_earlier_job_are_not_taken_for_this_ones(self):
        with Workspace() as folder:
            executable(folder / "fake", "exit 64")
            old = [folder / "loadgen-results" / name for name in ("result.json", "junit.xml", "result.md", "notes.txt")]
            for file in old:
                file.write_text("old")
            run_action(folder, {}, folder / "fake")
            self.assertEqual([file.name for file in old if file.exists()], ["notes.txt"])

    def test_the_build_step_builds_both_programs(self):
        with tempfile.TemporaryDirectory() as folder:
            log = pathlib.Path(folder, "log")
            executable(pathlib.Path(folder, "cmake"), f'echo "$@" >>{log}')
            done = subprocess.run(["bash", "-c", ACTION["runs"]["steps"][0]["run"]], capture_output=True, text=True,
                                  timeout=120, check=False,
                                  env={**os.environ, "GITHUB_ACTION_PATH": ROOT, "PATH": f"{folder}:{os.environ['PATH']}"})
            self.assertEqual(done.returncode, 0, done.stderr)
            configured, built = log.read_text().splitlines()
            self.assertRegex(configured, "^--preset release")
            self.assertRegex(built, "^--build --preset release --target loadgen loadgen-server")

    def test_inputs_are_words_and_never_shell(self):
        with Workspace() as folder:
            executable(folder / "fake", 'printf "%s\\n" "$@"')
            done, _ = run_action(folder, {"plan": "$(touch owned)", "target": "`touch owned`",
                                          "args": "--fail-if=p99 > 250ms\n  \n; touch owned\n"}, folder / "fake")
            self.assertEqual(done.stdout.splitlines()[:6],
                             ["run", "$(touch owned)", "--target", "`touch owned`", "--fail-if=p99 > 250ms", "; touch owned"])
            self.assertFalse((folder / "owned").exists())


if __name__ == "__main__":
    run_tests()
