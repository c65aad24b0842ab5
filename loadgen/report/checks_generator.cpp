// Whether the generator was the limit, and if something was late, whether the machine was to blame.

#include <algorithm>

#include <fmt/format.h>

#include "report/checks.hpp"
#include "report/limits.hpp"
#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

using stats::RunRecord;

/// Response time without the send lag, at a percentile of the window. Where no arrival waited for a place that is the
/// service time. Where some did, the wait belongs to it, and only the sum of wait and service has the right quantiles;
/// it is not kept, but response less send lag at the same percentile is not above it if late requests are the slow
/// ones.
double without_lag(const Evidence& e, std::size_t i) {
  const ThreeSeries& t = e.measured.total;
  const auto service = static_cast<double>(t.service.values.percentiles_ns[i]);
  if (e.record.arrivals.waited == 0) return service;
  return std::max(service,
                  static_cast<double>(t.response.values.percentiles_ns[i] - t.send_lag.values.percentiles_ns[i]));
}

Finding late(const Evidence& e, Finding finding) {
  const Blame blame = blame_for_lateness(e);
  finding.verdict = blame.verdict;
  finding.evidence += "; " + blame.evidence;
  finding.remedy = blame.verdict == VerdictName::disturbed ? kQuieter
                   : more_threads_than_cores(e)            ? kFewerThreads
                                                           : kMoreRoom;
  return finding;
}

std::uint64_t failed_by(const Evidence& e, ErrorKind kind) {
  return e.total.outcomes.failed_by_kind[static_cast<std::size_t>(kind)];
}

}  // namespace

std::optional<Finding> check_added_time(const Evidence& e) {
  Finding finding{.verdict = VerdictName::client_bound};
  const std::uint64_t n = e.measured.total.response.values.count;
  double worst = -1;
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    const PercentileInfo& percentile = kPercentiles[i];
    if (percentile.p > 0.99 || !well_sampled(n, percentile.p)) continue;
    const auto response = static_cast<double>(e.measured.total.response.values.percentiles_ns[i]);
    const double without = without_lag(e, i);
    const double difference = response - without;
    const double added = without > 0 ? difference / without : 0;
    CheckResult result = CheckResult::passed;
    if (added > kAddedWarning && difference > kAddedWarningNs) result = CheckResult::warning;
    if (added > kAddedFailed && difference > kAddedFailedNs) result = CheckResult::failed;
    if (result < finding.result || (result == finding.result && added <= worst)) continue;
    worst = added;
    finding.result = result;
    finding.evidence = fmt::format("{}: {} ms with the send lag, {} ms without ({:+.1f} %)", percentile.text,
                                   ms(response), ms(without), 100 * added);
  }
  if (finding.evidence.empty()) return Finding{.result = CheckResult::not_checked, .evidence = "too few successes"};
  if (finding.result == CheckResult::failed) return late(e, std::move(finding));
  if (finding.result == CheckResult::warning) finding.remedy = kMoreRoom;
  return finding;
}

std::optional<Finding> check_stalls(const Evidence& e) {
  const stats::GeneratorHealth& health = e.record.generator;
  Finding finding{.evidence = fmt::format("longest turn of the loop {} ms", ms(health.longest_turn.count()))};
  const Span window = e.measured.timeline.window.span;
  const stats::Stall* worst = nullptr;
  std::optional<std::string> excuse;
  bool fatal = false;
  for (const stats::Stall& stall : health.stalls) {
    if (stall.length <= kStallWarning) continue;
    // A stall while nothing was measured, or a shorter one, is told but changes no figure that the verdict is about.
    const bool measured = stall.at < window.end && stall.at + stall.length > window.begin;
    const bool is_fatal = measured && stall.length > kStallFailed;
    std::optional<std::string> explanation = machine_explains(e, stall);
    const bool worse = worst == nullptr || (is_fatal && !fatal) || (is_fatal && excuse && !explanation);
    if (!worse) continue;
    worst = &stall;
    fatal = is_fatal;
    excuse = std::move(explanation);
  }
  if (worst == nullptr) {
    if (health.longest_turn > kStallWarning) finding.result = CheckResult::warning;
    if (finding.result != CheckResult::passed) finding.remedy = kMoreRoom;
    return finding;
  }
  const std::string_view own = was_stopped(e, {worst->at, worst->at + worst->length})
                                   ? kStoppedBySignal
                                   : "which nothing that the machine did explains";
  finding.evidence = fmt::format("the loop did not turn for {} ms at {:.1f} s, {}", ms(worst->length.count()),
                                 seconds(worst->at), excuse ? std::string_view(*excuse) : own);
  finding.result = fatal ? CheckResult::failed : CheckResult::warning;
  finding.verdict = excuse ? VerdictName::disturbed : VerdictName::client_bound;
  finding.remedy = excuse ? kQuieter : more_threads_than_cores(e) ? kFewerThreads : kMoreRoom;
  return finding;
}

