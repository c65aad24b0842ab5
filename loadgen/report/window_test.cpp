#include "report/window.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

using namespace std::chrono_literals;
using config::Plan;
using config::ThreadGroup;
using load::Segment;

Plan open_plan(std::vector<Segment> segments, Duration startup_delay = {}) {
  ThreadGroup group;
  group.users = 0;
  group.arrivals = std::move(segments);
  group.startup_delay = startup_delay;
  group.steps.resize(1);
  Plan plan;
  plan.thread_groups = {group};
  return plan;
}

Plan closed_plan(std::uint32_t users, Duration ramp_up, std::optional<Duration> duration) {
  ThreadGroup group;
  group.users = users;
  group.ramp_up = ramp_up;
  group.duration = duration;
  if (duration) group.loops.reset();
  group.steps.resize(1);
  Plan plan;
  plan.thread_groups = {group};
  return plan;
}

Segment constant(double rate, Duration length) {
  return {.duration = length, .from = rate, .to = rate};
}
Segment ramp(double from, double to, Duration length) {
  return {.duration = length, .from = from, .to = to};
}

/// A run that kept to its plan, of whole cells within the first minute or whole seconds after it.
Extent until(Duration end) {
  return {end, stats::cell_of(end - Duration(1)) + 1};
}

TEST(Timeline, OneRateIsMeasuredWhole) {
  const Timeline timeline = timeline_of(open_plan({constant(100, 10s)}), until(10s), 0s);
  EXPECT_EQ(timeline.window.cells.first, 0U);
  EXPECT_EQ(timeline.window.cells.last, 50U);
  EXPECT_EQ(timeline.window.span.end, 10s);
  EXPECT_EQ(timeline.window.reason, "the whole run");
  EXPECT_DOUBLE_EQ(timeline.window.offered, 100);
  EXPECT_DOUBLE_EQ(timeline.window.expected, 1000);
  EXPECT_TRUE(timeline.window.even);
  ASSERT_EQ(timeline.stages.size(), 1U);
  EXPECT_DOUBLE_EQ(timeline.stages[0].expected, 1000);
}

TEST(Timeline, RampsAreLeftOutAndRatesAreNotBlended) {
  const Timeline timeline = timeline_of(
      open_plan({ramp(0, 100, 4s), constant(100, 6s), constant(200, 10s), ramp(200, 0, 2s)}), until(22s), 0s);
  ASSERT_EQ(timeline.stages.size(), 4U);
  EXPECT_EQ(name_of(timeline.stages[0]), "ramp");
  EXPECT_FALSE(timeline.stages[0].measured());
  EXPECT_DOUBLE_EQ(timeline.stages[0].expected, 200) << "half of 100/s over 4 s";
  EXPECT_DOUBLE_EQ(timeline.stages[0].rate_to, 100 * (4.0 - 1e-9) / 4);
  EXPECT_EQ(name_of(timeline.stages[1]), "stage 1");
  EXPECT_EQ(name_of(timeline.stages[2]), "stage 2");
  EXPECT_EQ(timeline.window.span.begin, 10s) << "the longer stage";
  EXPECT_EQ(timeline.window.span.end, 20s);
  EXPECT_DOUBLE_EQ(timeline.window.expected, 2000);
  ASSERT_EQ(timeline.window.excluded.size(), 3U);
  EXPECT_EQ(timeline.window.excluded[1].reason, "stage 1, 100.0/s");
}

TEST(Timeline, NeighboursOfOneRateAreOneWindowAndTwoStages) {
  const Timeline timeline =
      timeline_of(open_plan({constant(100, 4s), constant(100, 4s), constant(300, 6s)}), until(14s), 0s);
  EXPECT_EQ(timeline.stages.size(), 3U);
  EXPECT_EQ(timeline.window.span.begin, 0s);
  EXPECT_EQ(timeline.window.span.end, 8s);
}

