#!/usr/bin/env python3
"""The floors of docs/ARCHITECTURE.md, held by reading every #include and every CMake link list.

usage: layering_test.py REPOSITORY_ROOT

Compilers do not notice a layering mistake, because all folders share one include path; this does. The rules are the
tables below; the class Rules shows each of them firing on a small tree that breaks it.
"""

import pathlib
import re
import sys
import tempfile
import unittest

# What a folder of loadgen/ may include beside itself. main.cpp stands above all and may include anything here.
MAY_INCLUDE = {
    "base": set(),
    "load": {"base"},
    "stats": {"base"},
    "http": {"base"},
    "config": {"base", "load", "stats", "http"},
    "engine": {"base", "http"},  # no load, no stats, no config: an engine never sees what a request is for
    "run": {"base", "load", "stats", "http", "config", "engine"},
    "report": {"base", "load", "stats", "http", "config"},  # no engine, no run: it works on a saved run
    "cli": {"base", "load", "stats", "http", "config", "engine", "run", "report"},
}

# Headers of others: (what the include begins with, the only files that may have it). Tests (x_test.cpp) are exempt.
ONLY_IN = [
    ("nlohmann/", re.compile(r"loadgen/(config/|report/json)")),
    ("boost/asio", re.compile(r"(loadgen/(engine/|cli/metrics_endpoint)|server/)")),
    ("boost/beast", re.compile(r"loadgen/(http/|cli/metrics_endpoint)")),
    ("zlib.h", re.compile(r"loadgen/(report/packing|http/decoder)|tests/support/")),
    ("regex", re.compile(r"(?!)")),  # nowhere: std::regex is slow, and recurses as deep as its input is long
]
# What tests of loadgen/ may take from the server: certificates, in which no mistake of one end hides one of the other's.
TESTS_MAY_INCLUDE = {"server/self_signed.hpp"}
NOT_ARITHMETIC = r"curl/|nlohmann/|iostream|fstream"
NEVER_IN = {
    "load": re.compile(rf"boost/|{NOT_ARITHMETIC}"),
    # Boost.Math: quantiles of known distributions; the queue: how single samples leave a shard.
    "stats": re.compile(rf"boost/(?!math/|lockfree/spsc_queue\.hpp)|{NOT_ARITHMETIC}"),
}
NEVER_LINKED = {
    "load": re.compile(r"Boost|CURL|nlohmann", re.I),
    "stats": re.compile(r"Boost(?!::headers$)|CURL|nlohmann", re.I),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)
STD_REGEX = re.compile(r"\bstd::w?s?regex")
LINK_CALL = re.compile(r"\b(loadgen_floor|loadgen_tests|target_link_libraries)\s*\(([^)]*)\)")


def sources(root, top):
    return sorted(p for p in (root / top).rglob("*") if p.suffix in (".hpp", ".cpp"))


def owner_of(path):
    """'server', 'tests', a folder of loadgen/, 'main' for loadgen/main.cpp, or None for what is none of ours."""
    if path.parts[0] != "loadgen":
        return path.parts[0] if path.parts[0] in ("server", "tests") else None
    return path.parts[1] if len(path.parts) > 2 else "main"


def included_owner(root, file, bracket, name):
    """Whose header an include names: found as the compiler would find it, or else told by its first folder."""
    places = [file.parent] if bracket == '"' else []
    for place in [*places, root / "loadgen", root]:
        target = (place / name).resolve()
        if target.is_file() and target.is_relative_to(root):
            return owner_of(target.relative_to(root))
    first = pathlib.PurePosixPath(name).parts[0]
    if bracket == '"' and (first in MAY_INCLUDE or first == "server"):
        return first
    return None


def own_include_error(owner, target, is_test):
    if target is None or target == owner or (target == "tests" and is_test):
        return None
    if "server" in (owner, target):
        return "client and server share no code"
    if target == "tests":
        return "what is shipped does not include tests/"
    if owner == "main" or target in MAY_INCLUDE.get(owner, set()):
        return None
    others = ", ".join(sorted(MAY_INCLUDE.get(owner, []))) or "nothing"
    return f"{owner}/ may include {others} beside itself, not {target}/"


