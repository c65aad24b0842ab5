#include "run/health.hpp"

#include <ctime>
#include <fstream>
#include <string>

#include <sys/prctl.h>
#include <sys/resource.h>

namespace loadgen::run {
namespace {

Duration to_duration(const timeval& t) {
  return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
}

/// VmHWM; ru_maxrss would count the process that became this one by exec. 0 where there is no /proc.
std::uint64_t peak_resident_bytes() {
  std::ifstream status("/proc/self/status");
  std::uint64_t kib = 0;
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) kib = std::stoull(line.substr(6));
  return kib * 1024;
}

}  // namespace

ProcessUsage process_usage() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {to_duration(usage.ru_utime), to_duration(usage.ru_stime), peak_resident_bytes()};
}

ThreadUsage thread_usage() {
  timespec cpu{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
  ThreadUsage usage{std::chrono::seconds(cpu.tv_sec) + Duration(cpu.tv_nsec), std::nullopt};
  std::ifstream schedstat("/proc/thread-self/schedstat");
  std::int64_t on_cpu = 0, waiting = 0;
  if (schedstat >> on_cpu >> waiting) usage.run_queue_wait = Duration(waiting);
  return usage;
}

void sharpen_timers() {
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

}  // namespace loadgen::run