TEST(Timeline, BoundariesOfSeveralGroupsAreUnited) {
  Plan plan = open_plan({constant(100, 10s)});
  plan.thread_groups.push_back(open_plan({constant(50, 4s)}, 6s).thread_groups[0]);
  const Timeline timeline = timeline_of(plan, until(10s), 0s);
  ASSERT_EQ(timeline.stages.size(), 2U);
  EXPECT_EQ(timeline.stages[0].span.end, 6s);
  EXPECT_DOUBLE_EQ(timeline.stages[0].rate_from, 100);
  EXPECT_DOUBLE_EQ(timeline.stages[1].rate_from, 150);
  EXPECT_DOUBLE_EQ(timeline.stages[1].expected, 600);
}

TEST(Timeline, WhatFollowsTheArrivalsIsNoHeadline) {
  Plan plan = open_plan({constant(100, 4s)});
  plan.thread_groups.push_back(closed_plan(5, 0s, 30s).thread_groups[0]);
  const Timeline timeline = timeline_of(plan, until(30s), 0s);
  ASSERT_EQ(timeline.stages.size(), 2U);
  EXPECT_EQ(timeline.stages[1].rate_from, 0);
  EXPECT_EQ(timeline.window.span.begin, 0s);
  EXPECT_EQ(timeline.window.span.end, 4s) << "the shorter one has the load";
  EXPECT_DOUBLE_EQ(timeline.window.offered, 100);
}

TEST(Timeline, TheWarmUpCutsAStage) {
  const Timeline timeline = timeline_of(open_plan({ramp(0, 100, 2s), constant(100, 8s)}), until(10s), 3s);
  ASSERT_EQ(timeline.stages.size(), 2U) << "the ramp lies within the warm-up";
  EXPECT_EQ(name_of(timeline.stages[0]), "warm-up");
  EXPECT_EQ(timeline.stages[0].span.end, 3s);
  EXPECT_EQ(timeline.window.span.begin, 3s);
  EXPECT_DOUBLE_EQ(timeline.window.expected, 700);
}

TEST(Timeline, AWaveIsMeasuredAsOneAndIsNotEven) {
  Segment wave = constant(100, 20s);
  wave.amplitude = 50;
  wave.period = 10s;
  const Timeline timeline = timeline_of(open_plan({wave}), until(20s), 0s);
  EXPECT_EQ(name_of(timeline.stages.at(0)), "stage 1 (wave)");
  EXPECT_NEAR(timeline.stages[0].rate_low, 50, 1e-6);
  EXPECT_NEAR(timeline.stages[0].rate_high, 150, 1e-6);
  EXPECT_FALSE(timeline.window.even);
  EXPECT_EQ(timeline.window.cells.last, 100U);
}

TEST(Timeline, APlanThatIsAllRampMeasuresNothing) {
  const Timeline timeline = timeline_of(open_plan({ramp(0, 100, 10s)}), until(10s), 0s);
  EXPECT_TRUE(timeline.window.empty());
  EXPECT_EQ(timeline.window.reason, "nothing is measured: it was all warm-up and ramp");
}

TEST(Timeline, EdgesAreRoundedInwardsToCells) {
  const Timeline timeline =
      timeline_of(open_plan({constant(10, 1100ms), constant(100, 2s), constant(10, 1s)}), until(4100ms), 0s);
  EXPECT_EQ(timeline.window.span.begin, 1200ms);
  EXPECT_EQ(timeline.window.span.end, 3000ms);
  EXPECT_DOUBLE_EQ(timeline.window.expected, 180);
}

TEST(Timeline, WhatCrossesTheFirstMinuteIsCutAtWholeSeconds) {
  const Timeline timeline = timeline_of(open_plan({constant(100, 90s)}), until(90s), 2500ms);
  EXPECT_EQ(timeline.window.span.begin, 3s);
  EXPECT_EQ(timeline.window.span.end, 90s);
  const EvenCells even = even_cells(timeline.window.cells, until(90s));
  EXPECT_EQ(even.length, 1s);
  EXPECT_EQ(even.cells.size(), 87U);
  EXPECT_EQ(even.cells[0].last - even.cells[0].first, 5U);
  EXPECT_EQ(even.cells[86].last - even.cells[86].first, 1U);
}

