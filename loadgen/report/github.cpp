#include "report/github.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "report/escape.hpp"
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

std::uint64_t gates_with(const Summary& summary, GateResult result) {
  return static_cast<std::uint64_t>(std::ranges::count(summary.gates, result, &Gate::result));
}

std::string failed_thresholds(const Summary& summary) {
  std::string out;
  for (const Gate& gate : summary.gates) {
    if (gate.result == GateResult::failed) out += (out.empty() ? "" : "\n") + printable(gate.threshold);
  }
  return out;
}

/// A line that no line of the value is.
std::string delimiter_for(std::string_view value) {
  std::string delimiter = "LOADGEN_END";
  while (value.find(delimiter) != std::string_view::npos) delimiter += '_';
  return delimiter;
}

}  // namespace

std::string workflow_commands(std::span<const Annotation> annotations) {
  constexpr std::array<std::string_view, 3> commands{"error", "warning", "notice"};
  std::string out;
  for (const Annotation& annotation : annotations) {
    out += fmt::format("::{} title={}::{}\n", commands[static_cast<std::size_t>(annotation.level)],
                       for_workflow_property(annotation.title), for_workflow_message(annotation.message));
  }
  return out;
}

std::string output_lines(std::span<const StepOutput> outputs) {
  std::string out;
  for (const StepOutput& output : outputs) {
    if (output.value.find('\n') == std::string::npos) {
      out += fmt::format("{}={}\n", output.name, output.value);
    } else {
      const std::string delimiter = delimiter_for(output.value);
      out += fmt::format("{}<<{}\n{}\n{}\n", output.name, delimiter, output.value, delimiter);
    }
  }
  return out;
}

std::vector<Annotation> annotations_of(const Summary& summary) {
  const Verdict& verdict = summary.verdict;
  std::vector<Annotation> out;
  if (verdict.name != VerdictName::trustworthy) {
    const bool undone = verdict.name == VerdictName::broken || (!is_valid(verdict) && !summary.gates.empty());
    out.push_back({undone ? AnnotationLevel::error : AnnotationLevel::warning,
                   fmt::format("loadgen: {}", to_string(verdict.name)), evidence_of(verdict)});
    if (!is_valid(verdict)) return out;
  }
  for (const Gate& gate : summary.gates) {
    if (gate.result == GateResult::passed) continue;
    const bool failed = gate.result == GateResult::failed;
    out.push_back({failed ? AnnotationLevel::error : AnnotationLevel::warning,
                   fmt::format("loadgen: threshold {} {}", gate.threshold, failed ? "failed" : "not decided"),
                   gate.evidence});
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
          {"thresholds_passed", std::to_string(gates_with(summary, GateResult::passed))},
          {"thresholds_failed", std::to_string(gates_with(summary, GateResult::failed))},
          {"thresholds_undecided", std::to_string(gates_with(summary, GateResult::undecided))},
          {"failed_thresholds", failed_thresholds(summary)}};
}

std::string github(const Summary& summary) {
  return workflow_commands(annotations_of(summary));
}

}  // namespace loadgen::report
