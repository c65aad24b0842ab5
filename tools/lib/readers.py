"""Other tools that read what loadgen writes: installed below a cache of their own, and what they make of a file.

Nothing is installed into the system: Python packages go into a virtual environment, JMeter is put together from its
artifacts, Debian's packages are unpacked. Each costs up to a minute the first time.
"""

import csv
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

from servers import Unavailable

TAURUS = "bzt==1.17.0"
PYTEST = "pytest==7.4.4"  # its tests hold the JUnit schema of Jenkins' xUnit plugin
JMETER = "5.6.3"
INSTALL_TIMEOUT_S = 600
READ_TIMEOUT_S = 300

JMETER_POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>readers</groupId><artifactId>jmeter</artifactId><version>1</version>
  <dependencies>{"".join(f'''
    <dependency><groupId>org.apache.jmeter</groupId><artifactId>{name}</artifactId><version>{JMETER}</version>
    </dependency>''' for name in ("ApacheJMeter_core", "ApacheJMeter_config"))}
  </dependencies>
</project>
"""


@dataclass(frozen=True)
class Counted:
    """What a reader counted of one label; label "": of all."""

    requests: int
    failed: int
    bytes_in: int = 0


def install(words, cwd=None):
    """Runs an installer; Unavailable with its last words when it fails."""
    try:
        done = subprocess.run([str(word) for word in words], cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=INSTALL_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable(f"{words[0]}: {error}") from error
    if done.returncode != 0:
        last = (done.stdout + done.stderr).strip().splitlines()[-1:] or ["no word"]
        raise Unavailable(f"{' '.join(map(str, words))}: {last[0]}")


def read(words, **options):
    """Runs a reader and returns (whether it accepted, all that it said)."""
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=READ_TIMEOUT_S, check=False, **options)
    return done.returncode == 0, done.stdout


def python_package(cache, requirement):
    """A virtual environment with that package; returns its bin folder."""
    venv = cache / requirement.replace("==", "-")
    if not (venv / "complete").exists():
        install([sys.executable, "-m", "venv", venv])
        install([venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", requirement])
        (venv / "complete").touch()
    return venv / "bin"


def debian_program(cache, package, program):
    """A program of PATH, or of a Debian package that is unpacked and not installed."""
    if found := shutil.which(program):
        return Path(found)
    folder = cache / package
    unpacked = folder / "usr/bin" / program
    if not unpacked.exists():
        if not shutil.which("apt-get"):
            raise Unavailable(f"{program} is not here, and there is no apt-get to get it with")
        folder.mkdir(parents=True, exist_ok=True)
        install(["apt-get", "download", package], cwd=folder)
        install(["dpkg", "-x", *folder.glob(f"{package}_*.deb"), folder])
    return unpacked


def junit_schema(cache):
    """junit-10.xsd of Jenkins' xUnit plugin, from pytest's source package."""
    file = cache / "junit-10.xsd"
    if not file.exists():
        pip = python_package(cache, TAURUS) / "pip"
        install([pip, "download", "--quiet", "--no-deps", "--no-binary", "pytest", "--dest", cache, PYTEST])
        with tarfile.open(next(cache.glob("pytest-*.tar.gz"))) as archive:
            name = next(name for name in archive.getnames() if name.endswith("/junit-10.xsd"))
            file.write_bytes(archive.extractfile(name).read())
    return file


def jmeter(cache):
    """JMeter's home, laid out as its own archive is; returns its starter."""
    home = cache / f"jmeter-{JMETER}"
    starter = home / "bin/ApacheJMeter.jar"
    if starter.exists():
        return starter
    for needed, package in (("java", "default-jre-headless"), ("mvn", "maven")):
        if not shutil.which(needed):
            raise Unavailable(f"{needed} is not here; Debian's package is {package}")
    shutil.rmtree(home, ignore_errors=True)
    (home / "lib/ext").mkdir(parents=True)
    (home / "pom.xml").write_text(JMETER_POM)
    install(["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={home}/lib"], cwd=home)
    shutil.unpack_archive(home / f"lib/ApacheJMeter_config-{JMETER}.jar", home, "zip")
    (home / f"lib/ApacheJMeter_core-{JMETER}.jar").rename(home / f"lib/ext/ApacheJMeter_core-{JMETER}.jar")
    (home / f"lib/ApacheJMeter-{JMETER}.jar").rename(starter)  # last: with it the home is whole
    return starter


def jmeter_statistics(cache, jtl, folder):
    """The statistics.json that JMeter's own report generator makes of a JTL."""
    folder = Path(tempfile.mkdtemp(dir=folder))
    accepted, said = read(["java", "-Djava.awt.headless=true", "-jar", jmeter(cache), "-g", jtl, "-o",
                           folder / "dashboard", "-j", folder / "jmeter.log"], cwd=folder)
    statistics = folder / "dashboard/statistics.json"
    if not accepted or not statistics.exists():
        raise ValueError(f"jmeter -g: {said.strip()[-500:]}")
    return json.loads(statistics.read_text())


def parse_jmeter_statistics(statistics):
    """{label: Counted} of a statistics.json; Total is ""."""
    return {"" if label == "Total" else label: Counted(row["sampleCount"], row["errorCount"])
            for label, row in statistics.items()}


def taurus_csv(cache, jtl, folder):
    """Taurus' aggregate of a JTL, as its final-stats module writes it."""
    out = folder / "taurus.csv"
    config = folder / "taurus.json"
    config.write_text(json.dumps({
        "execution": [{"executor": "external-results-loader", "data-file": str(jtl)}],
        "reporting": [{"module": "final-stats", "dump-csv": str(out)}],
        "settings": {"check-updates": False, "artifacts-dir": str(folder / "taurus")},
    }))
    accepted, said = read([python_package(cache, TAURUS) / "bzt", config], cwd=folder)
    if not accepted or not out.exists():
        raise ValueError(f"bzt: {said.strip()[-500:]}")
    return out.read_text()


def parse_taurus_csv(text):
    """{label: Counted} of what final-stats dumped."""
    return {row["label"]: Counted(int(row["succ"]) + int(row["fail"]), int(row["fail"]), int(float(row["bytes"])))
            for row in csv.DictReader(text.splitlines())}
