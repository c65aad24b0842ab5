#include "report/measured.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

using namespace std::chrono_literals;
using load::Segment;
using test::Late;

Segment constant(double rate, Duration length) {
  return {.duration = length, .from = rate, .to = rate};
}

TEST(Measured, StagesAreNotBlended) {
  // 1 ms at 500/s and 3 ms at 1,000/s.
  const test::Run run = test::open_run({constant(500, 2s), constant(1000, 4s)},
                                       [](Duration due) { return Late{.lag = 0ns, .service = due < 2s ? 1ms : 3ms}; });
  const Measured measured = measure(run.plan, run.record);
  EXPECT_EQ(measured.total.response.values.count, 4000U);
  EXPECT_EQ(measured.total.response.values.min_ns, 3'000'000);
  ASSERT_EQ(measured.stages.size(), 2U);
  EXPECT_EQ(measured.stages[0].due, 1000U);
  EXPECT_EQ(measured.stages[0].succeeded, 1000U);
  EXPECT_EQ(measured.stages[0].times.response.values.max_ns, 1'000'000);
  EXPECT_NEAR(measured.stages[1].rate.value, 1000, 5);
  EXPECT_EQ(measured.labels.at(0).service.values.count, 4000U);
}

TEST(Measured, WhatWasCutOffBelongsToTheStageItWasDueIn) {
  const Measured measured = measure(test::censored().plan, test::censored().record);
  EXPECT_EQ(measured.total.response.cut_off, 500U);
  EXPECT_EQ(measured.total.response.values.count, 5500U);
  EXPECT_TRUE(measured.total.response.mean.at_least) << "of the successes alone";
  EXPECT_EQ(measured.total.response.percentiles[kP50].n, 6000U);
  EXPECT_FALSE(measured.total.response.percentiles[kP50].at_least);
  EXPECT_TRUE(measured.total.response.percentiles[kP95].at_least) << "500 of 6,000 is more than 5 %";
  EXPECT_NEAR(measured.total.response.percentiles[kP95].value, 1e9, 0.5e9) << "given up 1 to 1.5 s after due";
  EXPECT_EQ(measured.total.send_lag.values.count, 6000U) << "when they were sent is known";
}

TEST(Measured, AStoppedRunsRateIsOfWholeCells) {
  // 1,000/s, stopped 100 ms into a cell: the rate of what was whole is still 1,000/s.
  test::Run run = test::open_run({constant(1000, 3100ms)}, [](Duration) { return Late{.service = 100us}; });
  run.plan.thread_groups[0].arrivals = {constant(1000, 60s)};
  run.record.stop = stats::StopReason::precise_enough;
  const Measured measured = measure(run.plan, run.record);
  EXPECT_EQ(measured.timeline.window.span.end, 3s);
  EXPECT_DOUBLE_EQ(measured.timeline.window.expected, 3000);
  EXPECT_NEAR(measured.rate.value, 1000, 1);
}

TEST(Measured, LostRequestsLieBeyondEveryPercentile) {
  test::Run run = test::open_run({constant(1000, 4s)}, [](Duration) { return Late{}; });
  run.record.ledger.planned += 200;
  run.record.ledger.not_started = run.record.ledger.never_sent = 200;
  const Measured measured = measure(run.plan, run.record);
  EXPECT_EQ(measured.total.response.lost, 200U);
  EXPECT_TRUE(measured.total.response.percentiles[kP99].at_least);
  EXPECT_EQ(measured.total.service.lost, 0U);
  ASSERT_EQ(measured.stages.size(), 1U);
  EXPECT_EQ(measured.stages[0].times.response.lost, 200U);
}

TEST(Measured, AStageHasItsOwnFiguresAlsoWhereTheWindowIsAnother) {
  const auto late = [](Duration due) { return Late{.service = due < 2s ? 1ms : 3ms}; };
  test::Run run = test::open_run({constant(1000, 4s)}, late);
  const Measured whole = measure(run.plan, run.record);
  ASSERT_EQ(whole.stages.size(), 1U);
  EXPECT_EQ(whole.stages[0].times.response.values.count, 4000U);
  EXPECT_EQ(whole.stages[0].times.response.values.min_ns, 1'020'000);
  // Without a warm-up of 2 s both are of the rest alone.
  run.plan.warm_up.time = 2s;
  const Measured rest = measure(run.plan, run.record);
  EXPECT_EQ(rest.total.response.values.min_ns, 3'020'000);
  EXPECT_EQ(rest.stages.back().times.response.values.min_ns, 3'020'000);
  EXPECT_EQ(rest.stages.back().times.response.values.count, 2000U);
}

TEST(Measured, LittlesLawHolds) {
  const test::Run run = test::open_run({constant(1000, 4s)}, [](Duration) { return Late{.service = 5ms}; });
  const LittlesLaw law = measure(run.plan, run.record).littles_law;
  EXPECT_EQ(law.cells_ns, law.requests_ns);
  EXPECT_EQ(law.requests_ns, 4000 * 5'000'000LL);
  EXPECT_NEAR(law.in_flight, 5, 0.02);
  EXPECT_NEAR(law.rate, 1000, 2);
  EXPECT_DOUBLE_EQ(law.service_s, 0.005);
  EXPECT_LT(std::abs(law.error), 0.01);
}

TEST(Measured, TheWarmUpIsFound) {
  // p50 falls from 12 ms to 2 ms within the first three seconds.
  test::Run run = test::open_run({constant(200, 20s)},
                                 [](Duration due) { return Late{.service = due < 3s ? 12ms - due / 300 : 2ms}; });
  run.plan.warm_up.automatic = true;
  const Measured measured = measure(run.plan, run.record);
  EXPECT_TRUE(measured.warm_up.found);
  EXPECT_TRUE(measured.warm_up.ended);
  EXPECT_EQ(measured.warm_up.time, 3s);
  EXPECT_EQ(measured.timeline.window.span.begin, 3s);
  EXPECT_EQ(measured.total.response.values.count, 3400U);
}

TEST(Measured, AWarmUpThatGoesOnHasNotEnded) {
  test::Run run = test::open_run({constant(200, 20s)}, [](Duration due) { return Late{.service = 20ms - due / 1100}; });
  run.plan.warm_up.automatic = true;
  EXPECT_FALSE(measure(run.plan, run.record).warm_up.ended);
}

TEST(Measured, SecondsKnowTheirLateRequests) {
  const test::Run run = test::disturbed();
  const std::vector<LateSecond> late = measure(run.plan, run.record).late;
  ASSERT_EQ(late.size(), 6U);
  EXPECT_EQ(late[2].values, 1000U);
  EXPECT_EQ(late[2].late, 500U);
  EXPECT_EQ(late[3].late, 0U);
}

}  // namespace
}  // namespace loadgen::report
