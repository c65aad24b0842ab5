#!/usr/bin/env python3
"""tools/interop without its readers: what it takes out of their reports, and when it says that they disagree.

interop_test.py REPOSITORY
"""

import importlib.machinery
import importlib.util
import sys
import unittest
from pathlib import Path

ROOT = Path(sys.argv.pop(1)).resolve()
sys.path.insert(0, str(ROOT / "tools" / "lib"))

import readers  # noqa: E402  (the path above comes first)
from readers import Counted  # noqa: E402
from servers import Unavailable  # noqa: E402

LOADER = importlib.machinery.SourceFileLoader("interop", str(ROOT / "tools/interop"))
interop = importlib.util.module_from_spec(importlib.util.spec_from_loader("interop", LOADER))
LOADER.exec_module(interop)

TAURUS = '''label,avg_ct,avg_lt,avg_rt,bytes,concurrency,fail,stdev_rt,succ,throughput,perc_0.0,rc_200,rc_503
"log, in",0.00100,0.00200,0.01532,100000,5,100,0.00874,900,1000,0.00100,900,100
,0.00100,0.00200,0.01543,300000,5,300,0.00869,2700,3000,0.00100,2700,300
'''
JMETER = {"log, in": {"transaction": "log, in", "sampleCount": 1000, "errorCount": 100, "errorPct": 10.0},
          "Total": {"transaction": "Total", "sampleCount": 3000, "errorCount": 300, "errorPct": 10.0}}


class Readers(unittest.TestCase):
    def test_taurus(self):
        self.assertEqual(readers.parse_taurus_csv(TAURUS),
                         {"log, in": Counted(1000, 100, 100_000), "": Counted(3000, 300, 300_000)})

    def test_what_of_a_figure_may_differ(self):
        for key, ours, theirs, off in (("transaction", "a", "a", False), ("transaction", "a", "b", True),
                                       ("sampleCount", 1000, 1000, False), ("sampleCount", 1000, 1001, True),
                                       ("pct1ResTime", 10.2, 11.0, False), ("pct1ResTime", 10.2, 12.0, True),
                                       ("throughput", 100.0, 101.9, False), ("throughput", 100.0, 103.0, True)):
            with self.subTest(key=key, ours=ours, theirs=theirs):
                self.assertEqual(interop.is_off(key, ours, theirs), off)

    def test_jmeter(self):
        self.assertEqual(readers.parse_jmeter_statistics(JMETER),
                         {"log, in": Counted(1000, 100), "": Counted(3000, 300)})

    def test_an_installer_that_fails_gives_its_last_words(self):
        with self.assertRaisesRegex(Unavailable, "sh .*: no such luck"):
            readers.install(["sh", "-c", "echo well; echo no such luck; exit 1"])
        with self.assertRaisesRegex(Unavailable, "no-such-installer"):
            readers.install(["no-such-installer"])


class Totals(unittest.TestCase):
    OURS = {"log in": Counted(1000, 100, 5000), "": Counted(1000, 100, 5000)}

    def test_equal_totals_agree(self):
        self.assertIn("1 labels and their sum agree: 1000 samples, 100 failed, 5000 bytes",
                      interop.agreed("reader", self.OURS, dict(self.OURS)))

    def test_any_difference_is_told(self):
        for label, other in (("log in", Counted(999, 100, 5000)), ("", Counted(1000, 101, 5000)),
                             ("log in", Counted(1000, 100, 4999)), ("more", Counted(1, 0, 0))):
            with self.assertRaisesRegex(ValueError, "reader Counted"):
                interop.agreed("reader", self.OURS, {**self.OURS, label: other})
        with self.assertRaisesRegex(ValueError, "log in: .*reader None"):
            interop.agreed("reader", self.OURS, {"": self.OURS[""]})


class Outcomes(unittest.TestCase):
    def outcome(self, check):
        interop.CHECKS["try"] = check
        try:
            return interop.outcome("try", files=None)
        finally:
            del interop.CHECKS["try"]

    def test_accepted_refused_and_not_to_be_had(self):
        def refuse(_):
            raise ValueError("line 3")

        def lack(_):
            raise Unavailable("no java")

        self.assertEqual(self.outcome(lambda _: "well"), (0, "accepted  well"))
        self.assertEqual(self.outcome(refuse), (1, "REFUSED   try: line 3"))
        self.assertEqual(self.outcome(lack), (69, "not done  try: no java"))


if __name__ == "__main__":
    unittest.main()
