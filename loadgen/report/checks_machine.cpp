// What else the machine did. High shares alone are warnings, because a generator beside its server shares cores with it
// in most runs; where they reached the times, the run was disturbed.

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "report/checks.hpp"
#include "report/limits.hpp"
#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

Finding unread() {
  return {.result = CheckResult::not_checked};
}

/// A share of the run's time that others took. Between the two limits it is worth a line only when the times show it.
Finding judge_share(const Evidence& e, double share, double warning, double high, std::string evidence) {
  Finding finding{.verdict = VerdictName::disturbed, .evidence = std::move(evidence)};
  if (share <= warning) return finding;
  const bool harmed = times_harmed(e);
  if (share <= high && !harmed) return finding;
  finding.result = share > high && harmed ? CheckResult::failed : CheckResult::warning;
  finding.remedy = kQuieter;
  return finding;
}

/// Waiting for a core is the generator's own doing where it has more threads than cores.
Finding own_if_crowded(const Evidence& e, Finding finding) {
  if (!more_threads_than_cores(e) || finding.result == CheckResult::passed) return finding;
  finding.verdict = VerdictName::client_bound;
  finding.evidence += fmt::format(": {} threads on {} core{}", e.record.threads, e.cores, e.cores == 1 ? "" : "s");
  finding.remedy = kFewerThreads;
  return finding;
}

/// A counter that should not have moved.
std::optional<Finding> judge_drops(std::optional<std::uint64_t> drops, const char* what, const char* remedy) {
  if (!drops) return unread();
  Finding finding{.evidence = fmt::format("{} {}", grouped(*drops), what)};
  if (*drops > 0) {
    finding.result = CheckResult::warning;
    finding.remedy = remedy;
  }
  return finding;
}

}  // namespace

double run_queue_share(const stats::RunRecord& record) {
  const double threads_seconds = seconds(record.generator.wall) * record.threads;
  return threads_seconds > 0 ? seconds(record.generator.run_queue_wait) / threads_seconds : 0;
}

bool more_threads_than_cores(const Evidence& e) {
  return e.record.threads > e.cores;
}

std::optional<Finding> check_run_queue(const Evidence& e) {
  const double share = run_queue_share(e.record);
  Finding finding =
      judge_share(e, share, kWaitWarning, kWaitHigh,
                  fmt::format("the generator's threads waited for a core {:.1f} % of the time", 100 * share));
  return own_if_crowded(e, std::move(finding));
}

std::optional<Finding> check_steal(const Evidence& e) {
  const std::optional<double> steal = e.record.generator.host.steal;
  if (!steal) return unread();
  return judge_share(e, *steal, kWaitWarning, kWaitHigh,
                     fmt::format("the hypervisor gave {:.1f} % of the cores' time to others", 100 * *steal));
}

std::optional<Finding> check_pressure(const Evidence& e) {
  const std::optional<double> pressure = e.record.generator.host.cpu_pressure;
  if (!pressure) return unread();
  return own_if_crowded(e,
                        judge_share(e, *pressure, kPressureWarning, kPressureHigh,
                                    fmt::format("some task waited for a core {:.1f} % of the time", 100 * *pressure)));
}

std::optional<Finding> check_throttling(const Evidence& e) {
  const std::optional<Duration> throttled = e.record.generator.host.throttled;
  if (!throttled) return unread();
  const double share = seconds(*throttled) / std::max(1e-9, seconds(e.record.generator.wall));
  Finding finding{.verdict = VerdictName::disturbed};
  finding.evidence = fmt::format("the CPU quota stopped the control group for {} ms", ms(throttled->count()));
  if (*throttled <= Duration::zero()) return finding;
  finding.result = share > kThrottledHigh ? CheckResult::failed : CheckResult::warning;
  finding.remedy = "Raise the CPU quota of the control group (container) that the generator runs in.";
  return finding;
}

std::optional<Finding> check_retransmits(const Evidence& e) {
  const stats::GeneratorHealth& health = e.record.generator;
  if (health.connections_asked == 0) return unread();
  const std::uint64_t sent = e.record.ledger.sent;
  const double share = sent > 0 ? static_cast<double>(health.retransmits) / static_cast<double>(sent) : 0;
  Finding finding{.verdict = VerdictName::disturbed};
  finding.evidence = fmt::format("{} segments sent again on {} connections", grouped(health.retransmits),
                                 grouped(health.connections_asked));
  if (share > kRetransmitsWarning) finding.result = CheckResult::warning;
  if (share > kRetransmitsFailed) finding.result = CheckResult::failed;
  if (finding.result != CheckResult::passed)
    finding.remedy = "Times hold the waits for lost segments: look at the network between here and the target.";
  return finding;
}

std::optional<Finding> check_listen_drops(const Evidence& e) {
  return judge_drops(e.record.generator.host.listen_drops, "connections turned away by full accept queues on this host",
                     "If the target runs here, raise its listen backlog, or open connections ahead of time.");
}

std::optional<Finding> check_network_drops(const Evidence& e) {
  return judge_drops(e.record.generator.host.network_drops, "packets dropped by this host's network interfaces",
                     "Times may hold waits for lost packets: look at the network.");
}

}  // namespace loadgen::report
