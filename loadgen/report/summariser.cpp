#include "report/summariser.hpp"

#include <chrono>
#include <limits>

#include <fmt/format.h>

namespace loadgen::report {
namespace {

std::int64_t whole_ms(Duration d) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

std::string line(char type, const stats::Tally& tally, Duration elapsed) {
  const std::int64_t ms = whole_ms(elapsed);
  const std::int64_t s = (ms + 500) / 1000;  // half a second and more counts as one
  const auto count = static_cast<double>(tally.completed);
  const std::string rate = ms > 0 ? fmt::format("{:6.1f}", count * 1000 / static_cast<double>(ms)) : "******";
  const bool any = tally.completed > 0;
  const std::int64_t average = any ? whole_ms(tally.elapsed_sum / static_cast<std::int64_t>(tally.completed)) : 0;
  // Without a sample JMeter prints the values its extremes start from.
  const std::int64_t min = any ? whole_ms(tally.elapsed_min) : std::numeric_limits<std::int64_t>::max();
  const std::int64_t max = any ? whole_ms(tally.elapsed_max) : std::numeric_limits<std::int64_t>::min();
  const double failed = any ? static_cast<double>(tally.failed) / count : 0;
  return fmt::format("summary {} {:6} in {:02}:{:02}:{:02} = {}/s Avg: {:5} Min: {:5} Max: {:5} Err: {:5} ({:.2f}%)",
                     type, tally.completed, s / 3600, s / 60 % 60, s % 60, rate, average, min, max, tally.failed,
                     100 * failed);
}

}  // namespace

std::string summary_total(const stats::Tally& tally, Duration elapsed) {
  return line('=', tally, elapsed);
}

std::string summary_delta(const stats::Tally& tally, Duration elapsed, UserCounts users) {
  return line('+', tally, elapsed) + fmt::format(" Active: {} Started: {} Finished: {}", users.started - users.finished,
                                                 users.started, users.finished);
}

}  // namespace loadgen::report
