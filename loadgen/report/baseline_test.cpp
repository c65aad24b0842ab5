#include "report/baseline.hpp"

#include <cmath>
#include <string>

#include <gtest/gtest.h>

#include "report/json_baseline.hpp"
#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

constexpr std::size_t kRps = 0, kP50 = 1, kErrors = 7;

Circumstances circumstances() {
  Circumstances now;
  now.plan_json = R"({"name": "a plan"})";
  now.target = "http://localhost:3000";
  now.engine = "native";
  now.tool_version = "0.1.0";
  now.host.cpu_model = "A processor";
  now.host.cores = now.host.usable_cores = 4;
  now.host.kernel = "6.1.0";
  now.limits = {.governor = "performance", .cpu = "max 100000", .memory = "max"};
  now.calibration = Calibration{.rtt_p50_ns = 40'000};
  return now;
}

/// All its times are p50.
Job job_with(double p50_ms) {
  Job job;
  job.label = "abc1234";
  job.started = "2026-01-02T03:04:05Z";
  job.model = "open";
  for (double& value : job.values) value = p50_ms;
  job.values[kRps] = 2000;
  job.values[kErrors] = 0;
  job.responses = "HISTF";
  return job;
}

/// Jobs whose p50 is 20 ms, up and down by 2 % in turn.
Baseline baseline_of(std::size_t jobs) {
  Baseline baseline{.fingerprint = fingerprint_of(circumstances()), .jobs = {}};
  for (std::size_t i = 0; i < jobs; ++i) baseline.jobs.push_back(job_with(20 * std::exp(i % 2 == 0 ? 0.02 : -0.02)));
  return baseline;
}

const Gate& gate_of(const std::vector<Gate>& gates, const std::string& begin) {
  for (const Gate& gate : gates)
    if (gate.threshold.starts_with(begin)) return gate;
  static const Gate kNone;
  ADD_FAILURE() << "no gate of " << begin;
  return kNone;
}

TEST(Baseline, JudgesByTheSpreadBetweenJobs) {
  const Baseline baseline = baseline_of(10);
  EXPECT_EQ(gate_of(judge(baseline, job_with(20)), "p50").result, GateResult::passed);
  EXPECT_EQ(gate_of(judge(baseline, job_with(16)), "p50").result, GateResult::passed) << "better";
  EXPECT_EQ(gate_of(judge(baseline, job_with(21.5)), "p50").result, GateResult::undecided);
  EXPECT_EQ(gate_of(judge(baseline, job_with(24)), "p50").result, GateResult::failed);
  const Gate gate = gate_of(judge(baseline, job_with(24)), "p50");
  EXPECT_EQ(gate.threshold, "p50 <= baseline +5.0 %");
  // ln(1.2) +- t(0.95, 9) * s * sqrt(1.1), s = 0.02 * sqrt(10 / 9): 1.833113 * 0.021082 * 1.048809 = 0.040532.
  EXPECT_NE(gate.evidence.find("24.00 ms against 20.00 ms of 10 earlier jobs: +20.0 % (90 %: +15.2 % to +25.0 %)"),
            std::string::npos)
      << gate.evidence;
  EXPECT_NE(gate.evidence.find("second class"), std::string::npos);
  EXPECT_NEAR(gate.limit, 21, 1e-9);
}

TEST(Baseline, TenJobsAreNeeded) {
  for (const Gate& gate : judge(baseline_of(9), job_with(100))) EXPECT_EQ(gate.result, GateResult::undecided);
  const auto none = judge(Baseline{}, job_with(20));
  ASSERT_EQ(none.size(), 3U);
  for (const Gate& gate : none) EXPECT_EQ(gate.result, GateResult::undecided);
  EXPECT_NE(none[0].evidence.find("no earlier job"), std::string::npos);
}

TEST(Baseline, ARateIsAResultInAClosedLoopOnly) {
  Baseline baseline = baseline_of(12);
  for (std::size_t i = 0; i < baseline.jobs.size(); ++i) baseline.jobs[i].values[kRps] = 2000 + (i % 2 == 0 ? 1 : -1);
  Job job = job_with(20);
  job.values[kRps] = 1500;
  EXPECT_EQ(judge(baseline, job).size(), 3U);
  job.model = "closed";
  const Gate gate = gate_of(judge(baseline, job), "rps");
  EXPECT_EQ(gate.threshold, "rps >= baseline -5.0 %");
  EXPECT_EQ(gate.result, GateResult::failed);
  EXPECT_NEAR(gate.limit, 1900, 0.01);
  EXPECT_NE(gate.evidence.find("-25.0 %"), std::string::npos) << gate.evidence;
}

TEST(Baseline, WhatIsNotKnownIsNotGuessed) {
  Job job = job_with(20);
  job.values[kP50] = std::nan("");
  EXPECT_EQ(gate_of(judge(baseline_of(12), job), "p50").result, GateResult::undecided);
  Baseline hostile = baseline_of(12);
  hostile.jobs[3].values[kP50] = -1;
  hostile.jobs[4].values[kP50] = 0;
  hostile.jobs[5].values[kP50] = 1e308;
  EXPECT_EQ(gate_of(judge(hostile, job_with(20)), "p50").figure.n, 10U) << "no ratio to the first two";
}

TEST(Baseline, Fingerprints) {
  const Fingerprint was = fingerprint_of(circumstances());
  EXPECT_TRUE(differences(was, was).empty());
  Circumstances other = circumstances();
  other.host.kernel = "6.2.0";
  other.plan_json += " ";
  const auto found = differences(was, fingerprint_of(other));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0], "the kernel was 6.1.0 and is 6.2.0");
  EXPECT_TRUE(found[1].starts_with("the plan (hash) was ")) << found[1];
  // A calibration may move by a half, or be missing.
  other = circumstances();
  other.calibration->rtt_p50_ns = 59'000;
  EXPECT_TRUE(differences(was, fingerprint_of(other)).empty());
  other.calibration->rtt_p50_ns = 61'000;
  EXPECT_EQ(differences(was, fingerprint_of(other)).size(), 1U);
  other.calibration.reset();
  EXPECT_TRUE(differences(was, fingerprint_of(other)).empty());
}

