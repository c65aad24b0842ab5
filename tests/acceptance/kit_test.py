"""The kit itself: what is out of tolerance fails, what is disturbed never passes, what is refused must be so."""

import contextlib
import io
import types
import unittest
from unittest import mock

import kit
from kit import TRIES, Acceptance, at_most, main, names_out, near, rank, same


def run_of(verdict, *evidence):
    return {"verdict": {"name": verdict, "evidence": list(evidence)}, "totals": dict.fromkeys(
        ("planned", "sent", "not_started", "dropped", "succeeded", "failed", "unfinished"), 0),
            "littles_law": {"error": 0, "edges": 0}, "response_ns": {"count": None},
            "generator": {"run_queue_share": 0, "host": {}}}


STEAL = {"check": "steal", "verdict": "DISTURBED", "result": "failed", "evidence": "others had 12 %"}


class Kit(Acceptance):
    """With a machine that is never busy, but where a test says so: none of these depends on the real one."""

    def setUp(self):
        calm = mock.patch.object(kit, "risen", lambda check, attempt: None)
        calm.start()
        self.addCleanup(calm.stop)

    def outcome(self, run, value):
        """Of a run whose one figure has to be 1, and how often it was made."""
        made = []

        def make():
            made.append(1)
            return types.SimpleNamespace(run=run, value=value)
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                self.accepted(make, lambda attempt: [near("one", 1, attempt.value, 0.5)])
                return "passed", len(made)
            except unittest.SkipTest as skip:
                return f"skipped: {skip}", len(made)
            except AssertionError as error:
                return f"failed: {error}", len(made)

    def test_within_tolerance(self):
        self.assertEqual(self.outcome(run_of("TRUSTWORTHY"), 1.4), ("passed", 1))
        self.assertEqual(self.outcome(run_of("DISTURBED", STEAL), 1.4), ("passed", 1))

    def test_out_of_tolerance_without_an_explanation_fails_the_second_time(self):
        outcome, made = self.outcome(run_of("TRUSTWORTHY"), 1.6)
        self.assertRegex(outcome, "^failed: .*one")
        self.assertEqual(made, 2)

    def test_disturbed_runs_are_repeated_and_then_skipped_with_their_evidence(self):
        outcome, made = self.outcome(run_of("DISTURBED", STEAL), 1.6)
        self.assertRegex(outcome, "^skipped: .*DISTURBED.*one.*others had 12 %")
        self.assertEqual(made, TRIES)

    def test_a_verdict_without_evidence_is_no_excuse(self):
        passed = STEAL | {"result": "passed"}
        self.assertRegex(self.outcome(run_of("DISTURBED", passed), 1.6)[0], "^failed")

    def test_a_busy_machine_is_an_excuse_by_its_own_signals(self):
        run = run_of("TRUSTWORTHY")
        run["generator"]["host"]["cpu_pressure"] = 0.5
        self.assertRegex(self.outcome(run, 1.6)[0], "^skipped: .*cpu_pressure 50.0 %")

    def test_a_floor_that_has_risen_is_an_excuse_where_the_run_has_none(self):
        with mock.patch.object(kit, "risen", lambda check, attempt: "the floor has risen"):
            self.assertRegex(self.outcome(run_of("TRUSTWORTHY"), 1.6)[0], "^skipped: .*the floor has risen")

    def test_a_floor_has_risen_when_the_same_figures_hold_with_what_it_is_now(self):
        mock.patch.stopall()
        check = lambda measured: [near("p99", 1, measured, 0, kit.floor().p99_9)]
        of = lambda p99_9: kit.Floor(0.1, 0.1, p99_9)
        with mock.patch.dict(kit.floors, {"busy": of(0.2)}, clear=True), \
                mock.patch.object(kit, "floor_now", lambda: of(0.4)):
            self.assertRegex(kit.risen(check, 1.3), "floor as it is now.*0.2.*0.4")
            self.assertIsNone(kit.risen(check, 1.5))
            self.assertEqual(kit.floor(), of(0.2))

    def test_a_rested_floor_is_measured_again_where_it_counts(self):
        mock.patch.stopall()
        check = lambda measured: [near("p99", 1, measured, 0, kit.at_rest())]
        floor = kit.Floor(0.1, 0.1, 0.1)
        with mock.patch.dict(kit.floors, {"busy": floor, "rested": 0.1}, clear=True), \
                mock.patch.multiple(kit, floor_now=lambda: floor, rested_now=lambda: 0.3):
            self.assertRegex(kit.risen(check, 1.5), "0.1.*0.3")
            self.assertEqual(kit.rested(), 0.1)

    def test_broken_books_fail_too(self):
        run = run_of("TRUSTWORTHY")
        run["totals"]["sent"] = 1
        self.assertRegex(self.outcome(run, 1)[0], "^failed: .*planned")
        run = run_of("TRUSTWORTHY")
        run["littles_law"]["error"] = 0.02
        self.assertRegex(self.outcome(run, 1)[0], "^failed: .*Little")

    def test_a_sibling_that_goes_unnoticed_fails(self):
        with contextlib.redirect_stdout(io.StringIO()):
            check = lambda told: [near("one", 1, told, 0.5), near("two", 2, told, 0)]
            self.refused("nothing", check, 2, {"one"})
            with self.assertRaises(AssertionError):
                self.refused("nothing", check, 2, {"one", "two"})

    def test_a_sibling_that_only_this_machine_hides_is_skipped(self):
        check = lambda told: [near("one", 1, told, 0, kit.floor().p99_9)]
        rough = {"busy": kit.Floor(0.1, 3, 20)}
        with mock.patch.dict(kit.floors, rough, clear=True), contextlib.redirect_stdout(io.StringIO()):
            with self.assertRaisesRegex(unittest.SkipTest, "20.*hides a fault.*one"):
                self.refused("a fault", check, 11, {"one"})
            with self.assertRaises(AssertionError):
                self.refused("no fault", check, 1.2, {"one"})
            self.assertEqual(kit.floors, rough)

    def test_figures(self):
        figures = [near("edge", 1, 1.5, 0, 0.5), near("over", 1, 1.51, 0, 0.5), near("under", 1, 0.9, 0, 9),
                   same("same", "a", "a"), same("other", "a", "b"), at_most("most", 3, 3), at_most("more", 3, 3.1)]
        self.assertEqual(names_out(figures), {"over", "under", "other", "more"})

    def test_ranks_are_nearest(self):
        values = list(range(1, 11))
        self.assertEqual([rank(values, p) for p in (0.01, 0.1, 0.11, 0.5, 0.99)], [1, 1, 2, 5, 10])


if __name__ == "__main__":
    main()
