#pragma once
// What the generator itself cost, read from the operating system around a run.

#include <cstdint>
#include <optional>

#include "base/time.hpp"

namespace loadgen::run {

struct ProcessUsage {
  Duration cpu_user{};
  Duration cpu_system{};
  std::uint64_t max_rss_bytes = 0;
};
/// All threads of this process since it began: getrusage, and /proc/self/status for the memory (0 where there is none).
ProcessUsage process_usage();

struct ThreadUsage {
  Duration cpu{};  ///< CLOCK_THREAD_CPUTIME_ID
  std::optional<Duration>
      run_queue_wait;  ///< runnable but not running; /proc/thread-self/schedstat, where there is one
};
ThreadUsage thread_usage();

/// Timers of this thread are late by the least the kernel can do (default slack: 50 us).
void sharpen_timers();

}  // namespace loadgen::run
