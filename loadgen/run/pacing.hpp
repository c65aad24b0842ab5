#pragma once
// How the loop spends the time until something is due. Sleeping costs nothing and ends late, by what this machine needs
// to wake a thread; polling is on time and costs a core. Hybrid pacing sleeps until a guard before the due time and
// polls through the guard, which follows the lateness of this thread's own wake-ups.

#include <algorithm>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "config/plan.hpp"
#include "stats/run_record.hpp"

namespace loadgen::run {

inline constexpr Duration kLeastGuard = std::chrono::microseconds(20);
inline constexpr Duration kMostGuard = std::chrono::microseconds(200);

/// Follows the 99th percentile of a series of durations: it rises 99 times as fast as it falls, and so rests where one
/// value in a hundred is above it (stochastic approximation, Robbins and Monro 1951).
class Guard {
 public:
  explicit Guard(Duration first, Duration most = kMostGuard)
      : most_(std::clamp(most, kLeastGuard, kMostGuard)), guard_(std::clamp(first, kLeastGuard, most_)) {}

  void observe(Duration late) {
    guard_ += late > guard_ ? kRise : -kFall;
    guard_ = std::clamp(guard_, kLeastGuard, most_);
  }
  Duration value() const { return guard_; }

 private:
  static constexpr Duration kFall = std::chrono::nanoseconds(100);
  static constexpr Duration kRise = 99 * kFall;
  Duration most_;
  Duration guard_;
};

class Pacing {
 public:
  explicit Pacing(const stats::PaceRecord& pace) : pace_(pace.pace), guard_(pace.guard, pace.most_guard) {}

  /// Until when to sleep; a time in the past: poll once. due: of the next request; limit: what else ends the sleep.
  TimePoint sleep_until(TimePoint now, TimePoint due, TimePoint limit) const {
    if (pace_ == stats::Pace::spin) return kUnset;
    if (pace_ == stats::Pace::sleep || due == kNever) return std::min(due, limit);
    return due - now <= guard_.value() ? kUnset : std::min(due - guard_.value(), limit);
  }

  /// A sleep that began at `waits` was over at `woke`, and nothing that arrived had ended it.
  void slept(TimePoint waits, TimePoint until, TimePoint woke) {
    if (pace_ == stats::Pace::hybrid && until > waits && woke >= until) guard_.observe(woke - until);
  }

  Duration guard() const { return pace_ == stats::Pace::hybrid ? guard_.value() : Duration::zero(); }

 private:
  stats::Pace pace_;
  Guard guard_;
};

/// How late this machine wakes a thread from a sleep of 200 us: the 95th percentile of 40 sleeps, 8 ms in all.
Duration measure_wake_up_lateness();

/// What the pace depends on.
struct PaceFacts {
  std::uint32_t threads = 1;
  std::uint32_t cores = 1;  ///< that this process may use
  Duration lateness{};      ///< of wake-ups
};

/// Requests per second that have a due time of their own, at the plan's peak: arrivals, and the starts of a ramp-up.
/// 0: a closed loop that starts at once.
double highest_due_rate(const config::Plan& plan);

/// "sleep", "hybrid" and "spin" as asked; "auto" takes hybrid where a core is left over and polling through the guards
/// costs under a tenth of a core, else sleep. Error: another name, or spin without a core for each thread.
Result<stats::PaceRecord> choose_pace(std::string_view name, const config::Plan& plan, const PaceFacts& facts);

std::string_view to_string(stats::Pace pace);

}  // namespace loadgen::run
