#pragma once
// Ctrl-C, SIGTERM and a terminal that goes away as something to ask for, not something that strikes: blocked in every
// thread, picked up by main.

#include <csignal>
#include <initializer_list>

#include "run/process_stop.hpp"

namespace loadgen::cli {

/// Those of the three that nobody above us chose to ignore, as nohup does with SIGHUP and a shell with SIGINT for a job
/// in the background: a blocked signal would come even so.
inline sigset_t interrupting_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    struct sigaction action {};
    sigaction(number, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&set, number);
  }
  return set;
}

/// To be called before any thread starts: the signals wait for interrupts(); a pipe without a reader and a file that
/// may not grow any more become write errors. That the process was stopped for a while is kept for who asks.
inline void hold_signals() {
  const sigset_t set = interrupting_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  run::ProcessStop::hold();
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
}

/// How many of them have come since the last call. Does not wait.
inline int interrupts() {
  const sigset_t set = interrupting_signals();
  const timespec at_once{};
  int count = 0;
  while (sigtimedwait(&set, nullptr, &at_once) > 0) ++count;
  return count;
}

}  // namespace loadgen::cli
