#include "report/verdict.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;
using test::check_of;

Verdict judge(const test::Run& run) {
  return run.summary().verdict;
}

/// n requests, one a millisecond, all alike.
test::Run even(int n, Duration lag, Duration service) {
  std::vector<Sample> samples;
  for (int i = 0; i < n; ++i) samples.push_back(test::sample_at(milliseconds(i), lag, service));
  return test::run_of({"r"}, samples);
}

test::Run with_failures(int n, int failures, ErrorKind kind) {
  std::vector<Sample> samples;
  for (int i = 0; i < n; ++i) {
    samples.push_back(test::sample_at(milliseconds(i), microseconds(10), milliseconds(2)));
    if (i < failures) samples.back().error = kind;
  }
  return test::run_of({"r"}, samples);
}

TEST(Verdict, AQuietRunIsTrustworthy) {
  const Verdict verdict = judge(test::all_succeeded());
  EXPECT_EQ(verdict.name, VerdictName::trustworthy);
  for (const Check& check : verdict.evidence) {
    EXPECT_EQ(check.result, CheckResult::passed) << check.name << ": " << check.evidence;
    EXPECT_EQ(check.remedy, "");
  }
}

TEST(Verdict, ALedgerOutByOneIsBroken) {
  test::Run run = even(2000, microseconds(10), milliseconds(2));
  run.record.ledger.sent += 1;
  EXPECT_EQ(judge(run).name, VerdictName::broken);
  run.record.ledger.planned += 1;  // planned = sent again, but sent is not what was recorded
  EXPECT_EQ(judge(run).name, VerdictName::broken);
  run.record.ledger.outcomes.unfinished += 1;
  EXPECT_EQ(judge(run).name, VerdictName::trustworthy);
}

TEST(Verdict, AValueBeyondTheHistogramIsBroken) {
  std::vector<Sample> samples(1,
                              test::sample_at(Duration::zero(), Duration::zero(), std::chrono::hours(1) + seconds(10)));
  EXPECT_EQ(check_of(judge(test::run_of({"r"}, samples)), "histograms").result, CheckResult::failed);
}

struct AddedCase {
  const char* what;
  Duration lag;
  Duration service;
  CheckResult result;
};

TEST(Verdict, TimeAddedByTheGeneratorNeedsAShareAndAnAmount) {
  const std::vector<AddedCase> cases{
      {"half as much again", milliseconds(1), milliseconds(2), CheckResult::failed},
      {"a large share of nearly nothing", microseconds(90), microseconds(100), CheckResult::passed},
      {"a large share, 150 us", microseconds(150), microseconds(500), CheckResult::warning},
      {"5 %, 1 ms", milliseconds(1), milliseconds(20), CheckResult::warning},
      {"1 %, 1 ms", milliseconds(1), milliseconds(100), CheckResult::passed},
  };
  for (const AddedCase& c : cases) {
    const Verdict verdict = judge(even(2000, c.lag, c.service));
    const Check check = check_of(verdict, "send lag");
    EXPECT_EQ(check.result, c.result) << c.what << ": " << check.evidence;
    EXPECT_EQ(check.remedy.empty(), c.result == CheckResult::passed) << c.what;
    EXPECT_EQ(verdict.name, c.result == CheckResult::failed ? VerdictName::client_bound : VerdictName::trustworthy);
  }
}

TEST(Verdict, ALateTailIsFoundWhereTheMedianIsFine) {
  std::vector<Sample> samples;
  for (int i = 0; i < 2000; ++i) {
    samples.push_back(
        test::sample_at(milliseconds(i), i % 20 == 0 ? milliseconds(5) : microseconds(5), milliseconds(2)));
  }
  const Verdict verdict = judge(test::run_of({"r"}, samples));
  EXPECT_EQ(verdict.name, VerdictName::client_bound);
  EXPECT_NE(check_of(verdict, "send lag").evidence.find("p99: "), std::string::npos);
}

TEST(Verdict, TooFewSamplesAreNotCheckedRatherThanPassed) {
  const Verdict verdict = judge(even(19, milliseconds(50), milliseconds(2)));
  EXPECT_NE(verdict.not_checked.front().find("send lag"), std::string::npos);
  EXPECT_TRUE(std::ranges::none_of(verdict.evidence, [](const Check& c) { return c.name == "send lag"; }));
}

TEST(Verdict, AThreadThatNeverRestsIsTheCeilingOfAClosedLoop) {
  test::Run run = even(2000, Duration::zero(), milliseconds(2));  // nothing late: a closed loop never is
  run.record.generator.productive_share = 0.97;
  EXPECT_EQ(judge(run).name, VerdictName::client_bound);
  run.record.generator.productive_share = 0.60;
  run.record.generator.run_queue_wait = run.record.generator.wall * 39 / 100;
  EXPECT_EQ(judge(run).name, VerdictName::client_bound) << "waiting for a core is no rest either";
  run.record.threads = 2;
  EXPECT_EQ(check_of(judge(run), "CPU").result, CheckResult::passed) << "39 % over two threads is 19.5 % each";
  run.record.threads = 1;
  run.record.generator.run_queue_wait = {};
  run.record.generator.productive_share = 0.61;
  EXPECT_EQ(judge(run).name, VerdictName::trustworthy);
  EXPECT_EQ(check_of(judge(run), "CPU").result, CheckResult::warning);
}