TEST(Timeline, AClosedLoopLeavesOutItsRampUp) {
  const Timeline timeline = timeline_of(closed_plan(100, 2s, 10s), until(10s), 0s);
  EXPECT_EQ(timeline.window.span.begin, 2s);
  EXPECT_EQ(timeline.window.reason, "without ramp-up");
  EXPECT_TRUE(timeline.window.even);
  EXPECT_TRUE(timeline.stages.empty());
  EXPECT_EQ(timeline_of(closed_plan(100, 100ms, 10s), until(10s), 0s).window.span.begin, 0s) << "within one cell";
  EXPECT_EQ(timeline_of(closed_plan(100, 2s, 10s), until(10s), 5s).window.span.begin, 5s);
}

TEST(Timeline, UsersWhoComeOnceAreALoadAndNoRampUp) {
  const Timeline timeline = timeline_of(closed_plan(6000, 2s, std::nullopt), until(2s), 0s);
  EXPECT_EQ(timeline.window.reason, "the whole run");
  EXPECT_EQ(timeline.window.cells.last, 10U);
  EXPECT_TRUE(timeline.window.even);
}

TEST(Timeline, AWarmUpLongerThanTheRunLeavesNothing) {
  EXPECT_TRUE(timeline_of(closed_plan(10, 0s, 3s), until(3s), 5s).window.empty());
}

TEST(Timeline, AStoppedRunSaysWhatItLeavesOut) {
  const Timeline timeline = timeline_of(open_plan({constant(100, 60s)}), {3s, 15, true}, 0s);
  EXPECT_EQ(timeline.window.reason, "the run up to the cell that it was stopped in");
  ASSERT_EQ(timeline.window.excluded.size(), 1U);
  EXPECT_EQ(timeline.window.excluded[0].span.end, 3200ms);
  EXPECT_EQ(timeline_of(open_plan({constant(100, 60s)}), {0s, 0}, 0s).window.reason,
            "nothing is measured: the run ended before anything was due");
}

TEST(EvenCells, ACellThatTheRunEndedInIsNotWhole) {
  const EvenCells even = even_cells({0, 6}, {1100ms, 6});
  EXPECT_EQ(even.length, 200ms);
  EXPECT_EQ(even.cells.size(), 5U);
}

TEST(ExtentOf, IsThePlansWhenItWasCarriedOut) {
  test::Run run = test::open_run({constant(10, 1s)}, [](Duration) { return test::Late{}; });
  EXPECT_EQ(extent_of(run.plan, run.record).end, 1s);
  run.record.stop = stats::StopReason::interrupted;
  run.plan.thread_groups[0].arrivals = {constant(10, 60s)};
  EXPECT_EQ(extent_of(run.plan, run.record).end, 800ms) << "nobody knows how far into its last cell it came";
  EXPECT_EQ(extent_of(run.plan, run.record).cells, 4U);
  run.plan.thread_groups[0].arrivals = {constant(10, 901ms)};
  EXPECT_EQ(extent_of(run.plan, run.record).end, 901ms) << "stopped when all arrivals had come";
}

TEST(ExtentOf, OfARunWithoutAPlannedEndIsItsOwn) {
  test::Run run = test::run_of({"r"}, {test::sample_at(10ms, 0ns, 2ms), test::sample_at(50ms, 0ns, 2ms)});
  run.plan = closed_plan(1, 0s, std::nullopt);
  run.plan.thread_groups[0].loops = 2;
  EXPECT_EQ(extent_of(run.plan, run.record).end, 52ms);
  run.record.stop = stats::StopReason::interrupted;
  EXPECT_EQ(extent_of(run.plan, run.record).end, 52ms) << "there is no whole cell to stop at";
}

}  // namespace
}  // namespace loadgen::report
