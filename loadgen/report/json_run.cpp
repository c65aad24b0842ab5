#include "report/json_run.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace loadgen::report {
namespace {

using std::chrono::system_clock;

std::string error_kinds_pattern() {
  std::string kinds;
  for (const ErrorKindInfo& kind : kErrorKinds) kinds += fmt::format("{}{}", kinds.empty() ? "" : "|", kind.key);
  return fmt::format("^({})$", kinds);
}

}  // namespace

Counts errors_by_kind(const Row& row) {
  Counts out{.members = {}, .pattern = error_kinds_pattern()};
  for (const ErrorCount& error : row.errors) out.members.emplace_back(info(error.kind).key, error.count);
  return out;
}

Counts by_status(const Row& row) {
  Counts out{.members = {}, .pattern = "^(none|[1-9][0-9]{0,2})$"};
  for (const StatusCount& status : row.statuses)
    out.members.emplace_back(status.status == 0 ? "none" : std::to_string(status.status), status.count);
  return out;
}

double epoch_s(system_clock::time_point t) {
  return std::chrono::duration<double>(t.time_since_epoch()).count();
}

std::string iso8601(system_clock::time_point t) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(t);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(t - whole).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(whole)), rest);
}

std::vector<NumberedSecond> numbered(const std::vector<Second>& seconds) {
  std::vector<NumberedSecond> out;
  out.reserve(seconds.size());
  for (const Second& second : seconds) out.push_back({out.size(), second});
  return out;
}

}  // namespace loadgen::report
