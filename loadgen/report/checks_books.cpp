// Whether the program's own books agree: independent counts and sums that have to be the same.

#include <cmath>

#include <fmt/format.h>

#include "report/checks.hpp"
#include "report/limits.hpp"
#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

Finding broken_unless(bool agrees, std::string evidence) {
  Finding finding{.verdict = VerdictName::broken, .evidence = std::move(evidence)};
  if (!agrees) {
    finding.result = CheckResult::failed;
    finding.remedy = kReportBug;
  }
  return finding;
}

std::uint64_t overflow_of(const stats::Times& t) {
  return t.response.overflow() + t.service.overflow() + t.connection_wait.overflow() + t.send_lag.overflow() +
         t.connect.overflow() + t.tls.overflow() + t.first_byte.overflow() + t.follow_ups.overflow() +
         t.download.overflow();
}

}  // namespace

std::optional<Finding> check_ledger(const Evidence& e) {
  const stats::Ledger& l = e.record.ledger;
  std::string evidence = fmt::format(
      "planned {} = sent {} + not started {} + dropped {}; sent {} = succeeded {} + failed {} + unfinished {}",
      grouped(l.planned), grouped(l.sent), grouped(l.not_started), grouped(l.dropped), grouped(l.sent),
      grouped(l.outcomes.succeeded), grouped(l.outcomes.failed()), grouped(l.outcomes.unfinished));
  if (!l.balanced()) evidence += ": does not add up";
  return broken_unless(l.balanced(), std::move(evidence));
}

std::optional<Finding> check_histograms(const Evidence& e) {
  std::uint64_t overflow = 0;
  for (const auto outcome :
       {stats::OutcomeClass::succeeded, stats::OutcomeClass::failed, stats::OutcomeClass::cut_off}) {
    if (const stats::Times* times = e.total.times(outcome)) overflow += overflow_of(*times);
  }
  const stats::Times& times = e.total.succeeded;
  const std::uint64_t succeeded = e.total.outcomes.succeeded;
  Finding finding = broken_unless(
      times.response.count() == succeeded && times.service.count() == succeeded && times.send_lag.count() == succeeded,
      fmt::format("{} response times of {} successes, {} values above one hour", grouped(times.response.count()),
                  grouped(succeeded), grouped(overflow)));
  if (overflow > 0) {
    finding.result = CheckResult::failed;
    finding.remedy = "Set http.connect_timeout and http.response_timeout below one hour.";
  }
  return finding;
}

/// Label by label, so that two mistakes cannot make up for one another.
std::optional<Finding> check_phases(const Evidence& e) {
  const auto& labels = e.record.recorder.labels();
  std::int64_t off = 0;
  for (const stats::LabelRecord& label : labels) {
    const stats::Times& t = label.succeeded;
    const Duration parts = t.connection_wait.sum() + t.send_lag.sum() + t.connect.sum() + t.tls.sum() +
                           t.first_byte.sum() + t.follow_ups.sum() + t.download.sum();
    if (parts != t.response.sum()) off = (parts - t.response.sum()).count();
  }
  return broken_unless(off == 0, off == 0 ? "the phases add up to the response times, to the nanosecond"
                                          : fmt::format("the phases miss the response times by {} ns", off));
}

std::optional<Finding> check_littles_law(const Evidence& e) {
  const LittlesLaw& law = e.measured.littles_law;
  if (law.cells_ns != law.requests_ns) {
    return broken_unless(false, fmt::format("requests were in flight for {} ns by the clock and for {} ns by their own "
                                            "times",
                                            law.cells_ns, law.requests_ns));
  }
  if (law.in_flight <= 0) return std::nullopt;
  const bool holds = std::abs(law.error) <= kLittleFailed + law.edges;
  return broken_unless(holds, fmt::format("{:.3f} requests in flight; {:.1f}/s of {} ms each make {:.3f}",
                                          law.in_flight, law.rate, ms(1e9 * law.service_s), law.rate * law.service_s));
}

}  // namespace loadgen::report
