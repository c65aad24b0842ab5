// What the figures can be quoted as: of a target that failed, was overrun, changed, or was asked too little.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/checks.hpp"
#include "report/limits.hpp"
#include "report/merged_parts.hpp"
#include "report/numbers.hpp"
#include "report/offered.hpp"
#include "report/printable.hpp"
#include "report/until.hpp"

namespace loadgen::report {
namespace {

double share(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

/// first and last: means of the thirds of the window.
bool grew(const stats::TrendTest& test, double first, double last, double floor) {
  return test.z > 0 && test.p < kGrowthP && test.relative_change > kGrowth && last > kGrowthOfThirds * first &&
         last - first > floor;
}

std::string change_of(const Drift& drift) {
  const bool time = drift.series != "throughput";
  const auto figure = [time](double x) { return time ? ms(x) + " ms" : fmt::format("{:.1f}/s", x); };
  return fmt::format("{} from {} in the first third to {} in the last", drift.series, figure(drift.first_third),
                     figure(drift.last_third));
}

/// Whether p99 rose, where it alone drifted: what a neighbour on the machine does who comes or goes.
std::optional<bool> only_the_tail(const Steadiness& steadiness) {
  std::optional<bool> upwards;
  for (const Drift& drift : steadiness.series) {
    if (drift.stationary) continue;
    if (drift.series != "p99") return std::nullopt;
    upwards = drift.last_third > drift.first_third;
  }
  return upwards;
}

}  // namespace

std::optional<Finding> check_errors(const Evidence& e) {
  const std::uint64_t failed = e.total.outcomes.failed();
  const std::uint64_t completed = e.total.outcomes.completed();
  Finding finding{.verdict = VerdictName::errors};
  finding.evidence = fmt::format("{} of {} completed requests failed ({})", grouped(failed), grouped(completed),
                                 percent(share(failed, completed)));
  if (failed > 0) finding.result = CheckResult::warning;
  if (completed == 0 || share(failed, completed) > kErrorsFailed) finding.result = CheckResult::failed;
  if (completed == 0) {
    finding.evidence = fmt::format("none of {} requests sent was completed", grouped(e.total.outcomes.sent()));
    finding.remedy = "Let the run last longer than a response takes, and see that the target answers at all.";
  } else if (failed > 0) {
    finding.remedy = "Percentiles hold successes only; do not compare them with those of a run that failed less.";
  }
  return finding;
}

std::optional<Finding> check_censoring(const Evidence& e) {
  const SeriesFigures& response = e.measured.total.response;
  const std::uint64_t dropped = e.record.ledger.dropped;
  Finding finding{.verdict = VerdictName::censored};
  finding.evidence = fmt::format("{} of {} requests sent timed out or were unfinished",
                                 grouped(e.total.outcomes.cut_off()), grouped(e.total.outcomes.sent()));
  if (dropped > 0) finding.evidence += fmt::format(", {} more were dropped at max_in_flight", grouped(dropped));
  if (e.record.ledger.never_sent > 0)
    finding.evidence += fmt::format(", {} were never sent", grouped(e.record.ledger.never_sent));
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    const stats::Estimate& estimate = response.percentiles[i];
    if (!estimate.at_least || estimate.resolution == stats::Resolution::too_few) continue;
    finding.result = CheckResult::warning;
    finding.evidence += fmt::format(": {} and above are lower bounds", kPercentiles[i].text);
    break;
  }
  const std::uint64_t cut_off = response.cut_off + response.lost;
  if (share(cut_off, response.values.count + cut_off) > kCensoredFailed) finding.result = CheckResult::failed;
  if (dropped > 0) finding.result = CheckResult::failed;
  if (finding.result == CheckResult::passed) return finding;
  finding.remedy = dropped > 0
                       ? "Raise max_in_flight, or set at_limit to wait: what is dropped is left out of every time."
                       : "Raise http.response_timeout or grace, or ask the target for less.";
  return finding;
}

std::optional<std::uint64_t> own_limit(const Evidence& e) {
  if (e.record.arrivals.waited == 0 && e.record.ledger.never_sent == 0) return std::nullopt;
  std::uint64_t places = 0;
  for (const config::ThreadGroup& group : e.plan.thread_groups) {
    if (group.open()) places += group.max_in_flight;
  }
  return places;
}

std::optional<Finding> check_overload(const Evidence& e) {
  if (offered_load(e.plan).model == "closed") return std::nullopt;  // a closed loop asks for no more than it gets
  const Growth& growth = e.measured.growth;
  Finding finding{.verdict = VerdictName::overloaded};
  const std::optional<std::uint64_t> limit = own_limit(e);
  const std::uint64_t never_sent = e.record.ledger.never_sent;
  if (!growth.not_checked.empty() && never_sent == 0)
    return Finding{.result = CheckResult::not_checked, .evidence = growth.not_checked};
  const bool queue = grew(growth.in_flight, growth.in_flight_first, growth.in_flight_last, kGrowthInFlightFloor);
  const bool times = grew(growth.response, growth.response_first, growth.response_last, kGrowthResponseFloorNs);
  finding.evidence =
      fmt::format("{:.1f} requests in flight in the first third of the window, {:.1f} in the last; p50 {} ms and {} ms",
                  growth.in_flight_first, growth.in_flight_last, ms(growth.response_first), ms(growth.response_last));
  if (limit) {
    finding.evidence +=
        fmt::format("; {} arrivals waited for one of max_in_flight = {} places, {} of them to the end in vain",
                    grouped(e.record.arrivals.waited), grouped(*limit), grouped(never_sent));
  }
  if (queue || times || never_sent > 0) {
    finding.result = CheckResult::failed;
    finding.remedy = limit ? "Raise max_in_flight, or ask for less: times that grow as long as the load lasts say only "
                             "how long it lasted."
                           : "Ask for less: times that grow as long as the load lasts say only how long it lasted.";
  }
  return finding;
}

std::optional<Finding> check_warm_up(const Evidence& e) {
  const WarmUpFound& found = e.measured.warm_up;
  if (!found.automatic) return std::nullopt;
  if (!found.found) {
    return Finding{.result = CheckResult::not_checked,
                   .evidence = fmt::format("less than {} s to look for its end in", kLeastForWarmUp)};
  }
  Finding finding{.verdict = VerdictName::not_stationary};
  finding.evidence = fmt::format("left out until {:.1f} s", seconds(found.time));
  if (!found.ended) {
    finding.evidence += ", half of the run: it may not have ended by then";
    // With too little left to test for a drift this alone proves none.
    finding.result = e.measured.steadiness.not_checked.empty() ? CheckResult::failed : CheckResult::warning;
    finding.remedy = "Run longer, or set warm_up to a time.";
  }
  return finding;
}

std::optional<Finding> check_stationarity(const Evidence& e) {
  const Steadiness& steadiness = e.measured.steadiness;
  if (!steadiness.not_checked.empty())
    return Finding{.result = CheckResult::not_checked, .evidence = steadiness.not_checked};
  Finding finding{.verdict = VerdictName::not_stationary};
  std::string drifted;
  std::string looked_at;
  for (const Drift& drift : steadiness.series) {
    looked_at += (looked_at.empty() ? "" : ", ") + drift.series;
    if (!drift.stationary) drifted += (drifted.empty() ? "" : "; ") + change_of(drift);
  }
  finding.evidence = drifted.empty() ? looked_at + " kept level" : drifted;
  if (drifted.empty()) return finding;
  finding.result = CheckResult::failed;
  finding.remedy = "Leave out a longer warm-up, or find what changes; a percentile over a drift is of no one state.";
  if (const std::optional<bool> upwards = only_the_tail(steadiness)) {
    if (const auto explanation = machine_drifted(e, *upwards)) {
      finding.verdict = VerdictName::disturbed;
      finding.evidence += "; " + *explanation;
      finding.remedy = kQuieter;
    }
  }
  return finding;
}

std::optional<Finding> check_sample_size(const Evidence& e) {
  const SeriesFigures& response = e.measured.total.response;
  const std::uint64_t n = response.values.count + response.cut_off + response.lost;
  // A run of which nothing came at all has its own check.
  if (e.total.outcomes.completed() == 0) return std::nullopt;
  Finding finding{.verdict = VerdictName::under_sampled};
  const std::uint64_t needed = values_needed(0.99);
  finding.evidence = fmt::format("{} response times in the measured window", grouped(response.values.count));
  if (n > response.values.count)
    finding.evidence += fmt::format(", {} cut off and {} lost", grouped(response.cut_off), grouped(response.lost));
  if (e.measured.timeline.window.empty()) finding.evidence += " (" + e.measured.timeline.window.reason + ")";
  if (n < needed) {
    finding.result = CheckResult::failed;
    finding.evidence += fmt::format("; p99 takes {}", grouped(needed));
    finding.remedy = e.measured.timeline.window.empty()
                         ? "Let the plan keep one load for longer than it warms up and ramps."
                         : "Run longer, or ask for more requests.";
  }
  return finding;
}

std::optional<Finding> check_end(const Evidence& e) {
  const stats::RunRecord& record = e.record;
  Finding finding;
  finding.evidence = "the plan was carried out";
  const std::string after = seconds_text(seconds(record.end - record.start));
  switch (record.stop) {
    case stats::StopReason::finished:
    case stats::StopReason::precise_enough:
      if (const auto until = until_outcome(e.plan, record, e.measured)) {
        finding.evidence = to_text(*until);
        if (until->met) break;
        finding.result = CheckResult::warning;
        finding.remedy = "Let the plan last longer, or ask for less.";
      }
      break;
    case stats::StopReason::threshold:
      finding.result = CheckResult::warning;
      finding.evidence = fmt::format("stopped by the threshold {} at {}, {} planned requests not started",
                                     printable(record.stopped_by.threshold),
                                     seconds_text(seconds(record.stopped_by.at)), grouped(record.ledger.not_started));
      finding.remedy = "The numbers describe the part that was run.";
      break;
    case stats::StopReason::interrupted:
    case stats::StopReason::on_error:
      finding.result = CheckResult::warning;
      finding.evidence =
          fmt::format("{} after {}, {} planned requests not started",
                      record.stop == stats::StopReason::interrupted ? "interrupted" : "stopped by on_error", after,
                      grouped(record.ledger.not_started));
      finding.remedy = "The numbers describe the part that was run.";
      break;
  }
  return finding;
}

/// Of runs one after another percentiles are still those of all their requests; rates are sums that no target ever saw.
std::optional<Finding> check_together(const Evidence& e) {
  const std::optional<MergedParts> parts = merged_parts(e.record);
  if (!parts) return std::nullopt;
  Finding finding{.evidence = to_text(*parts)};
  if (!parts->one_load()) {
    finding.result = CheckResult::warning;
    finding.evidence += ": they are not one load, and their rates and requests in flight were not at the same time";
    finding.remedy = "Start the generators together, or read the runs one by one.";
  }
  return finding;
}

}  // namespace loadgen::report
