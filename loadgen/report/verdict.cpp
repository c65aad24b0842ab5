#include "report/verdict.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "report/distribution.hpp"
#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

using stats::LabelRecord;
using stats::RunRecord;

// Response time over service time at one percentile: the share the generator added. Relative, because a slow target
// forgives more; with an absolute floor, because nobody cares about 30 us and a busy scheduler alone makes as much.
constexpr double kAddedWarning = 0.02;
constexpr double kAddedFailed = 0.10;
constexpr double kAddedWarningNs = 100e3;
constexpr double kAddedFailedNs = 200e3;
// Share of the wall time that the busiest thread was on a core, or waiting for one: near 1 it never slept, and then a
// closed loop, whose users wait for the generator without any due time telling so, goes as fast as the generator does.
constexpr double kBusyWarning = 0.60;
constexpr double kNeverIdle = 0.95;
constexpr double kQueueWarning = 0.05;
constexpr Duration kTurnWarning = std::chrono::milliseconds(5);
// Achieved over planned ramp: later than this is not the load that was asked for.
constexpr double kRampWarning = 0.01;
constexpr double kRampFailed = 0.10;
constexpr Duration kRampWarningFloor = std::chrono::milliseconds(20);
constexpr Duration kRampFailedFloor = std::chrono::milliseconds(100);
// With more than one failure in a hundred the p99 of the successes no longer speaks for the requests.
constexpr double kErrorsFailed = 0.01;

constexpr std::string_view kMoreRoom =
    "Leave the generator a core of its own (taskset for the server), raise --threads, or move it to another machine.";
constexpr std::string_view kReportBug = "This is a bug of loadgen: please report it together with the JSON report.";

/// Signals worth knowing that this version does not read.
constexpr std::array<std::string_view, 9> kNeverRead{
    "steal time",      "CPU pressure",       "cgroup throttling", "receive lag",  "send backlog",
    "TCP retransmits", "NIC load and drops", "Little's law",      "stationarity",
};

