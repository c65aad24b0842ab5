#include "report/github.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "report/fault.hpp"
#include "report/headline.hpp"
#include "report/numbers.hpp"
#include "report/printable.hpp"

namespace loadgen::report {
namespace {

using stats::Estimate;

std::string ms_output(const Estimate& estimate) {
  return is_known(estimate) ? fmt::format("{:.3f}", estimate.value / 1e6) : std::string();
}

/// "2997.0/s, p50 2.15 ms, p99 2.34 ms, 0.00 % errors"
std::string figures_text(const Summary& summary) {
  std::string out = is_known(summary.rate) ? fmt::format("{:.1f}/s, ", summary.rate.value) : "";
  for (const std::size_t i : {kP50, kP99}) {
    const Estimate& estimate = headline_of(summary, summary.total).percentiles[i];
    if (is_known(estimate)) out += fmt::format("{} {} ms, ", kPercentiles[i].text, ms(estimate.value));
  }
  return out + fmt::format("{} errors", percent(summary.total.error_rate));
}

/// What failed, or when nothing did, what came near.
std::string evidence_of(const Verdict& verdict) {
  const bool any_failed =
      std::ranges::find(verdict.evidence, CheckResult::failed, &Check::result) != verdict.evidence.end();
  std::string out = verdict.sentence;
  for (const Check& check : verdict.evidence) {
    if (check.result != (any_failed ? CheckResult::failed : CheckResult::warning)) continue;
    out += fmt::format("\n{}: {}. {}", check.name, check.evidence, check.remedy);
  }
  return out;
}

std::ptrdiff_t gates_with(const Summary& summary, Standing standing) {
  return std::ranges::count(summary.gates, standing, [](const Gate& gate) { return standing_of(gate); });
}

std::string failed_thresholds(const Summary& summary) {
  std::string out;
  for (const Gate& gate : summary.gates) {
    if (standing_of(gate) == Standing::failed) out += (out.empty() ? "" : "\n") + printable(gate.threshold);
  }
  return out;
}

}  // namespace

std::vector<Annotation> annotations_of(const Summary& summary) {
  constexpr std::array<std::string_view, 4> words{"passed", "failed", "not decided", "doubtful"};  // by Standing
  const Verdict& verdict = summary.verdict;
  std::vector<Annotation> out;
  if (verdict.name != VerdictName::trustworthy) {
    const bool undone = fault_of(summary) != Fault::none || gates_with(summary, Standing::doubtful) > 0;
    out.push_back({undone ? AnnotationLevel::error : AnnotationLevel::warning,
                   fmt::format("loadgen: {}", to_string(verdict.name)), evidence_of(verdict)});
  }
  for (const Gate& gate : summary.gates) {
    const Standing standing = standing_of(gate);
    if (standing == Standing::passed) continue;
    out.push_back({level_of(standing),
                   fmt::format("loadgen: threshold {} {}", gate.threshold, words[static_cast<std::size_t>(standing)]),
                   evidence_of(gate)});
  }
  if (out.empty())
    out.push_back(
        {AnnotationLevel::notice, fmt::format("loadgen: {}", to_string(verdict.name)), figures_text(summary)});
  return out;
}

std::vector<StepOutput> step_outputs_of(const Summary& summary) {
  const auto& percentiles = headline_of(summary, summary.total).percentiles;
  return {{"verdict", std::string(to_string(summary.verdict.name))},
          {"rps", is_known(summary.rate) ? fmt::format("{:.1f}", summary.rate.value) : std::string()},
          {"p50_ms", ms_output(percentiles[kP50])},
          {"p95_ms", ms_output(percentiles[kP95])},
          {"p99_ms", ms_output(percentiles[kP99])},
          {"error_rate", fmt::format("{:.6f}", summary.total.error_rate)},
          {"requests", std::to_string(summary.total.completed)},
          {"thresholds_passed", std::to_string(gates_with(summary, Standing::passed))},
          {"thresholds_failed", std::to_string(gates_with(summary, Standing::failed))},
          {"thresholds_undecided", std::to_string(gates_with(summary, Standing::undecided))},
          {"thresholds_doubtful", std::to_string(gates_with(summary, Standing::doubtful))},
          {"failed_thresholds", failed_thresholds(summary)}};
}

std::string github(const Summary& summary) {
  return workflow_commands(annotations_of(summary));
}

}  // namespace loadgen::report
