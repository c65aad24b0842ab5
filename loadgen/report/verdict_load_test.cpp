// What the figures can be quoted as.

#include <cmath>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "report/test_runs.hpp"
#include "report/verdict.hpp"

namespace loadgen::report {
namespace {

using namespace std::chrono_literals;
using test::check_of;
using test::Late;

constexpr Duration kLength = 10s;

/// 500/s for ten seconds, of service times by due time; with a ripple, because real times are never all the same.
template <class Service>
test::Run run_of_service(Service service) {
  int i = 0;
  return test::open_run({{.duration = kLength, .from = 500, .to = 500}}, [&, service](Duration due) {
    const double ripple = 1 + 0.05 * std::sin(i++ * 1.7);
    return Late{.service = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(service(due) * ripple))};
  });
}

TEST(Stationarity, ALevelRunPasses) {
  const Verdict verdict = run_of_service([](Duration) { return 0.004; }).summary().verdict;
  EXPECT_EQ(verdict.name, VerdictName::trustworthy);
  EXPECT_EQ(check_of(verdict, "stationarity").evidence, "throughput, p50, p99 kept level");
}

TEST(Stationarity, ADriftIsFound) {
  const Verdict verdict =
      run_of_service([](Duration due) { return 0.004 * (1 + 0.3 * seconds(due) / seconds(kLength)); })
          .summary()
          .verdict;
  EXPECT_EQ(verdict.name, VerdictName::not_stationary);
  EXPECT_NE(check_of(verdict, "stationarity").evidence.find("p50 from"), std::string::npos);
}

TEST(Stationarity, AStepIsFound) {
  EXPECT_EQ(run_of_service([](Duration due) { return due < kLength / 2 ? 0.004 : 0.005; }).summary().verdict.name,
            VerdictName::not_stationary);
}

TEST(Stationarity, ADriftOfAFewMicrosecondsIsTheMachines) {
  EXPECT_EQ(run_of_service([](Duration due) { return due < kLength / 2 ? 0.0002 : 0.00025; }).summary().verdict.name,
            VerdictName::trustworthy)
      << "25 %, but 50 us";
}

TEST(Stationarity, ATailThatDriftsWithTheMachineIsTheMachines) {
  int i = 0;
  test::Run run = test::open_run({{.duration = kLength, .from = 1000, .to = 1000}}, [&](Duration due) {
    const bool slow = i++ % 20 == 0;
    return Late{.service = slow ? (due < kLength / 2 ? 6ms : 12ms) : 4ms};
  });
  EXPECT_EQ(run.summary().verdict.name, VerdictName::not_stationary);
  run.record.generator.seconds.resize(10);
  for (stats::HealthSecond& second : run.record.generator.seconds) second.shards.resize(1);
  for (std::size_t s = 6; s < 10; ++s) run.record.generator.seconds[s].shards[0].run_queue_wait = 20ms;
  EXPECT_EQ(run.summary().verdict.name, VerdictName::disturbed);
  for (std::size_t s = 0; s < 4; ++s) run.record.generator.seconds[s].shards[0].run_queue_wait = 15ms;
  EXPECT_EQ(run.summary().verdict.name, VerdictName::not_stationary) << "it took about as much all along";
}

TEST(Stationarity, AWaveIsNotLookedAt) {
  test::Run run = run_of_service([](Duration due) { return due < kLength / 2 ? 0.004 : 0.005; });
  run.plan.thread_groups[0].arrivals[0].amplitude = 100;
  run.plan.thread_groups[0].arrivals[0].period = 5s;
  EXPECT_EQ(check_of(run.summary().verdict, "stationarity").result, CheckResult::not_checked);
}

TEST(WarmUp, OneThatNeverEndsIsNotStationary) {
  test::Run run = run_of_service([](Duration due) { return 0.020 - 0.0018 * seconds(due); });
  run.plan.warm_up.automatic = true;
  EXPECT_EQ(check_of(run.summary().verdict, "warm-up").result, CheckResult::failed);
}

TEST(Overload, AQueueThatGrowsAsLongAsTheLoadLasts) {
  // The target answers four of five: after t seconds the wait is t / 4.
  const Verdict verdict = run_of_service([](Duration due) { return 0.002 + seconds(due) / 4; }).summary().verdict;
  EXPECT_EQ(verdict.name, VerdictName::overloaded);
  EXPECT_EQ(check_of(verdict, "overload").result, CheckResult::failed);
}

TEST(Overload, AHalfMoreIsNone) {
  const Verdict verdict =
      run_of_service([](Duration due) { return 0.040 * (1 + 0.5 * seconds(due) / seconds(kLength)); })
          .summary()
          .verdict;
  EXPECT_EQ(check_of(verdict, "overload").result, CheckResult::passed);
}

TEST(Overload, AClosedLoopAsksForNoMoreThanItGets) {
  test::Run run = run_of_service([](Duration due) { return 0.002 + seconds(due) / 4; });
  config::ThreadGroup closed;
  closed.loops.reset();
  closed.duration = kLength;
  closed.steps.resize(1);
  run.plan.thread_groups = {closed};
  EXPECT_EQ(check_of(run.summary().verdict, "overload").result, CheckResult::not_checked);
}

TEST(Overload, ArrivalsThatNeverGotAPlace) {
  test::Run run = run_of_service([](Duration) { return 0.004; });
  run.record.ledger.planned += 1;
  run.record.ledger.not_started = run.record.ledger.never_sent = 1;
  run.record.arrivals.waited = 40;
  run.plan.thread_groups[0].max_in_flight = 5;
  const Verdict verdict = run.summary().verdict;
  EXPECT_EQ(verdict.name, VerdictName::overloaded);
  EXPECT_TRUE(verdict.sentence.starts_with("At most 5 at once were allowed")) << verdict.sentence;
  EXPECT_NE(check_of(verdict, "overload").evidence.find("40 arrivals waited for one of max_in_flight = 5 places, 1 of"),
            std::string::npos);
}

TEST(Censored, AnyDropIs) {
  test::Run run = run_of_service([](Duration) { return 0.004; });
  run.record.ledger.planned += 1;
  run.record.ledger.dropped = 1;
  EXPECT_EQ(run.summary().verdict.name, VerdictName::censored);
}

TEST(Censored, ATargetThatStopsAnsweringBeforeTheEnd) {
  EXPECT_EQ(test::censored().summary().verdict.name, VerdictName::censored);
}

TEST(UnderSampled, P99TakesAThousandValues) {
  const auto run_of = [](double rate) {
    return test::open_run({{.duration = kLength, .from = rate, .to = rate}}, [](Duration) { return Late{}; });
  };
  EXPECT_EQ(run_of(99.9).summary().verdict.name, VerdictName::under_sampled);
  EXPECT_EQ(run_of(100).summary().verdict.name, VerdictName::trustworthy);
}

TEST(UnderSampled, ARunThatIsAllRampMeasuresNothing) {
  const test::Run run = test::open_run({{.duration = kLength, .from = 0, .to = 1000}}, [](Duration) { return Late{}; });
  const Verdict verdict = run.summary().verdict;
  EXPECT_EQ(verdict.name, VerdictName::under_sampled);
  EXPECT_NE(check_of(verdict, "sample size").evidence.find("all warm-up and ramp"), std::string::npos);
}

TEST(Delivered, WhatWasDueAndNotStartedIsTheGenerators) {
  test::Run run = run_of_service([](Duration) { return 0.004; });
  const auto missing = [&](std::uint64_t n) {
    run.record.ledger.planned = 5000 + n;
    run.record.ledger.not_started = n;
    return check_of(run.summary().verdict, "delivered rate").result;
  };
  EXPECT_EQ(missing(0), CheckResult::passed);
  EXPECT_EQ(missing(9), CheckResult::passed) << "the last of a window may start a moment after it";
  EXPECT_EQ(missing(40), CheckResult::warning) << "0.8 %";
  EXPECT_EQ(missing(60), CheckResult::failed);
  EXPECT_EQ(run.summary().verdict.name, VerdictName::client_bound);
  run.record.arrivals.waited = 1;
  EXPECT_EQ(missing(60), CheckResult::not_checked) << "it may have waited for a place";
}

TEST(Calibration, WarnsNearTheCeilingAndNearTheFloor) {
  const test::Run run = run_of_service([](Duration) { return 0.004; });
  const auto result = [&](const Calibration& calibration) {
    return check_of(summarize(run.plan, run.record, {}, calibration).verdict, "calibration").result;
  };
  EXPECT_EQ(result({.rtt_p50_ns = 50e3, .rtt_p99_9_ns = 300e3, .rate_per_core = 50'000, .open_connections = 1000}),
            CheckResult::passed);
  EXPECT_EQ(result({.rtt_p50_ns = 50e3, .rtt_p99_9_ns = 300e3, .rate_per_core = 900, .open_connections = 1000}),
            CheckResult::warning);
  EXPECT_EQ(result({.rtt_p50_ns = 2e6, .rtt_p99_9_ns = 3e6, .rate_per_core = 50'000, .open_connections = 1000}),
            CheckResult::warning);
}

TEST(Books, PhasesHaveToAddUp) {
  std::vector<Sample> samples;
  for (int i = 0; i < 2000; ++i) samples.push_back(test::sample_at(1ms * i, 10us, 2ms));
  EXPECT_EQ(test::run_of({"r"}, samples).summary().verdict.name, VerdictName::trustworthy);
  samples[7].first_byte = kUnset;  // a success whose first byte nobody saw
  const Verdict verdict = test::run_of({"r"}, samples).summary().verdict;
  EXPECT_EQ(verdict.name, VerdictName::broken);
  EXPECT_EQ(check_of(verdict, "phases").evidence, "the phases miss the response times by -1800000 ns")
      << "first byte and download of one request; connecting took 200 us";
}

}  // namespace
}  // namespace loadgen::report