double share(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

Check check_ledger(const RunRecord& record) {
  const stats::Ledger& l = record.ledger;
  Check check{.name = "ledger", .verdict = VerdictName::broken};
  check.evidence = fmt::format(
      "planned {} = sent {} + not started {} + dropped {}; sent {} = succeeded {} + failed {} + unfinished {}",
      grouped(l.planned), grouped(l.sent), grouped(l.not_started), grouped(l.dropped), grouped(l.sent),
      grouped(l.outcomes.succeeded), grouped(l.outcomes.failed()), grouped(l.outcomes.unfinished));
  if (!l.balanced()) {
    check.result = CheckResult::failed;
    check.evidence += ": does not add up";
    check.remedy = kReportBug;
  }
  return check;
}

Check check_histograms(const LabelRecord& total) {
  Check check{.name = "histograms", .verdict = VerdictName::broken};
  std::uint64_t overflow = 0;
  for (const stats::OutcomeClass outcome :
       {stats::OutcomeClass::succeeded, stats::OutcomeClass::failed, stats::OutcomeClass::cut_off})
    if (const stats::Times* times = total.times(outcome)) overflow += times->response.overflow();
  check.evidence =
      fmt::format("{} response times of {} successes, {} values above one hour",
                  grouped(total.succeeded.response.count()), grouped(total.outcomes.succeeded), grouped(overflow));
  if (overflow > 0) {
    check.result = CheckResult::failed;
    check.remedy = "Set http.connect_timeout and http.response_timeout below one hour.";
  }
  if (total.succeeded.response.count() != total.outcomes.succeeded ||
      total.succeeded.service.count() != total.outcomes.succeeded) {
    check.result = CheckResult::failed;
    check.remedy = kReportBug;
  }
  return check;
}

/// Quantiles from the due time against quantiles from the real start. Needs no threshold of the machine's.
std::optional<Check> check_added_time(const LabelRecord& total) {
  Check check{.name = "response against service time", .verdict = VerdictName::client_bound};
  double worst = -1;
  for (const PercentileInfo& percentile : kPercentiles) {
    if (percentile.p > 0.99 || !well_sampled(total.succeeded.service.count(), percentile.p)) continue;
    const auto response = static_cast<double>(total.succeeded.response.percentile(percentile.p).count());
    const auto service = static_cast<double>(total.succeeded.service.percentile(percentile.p).count());
    const double difference = response - service;
    const double added = service > 0 ? difference / service : 0;
    CheckResult result = CheckResult::passed;
    if (added > kAddedWarning && difference > kAddedWarningNs) result = CheckResult::warning;
    if (added > kAddedFailed && difference > kAddedFailedNs) result = CheckResult::failed;
    if (result < check.result || (result == check.result && added <= worst)) continue;
    worst = added;
    check.result = result;
    check.evidence = fmt::format("{}: response {} ms, service {} ms ({:+.1f} %)", percentile.text, ms(response),
                                 ms(service), 100 * added);
  }
  if (check.evidence.empty()) return std::nullopt;
  if (check.result != CheckResult::passed) check.remedy = kMoreRoom;
  return check;
}

Check check_cpu(const RunRecord& record) {
  const stats::GeneratorHealth& health = record.generator;
  const double queue = run_queue_share(record);
  Check check{.name = "CPU", .verdict = VerdictName::client_bound};
  check.evidence = fmt::format("busiest thread {:.1f} % of a core, waiting for a core {:.1f} % of the time",
                               100 * health.busiest_thread, 100 * queue);
  if (health.busiest_thread > kBusyWarning || queue > kQueueWarning) check.result = CheckResult::warning;
  if (health.busiest_thread + queue > kNeverIdle) {
    check.result = CheckResult::failed;
    check.evidence += ": it never rested, so rate and times are its own";
  }
  if (check.result != CheckResult::passed) check.remedy = kMoreRoom;
  return check;
}

Check check_stalls(const RunRecord& record) {
  Check check{.name = "loop stall", .verdict = VerdictName::client_bound};
  check.evidence = fmt::format("longest turn of the loop {} ms", ms(record.generator.longest_turn.count()));
  if (record.generator.longest_turn > kTurnWarning) {
    check.result = CheckResult::warning;
    check.remedy = kMoreRoom;
  }
  return check;
}

Check check_ramp(const RunRecord& record) {
  const stats::RampRecord& ramp = record.ramp;
  Check check{.name = "ramp-up", .verdict = VerdictName::client_bound};
  check.evidence =
      fmt::format("planned {}, achieved {}, {} of {} users started", seconds_text(seconds(ramp.planned)),
                  seconds_text(seconds(ramp.achieved)), grouped(ramp.users_started), grouped(ramp.users_planned));
  // A ramp of no length, or one cut short, has nothing to be late against.
  if (ramp.planned <= Duration::zero() || ramp.users_started < ramp.users_planned) return check;
  const Duration late = ramp.achieved - ramp.planned;
  const double relative = seconds(late) / seconds(ramp.planned);
  if (relative > kRampWarning && late > kRampWarningFloor) check.result = CheckResult::warning;
  if (relative > kRampFailed && late > kRampFailedFloor) check.result = CheckResult::failed;
  if (check.result != CheckResult::passed) check.remedy = kMoreRoom;
  return check;
}

Check check_errors(const LabelRecord& total) {
  const std::uint64_t failed = total.outcomes.failed();
  const std::uint64_t completed = total.outcomes.completed();
  Check check{.name = "errors", .verdict = VerdictName::errors};
  check.evidence = fmt::format("{} of {} completed requests failed ({})", grouped(failed), grouped(completed),
                               percent(share(failed, completed)));
  if (failed > 0) check.result = CheckResult::warning;
  if (completed == 0 || share(failed, completed) > kErrorsFailed) check.result = CheckResult::failed;
  if (completed == 0) {
    check.evidence = fmt::format("none of {} requests sent was completed", grouped(total.outcomes.sent()));
    check.remedy = "Let the run last longer than a response takes, and see that the target answers at all.";
  } else if (failed > 0) {
    check.remedy = "Percentiles hold successes only; do not compare them with those of a run that failed less.";
  }
  return check;
}

/// Requests that got no answer in time have no time but "longer": with more of them than lie beyond a percentile, it is
/// a lower bound.
Check check_censoring(const LabelRecord& total) {
  const auto& by_kind = total.outcomes.failed_by_kind;
  const auto of = [&](ErrorKind kind) { return by_kind[static_cast<std::size_t>(kind)]; };
  const std::uint64_t cut =
      total.outcomes.unfinished + of(ErrorKind::response_timeout) + of(ErrorKind::connect_timeout);
  Check check{.name = "cut-off times", .verdict = VerdictName::errors};
  check.evidence =
      fmt::format("{} of {} requests sent timed out or were unfinished", grouped(cut), grouped(total.outcomes.sent()));
  if (cut == 0) return check;
  for (const PercentileInfo& percentile : kPercentiles) {
    if (share(cut, total.outcomes.sent()) <= 1 - percentile.p) continue;
    check.result = CheckResult::warning;
    check.evidence += fmt::format(": {} and above are lower bounds", percentile.text);
    check.remedy = "Raise http.response_timeout or grace, or ask the target for less.";
    break;
  }
  return check;
}

Check check_end(const RunRecord& record) {
  Check check{.name = "end of the run", .evidence = "the plan was carried out"};
  if (record.stop != stats::StopReason::finished) {
    check.result = CheckResult::warning;
    check.evidence = fmt::format("{} after {}, {} planned requests not started",
                                 record.stop == stats::StopReason::interrupted ? "interrupted" : "stopped by on_error",
                                 seconds_text(seconds(record.end - record.start)), grouped(record.ledger.not_started));
    check.remedy = "The numbers describe the part that was run.";
  }
  return check;
}

std::string sentence_of(const Verdict& verdict, const LabelRecord& total) {
  switch (verdict.name) {
    case VerdictName::broken:
      return "The books of this run do not agree: use none of its numbers.";
    case VerdictName::client_bound:
      return "The generator was the limit: these numbers describe it, not the target.";
    case VerdictName::errors:
      if (total.outcomes.completed() == 0) return "No request was completed: nothing was measured.";
      if (total.outcomes.succeeded == 0) return "Every request failed.";
      return fmt::format("{} of the requests failed: percentiles are those of the other {}.",
                         percent(share(total.outcomes.failed(), total.outcomes.completed())),
                         percent(share(total.outcomes.succeeded, total.outcomes.completed())));
    case VerdictName::trustworthy:
      return "The generator was not the limit.";
  }
  return {};
}

}  // namespace

