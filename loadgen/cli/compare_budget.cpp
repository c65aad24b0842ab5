#include "cli/compare_budget.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.hpp"
#include "report/window.hpp"
#include "stats/comparison.hpp"

namespace loadgen::cli {
namespace {

constexpr Duration kStart = std::chrono::seconds(1);
/// Spread of a block's log ratio that is assumed before any is measured: two cores shared with others had 2 to 4 %.
constexpr double kAssumedSpread = 0.03;

std::string counted(std::uint32_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

Duration starts_length(const Outline& outline) {
  return outline.commands * kStart + outline.targets * outline.warming;
}

}  // namespace

Duration block_length(const Outline& outline) {
  const Duration slices = outline.targets * outline.passes * (outline.slice + kSettle);
  return slices + (outline.restarts ? starts_length(outline) : Duration::zero());
}

Duration whole_length(const Outline& outline) {
  return outline.blocks * block_length(outline) + (outline.restarts ? Duration::zero() : starts_length(outline));
}

Duration slice_length(const config::Plan& plan) {
  if (const auto end = report::planned_end(plan)) return *end;
  Duration longest{};
  for (const config::ThreadGroup& group : plan.thread_groups)
    longest = std::max(longest, group.startup_delay + group.ramp_up);
  return longest;
}

std::string budget_text(const Outline& outline) {
  std::string parts;
  if (outline.restarts) parts = counted(outline.commands, "start") + ", ";
  if (outline.restarts && outline.warming > Duration::zero())
    parts += fmt::format("{} of {}, ", counted(outline.targets, "warming"), to_string(outline.warming));
  return fmt::format("{} of {}{} of {}: about {}", counted(outline.blocks, "block"), parts,
                     counted(outline.targets * outline.passes, "slice"),
                     outline.slice > Duration::zero() ? to_string(outline.slice) : "unknown length",
                     rough(whole_length(outline)));
}

std::string detectable_text(const report::CompareDesign& design) {
  const double noise = stats::detectable_factor(design.blocks, design.alpha) * kAssumedSpread;
  std::vector<std::string> changes;
  for (const report::AskedMetric& metric : design.metrics) {
    const report::CompareMetric& row = *report::find_compare_metric(metric.name);
    if (!metric.gated || row.kind == report::FigureKind::share) continue;
    const double change = report::delta_of(row, report::difference_of(row, metric.delta) + noise);
    changes.push_back(fmt::format("{} {:.0f} %", metric.name, 100 * change));
  }
  if (changes.empty()) return {};
  return fmt::format("if blocks differ by {:.0f} %, changes found in four of five comparisons: {}",
                     100 * kAssumedSpread, fmt::join(changes, ", "));
}

std::string rough(Duration time) {
  const auto whole = static_cast<long>(std::lround(seconds(time)));
  if (whole < 60) return fmt::format("{} s", whole);
  return whole < 3600 ? fmt::format("{} min {} s", whole / 60, whole % 60)
                      : fmt::format("{} h {} min", whole / 3600, whole % 3600 / 60);
}

}  // namespace loadgen::cli
