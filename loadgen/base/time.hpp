#pragma once
// Time as the whole program sees it: std::chrono at every boundary, int64 nanoseconds of CLOCK_MONOTONIC inside
// (libstdc++'s steady_clock on Linux). The wall clock is for labels only and never subtracted.

#include <chrono>
#include <cstdint>

namespace loadgen {

using Duration = std::chrono::nanoseconds;
using TimePoint = std::chrono::time_point<std::chrono::steady_clock, Duration>;

inline constexpr TimePoint kNever = TimePoint::max();
/// The stamp of something that did not happen (no first byte, no connect because the connection was reused).
inline constexpr TimePoint kUnset = TimePoint{};

/// The real clock. The loop takes the clock as a parameter, so tests run it by hand (tests/support/manual_clock.hpp).
struct SteadyClock {
  static TimePoint now() noexcept { return std::chrono::steady_clock::now(); }
};

constexpr double seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}
/// Rounded to the nearest nanosecond; the longest Duration for what is longer.
constexpr Duration from_seconds(double s) {
  return s * 1e9 < 9.2e18 ? Duration(static_cast<std::int64_t>(s * 1e9 + 0.5)) : Duration::max();
}
constexpr double milliseconds(Duration d) {
  return std::chrono::duration<double, std::milli>(d).count();
}

}  // namespace loadgen