def foreign_include_error(relative, owner, name):
    for prefix, allowed in ONLY_IN:
        if name.startswith(prefix) and not allowed.match(relative):
            return "belongs elsewhere: see ONLY_IN in tests/layering_test.py"
    if owner in NEVER_IN and NEVER_IN[owner].match(name):
        return f"{owner}/ is pure arithmetic: no input, output, network or JSON"
    return None


def file_errors(root, file):
    relative = file.relative_to(root)
    owner, is_test = owner_of(relative), file.stem.endswith("_test")
    text = file.read_text()
    for match in INCLUDE.finditer(text):
        bracket, name = match.groups()
        target = included_owner(root, file, bracket, name)
        lent = is_test and name in TESTS_MAY_INCLUDE
        error = None if lent else own_include_error(owner, target, is_test)
        if error is None and target is None and not is_test:
            error = foreign_include_error(relative.as_posix(), owner, name)
        if error:
            yield f"{relative}:{text.count(chr(10), 0, match.start(2)) + 1}: includes {name}: {error}"
    for number, line in enumerate(text.splitlines(), 1):
        if STD_REGEX.search(line.split("//")[0]):
            yield f"{relative}:{number}: uses std::regex: slow, and recurses as deep as its input is long"


def link_lists(cmake_file):
    """(function, target, [what it links]) for each call in a CMakeLists.txt that links."""
    text = re.sub(r"#.*", "", cmake_file.read_text())
    for function, arguments in LINK_CALL.findall(text):
        words = arguments.split()
        if function == "target_link_libraries":
            yield function, words[0], [w for w in words[1:] if w not in ("PUBLIC", "PRIVATE", "INTERFACE")]
        else:
            yield function, words[0], words[words.index("LINKS") + 1:] if "LINKS" in words else []


def floors_linked(links):
    return {link.removeprefix("loadgen_") for link in links} & set(MAY_INCLUDE)


def link_errors(root):
    """The link lists may say no more than MAY_INCLUDE, and no less than the includes."""
    linked = {}
    for folder in MAY_INCLUDE:
        where = f"loadgen/{folder}/CMakeLists.txt"
        for function, target, links in link_lists(root / where) if (root / where).is_file() else []:
            if function == "loadgen_floor":
                linked[target] = floors_linked(links)
            for other in sorted(floors_linked(links) - MAY_INCLUDE[folder] - {folder}):
                yield f"{where}: {target} links loadgen_{other}, which {folder}/ may not include"
            for link in links:
                if folder in NEVER_LINKED and NEVER_LINKED[folder].match(link):
                    yield f"{where}: {target} links {link}, but {folder}/ is pure arithmetic"
                if re.match(r"(loadgen[_-])?server", link):
                    yield f"{where}: {target} links {link}, but client and server share no code"
    for cmake_file in sorted((root / "server").rglob("CMakeLists.txt")):
        for _, target, links in link_lists(cmake_file):
            for floor in sorted(floors_linked(links)):
                where = cmake_file.relative_to(root)
                yield f"{where}: {target} links loadgen_{floor}, but client and server share no code"
    for folder, links in linked.items():
        for other in sorted(included_folders(root, folder) - reachable(linked, links) - {folder}):
            yield f"loadgen/{folder}/CMakeLists.txt: {folder}/ includes {other}/ but does not link loadgen_{other}"


def included_folders(root, folder):
    found = set()
    for file in sources(root, f"loadgen/{folder}"):
        if not file.stem.endswith("_test"):
            found |= {included_owner(root, file, *include) for include in INCLUDE.findall(file.read_text())}
    return found & set(MAY_INCLUDE)


def reachable(linked, links):
    found, todo = set(), set(links)
    while todo:
        floor = todo.pop()
        found.add(floor)
        todo |= linked.get(floor, set()) - found
    return found


def all_errors(root):
    root = root.resolve()
    files = [*sources(root, "loadgen"), *sources(root, "server")]
    errors = [error for file in files for error in file_errors(root, file)]
    for folder in sorted(p.name for p in (root / "loadgen").iterdir() if p.is_dir()):
        if folder not in MAY_INCLUDE:
            errors.append(f"loadgen/{folder}/ stands on no floor: add it to MAY_INCLUDE in tests/layering_test.py")
    return errors + list(link_errors(root))