TEST(Verdict, AStallIsAWarning) {
  test::Run run = even(2000, Duration::zero(), milliseconds(2));
  run.record.generator.longest_turn = milliseconds(7);
  EXPECT_EQ(judge(run).name, VerdictName::trustworthy);
  EXPECT_EQ(check_of(judge(run), "loop stall").result, CheckResult::warning);
}

TEST(Verdict, ALateRampIsNotTheLoadAskedFor) {
  test::Run run = even(2000, Duration::zero(), milliseconds(2));
  const auto ramp = [&](Duration planned, Duration achieved) {
    run.record.ramp = {2000, 2000, planned, achieved};
    return check_of(judge(run), "ramp-up").result;
  };
  EXPECT_EQ(ramp(seconds(2), seconds(2) + milliseconds(10)), CheckResult::passed);
  EXPECT_EQ(ramp(seconds(2), seconds(2) + milliseconds(50)), CheckResult::warning);
  EXPECT_EQ(ramp(seconds(2), seconds(5)), CheckResult::failed);
  EXPECT_EQ(judge(run).name, VerdictName::client_bound);
  EXPECT_EQ(ramp(milliseconds(10), milliseconds(25)), CheckResult::passed) << "15 ms";
  EXPECT_EQ(ramp(Duration::zero(), seconds(3)), CheckResult::passed) << "nothing to be late against";
  run.record.ramp.users_planned = 3000;
  EXPECT_EQ(check_of(judge(run), "ramp-up").result, CheckResult::passed) << "cut short";
}

TEST(Verdict, MoreThanOneFailureInAHundredIsErrors) {
  EXPECT_EQ(judge(with_failures(2000, 0, ErrorKind::reset)).name, VerdictName::trustworthy);
  const Verdict few = judge(with_failures(2000, 20, ErrorKind::reset));
  EXPECT_EQ(few.name, VerdictName::trustworthy);
  EXPECT_EQ(check_of(few, "errors").result, CheckResult::warning);
  EXPECT_EQ(judge(with_failures(2000, 21, ErrorKind::reset)).name, VerdictName::errors);
  EXPECT_EQ(judge(with_failures(2000, 2000, ErrorKind::reset)).sentence, "Every request failed.");
}

TEST(Verdict, NothingCompletedIsNothingMeasured) {
  EXPECT_EQ(judge(test::empty()).name, VerdictName::errors);
  EXPECT_EQ(judge(with_failures(30, 30, ErrorKind::unfinished)).name, VerdictName::errors);
}

/// n requests of 2 ms, of which every `apart`th is given up after 30 s.
test::Run with_cut_off(int n, int apart, ErrorKind kind) {
  std::vector<Sample> samples;
  for (int i = 0; i < n; ++i) {
    const bool cut = i % apart == apart / 2;
    samples.push_back(test::sample_at(microseconds(100) * i, microseconds(10), cut ? seconds(30) : milliseconds(2)));
    if (cut) samples.back().error = kind;
  }
  return test::run_of({"r"}, samples);
}

TEST(Verdict, WhatWasCutOffMakesPercentilesLowerBounds) {
  const auto check = [](int apart) {
    return check_of(judge(with_cut_off(20'000, apart, ErrorKind::response_timeout)), "cut-off times");
  };
  EXPECT_EQ(check(20'000).evidence, "1 of 20,000 requests sent timed out or were unfinished");
  EXPECT_EQ(check(20'000).result, CheckResult::passed);
  EXPECT_NE(check(500).evidence.find("p99.9 and above"), std::string::npos);
  EXPECT_EQ(check(500).result, CheckResult::warning) << "0.2 %";
  EXPECT_NE(check(50).evidence.find(": p99 and above"), std::string::npos);
  EXPECT_EQ(check(50).result, CheckResult::failed) << "2 %";
  EXPECT_EQ(judge(with_cut_off(20'000, 50, ErrorKind::unfinished)).name, VerdictName::censored);
  EXPECT_EQ(judge(with_cut_off(20'000, 50, ErrorKind::response_timeout)).name, VerdictName::errors)
      << "a time-out is a failure too";
}

TEST(Verdict, TheWorstCheckNamesIt) {
  test::Run run = with_failures(2000, 500, ErrorKind::reset);
  EXPECT_EQ(judge(run).name, VerdictName::errors);
  run.record.generator.productive_share = 1;
  EXPECT_EQ(judge(run).name, VerdictName::client_bound);
  EXPECT_TRUE(judge(run).sentence.ends_with(" Also: 25.00 % of the requests failed.")) << "whatever it is called";
  run.record.ledger.planned += 1;
  EXPECT_EQ(judge(run).name, VerdictName::broken);
}

TEST(Verdict, WhatTheRunCouldNotReadIsCarriedThrough) {
  const Verdict verdict = judge(test::many_errors());
  EXPECT_EQ(std::ranges::count(verdict.not_checked, "run-queue wait (/proc/thread-self/schedstat)"), 1);
  EXPECT_EQ(std::ranges::count(verdict.not_checked, "steal time"), 1);
}

TEST(Verdict, AnInterruptedRunSaysSo) {
  const Check check = check_of(judge(test::empty()), "end of the run");
  EXPECT_EQ(check.result, CheckResult::warning);
  EXPECT_NE(check.evidence.find("interrupted after"), std::string::npos);
}

}  // namespace
}  // namespace loadgen::report
