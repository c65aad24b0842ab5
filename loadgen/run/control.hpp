#pragma once
// The only things that threads share while a run lasts: a stop flag, and a mailbox each way once in a while.

#include <atomic>
#include <cstdint>

#include "run/pacer.hpp"
#include "stats/progress.hpp"

namespace loadgen::run {

/// How long a loop may sleep at most before it looks at the stop flag again.
inline constexpr Duration kStopCheck = std::chrono::milliseconds(50);

class RunControl {
 public:
  Stop stop() const { return stop_.load(std::memory_order_relaxed); }
  /// Raises the stop; never lowers it.
  void raise(Stop wanted) {
    Stop current = stop();
    while (wanted > current && !stop_.compare_exchange_weak(current, wanted, std::memory_order_relaxed)) {
    }
  }

 private:
  std::atomic<Stop> stop_{Stop::none};
};

/// What one shard tells of itself when asked.
struct ShardProgress {
  std::uint64_t users_started = 0;
  std::uint64_t users_finished = 0;
  std::uint64_t planned = 0;
  std::uint64_t sent = 0;
  stats::Tally interval;      ///< since the last answer
  Duration worst_send_lag{};  ///< since the last answer
};

/// One letter at a time: the main thread asks, the shard answers at its next turn. No lock, no counter shared per
/// request.
class alignas(64) Mailbox {
 public:
  // Main thread.
  bool answered() const { return !asked_.load(std::memory_order_acquire); }
  const ShardProgress& letter() const { return letter_; }  ///< only when answered()
  void ask() { asked_.store(true, std::memory_order_release); }

  // Shard.
  bool asked() const { return asked_.load(std::memory_order_acquire); }  // the last letter has been read
  void answer(const ShardProgress& letter) {
    letter_ = letter;
    asked_.store(false, std::memory_order_release);
  }

 private:
  std::atomic<bool> asked_{true};
  ShardProgress letter_;
};

}  // namespace loadgen::run
