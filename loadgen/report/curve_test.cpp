#include "report/curve.hpp"

#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/curve_reports.hpp"
#include "report/golden_file.hpp"

namespace loadgen::report {
namespace {

using nlohmann::json;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

stats::Estimate estimate(double value) {
  return {
      .value = value, .low = value * 0.9, .high = value * 1.1, .resolution = stats::Resolution::resolved, .n = 10'000};
}

/// A trial of 10 s at 500/s with p99 40 ms.
Summary trial_summary(VerdictName verdict, std::vector<Gate> gates) {
  Summary summary;
  summary.verdict.name = verdict;
  summary.verdict.sentence = "what the verdict means";
  summary.gates = std::move(gates);
  summary.window.span = {std::chrono::seconds(2), std::chrono::seconds(12)};
  summary.rate = estimate(500);
  summary.total.times.response.percentiles[kP50] = estimate(5e6);
  summary.total.times.response.percentiles[kP99] = estimate(40e6);
  summary.total.completed = 5'000;
  return summary;
}

Gate gate(GateResult result, double value) {
  return {
      .threshold = "p99 < 50ms", .result = result, .figure = estimate(value), .limit = 50e6, .evidence = "evidence"};
}

config::Threshold p99_below_50ms() {
  return {.p = 0.99, .limit = 50e6};
}

TrialSays says(VerdictName verdict, std::vector<Gate> gates) {
  const std::vector<config::Threshold> objective(gates.size(), p99_below_50ms());
  return trial_of(trial_summary(verdict, std::move(gates)), objective, 500).says;
}

TEST(Trial, APlansPolicyDoesNotDecideATrial) {
  Gate just_below = gate(GateResult::undecided, 49e6);
  just_below.undecided = config::Undecided::fail;
  EXPECT_EQ(says(VerdictName::trustworthy, {just_below}), TrialSays::leans_to_holding);
  just_below.undecided = config::Undecided::pass;
  EXPECT_EQ(says(VerdictName::trustworthy, {just_below}), TrialSays::leans_to_holding);
}

TEST(Trial, TheWorstThresholdDecides) {
  const Gate holds = gate(GateResult::passed, 40e6), fails = gate(GateResult::failed, 60e6);
  const Gate just_below = gate(GateResult::undecided, 49e6), just_above = gate(GateResult::undecided, 51e6);
  EXPECT_EQ(says(VerdictName::trustworthy, {holds, holds}), TrialSays::holds);
  EXPECT_EQ(says(VerdictName::trustworthy, {holds, fails}), TrialSays::fails);
  EXPECT_EQ(says(VerdictName::trustworthy, {fails, holds}), TrialSays::fails);
  EXPECT_EQ(says(VerdictName::trustworthy, {just_below, holds}), TrialSays::leans_to_holding);
  EXPECT_EQ(says(VerdictName::trustworthy, {just_above, just_below}), TrialSays::leans_to_failing);
  EXPECT_EQ(says(VerdictName::errors, {holds}), TrialSays::holds) << "errors are the objective's business";
  Gate doubted = holds;
  doubted.doubt = "too many requests failed";
  EXPECT_EQ(says(VerdictName::errors, {doubted}), TrialSays::fails) << "and it says nothing of them";
}

TEST(Trial, AValueThatIsOnlyALowerBoundDoesNotLeanToHolding) {
  Gate open = gate(GateResult::undecided, 49e6);
  open.figure.at_least = true;
  EXPECT_EQ(says(VerdictName::trustworthy, {open}), TrialSays::leans_to_failing);
}

TEST(Trial, WhatTheGeneratorOrTheMachineDidIsNoAnswer) {
  const Gate holds = gate(GateResult::passed, 40e6), fails = gate(GateResult::failed, 60e6);
  for (const Gate& one : {holds, fails}) {
    EXPECT_EQ(says(VerdictName::client_bound, {one}), TrialSays::generator_bound);
    EXPECT_EQ(says(VerdictName::disturbed, {one}), TrialSays::disturbed);
    EXPECT_EQ(says(VerdictName::broken, {one}), TrialSays::broken);
    EXPECT_EQ(says(VerdictName::overloaded, {one}), TrialSays::fails);
    EXPECT_EQ(says(VerdictName::censored, {one}), TrialSays::fails);
  }
  EXPECT_EQ(says(VerdictName::not_stationary, {holds}), TrialSays::leans_to_holding);
  EXPECT_EQ(says(VerdictName::not_stationary, {fails}), TrialSays::leans_to_failing);
}

TEST(Trial, CarriesItsFiguresAndItsReason) {
  Summary summary = trial_summary(VerdictName::overloaded, {});
  summary.verdict.evidence = {{.name = "growth",
                               .result = CheckResult::failed,
                               .verdict = VerdictName::overloaded,
                               .evidence = "requests in flight grew from 5 to 500"}};
  const Trial trial = trial_of(summary, {}, 512);
  EXPECT_EQ(trial.reason, "growth: requests in flight grew from 5 to 500");
  EXPECT_EQ(trial.rate, 512);
  EXPECT_EQ(trial.length_s, 10);
  EXPECT_EQ(trial.completed_rate.value, 500);
  EXPECT_EQ(trial.p99.value, 40e6);
  EXPECT_EQ(
      trial_of(trial_summary(VerdictName::trustworthy, {gate(GateResult::failed, 60e6)}), {p99_below_50ms()}, 1).reason,
      "evidence");
}

Curve curve() {
  Curve curve;
  curve.tool = {"1.2.3", "some compiler"};
  curve.name = "shop\x1b[31m | `x`";
  curve.target = "http://h:1";
  curve.plan_json = "{}";
  curve.engine = "native";
  curve.host.cpu_model = "A processor";
  curve.host.architecture = "x86_64";
  curve.host.usable_cores = 4;
  curve.host.os = "An OS";
  curve.host.kernel = "6.1.0";
  curve.objective = {"p99 < 50ms", "delivered >= 99%"};
  curve.precision = 0.1;
  curve.wall_s = 61;
  curve.trials = {
      trial_of(trial_summary(VerdictName::trustworthy, {gate(GateResult::passed, 40e6)}), {p99_below_50ms()}, 500),
      trial_of(trial_summary(VerdictName::trustworthy, {gate(GateResult::failed, 60e6)}), {p99_below_50ms()}, 1000),
      trial_of(trial_summary(VerdictName::client_bound, {}), {}, 700)};
  curve.found = {.rate = 700, .low = 660, .high = 720};
  return curve;
}

TEST(Curve, TheRateIsSaidWithWhatIsKnownOfIt) {
  Curve c = curve();
  EXPECT_EQ(sustainable_rate(c), "about 700/s (95 %: 660 to 720)");
  c.found.high = kInfinity;
  EXPECT_EQ(sustainable_rate(c), "660/s or more");
  c.found = {.rate = 0, .low = 0, .high = 12.5};
  EXPECT_EQ(sustainable_rate(c), "less than 12.5/s");
  c.found = {.rate = 0, .low = 0, .high = kInfinity};
  EXPECT_EQ(sustainable_rate(c), "unknown");
}

TEST(Curve, EnoughIsKnownOnlyOutsideOfTheInterval) {
  Curve c = curve();
  EXPECT_EQ(is_enough(c), std::nullopt);
  c.at_least = 650;
  EXPECT_EQ(is_enough(c), true);
  c.at_least = 700;
  EXPECT_EQ(is_enough(c), std::nullopt);
  c.at_least = 730;
  EXPECT_EQ(is_enough(c), false);
}

TEST(Curve, TheTextHasTheStepsByRateAndNoControlCharacters) {
  const std::string text = curve_text(curve(), {});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("Sustainable rate  about 700/s"), 0u);
  const std::size_t slow = text.find("    500"), middle = text.find("    700"), fast = text.find("  1,000");
  EXPECT_LT(slow, middle);
  EXPECT_LT(middle, fast);
  EXPECT_NE(text.find("generator bound: what the verdict means"), std::string::npos);
}

TEST(Curve, JsonHoldsEveryStepAndNullForWhatIsUnknown) {
  Curve c = curve();
  c.found.high = kInfinity;
  c.end = SearchEnd::generator;
  const json out = json::parse(curve_json(c));
  EXPECT_EQ(out["schema"], "loadgen/curve/v1");
  EXPECT_EQ(out["end"], "generator");
  EXPECT_EQ(out["sustainable_rate"]["low"], 660);
  EXPECT_TRUE(out["sustainable_rate"]["high"].is_null());
  EXPECT_TRUE(out["enough"].is_null());
  ASSERT_EQ(out["trials"].size(), 3u);
  EXPECT_EQ(out["trials"][1]["rate"], 1000);
  EXPECT_EQ(out["trials"][1]["objective"], "fails");
  EXPECT_EQ(out["trials"][2]["verdict"], "CLIENT-BOUND");
  EXPECT_EQ(out["trials"][0]["response_p99_ns"]["value"], 40e6);
}

TEST(Curve, StandsAsAGateByItsEnd) {
  struct Case {
    SearchEnd end;
    Standing alone;                     ///< without --at-least
    Standing met, missed, not_decided;  ///< with it, by what is known of the rate
  };
  using enum Standing;
  const Case cases[] = {
      {SearchEnd::precise, passed, passed, failed, undecided},
      {SearchEnd::highest_rate, passed, passed, failed, undecided},
      {SearchEnd::generator, doubtful, passed, failed, doubtful},
      {SearchEnd::lowest_rate, failed, passed, failed, failed},
      {SearchEnd::trials, undecided, passed, failed, undecided},
      {SearchEnd::disturbed, doubtful, doubtful, doubtful, doubtful},
      {SearchEnd::target_lost, doubtful, doubtful, doubtful, doubtful},
      {SearchEnd::broken, doubtful, doubtful, doubtful, doubtful},
      {SearchEnd::interrupted, undecided, undecided, undecided, undecided},
  };
  for (const Case& one : cases) {
    Curve c = curve();  // between 660/s and 720/s
    c.end = one.end;
    EXPECT_EQ(standing_of(c), one.alone) << to_string(one.end);
    for (const auto& [at_least, standing] :
         {std::pair(650.0, one.met), std::pair(730.0, one.missed), std::pair(700.0, one.not_decided)}) {
      c.at_least = at_least;
      EXPECT_EQ(standing_of(c), standing) << to_string(one.end) << " " << at_least;
    }
  }
}

TEST(Curve, OutputsOfAStepAreEmptyWhereNothingIsKnown) {
  Curve c = curve();
  EXPECT_EQ(output_lines(step_outputs_of(c)), "standing=passed\nrate=700.0\nrate_low=660.0\nrate_high=720.0\n");
  c.found.high = kInfinity;
  c.end = SearchEnd::generator;
  EXPECT_EQ(output_lines(step_outputs_of(c)), "standing=doubtful\nrate=\nrate_low=660.0\nrate_high=\n");
  c.found = {.rate = 0, .low = 0, .high = 12.5};
  c.end = SearchEnd::lowest_rate;
  EXPECT_EQ(output_lines(step_outputs_of(c)), "standing=failed\nrate=\nrate_low=\nrate_high=12.5\n");
}

TEST(Golden, Curves) {
  Curve missed = curve();
  missed.objective[0] = "p99{</testcase>`@octocat`\n} < 50ms";
  missed.at_least = 730;
  missed.end = SearchEnd::trials;
  const std::pair<std::string_view, Curve> curves[] = {{"found", curve()}, {"missed", missed}};
  for (const auto& [name, curve] : curves) {
    for (const CurveReporter& reporter : kCurveReporters) {
      if (reporter.format.name == "json") continue;
      test::expect_golden_file(fmt::format("curve/{}.{}", name, reporter.format.name), reporter.render(curve));
    }
  }
}

TEST(Curve, CsvIsALineAStep) {
  EXPECT_EQ(curve_csv(curve()),
            "trial,rate,completed_rate,p50_ms,p99_ms,error_rate,completed,objective,verdict\n"
            "1,500.000,500.000,5.000,40.000,0.000000,5000,holds,TRUSTWORTHY\n"
            "3,700.000,500.000,5.000,40.000,0.000000,5000,generator bound,CLIENT-BOUND\n"
            "2,1000.000,500.000,5.000,40.000,0.000000,5000,fails,TRUSTWORTHY\n");
}

}  // namespace
}  // namespace loadgen::report
