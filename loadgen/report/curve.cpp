#include "report/curve.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "report/distribution.hpp"
#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

/// What a verdict alone decides, whatever the thresholds say; nullopt: they decide.
std::optional<TrialSays> by_verdict(VerdictName verdict) {
  switch (verdict) {
    case VerdictName::broken:
      return TrialSays::broken;
    case VerdictName::client_bound:
      return TrialSays::generator_bound;
    case VerdictName::disturbed:
      return TrialSays::disturbed;
    case VerdictName::overloaded:  // its queue grew for as long as the trial lasted
    case VerdictName::censored:    // what was cut off or dropped reaches into the percentiles
      return TrialSays::fails;
    case VerdictName::trustworthy:
    case VerdictName::under_sampled:
    case VerdictName::not_stationary:
    case VerdictName::errors:
      break;
  }
  return std::nullopt;
}

/// The check that gave the run its verdict.
std::string reason_of(const Verdict& verdict) {
  const auto check = std::ranges::find_if(
      verdict.evidence, [&](const Check& c) { return c.result == CheckResult::failed && c.verdict == verdict.name; });
  if (check == verdict.evidence.end()) return verdict.sentence;
  return fmt::format("{}: {}", check->name, check->evidence);
}

TrialSays by_gate(const Gate& gate, const config::Threshold& threshold) {
  switch (gate.result) {
    case GateResult::passed:
      return TrialSays::holds;
    case GateResult::failed:
      return TrialSays::fails;
    case GateResult::undecided:
      break;
  }
  return config::holds(threshold, gate.figure.value) && !gate.figure.at_least ? TrialSays::leans_to_holding
                                                                              : TrialSays::leans_to_failing;
}

/// Figures that drifted while they were taken say less than they seem to.
TrialSays doubted(TrialSays says) {
  if (says == TrialSays::holds) return TrialSays::leans_to_holding;
  return says == TrialSays::fails ? TrialSays::leans_to_failing : says;
}

void judge_by_gates(Trial& trial, const Summary& summary, const std::vector<config::Threshold>& objective) {
  trial.says = TrialSays::holds;
  for (std::size_t i = 0; i < std::min(objective.size(), summary.gates.size()); ++i) {
    const TrialSays says = by_gate(summary.gates[i], objective[i]);
    if (says <= trial.says && !trial.reason.empty()) continue;
    trial.says = std::max(trial.says, says);
    trial.reason = summary.gates[i].evidence;
  }
  if (summary.verdict.name == VerdictName::not_stationary) trial.says = doubted(trial.says);
}

std::string per_second(double rate) {
  return rate < 100 ? fmt::format("{:.1f}", rate) : grouped(static_cast<std::uint64_t>(std::llround(rate)));
}

}  // namespace

std::string_view to_string(TrialSays says) {
  constexpr std::array<std::string_view, 7> names{
      "holds", "leans to holding", "leans to failing", "fails", "generator bound", "disturbed", "broken"};
  return names[static_cast<std::size_t>(says)];
}

std::string_view to_string(SearchEnd end) {
  constexpr std::array<std::string_view, 9> names{"precise",   "highest rate", "generator", "lowest rate", "trials",
                                                  "disturbed", "target lost",  "broken",    "interrupted"};
  return names[static_cast<std::size_t>(end)];
}

Trial trial_of(const Summary& summary, const std::vector<config::Threshold>& objective, double rate) {
  Trial trial;
  trial.rate = rate;
  trial.length_s = seconds(summary.window.span.length());
  trial.verdict = summary.verdict.name;
  trial.completed_rate = summary.rate;
  trial.p50 = summary.total.times.response.percentiles[kP50];
  trial.p99 = summary.total.times.response.percentiles[kP99];
  trial.error_rate = summary.total.error_rate;
  trial.completed = summary.total.completed;
  if (const auto says = by_verdict(summary.verdict.name)) {
    trial.says = *says;
    trial.reason = reason_of(summary.verdict);
  } else {
    judge_by_gates(trial, summary, objective);
  }
  return trial;
}

std::optional<bool> is_enough(const Curve& curve) {
  if (!curve.at_least) return std::nullopt;
  if (curve.found.low >= *curve.at_least) return true;
  if (curve.found.high < *curve.at_least) return false;
  return std::nullopt;
}

std::string sustainable_rate(const Curve& curve) {
  const load::RateSearch::Found& found = curve.found;
  if (found.low <= 0 && std::isinf(found.high)) return "unknown";
  if (found.low <= 0) return fmt::format("less than {}/s", per_second(found.high));
  if (std::isinf(found.high)) return fmt::format("{}/s or more", per_second(found.low));
  return fmt::format("about {}/s (95 %: {} to {})", per_second(found.rate), per_second(found.low),
                     per_second(found.high));
}

}  // namespace loadgen::report