std::optional<Finding> check_delivered(const Evidence& e) {
  if (!e.plan.has_arrivals() || e.measured.timeline.window.empty() || e.measured.due == 0) return std::nullopt;
  const stats::Ledger& ledger = e.record.ledger;
  if (e.record.arrivals.waited > 0 || ledger.dropped > 0) {
    return Finding{.result = CheckResult::not_checked,
                   .evidence = fmt::format("arrivals {} at max_in_flight, which is no fault of the generator's",
                                           ledger.dropped > 0 ? "were dropped" : "waited")};
  }
  // After a failure a user may leave steps out, and a stopped run leaves arrivals out: neither was due.
  const bool all_due = e.record.stop == stats::StopReason::finished && ledger.outcomes.failed() == 0;
  const std::uint64_t never = all_due ? ledger.not_started - ledger.never_sent : 0;
  const std::uint64_t due = e.measured.due + never;
  const std::uint64_t missing = due > e.measured.started ? due - e.measured.started : 0;
  const double share = static_cast<double>(missing) / static_cast<double>(due);
  Finding finding{.verdict = VerdictName::client_bound};
  finding.evidence = fmt::format("{} of {} requests due in the measured window were started in it ({})",
                                 grouped(due - missing), grouped(due), percent(1 - share));
  if (missing < kUndeliveredFloor || share <= kUndeliveredWarning) return finding;
  finding.result = CheckResult::warning;
  finding.remedy = kMoreRoom;
  if (share <= kUndeliveredFailed) return finding;
  finding.result = CheckResult::failed;
  return late(e, std::move(finding));
}

std::optional<Finding> check_cpu(const Evidence& e) {
  const stats::GeneratorHealth& health = e.record.generator;
  const double queue = run_queue_share(e.record);
  const double productive = health.productive_share;
  Finding finding{.verdict = VerdictName::client_bound};
  finding.evidence = fmt::format("busiest thread worked {:.1f} % of the time, and waited for a core {:.1f} %",
                                 100 * productive, 100 * queue);
  if (productive > kProductiveWarning) finding.result = CheckResult::warning;
  if (productive > kProductiveFailed) finding.result = CheckResult::failed;
  if (productive + queue > kNeverIdle) {
    finding.result = CheckResult::failed;
    finding.evidence += ": it never rested, so rate and times are its own";
    if (queue > productive && !more_threads_than_cores(e)) {
      finding.verdict = VerdictName::disturbed;
      finding.evidence += ", or those of what had its core (the target, if it runs here)";
    }
  }
  if (finding.result != CheckResult::passed) finding.remedy = kMoreRoom;
  return finding;
}

std::optional<Finding> check_receive_lag(const Evidence& e) {
  const stats::Histogram& lag = e.total.receive_lag;
  // What was looked at is a sample of the responses: the highest percentile that it can speak for.
  const PercentileInfo* percentile = nullptr;
  for (const PercentileInfo& info : kPercentiles) {
    if (info.p <= 0.99 && well_sampled(lag.count(), info.p)) percentile = &info;
  }
  if (percentile == nullptr) {
    return Finding{.result = CheckResult::not_checked,
                   .evidence = fmt::format("looked at for {} responses", grouped(lag.count()))};
  }
  const auto value = static_cast<double>(lag.percentile(percentile->p).count());
  const auto service = static_cast<double>(e.total.succeeded.service.percentile(percentile->p).count());
  Finding finding{.verdict = VerdictName::client_bound};
  finding.evidence = fmt::format("{} {} ms from arrival to read, service time {} ms ({} responses looked at)",
                                 percentile->text, ms(value), ms(service), grouped(lag.count()));
  if (value <= kReceiveLagWarningNs) return finding;
  finding.result = CheckResult::warning;
  finding.remedy = kMoreRoom;
  if (value <= kReceiveLagFailedNs || value <= kReceiveLagFailed * service) return finding;
  finding.result = CheckResult::failed;
  return late(e, std::move(finding));
}

