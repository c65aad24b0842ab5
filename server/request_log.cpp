#include "server/request_log.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace loadgen_server {

bool RequestLog::write(std::FILE* file) {
  std::stable_sort(entries_.begin(), entries_.end(),
                   [](const Entry& a, const Entry& b) { return a.arrived < b.arrived; });
  for (const Entry& entry : entries_) {
    const auto arrived = entry.arrived.time_since_epoch().count();
    const auto line =
        entry.held ? fmt::format("{} {}\n", arrived, entry.held->count()) : fmt::format("{} -\n", arrived);
    std::fwrite(line.data(), 1, line.size(), file);
  }
  return std::fflush(file) == 0 && std::ferror(file) == 0;
}

}  // namespace loadgen_server
