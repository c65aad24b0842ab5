"""Bodies that come compressed, from a server that compresses what is asked for. argv: loadgen."""

import gzip
import json
import subprocess
import sys
import unittest
import zlib

from bookkeeper import Bookkeeper
from loadgen_e2e import PlanFile, Run, assert_balanced, offers, plan, run_tests

LOADGEN = sys.argv[1]

TEXT = b"".join(b"line %d of the body\n" % i for i in range(5_000)) + b"the last words"
SHORT = b"too short to be worth it"

CODED = {"gzip": gzip.compress(TEXT), "deflate": zlib.compress(TEXT)}


class Compressor(Bookkeeper):
    """The same text at every path, coded as its name says where the request accepts that."""

    def answer_to(self, asked):
        coding, body = self.coded(asked.path[1:], asked.headers.get("Accept-Encoding", ""))
        return 200, [f"Content-Encoding: {coding}"] if coding else [], body

    @staticmethod
    def coded(name, accepted):
        if name == "always-gzip":
            return "gzip", CODED["gzip"]
        if name == "cut":
            return "gzip", CODED["gzip"][:-9]
        if name == "short":
            return None, SHORT
        if name == "brotli":
            return "br", SHORT
        return (name, CODED[name]) if name in [word.strip() for word in accepted.split(",")] else (None, TEXT)


LAST_WORDS = {"body_contains": "4999 of the body\nthe last words"}
BOTH = ["gzip", "deflate"]


class Encoding(unittest.TestCase):
    def run_plan(self, steps, *arguments, **settings):
        site = Compressor()
        self.addCleanup(site.close)
        with PlanFile(plan(site.url, steps, users=2, loops=5, http=settings)) as path:
            run = Run(LOADGEN, path, *arguments)
        self.asked_for = {asked.headers.get("Accept-Encoding") for asked in site.asked}
        if run.totals["succeeded"]:
            self.assertEqual(run.totals["bytes_in"], site.bytes_out, "what came over the wire")
        return run

    def test_a_body_is_checked_as_decoded_and_both_sizes_are_told(self):
        steps = [{"get": f"/{name}", "expect": LAST_WORDS} for name in BOTH] + \
                [{"get": "/short", "expect": {"body_equals": SHORT.decode()}}]
        for engine in ("native", "uring", "curl"):
            if not offers(LOADGEN, engine):
                continue
            with self.subTest(engine=engine):
                run = self.run_plan(steps, "--engine", engine, accept_encoding=BOTH)
                self.assertEqual(run.code, 0, run.out + run.err)
                assert_balanced(self, run.totals)
                self.assertEqual(run.totals["succeeded"], 30)
                self.assertEqual(self.asked_for, {"gzip, deflate"})
                self.assertEqual(run.totals["bytes_decoded"], 20 * len(TEXT))
                by_label = {label["label"]: label["bytes_decoded"] for label in run.run["labels"]}
                self.assertEqual(by_label, {"GET /gzip": 10 * len(TEXT), "GET /deflate": 10 * len(TEXT), "GET /short": 0})
                self.assertIn(f"(bodies decoded to {20 * len(TEXT) / 1e6:.1f} MB), sent", run.out)

    def test_without_the_key_nothing_is_asked_for_and_nothing_decoded(self):
        run = self.run_plan([{"get": "/gzip", "expect": LAST_WORDS}, {"get": "/always-gzip"}])
        self.assertEqual(run.totals["succeeded"], 20)
        self.assertEqual(self.asked_for, {None})
        self.assertEqual(run.totals["bytes_decoded"], 0)
        self.assertNotIn("decoded", run.out)

    def test_what_was_not_asked_for_is_left_as_it_came(self):
        run = self.run_plan([{"get": "/always-gzip"}, {"get": "/brotli", "expect": {"body_equals": SHORT.decode()}}],
                       accept_encoding=["deflate"])
        self.assertEqual(run.totals["succeeded"], 20)
        self.assertEqual(run.totals["bytes_decoded"], 0)

    def test_a_steps_own_header_wins(self):
        step = {"get": "/gzip", "headers": {"accept-encoding": "identity"}, "expect": LAST_WORDS}
        run = self.run_plan([step], accept_encoding=BOTH)
        self.assertEqual(run.totals["succeeded"], 10)
        self.assertEqual(self.asked_for, {"identity"})

    def test_a_body_that_does_not_decode_is_malformed_and_a_bomb_too_large(self):
        cut = self.run_plan([{"get": "/cut"}], accept_encoding=BOTH)
        self.assertEqual(cut.totals["errors_by_kind"], {"malformed_response": 10})
        bomb = self.run_plan([{"get": "/gzip"}], accept_encoding=BOTH, max_response="64KiB")
        self.assertLess(len(CODED["gzip"]), 64 << 10)
        self.assertEqual(bomb.totals["errors_by_kind"], {"response_too_large": 10})

    def test_a_saved_run_still_knows_it(self):
        run = self.run_plan([{"get": "/gzip"}], accept_encoding=["gzip"])
        with PlanFile(json.dumps(run.run)) as path:
            again = subprocess.run([LOADGEN, "report", path], capture_output=True, text=True, timeout=30, check=True)
        self.assertIn("bodies decoded to", again.stdout)

    def test_another_coding_is_refused(self):
        with PlanFile(plan("http://127.0.0.1:1", [{"get": "/"}], http={"accept_encoding": ["zstd"]})) as path:
            done = subprocess.run([LOADGEN, "check", path], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn("this version decodes gzip, deflate and br only", done.stderr)


if __name__ == "__main__":
    run_tests()
