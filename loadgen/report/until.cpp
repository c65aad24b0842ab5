#include "report/until.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "config/until.hpp"
#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

using config::Until;

/// An empty one where the report has none of that percentile.
stats::Estimate estimate_of(const Until& goal, const Measured& measured) {
  if (goal.metric == Until::Metric::rate) return measured.rate;
  if (goal.metric == Until::Metric::mean) return measured.total.response.mean;
  const auto found = std::ranges::find(kPercentiles, goal.p, &PercentileInfo::p);
  if (found == kPercentiles.end()) return {};
  return measured.total.response.percentiles[static_cast<std::size_t>(found - kPercentiles.begin())];
}

}  // namespace

std::optional<UntilOutcome> until_outcome(const config::Plan& plan, const stats::RunRecord& record,
                                          const Measured& measured) {
  const auto goal = config::parse_until(record.until);
  if (!goal) return std::nullopt;
  const stats::Estimate estimate = estimate_of(*goal, measured);
  UntilOutcome out;
  out.goal = record.until;
  out.figure = record.until.substr(0, record.until.find(' '));
  out.met = record.stop == stats::StopReason::precise_enough;
  out.asked = goal->half_width;
  out.known = estimate.relative_half_width();
  // An interval narrows with the square root of the length.
  if (!out.met) out.longer = std::isfinite(out.known) ? std::pow(out.known / out.asked, 2) : estimate.run_longer;
  out.used_s = seconds(record.end - record.start);
  if (const auto end = planned_end(plan)) out.planned_s = seconds(*end);
  return out;
}

std::string to_text(const UntilOutcome& outcome) {
  const std::string known = std::isfinite(outcome.known)
                                ? fmt::format("{} is known to ± {:.1f} %", outcome.figure, 100 * outcome.known)
                                : fmt::format("{} has no interval", outcome.figure);
  if (outcome.met) {
    const std::string planned =
        outcome.planned_s ? fmt::format(" of at most {} planned", seconds_text(*outcome.planned_s)) : "";
    return fmt::format("--until {} was met after {}{}: {}", outcome.goal, seconds_text(outcome.used_s), planned, known);
  }
  const std::string longer =
      outcome.longer > 1 ? fmt::format("; about {:.0f} times as long is needed", std::ceil(outcome.longer)) : "";
  return fmt::format("--until {} was not reached in {}: {}{}", outcome.goal, seconds_text(outcome.used_s), known,
                     longer);
}

}  // namespace loadgen::report
