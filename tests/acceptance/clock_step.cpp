// A library to preload: one second after the program first asks, a clock of its choice jumps. As when somebody sets the
// machine's time, but for one process. LOADGEN_TEST_CLOCK: realtime or monotonic; LOADGEN_TEST_STEP: seconds.

#include <cstdlib>
#include <string_view>

#include <ctime>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

constexpr std::time_t kAfter = 1;  // s

timespec kernel_time(clockid_t clock) {
  timespec now{};
  ::syscall(SYS_clock_gettime, clock, &now);
  return now;
}

struct Step {
  clockid_t clock = CLOCK_REALTIME;
  std::time_t seconds = 0;
  timespec from{};  // by the kernel's monotonic clock

  Step() {
    const char* name = std::getenv("LOADGEN_TEST_CLOCK");
    const char* size = std::getenv("LOADGEN_TEST_STEP");
    if (name != nullptr && std::string_view(name) == "monotonic") clock = CLOCK_MONOTONIC;
    if (size != nullptr) seconds = std::strtol(size, nullptr, 10);
    from = kernel_time(CLOCK_MONOTONIC);
    from.tv_sec += kAfter;
  }

  std::time_t of(clockid_t asked) const {
    if (asked != clock) return 0;
    const timespec now = kernel_time(CLOCK_MONOTONIC);
    const bool later = now.tv_sec > from.tv_sec || (now.tv_sec == from.tv_sec && now.tv_nsec >= from.tv_nsec);
    return later ? seconds : 0;
  }
};

std::time_t step_of(clockid_t clock) {
  static const Step step;
  return step.of(clock);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long result = ::syscall(SYS_clock_gettime, clock, time);
  if (result == 0) time->tv_sec += step_of(clock);
  return static_cast<int>(result);
}

extern "C" int gettimeofday(timeval* __restrict time, void* __restrict) noexcept {
  const timespec now = kernel_time(CLOCK_REALTIME);
  *time = {now.tv_sec + step_of(CLOCK_REALTIME), now.tv_nsec / 1000};
  return 0;
}

extern "C" std::time_t time(std::time_t* out) noexcept {
  const std::time_t now = kernel_time(CLOCK_REALTIME).tv_sec + step_of(CLOCK_REALTIME);
  if (out != nullptr) *out = now;
  return now;
}
