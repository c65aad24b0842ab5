#include "report/comparison_words.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

using stats::Decision;
using stats::Doubt;

const std::string& target_of(const Comparison& comparison, const Compared& compared) {
  return comparison.design.targets[compared.target];
}

/// "p50 +20.1 % (margin 5.0 %)", of several candidates with their names; of one that decides ungated it says so.
std::string brief(const Comparison& comparison, const Compared& compared) {
  const CompareMetric& metric = metric_of(comparison, compared);
  const std::string of = comparison.design.targets.size() > 2 ? " of " + target_of(comparison, compared) : "";
  const std::string_view ungated = is_gated(comparison, compared) ? "" : ", which was not gated,";
  return fmt::format("{}{}{} {} (margin {})", metric.name, of, ungated,
                     change_text(metric, change_of(metric, compared.figures).value),
                     margin_text(metric, compared.delta));
}

/// All figures of that decision that count.
std::string list_of(const Comparison& comparison, Decision decision) {
  std::string out;
  for (const Compared& compared : comparison.compared) {
    if (!compared.decides || compared.figures.decision != decision) continue;
    out += (out.empty() ? "" : ", ") + brief(comparison, compared);
  }
  return out;
}

/// How many blocks tell this change from the margin, if the spread stays what it is.
std::string blocks_advice(const Comparison& comparison, const Compared& compared) {
  const CompareMetric& metric = metric_of(comparison, compared);
  const stats::Comparison& figures = compared.figures;
  const double room = std::abs(figures.mean - difference_of(metric, compared.delta));
  const std::uint32_t needed = stats::blocks_needed(room, figures.spread, comparison.design.alpha);
  const std::string change = change_text(metric, change_of(metric, figures).value);
  if (needed == 0)
    return fmt::format("{}: {} is too near the margin of {} to be told from it; ask for another margin", metric.name,
                       change, margin_text(metric, compared.delta));
  return fmt::format(
      "{}: plan {} blocks to tell {} from the margin of {} (a new comparison: one that is made longer "
      "until it says something finds what is not there)",
      metric.name, std::max(needed, figures.blocks + 1), change, margin_text(metric, compared.delta));
}

std::string advice_on(const Comparison& comparison, const Compared& compared) {
  if (compared.failing) return "see why its requests fail; until they do not, there is nothing else to compare";
  if (compared.figures.blocks == 0) return "";
  switch (compared.figures.doubt) {
    case Doubt::wide:
    case Doubt::family:
    case Doubt::too_few:
      return blocks_advice(comparison, compared);
    case Doubt::disagreement:
      return "look at the blocks' own values: a wild one has a cause";
    case Doubt::order_effect:
      return "let the targets rest longer between slices, and see what the first one leaves behind (caches, "
             "connections, heat)";
    case Doubt::not_finite:
    case Doubt::none:
      break;
  }
  return "";
}

/// What is printed as 0.0 has no sign of its own.
std::string_view sign_of(const CompareMetric& metric, double change) {
  const double least = metric.kind == FigureKind::share ? 0.00005 : 0.0005;
  return change <= -least ? "-" : "+";
}

}  // namespace

std::string_view headline(const Comparison& comparison) {
  if (comparison.invalid) return "INVALID";
  if (comparison.design.mode == CompareMode::runs) return "RUNS";
  return to_string(comparison.decision);
}

std::string sentence(const Comparison& comparison) {
  if (!comparison.cut_short.empty()) return fmt::format("Cut short, nothing is decided. {}.", comparison.reason);
  if (comparison.invalid) return fmt::format("Nothing can be said of the targets. {}.", comparison.reason);
  if (comparison.design.mode == CompareMode::runs) return "A table of runs: nothing is decided by it.";
  switch (comparison.decision) {
    case Decision::regression:
      return fmt::format("Worse by more than the margin: {}.", list_of(comparison, Decision::regression));
    case Decision::improved:
      return fmt::format("Better by more than the margin: {}; nothing that is gated is worse by more.",
                         list_of(comparison, Decision::improved));
    case Decision::pass:
      return "No gated figure is worse by more than its margin.";
    case Decision::inconclusive:
      break;
  }
  return fmt::format("Not decided. {}.", comparison.reason);
}

