#include "report/curve.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/distribution.hpp"
#include "report/numbers.hpp"
#include "report/printable.hpp"

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

TrialSays by_gate(const Gate& gate, const config::Threshold& threshold) {
  if (!gate.doubt.empty()) return TrialSays::fails;  // by_verdict() left what the target did: too many failures
  switch (gate.result) {
    case GateResult::passed:
      return TrialSays::holds;
    case GateResult::failed:
      return TrialSays::fails;
    case GateResult::undecided:  // whatever a plan takes it for: a search goes on until it is sure
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
    trial.reason = evidence_of(summary.gates[i]);
  }
  if (summary.verdict.name == VerdictName::not_stationary) trial.says = doubted(trial.says);
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

Standing standing_of(const Curve& curve) {
  switch (curve.end) {
    case SearchEnd::broken:
    case SearchEnd::disturbed:
    case SearchEnd::target_lost:
      return Standing::doubtful;
    case SearchEnd::interrupted:
      return Standing::undecided;
    case SearchEnd::precise:
    case SearchEnd::highest_rate:
    case SearchEnd::generator:
    case SearchEnd::lowest_rate:
    case SearchEnd::trials:
      break;
  }
  if (const auto enough = is_enough(curve)) return *enough ? Standing::passed : Standing::failed;
  if (curve.end == SearchEnd::generator) return Standing::doubtful;
  if (curve.end == SearchEnd::lowest_rate) return Standing::failed;
  return curve.end == SearchEnd::trials || curve.at_least ? Standing::undecided : Standing::passed;
}

std::string sustainable_rate(const Curve& curve) {
  const load::RateSearch::Found& found = curve.found;
  if (!found.known()) return "unknown";
  if (found.low <= 0) return fmt::format("less than {}/s", per_second(found.high));
  if (std::isinf(found.high)) return fmt::format("{}/s or more", per_second(found.low));
  return fmt::format("about {}/s (95 %: {} to {})", per_second(found.rate), per_second(found.low),
                     per_second(found.high));
}

std::string at_least_text(const Curve& curve) {
  if (!curve.at_least) return {};
  const auto enough = is_enough(curve);
  const std::string_view word = !enough ? "not decided" : *enough ? "met" : "missed";
  return fmt::format("--at-least {}/s: {}", per_second(*curve.at_least), word);
}

std::string conclusion(const Curve& curve) {
  std::string out = fmt::format("Sustainable rate: {}, for {}", sustainable_rate(curve),
                                printable(fmt::format("{}", fmt::join(curve.objective, ", "))));
  if (const std::string text = at_least_text(curve); !text.empty()) out += "\n" + text;
  if (const std::string_view words = remark(curve.end); !words.empty()) out.append("\n").append(words);
  return out;
}

std::string_view remark(SearchEnd end) {
  switch (end) {
    case SearchEnd::precise:
      return "";
    case SearchEnd::highest_rate:
      return "The objective held at the highest rate that was allowed; raise --to to go on.";
    case SearchEnd::generator:
      return "Beyond that rate the generator was the limit, not the target: give it more threads or cores, or a "
             "machine of its own.";
    case SearchEnd::lowest_rate:
      return "The objective failed at the lowest rate tried: the target does not keep it even when it has little to "
             "do.";
    case SearchEnd::trials:
      return "The trials were used up before the interval was as narrow as asked; allow more with --trials, or make "
             "them longer with --trial.";
    case SearchEnd::disturbed:
      return "The machine was too busy with other things to go on; what was measured until then is reported.";
    case SearchEnd::target_lost:
      return "The target could not be reached any more after the last trial.";
    case SearchEnd::broken:
      return "The program's own books did not balance in the last trial: this is a bug in loadgen.";
    case SearchEnd::interrupted:
      return "Interrupted: this is what the trials until then say.";
  }
  return "";
}

std::string per_second(double rate) {
  return rate < 100 ? fmt::format("{:.1f}", rate) : grouped(static_cast<std::uint64_t>(std::llround(rate)));
}

}  // namespace loadgen::report