double run_queue_share(const stats::RunRecord& record) {
  const double threads_seconds = seconds(record.generator.wall) * record.threads;
  return threads_seconds > 0 ? seconds(record.generator.run_queue_wait) / threads_seconds : 0;
}

Verdict judge(const stats::RunRecord& record) {
  const LabelRecord total = record.recorder.total();
  Verdict verdict;
  verdict.not_checked = record.generator.not_checked;
  verdict.evidence.push_back(check_ledger(record));
  verdict.evidence.push_back(check_histograms(total));
  if (std::optional<Check> added = check_added_time(total)) {
    verdict.evidence.push_back(*std::move(added));
  } else {
    verdict.not_checked.emplace_back("response against service time (too few successes)");
  }
  verdict.evidence.push_back(check_cpu(record));
  verdict.evidence.push_back(check_stalls(record));
  verdict.evidence.push_back(check_ramp(record));
  verdict.evidence.push_back(check_errors(total));
  verdict.evidence.push_back(check_censoring(total));
  verdict.evidence.push_back(check_end(record));
  verdict.not_checked.insert(verdict.not_checked.end(), kNeverRead.begin(), kNeverRead.end());
  for (const Check& check : verdict.evidence) {
    if (check.result == CheckResult::failed) verdict.name = std::max(verdict.name, check.verdict);
  }
  verdict.sentence = sentence_of(verdict, total);
  return verdict;
}

std::string_view to_string(VerdictName name) {
  constexpr std::array<std::string_view, 4> names{"TRUSTWORTHY", "ERRORS", "CLIENT-BOUND", "BROKEN"};
  return names[static_cast<std::size_t>(name)];
}

std::string_view to_string(CheckResult result) {
  constexpr std::array<std::string_view, 3> names{"passed", "warning", "failed"};
  return names[static_cast<std::size_t>(result)];
}

}  // namespace loadgen::report
