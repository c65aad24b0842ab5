#include "report/verdict.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

using stats::RunRecord;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Check check_of(const Verdict& verdict, const std::string& name) {
  const auto found = std::ranges::find(verdict.evidence, name, &Check::name);
  EXPECT_NE(found, verdict.evidence.end()) << name;
  return found != verdict.evidence.end() ? *found : Check{};
}

/// n requests, one a millisecond, all alike.
RunRecord even(int n, Duration lag, Duration service) {
  std::vector<Sample> samples;
  for (int i = 0; i < n; ++i) samples.push_back(test::sample_at(milliseconds(i), lag, service));
  return test::run_of({"r"}, samples).record;
}

RunRecord with_failures(int n, int failures, ErrorKind kind) {
  std::vector<Sample> samples;
  for (int i = 0; i < n; ++i) {
    samples.push_back(test::sample_at(milliseconds(i), microseconds(10), milliseconds(2)));
    if (i < failures) samples.back().error = kind;
  }
  return test::run_of({"r"}, samples).record;
}

TEST(Verdict, AQuietRunIsTrustworthy) {
  const Verdict verdict = judge(test::all_succeeded().record);
  EXPECT_EQ(verdict.name, VerdictName::trustworthy);
  for (const Check& check : verdict.evidence) {
    EXPECT_EQ(check.result, CheckResult::passed) << check.name << ": " << check.evidence;
    EXPECT_EQ(check.remedy, "");
  }
}

TEST(Verdict, ALedgerOutByOneIsBroken) {
  RunRecord record = even(2000, microseconds(10), milliseconds(2));
  record.ledger.sent += 1;
  EXPECT_EQ(judge(record).name, VerdictName::broken);
  record.ledger.planned += 1;  // planned = sent again, but sent is not what was recorded
  EXPECT_EQ(judge(record).name, VerdictName::broken);
  record.ledger.outcomes.unfinished += 1;
  EXPECT_EQ(judge(record).name, VerdictName::trustworthy);
}

TEST(Verdict, AValueBeyondTheHistogramIsBroken) {
  std::vector<Sample> samples(1,
                              test::sample_at(Duration::zero(), Duration::zero(), std::chrono::hours(1) + seconds(10)));
  EXPECT_EQ(check_of(judge(test::run_of({"r"}, samples).record), "histograms").result, CheckResult::failed);
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
    const Check check = check_of(verdict, "response against service time");
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
  const Verdict verdict = judge(test::run_of({"r"}, samples).record);
  EXPECT_EQ(verdict.name, VerdictName::client_bound);
  EXPECT_NE(check_of(verdict, "response against service time").evidence.find("p99: "), std::string::npos);
}

TEST(Verdict, TooFewSamplesAreNotCheckedRatherThanPassed) {
  const Verdict verdict = judge(even(19, milliseconds(50), milliseconds(2)));
  EXPECT_NE(verdict.not_checked.front().find("response against service time"), std::string::npos);
  EXPECT_TRUE(
      std::ranges::none_of(verdict.evidence, [](const Check& c) { return c.name == "response against service time"; }));
}

TEST(Verdict, AThreadThatNeverRestsIsTheCeilingOfAClosedLoop) {
  RunRecord record = even(2000, Duration::zero(), milliseconds(2));  // nothing late: a closed loop never is
  record.generator.busiest_thread = 0.97;
  EXPECT_EQ(judge(record).name, VerdictName::client_bound);
  record.generator.busiest_thread = 0.60;
  record.generator.run_queue_wait = record.generator.wall * 39 / 100;
  EXPECT_EQ(judge(record).name, VerdictName::client_bound) << "waiting for a core is no rest either";
  record.threads = 2;
  EXPECT_EQ(check_of(judge(record), "CPU").result, CheckResult::warning) << "39 % over two threads is 19.5 % each";
  record.threads = 1;
  record.generator.run_queue_wait = {};
  record.generator.busiest_thread = 0.61;
  EXPECT_EQ(judge(record).name, VerdictName::trustworthy);
  EXPECT_EQ(check_of(judge(record), "CPU").result, CheckResult::warning);
}

TEST(Verdict, AStallIsAWarning) {
  RunRecord record = even(2000, Duration::zero(), milliseconds(2));
  record.generator.longest_turn = milliseconds(7);
  EXPECT_EQ(judge(record).name, VerdictName::trustworthy);
  EXPECT_EQ(check_of(judge(record), "loop stall").result, CheckResult::warning);
}

TEST(Verdict, ALateRampIsNotTheLoadAskedFor) {
  RunRecord record = even(2000, Duration::zero(), milliseconds(2));
  const auto ramp = [&](Duration planned, Duration achieved) {
    record.ramp = {2000, 2000, planned, achieved};
    return check_of(judge(record), "ramp-up").result;
  };
  EXPECT_EQ(ramp(seconds(2), seconds(2) + milliseconds(10)), CheckResult::passed);
  EXPECT_EQ(ramp(seconds(2), seconds(2) + milliseconds(50)), CheckResult::warning);
  EXPECT_EQ(ramp(seconds(2), seconds(5)), CheckResult::failed);
  EXPECT_EQ(judge(record).name, VerdictName::client_bound);
  EXPECT_EQ(ramp(milliseconds(10), milliseconds(25)), CheckResult::passed) << "15 ms";
  EXPECT_EQ(ramp(Duration::zero(), seconds(3)), CheckResult::passed) << "nothing to be late against";
  record.ramp.users_planned = 3000;
  EXPECT_EQ(check_of(judge(record), "ramp-up").result, CheckResult::passed) << "cut short";
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
  EXPECT_EQ(judge(test::empty().record).name, VerdictName::errors);
  EXPECT_EQ(judge(with_failures(30, 30, ErrorKind::unfinished)).name, VerdictName::errors);
}

TEST(Verdict, TimeoutsMakePercentilesLowerBounds) {
  const auto evidence = [](int failures) {
    return check_of(judge(with_failures(2000, failures, ErrorKind::response_timeout)), "cut-off times").evidence;
  };
  EXPECT_EQ(evidence(1), "1 of 2,000 requests sent timed out or were unfinished");
  EXPECT_NE(evidence(10).find("p99.9 and above"), std::string::npos);
  EXPECT_NE(evidence(30).find("p99 and above"), std::string::npos);
}

TEST(Verdict, TheWorstCheckNamesIt) {
  RunRecord record = with_failures(2000, 500, ErrorKind::reset);
  EXPECT_EQ(judge(record).name, VerdictName::errors);
  record.generator.busiest_thread = 1;
  EXPECT_EQ(judge(record).name, VerdictName::client_bound);
  record.ledger.planned += 1;
  EXPECT_EQ(judge(record).name, VerdictName::broken);
}

TEST(Verdict, WhatTheRunCouldNotReadIsCarriedThrough) {
  const Verdict verdict = judge(test::many_errors().record);
  EXPECT_EQ(std::ranges::count(verdict.not_checked, "run-queue wait (/proc/thread-self/schedstat)"), 1);
  EXPECT_EQ(std::ranges::count(verdict.not_checked, "steal time"), 1);
}

TEST(Verdict, AnInterruptedRunSaysSo) {
  const Check check = check_of(judge(test::empty().record), "end of the run");
  EXPECT_EQ(check.result, CheckResult::warning);
  EXPECT_NE(check.evidence.find("interrupted after"), std::string::npos);
}

}  // namespace
}  // namespace loadgen::report