std::optional<Finding> check_ramp(const Evidence& e) {
  const stats::RampRecord& ramp = e.record.ramp;
  if (ramp.users_planned == 0) return std::nullopt;
  Finding finding{.verdict = VerdictName::client_bound};
  finding.evidence =
      fmt::format("planned {}, achieved {}, {} of {} users started", seconds_text(seconds(ramp.planned)),
                  seconds_text(seconds(ramp.achieved)), grouped(ramp.users_started), grouped(ramp.users_planned));
  // A ramp of no length, or one cut short, has nothing to be late against.
  if (ramp.planned <= Duration::zero() || ramp.users_started < ramp.users_planned) return finding;
  const Duration late_by = ramp.achieved - ramp.planned;
  const double relative = seconds(late_by) / seconds(ramp.planned);
  if (relative > kRampWarning && late_by > kRampWarningFloor) finding.result = CheckResult::warning;
  if (relative > kRampFailed && late_by > kRampFailedFloor) finding.result = CheckResult::failed;
  if (finding.result == CheckResult::failed) return late(e, std::move(finding));
  if (finding.result == CheckResult::warning) finding.remedy = kMoreRoom;
  return finding;
}

std::optional<Finding> check_resources(const Evidence& e) {
  const std::uint64_t ports = failed_by(e, ErrorKind::no_local_port);
  const std::uint64_t descriptors = failed_by(e, ErrorKind::no_descriptor);
  const std::uint64_t uploads = failed_by(e, ErrorKind::upload);
  Finding finding{.verdict = VerdictName::client_bound};
  finding.evidence =
      fmt::format("{} requests found no local port, {} no file descriptor", grouped(ports), grouped(descriptors));
  if (uploads > 0) finding.evidence += fmt::format(", {} could not read a file of their body", grouped(uploads));
  if (ports + descriptors + uploads == 0) return finding;
  finding.result = CheckResult::failed;
  if (ports > 0)
    finding.remedy =
        "Keep connections alive, widen net.ipv4.ip_local_port_range, or send from more addresses (--interface).";
  else if (descriptors > 0)
    finding.remedy = "Raise the limit of open files (ulimit -n).";
  else
    finding.remedy = "Leave the files of bodies as they are while a run goes on.";
  return finding;
}

std::optional<Finding> check_calibration(const Evidence& e) {
  if (e.calibration == nullptr)
    return Finding{.result = CheckResult::not_checked, .evidence = "run `loadgen calibrate`"};
  const Calibration& known = *e.calibration;
  const double ceiling = known.rate_per_core * e.record.threads;
  const double rate = std::max(e.measured.timeline.window.offered, e.measured.rate.value);
  const SeriesFigures& service = e.measured.total.service;
  const auto p99 = static_cast<double>(service.values.percentiles_ns[kP99]);
  Finding finding{.verdict = VerdictName::client_bound};
  finding.evidence = fmt::format("{:.0f}/s of at most {:.0f}/s; p99 {} ms where nothing takes less than {} ms", rate,
                                 ceiling, ms(p99), ms(known.rtt_p50_ns));
  if (ceiling > 0 && rate > kNearCeiling * ceiling) {
    finding.result = CheckResult::warning;
    finding.remedy = "Raise --threads or share the load between machines: more than half of what this host can do.";
  } else if (service.values.count > 0 && p99 < kNearFloor * known.rtt_p50_ns) {
    finding.result = CheckResult::warning;
    finding.remedy = "Much of these times is this host's own floor: do not compare them as the target's.";
  }
  return finding;
}

}  // namespace loadgen::report
