#pragma once
// The wall clock's time of what the steady clock stamped. For labels only: the wall clock may be set at any moment.

#include <chrono>

#include "base/time.hpp"

namespace loadgen {

/// What the wall clock shows, since 1970, where the steady clock shows zero. To a few microseconds, though this thread
/// may be held up between a reading of one and of the other: of several pairs that which lay closest together counts.
inline Duration epoch_of_steady_clock() {
  constexpr int kPairs = 8;
  Duration closest = Duration::max();
  Duration epoch{};
  for (int pair = 0; pair < kPairs; ++pair) {
    const TimePoint before = SteadyClock::now();
    const std::chrono::system_clock::time_point wall = std::chrono::system_clock::now();
    const Duration apart = SteadyClock::now() - before;
    if (apart >= closest) continue;
    closest = apart;
    epoch = wall.time_since_epoch() - (before + apart / 2).time_since_epoch();
  }
  return epoch;
}

}  // namespace loadgen
