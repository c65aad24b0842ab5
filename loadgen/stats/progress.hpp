#pragma once
// A look at a run while it runs: taken ten times a second by the main thread, printed by cli/progress.

#include <cstdint>

#include "base/time.hpp"

namespace loadgen::stats {

/// Completed requests of some stretch of time. Elapsed = service time, failed requests included (JMeter's elapsed).
struct Tally {
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  Duration elapsed_sum{};
  Duration elapsed_min = Duration::max();  ///< Duration::max() when completed is 0
  Duration elapsed_max{};

  void record(Duration elapsed, bool is_failure) {
    ++completed;
    failed += is_failure ? 1 : 0;
    elapsed_sum += elapsed;
    if (elapsed < elapsed_min) elapsed_min = elapsed;
    if (elapsed > elapsed_max) elapsed_max = elapsed;
  }
  void merge(const Tally& other) {
    completed += other.completed;
    failed += other.failed;
    elapsed_sum += other.elapsed_sum;
    if (other.elapsed_min < elapsed_min) elapsed_min = other.elapsed_min;
    if (other.elapsed_max > elapsed_max) elapsed_max = other.elapsed_max;
  }
};

struct Progress {
  Duration elapsed{};         ///< since the run's t0
  Duration planned_length{};  ///< of the longest thread group's duration; 0 when the plan ends by loops
  std::uint64_t users = 0;    ///< in the plan
  std::uint64_t users_started = 0;
  std::uint64_t users_finished = 0;
  std::uint64_t planned = 0;  ///< requests; 0 when the plan runs for ever
  std::uint64_t sent = 0;
  Tally total;                ///< since t0
  Tally interval;             ///< since the previous look
  Duration worst_send_lag{};  ///< since the previous look
};

}  // namespace loadgen::stats