class Repository(unittest.TestCase):
    root = None

    def test_nobody_includes_upwards_or_sideways(self):
        self.assertEqual([], all_errors(self.root))

    def test_every_floor_was_read(self):
        for top in [*(f"loadgen/{folder}" for folder in MAY_INCLUDE), "server"]:
            self.assertTrue(sources(self.root, top), f"{top}/ has no sources: is {self.root} the repository's root?")
        floors = [name for f in MAY_INCLUDE for call, name, _ in link_lists(self.root / f"loadgen/{f}/CMakeLists.txt")
                  if call == "loadgen_floor"]
        self.assertEqual(set(MAY_INCLUDE), set(floors), "each folder is one loadgen_floor() in its own CMakeLists.txt")


class Rules(unittest.TestCase):
    """Each rule on a tree that keeps it and on one that breaks it."""

    always = {"loadgen/base/time.hpp": "", "server/app.hpp": "", "tests/support/fake.hpp": ""}

    def errors(self, files):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in {**self.always, **files}.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            return all_errors(pathlib.Path(folder))

    def allowed(self, file, line):
        self.assertEqual([], self.errors({file: line + "\n"}), f"{file}: {line}")

    def forbidden(self, file, line, reason):
        errors = self.errors({file: "// first line\n" + line + "\n"})
        self.assertEqual(1, len(errors), f"{file}: {line}: {errors}")
        self.assertRegex(errors[0], reason)
        self.assertIn(file, errors[0])

    def test_own_and_lower_floors_may_be_included(self):
        for folder, others in MAY_INCLUDE.items():
            for other in {folder, *others}:
                self.allowed(f"loadgen/{folder}/a.cpp", f'#include "{other}/b.hpp"')
        self.allowed("loadgen/main.cpp", '#include "cli/options.hpp"')
        self.allowed("server/main.cpp", '#include "app.hpp"')
        self.allowed("server/main.cpp", '#include "server/app.hpp"')

    def test_no_other_floor_may_be_included(self):
        for folder, others in MAY_INCLUDE.items():
            for other in set(MAY_INCLUDE) - others - {folder}:
                self.forbidden(f"loadgen/{folder}/a.cpp", f'#include "{other}/b.hpp"', f"not {other}/")

    def test_detours_are_seen_through(self):
        files = {"loadgen/run/b.hpp": "", "loadgen/report/a.cpp": '#  include "../run/b.hpp"\n'}
        self.assertRegex(self.errors(files)[0], r"report/a.cpp:1: .*not run/")
        files = {"loadgen/run/b.hpp": "", "loadgen/report/a.cpp": "#include <run/b.hpp>\n"}
        self.assertRegex(self.errors(files)[0], "not run/")
        files = {"loadgen/run/b.hpp": "", "loadgen/report/a.cpp": '#include "loadgen/run/b.hpp"\n'}
        self.assertRegex(self.errors(files)[0], "not run/")

    def test_unit_tests_keep_the_floors_too_but_may_use_test_support(self):
        self.allowed("loadgen/run/a_test.cpp", '#include "tests/support/fake.hpp"')
        self.forbidden("loadgen/run/a.cpp", '#include "tests/support/fake.hpp"', "tests/")
        self.forbidden("loadgen/report/a_test.cpp", '#include "run/b.hpp"', "not run/")

    def test_client_and_server_share_nothing(self):
        self.forbidden("server/a.cpp", '#include "base/time.hpp"', "share no code")
        self.forbidden("server/a.cpp", '#include "../loadgen/base/time.hpp"', "share no code")
        self.forbidden("loadgen/cli/a.cpp", '#include "server/app.hpp"', "share no code")
        self.forbidden("loadgen/engine/a.cpp", '#include "server/self_signed.hpp"', "share no code")
        self.allowed("loadgen/engine/a_test.cpp", '#include "server/self_signed.hpp"')

    def test_foreign_headers_have_their_places(self):
        json, asio = "#include <nlohmann/json.hpp>", "#include <boost/asio/io_context.hpp>"
        beast = "#include <boost/beast/http.hpp>"
        for file in ("loadgen/config/a.cpp", "loadgen/report/json.cpp", "loadgen/report/text_test.cpp"):
            self.allowed(file, json)
        for file in ("loadgen/report/text.cpp", "loadgen/cli/a.cpp", "loadgen/run/a.hpp", "server/a.cpp"):
            self.forbidden(file, json, "elsewhere")
        for file in ("loadgen/engine/a.cpp", "loadgen/cli/metrics_endpoint.cpp", "server/a.cpp"):
            self.allowed(file, asio)
        for file in ("loadgen/http/a.cpp", "loadgen/cli/a.cpp", "loadgen/run/a.hpp", "loadgen/main.cpp"):
            self.forbidden(file, asio, "elsewhere")
        self.allowed("loadgen/cli/metrics_endpoint.cpp", beast)
        for file in ("loadgen/engine/a.cpp", "loadgen/report/a.cpp", "server/a.cpp"):
            self.forbidden(file, beast, "elsewhere")
        self.allowed("loadgen/report/packing.cpp", "#include <zlib.h>")
        self.forbidden("loadgen/report/json.cpp", "#include <zlib.h>", "elsewhere")

    def test_arithmetic_does_no_input_or_output(self):
        for folder in NEVER_IN:
            for header in ("boost/json.hpp", "curl/curl.h", "iostream", "fstream"):
                self.forbidden(f"loadgen/{folder}/a.cpp", f"#include <{header}>", "pure arithmetic")
        self.forbidden("loadgen/load/a.cpp", "#include <boost/math/distributions.hpp>", "pure arithmetic")
        self.allowed("loadgen/stats/a.cpp", "#include <boost/math/distributions.hpp>")
        self.allowed("loadgen/stats/a.cpp", "#include <boost/lockfree/spsc_queue.hpp>")
        self.forbidden("loadgen/stats/a.cpp", "#include <boost/lockfree/queue.hpp>", "pure arithmetic")
        self.allowed("loadgen/cli/a.cpp", "#include <iostream>")

    def test_std_regex_is_nowhere(self):
        self.forbidden("loadgen/cli/a.cpp", "#include <regex>", "elsewhere")
        self.forbidden("server/a.cpp", "std::regex word;", "std::regex")
        self.allowed("loadgen/cli/a.cpp", "// std::regex would recurse here")

    def test_link_lists_say_no_more(self):
        report = "loadgen/report/CMakeLists.txt"
        self.allowed(report, "loadgen_floor(report SOURCES a.cpp LINKS loadgen_config fmt::fmt)")
        self.forbidden(report, "loadgen_floor(report SOURCES a.cpp\n  LINKS loadgen_config loadgen_run)", "loadgen_run")
        self.forbidden(report, "loadgen_tests(report SOURCES a_test.cpp LINKS loadgen_run)", "loadgen_run")
        self.forbidden(report, "target_link_libraries(loadgen_report PUBLIC loadgen_engine)", "loadgen_engine")
        self.allowed("loadgen/stats/CMakeLists.txt", "loadgen_floor(stats LINKS Boost::headers)")
        self.forbidden("loadgen/stats/CMakeLists.txt", "loadgen_floor(stats LINKS Boost::url)", "pure arithmetic")
        self.forbidden("loadgen/load/CMakeLists.txt", "loadgen_floor(load LINKS Boost::headers)", "pure arithmetic")
        self.forbidden("loadgen/cli/CMakeLists.txt", "loadgen_floor(cli LINKS server_http)", "share no code")
        server = "server/CMakeLists.txt"
        self.forbidden(server, "target_link_libraries(loadgen-server PRIVATE loadgen_http)", "share no code")
        self.allowed(server, "target_link_libraries(loadgen-server PRIVATE loadgen_warnings)")

    def test_link_lists_say_no_less(self):
        files = {"loadgen/stats/a.cpp": '#include "base/time.hpp"\n',
                 "loadgen/stats/CMakeLists.txt": "loadgen_floor(stats)"}
        self.assertRegex(self.errors(files)[0], "does not link loadgen_base")
        files = {"loadgen/report/a.cpp": '#include "base/time.hpp"\n',
                 "loadgen/stats/CMakeLists.txt": "loadgen_floor(stats LINKS loadgen_base)",
                 "loadgen/report/CMakeLists.txt": "loadgen_floor(report LINKS loadgen_stats)"}
        self.assertEqual([], self.errors(files), "a floor brings its own links with it")

    def test_a_new_folder_needs_a_floor(self):
        self.assertRegex(self.errors({"loadgen/attic/a.cpp": "int a;\n"})[0], "stands on no floor")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    Repository.root = pathlib.Path(sys.argv.pop(1))
    unittest.main(verbosity=2)
