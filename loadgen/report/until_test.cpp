#include "report/until.hpp"

#include <gtest/gtest.h>

#include "report/test_runs.hpp"
#include "report/text.hpp"

namespace loadgen::report {
namespace {

using namespace std::chrono_literals;

UntilOutcome outcome_of(const test::Run& run) {
  return until_outcome(run.plan, run.record, measure(run.plan, run.record)).value();
}

/// 1,000/s for six seconds, in waves of 10 ms in service time so that the mean is not known exactly.
test::Run run_until(std::string goal) {
  int i = 0;
  test::Run run = test::open_run({{.duration = 6s, .from = 1000, .to = 1000}},
                                 [&](Duration) { return test::Late{.service = 2ms + (i++ * 7919 % 1000) * 10us}; });
  run.record.until = std::move(goal);
  return run;
}

TEST(Until, NothingAskedHasNoOutcome) {
  const test::Run run = run_until("");
  EXPECT_FALSE(until_outcome(run.plan, run.record, measure(run.plan, run.record)).has_value());
}

TEST(Until, WhatWasNotReachedIsTold) {
  const test::Run run = run_until("p50 ± 0.01%");
  const UntilOutcome outcome = outcome_of(run);
  const stats::Estimate p50 = measure(run.plan, run.record).total.response.percentiles[kP50];
  EXPECT_FALSE(outcome.met);
  EXPECT_EQ(outcome.figure, "p50");
  EXPECT_DOUBLE_EQ(outcome.asked, 0.0001);
  ASSERT_GT(p50.high, p50.low);
  const double half = (p50.high - p50.low) / 2 / p50.value;
  EXPECT_DOUBLE_EQ(outcome.known, half);
  EXPECT_DOUBLE_EQ(outcome.longer, half / 0.0001 * (half / 0.0001));
  EXPECT_NE(text(run.summary(), {}).find("--until p50 ± 0.01% was not reached"), std::string::npos);
  EXPECT_EQ(test::check_of(run.summary().verdict, "end of the run").result, CheckResult::warning);
}

TEST(Until, WhatWasMetNamesBothLengths) {
  test::Run run = run_until("rate ± 50%");
  run.record.stop = stats::StopReason::precise_enough;
  run.plan.thread_groups[0].arrivals[0].duration = 60s;
  const UntilOutcome outcome = outcome_of(run);
  EXPECT_TRUE(outcome.met);
  EXPECT_DOUBLE_EQ(outcome.planned_s.value(), 60);
  EXPECT_NEAR(outcome.used_s, 6, 0.02);
  EXPECT_NE(to_text(outcome).find("of at most 60.000 s planned"), std::string::npos);
}

}  // namespace
}  // namespace loadgen::report
