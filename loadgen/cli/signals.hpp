#pragma once
// Ctrl-C and SIGTERM as something to ask for, not something that strikes: blocked in every thread, picked up by main.

#include <csignal>

namespace loadgen::cli {

/// To be called before any thread starts: SIGINT and SIGTERM wait for interrupts(); SIGPIPE becomes a write error.
inline void hold_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

/// How many of them have come since the last call. Does not wait.
inline int interrupts() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  const timespec at_once{};
  int count = 0;
  while (sigtimedwait(&set, nullptr, &at_once) > 0) ++count;
  return count;
}

}  // namespace loadgen::cli
