#pragma once
// Whether somebody stopped the process (SIGSTOP, Ctrl-Z, cpulimit): from within, a stop looks like a machine that gave
// the process no core. The kernel tells the two apart: what it stopped by a signal it continues by SIGCONT.

#include <atomic>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace loadgen::run {

/// SIGCONT is held in every thread. It is pending before any thread runs again, so that whoever wakes late sees it, and
/// is taken by the main thread, which counts.
class ProcessStop {
 public:
  /// Before any thread starts: they inherit that it is held.
  static void hold() {
    const sigset_t set = continued();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
  }

  /// The main thread's, now and then: takes what has come.
  static void take() {
    const sigset_t set = continued();
    const timespec at_once{};
    while (sigtimedwait(&set, nullptr, &at_once) > 0) count_.fetch_add(1, std::memory_order_relaxed);
  }

  /// Any thread's: whether the process was stopped since the last call, or since this was made. A system call.
  bool since_last() {
    sigset_t pending;
    const bool waits = sigpending(&pending) == 0 && sigismember(&pending, SIGCONT) == 1;
    const std::uint32_t now = count_.load(std::memory_order_relaxed) + (waits ? 1 : 0);
    const bool stopped = now != seen_;
    seen_ = now;
    return stopped;
  }

 private:
  static sigset_t continued() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCONT);
    return set;
  }

  static inline std::atomic<std::uint32_t> count_ = 0;
  std::uint32_t seen_ = count_.load(std::memory_order_relaxed);
};

}  // namespace loadgen::run
