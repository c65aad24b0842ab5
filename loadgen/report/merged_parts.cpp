#include "report/merged_parts.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "report/limits.hpp"

namespace loadgen::report {

bool MergedParts::one_load() const {
  return together_s >= kTogether * longest_s;
}

std::optional<MergedParts> merged_parts(const stats::RunRecord& record) {
  if (record.parts.empty()) return std::nullopt;
  using Clock = std::chrono::system_clock;
  Clock::time_point first = Clock::time_point::max(), last = Clock::time_point::min(), end = Clock::time_point::max();
  MergedParts out{.runs = record.parts.size()};
  for (const stats::MergedPart& part : record.parts) {
    first = std::min(first, part.wall_start);
    last = std::max(last, part.wall_start);
    end = std::min(end, part.wall_start + std::chrono::duration_cast<Clock::duration>(part.length));
    out.longest_s = std::max(out.longest_s, seconds(part.length));
  }
  const auto between = [](Clock::time_point from, Clock::time_point to) {
    return std::chrono::duration<double>(to - from).count();
  };
  out.begun_within_s = between(first, last);
  out.together_s = std::max(0.0, between(last, end));
  return out;
}

std::string to_text(const MergedParts& parts) {
  const std::string begun = fmt::format("{} runs, begun within {:.3f} s", parts.runs, parts.begun_within_s);
  if (parts.together_s <= 0) return begun + "; never all under way at the same time";
  return begun + fmt::format("; all under way for {:.2f} s of {:.2f} s", parts.together_s, parts.longest_s);
}

}  // namespace loadgen::report
