#include "report/merged_run.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "config/describe.hpp"
#include "report/json_run.hpp"
#include "report/json_saved.hpp"
#include "stats/record_merge.hpp"

namespace loadgen::report {
namespace {

/// The plan without what may differ.
std::string compared(const config::Plan& plan, std::uint64_t seed) {
  config::Plan same_seed = plan;
  same_seed.seed = seed;
  return config::to_json(same_seed);
}

std::optional<Error> what_differs(const NamedRun& a, const NamedRun& b) {
  const std::string other = compared(b.run.plan, a.run.plan.seed);
  if (const auto difference = first_difference(other, compared(a.run.plan, a.run.plan.seed)))
    return Error{fmt::format("\"{}\" is of another plan than \"{}\": {}", b.name, a.name, *difference)};
  return std::nullopt;
}

/// A file named twice, or one run in two files, as in a merged one and its own.
std::optional<Error> what_repeats(const NamedRun& a, const NamedRun& b) {
  const std::vector<stats::MergedPart> parts = stats::parts_of(a.run.record);
  for (const stats::MergedPart& part : stats::parts_of(b.run.record))
    if (std::ranges::find(parts, part) != parts.end())
      return Error{fmt::format(
          "\"{}\" and \"{}\" hold the same run, begun at {}: its requests would count twice; name each run once",
          a.name, b.name, iso8601(part.wall_start))};
  return std::nullopt;
}

/// Whether they ran on one machine or on several like it is not recorded.
HostFacts together(HostFacts to, const HostFacts& from) {
  const auto name_both = [](std::string& names, const std::string& other) {
    if (names.find(other) == std::string::npos) names += " + " + other;
  };
  name_both(to.cpu_model, from.cpu_model);
  name_both(to.architecture, from.architecture);
  name_both(to.kernel, from.kernel);
  name_both(to.os, from.os);
  to.cores += from.cores;
  to.usable_cores += from.usable_cores;
  to.memory_bytes += from.memory_bytes;
  return to;
}

}  // namespace

Result<SavedRun> merge(std::vector<NamedRun> runs) {
  for (const NamedRun& run : runs)
    if (std::optional<Error> error = what_differs(runs.front(), run)) return *error;
  for (std::size_t i = 1; i < runs.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (std::optional<Error> error = what_repeats(runs[k], runs[i])) return *error;
  SavedRun merged = std::move(runs.front().run);
  for (std::size_t i = 1; i < runs.size(); ++i) {
    SavedRun& next = runs[i].run;
    Result<stats::RunRecord> record = stats::merge(std::move(merged.record), std::move(next.record));
    if (!record)
      return Error{
          fmt::format("\"{}\" cannot be merged with \"{}\": it {}", runs[i].name, runs.front().name, record.error())};
    merged.record = std::move(*record);
    auto& groups = merged.plan.thread_groups;
    groups.insert(groups.end(), next.plan.thread_groups.begin(), next.plan.thread_groups.end());
    merged.host = together(std::move(merged.host), next.host);
    if (merged.calibration != next.calibration) merged.calibration.reset();
  }
  return merged;
}

}  // namespace loadgen::report