std::string advice(const Comparison& comparison) {
  if (comparison.design.mode == CompareMode::runs || !comparison.cut_short.empty()) return "";
  if (comparison.invalid)
    return "give the generator cores of its own or less to do, and see the verdicts of the slices below";
  if (comparison.decision != Decision::inconclusive || comparison.interrupted) return "";
  for (const Compared& compared : comparison.compared) {
    if (!compared.decides || compared.figures.decision != Decision::inconclusive) continue;
    if (std::string words = advice_on(comparison, compared); !words.empty()) return words;
  }
  return "";
}

std::string name_of(const Comparison& comparison, const Compared& compared) {
  return fmt::format("{} of {} against {}", metric_of(comparison, compared).name, target_of(comparison, compared),
                     comparison.design.targets[0]);
}

std::string_view decision_of(const Compared& compared) {
  return compared.valid ? to_string(compared.figures.decision) : "INVALID";
}

std::string value_text(const CompareMetric& metric, double value) {
  if (!std::isfinite(value)) return "-";
  switch (metric.kind) {
    case FigureKind::time:
      return ms(value * 1e6) + " ms";
    case FigureKind::rate:
      return fmt::format("{:.1f}/s", value);
    case FigureKind::share:
      return fmt::format("{:.3f} %", value);
    case FigureKind::server_cpu:
      break;
  }
  return fmt::format("{:.1f} us", value);
}

std::string margin_text(const CompareMetric& metric, double margin) {
  if (!std::isfinite(margin)) return "?";
  return metric.kind == FigureKind::share ? fmt::format("{:.2f} pp", 100 * margin)
                                          : fmt::format("{:.1f} %", 100 * margin);
}

std::string change_text(const CompareMetric& metric, double change) {
  if (std::isnan(change)) return "-";
  if (!std::isfinite(change)) return "?";
  return fmt::format("{}{}", sign_of(metric, change), margin_text(metric, std::abs(change)));
}

std::string interval_text(const CompareMetric& metric, const Change& change) {
  if (std::isnan(change.value)) return "-";
  return fmt::format("{} to {}", change_text(metric, change.low), change_text(metric, change.high));
}

std::string confidence_text(const CompareDesign& design) {
  return fmt::format("{:g} %", 100 * (1 - 2 * design.alpha));
}

double detectable_of(const CompareMetric& metric, const stats::Comparison& figures) {
  return delta_of(metric, figures.detectable);
}

std::string evidence_of(const Comparison& comparison, const Compared& compared) {
  const CompareMetric& metric = metric_of(comparison, compared);
  if (compared.figures.blocks == 0) return fmt::format("{}: {}", metric.name, compared.reason);
  const Change change = change_of(metric, compared.figures);
  const std::string reason = compared.reason.empty() ? "" : "; " + compared.reason;
  return fmt::format("{} {} -> {}: {} ({}: {}), margin {}{}", metric.name, value_text(metric, compared.base),
                     value_text(metric, compared.candidate), change_text(metric, change.value),
                     confidence_text(comparison.design), interval_text(metric, change),
                     margin_text(metric, compared.delta), reason);
}

std::string design_text(const CompareDesign& design) {
  const std::string slices = fmt::format("slices of {:.1f} s without their first {:.1f} s, seed {}", design.slice_s,
                                         design.discard_s, design.seed);
  if (design.mode == CompareMode::runs)
    return fmt::format("{} runs of each target in turn, the first {} not counted; seed {}", design.blocks,
                       design.runs_discarded, design.seed);
  const std::string_view restarts = design.restarted
                                        ? "targets started anew for each block"
                                        : "targets not restarted: how they differ from one start to the next is not "
                                          "in it, and the next start may say otherwise";
  return fmt::format("{} blocks of {} pass{}, {}; {}", design.blocks, design.passes, design.passes == 1 ? "" : "es",
                     slices, restarts);
}

std::string times_text(const CompareDesign& design) {
  if (design.model.empty()) return "";
  return design.model == "closed" ? "service times (closed loop)" : fmt::format("response times ({})", design.model);
}

std::string left_out_text(const Comparison& comparison, const LeftOut& left_out) {
  const std::string why = left_out.disturbed ? "disturbed" : std::string(to_string(left_out.verdict));
  const std::string evidence = left_out.evidence.empty() ? "" : ", " + left_out.evidence;
  return fmt::format("block {}, pass {}, {}: {}{}", left_out.block + 1, left_out.pass + 1,
                     comparison.design.targets[left_out.target], why, evidence);
}

}  // namespace loadgen::report
