#include "report/verdict.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "report/checks.hpp"
#include "report/limits.hpp"
#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

struct CheckRow {
  std::string_view name;
  CheckFunction check;
};

/// In the order in which they are told.
constexpr std::array<CheckRow, 27> kChecks{{
    {"ledger", &check_ledger},
    {"histograms", &check_histograms},
    {"phases", &check_phases},
    {"Little's law", &check_littles_law},
    {"send lag", &check_added_time},
    {"loop stall", &check_stalls},
    {"delivered rate", &check_delivered},
    {"CPU", &check_cpu},
    {"receive lag", &check_receive_lag},
    {"ramp-up", &check_ramp},
    {"ports and descriptors", &check_resources},
    {"run-queue wait", &check_run_queue},
    {"steal time", &check_steal},
    {"CPU pressure", &check_pressure},
    {"CPU throttling", &check_throttling},
    {"TCP retransmits", &check_retransmits},
    {"full accept queues", &check_listen_drops},
    {"dropped packets", &check_network_drops},
    {"errors", &check_errors},
    {"cut-off times", &check_censoring},
    {"overload", &check_overload},
    {"warm-up", &check_warm_up},
    {"stationarity", &check_stationarity},
    {"sample size", &check_sample_size},
    {"calibration", &check_calibration},
    {"end of the run", &check_end},
    {"merged runs", &check_together},
}};

struct NameRow {
  VerdictName name;
  std::string_view key;
  std::string_view sentence;  ///< what it means; errors have their own
};

constexpr std::array<NameRow, 9> kNames{{
    {VerdictName::trustworthy, "TRUSTWORTHY", "The generator was not the limit."},
    {VerdictName::under_sampled, "UNDER-SAMPLED",
     "Too few response times for a p99 that would come out the same again."},
    {VerdictName::not_stationary, "NOT-STATIONARY",
     "The figures changed while they were measured: they mix two states."},
    {VerdictName::overloaded, "OVERLOADED",
     "The target was asked for more than it can do: these times depend on how long the run was. Do not quote them."},
    {VerdictName::censored, "CENSORED", "What was cut off reaches into the percentiles: they are lower bounds."},
    {VerdictName::errors, "ERRORS", ""},
    {VerdictName::disturbed, "DISTURBED",
     "Something else on this machine made these times what they are: they are not the target's alone."},
    {VerdictName::client_bound, "CLIENT-BOUND",
     "The generator was the limit: these numbers describe it, not the target."},
    {VerdictName::broken, "BROKEN", "The books of this run do not agree: use none of its numbers."},
}};

constexpr const NameRow& row_of(VerdictName name) {
  return kNames[static_cast<std::size_t>(name)];
}

static_assert([] {
  for (std::size_t i = 0; i < kNames.size(); ++i)
    if (static_cast<std::size_t>(kNames[i].name) != i) return false;
  return true;
}());

/// What failed is told whatever the run is called: nothing else in a name above ERRORS explains failures.
std::string with_errors(std::string sentence, const stats::Outcomes& outcomes) {
  const double share =
      outcomes.completed() > 0 ? static_cast<double>(outcomes.failed()) / static_cast<double>(outcomes.completed()) : 0;
  if (share > kErrorsFailed) sentence += fmt::format(" Also: {} of the requests failed.", percent(share));
  return sentence;
}

std::string sentence_of(VerdictName name, const Evidence& e) {
  const stats::Outcomes& outcomes = e.total.outcomes;
  if (const auto places = own_limit(e); name == VerdictName::overloaded && places) {
    return fmt::format(
        "At most {} at once were allowed, and arrivals came faster than they left: these times depend on how long the "
        "run was. Do not quote them.",
        grouped(*places));
  }
  if (name != VerdictName::errors) return with_errors(std::string(row_of(name).sentence), outcomes);
  if (outcomes.completed() == 0) return "No request was completed: nothing was measured.";
  if (outcomes.succeeded == 0) return "Every request failed.";
  const auto of_completed = [&](std::uint64_t part) {
    return percent(static_cast<double>(part) / static_cast<double>(outcomes.completed()));
  };
  return fmt::format("{} of the requests failed: percentiles are those of the other {}.",
                     of_completed(outcomes.failed()), of_completed(outcomes.succeeded));
}

/// Once each: the run itself may have said already why it could not read a signal.
void note_not_checked(std::vector<std::string>& not_checked, std::string_view name, const std::string& why) {
  const auto said = [&](const std::string& other) { return other.starts_with(name); };
  if (std::ranges::any_of(not_checked, said)) return;
  not_checked.push_back(why.empty() ? std::string(name) : fmt::format("{} ({})", name, why));
}

}  // namespace

Verdict judge(const Evidence& evidence) {
  Verdict verdict;
  verdict.not_checked = evidence.record.generator.not_checked;
  for (const CheckRow& row : kChecks) {
    std::optional<Finding> finding = row.check(evidence);
    if (!finding) continue;
    if (finding->result == CheckResult::not_checked) {
      note_not_checked(verdict.not_checked, row.name, finding->evidence);
      continue;
    }
    if (finding->result == CheckResult::failed) verdict.name = std::max(verdict.name, finding->verdict);
    verdict.evidence.push_back({std::string(row.name), finding->result, finding->verdict, std::move(finding->evidence),
                                std::move(finding->remedy)});
  }
  verdict.sentence = sentence_of(verdict.name, evidence);
  return verdict;
}

std::string reason_of(const Verdict& verdict) {
  const auto check = std::ranges::find_if(
      verdict.evidence, [&](const Check& c) { return c.result == CheckResult::failed && c.verdict == verdict.name; });
  if (check == verdict.evidence.end()) return verdict.sentence;
  return fmt::format("{}: {}", check->name, check->evidence);
}

std::string_view to_string(VerdictName name) {
  return row_of(name).key;
}

std::string_view to_string(CheckResult result) {
  constexpr std::array<std::string_view, 4> names{"passed", "warning", "failed", "not checked"};
  return names[static_cast<std::size_t>(result)];
}

}  // namespace loadgen::report