TEST(Baseline, KeepsTheNewest) {
  Baseline baseline = baseline_of(kMostJobs);
  baseline.jobs[1].label = "second";
  Job job = job_with(20);
  job.label = "newest";
  append(baseline, job, {});
  ASSERT_EQ(baseline.jobs.size(), kMostJobs);
  EXPECT_EQ(baseline.jobs.front().label, "second");
  EXPECT_EQ(baseline.jobs.back().label, "newest");
}

TEST(Baseline, OfARunAndBackFromItsFile) {
  Baseline baseline{.fingerprint = fingerprint_of(circumstances()), .jobs = {}};
  append(baseline, job_of(test::all_succeeded().summary(), "commit \"1\"\n"), baseline.fingerprint);
  const auto read = read_baseline(baseline_json(baseline));
  ASSERT_TRUE(read) << read.error();
  EXPECT_TRUE(differences(read->fingerprint, baseline.fingerprint).empty());
  ASSERT_EQ(read->jobs.size(), 1U);
  const Job& was = baseline.jobs[0];
  const Job& is = read->jobs[0];
  EXPECT_EQ(is.label, was.label);
  EXPECT_EQ(is.started, was.started);
  EXPECT_EQ(is.verdict, was.verdict);
  EXPECT_EQ(is.model, was.model);
  EXPECT_EQ(is.responses, was.responses);
  for (std::size_t i = 0; i < was.values.size(); ++i) {
    if (std::isnan(was.values[i])) {
      EXPECT_TRUE(std::isnan(is.values[i])) << i;
    } else {
      EXPECT_EQ(is.values[i], was.values[i]) << i;
    }
  }
  EXPECT_GT(is.values[kP50], 0);
}

TEST(Baseline, DamagedFilesAreErrors) {
  const std::string good = baseline_json(baseline_of(3));
  ASSERT_TRUE(read_baseline(good));
  for (std::size_t length = 0; length + 2 < good.size(); length += 7)
    EXPECT_FALSE(read_baseline(good.substr(0, length))) << length;
  for (const std::string bad :
       {"", "[]", "{}", "null", R"({"schema": 1})", R"({"schema": "loadgen/baseline/v2"})",
        R"({"schema": "loadgen/baseline/v1"})", R"({"schema": "loadgen/baseline/v1", "fingerprint": [], "jobs": []})"})
    EXPECT_FALSE(read_baseline(bad)) << bad;
  std::string text = good;
  text.replace(text.find("\"jobs\": ["), 9, "\"jobs\": [7, ");
  const auto read = read_baseline(text);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().find("job 1"), std::string::npos) << read.error();
  const std::string deep(100'000, '[');
  EXPECT_FALSE(read_baseline(deep));
}

}  // namespace
}  // namespace loadgen::report
