#pragma once
// What a shard notices about itself while its loop turns: how long the loop stood still and why, and each second's
// account. Nothing is allocated while it watches.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "run/health.hpp"
#include "run/process_stop.hpp"
#include "stats/run_record.hpp"

namespace loadgen::run {

/// The times of one turn of the loop. The next turn begins where this one woke.
struct Turn {
  TimePoint begun{};  ///< the wait before it was over
  TimePoint waits{};  ///< its own wait began
  TimePoint until{};  ///< and was to end then, if nothing arrived; in the past: it only polled
  TimePoint woke{};   ///< it ended
  std::size_t released = 0;
  std::uint64_t dropped = 0;
  std::size_t reaped = 0;
};

class ShardWatch {
 public:
  /// t0: begin of second 0; expected: room reserved for the seconds.
  ShardWatch(TimePoint t0, Duration expected) : t0_(t0), next_second_(t0 + kSecond), next_probe_(t0) {
    seconds_.reserve(static_cast<std::size_t>(std::clamp<Duration>(expected, kSecond, kReserveAtMost) / kSecond) + 16);
    stalls_.reserve(stats::kStallsKept + 1);
  }

  void begin() {
    first_ = last_ = second_began_ = probe_.read();
    stop_.since_last();  // a stop before the run is none of it
  }

  /// Before a wait that a due time may end: from then on it is known how much the thread worked.
  void before_wait(TimePoint now) {
    if (now - cpu_read_ >= kReadCpuEvery) read_cpu(now);
  }

  void on_turn(const Turn& turn) {
    longest_turn_ = std::max(longest_turn_, turn.waits - turn.begun);
    // Working between two waits, or sleeping longer than asked (reading what came counts as that).
    const Duration stood_still = std::max(turn.waits - turn.begun, turn.woke - std::max(turn.until, turn.waits));
    now_.longest_stall = std::max(now_.longest_stall, stood_still);
    now_.released += turn.released;
    const bool polled = turn.until <= turn.waits;
    if (polled && turn.released == 0 && turn.dropped == 0 && turn.reaped == 0) {
      now_.polling += turn.woke - turn.begun;
      polling_ += turn.woke - turn.begun;
    }
    const Duration held_up = held_up_in(turn, polled);
    now_.held_up += held_up;
    if (stood_still >= stats::kStall) note_stall(turn, stood_still, held_up);
    if (turn.woke >= next_probe_) probe(turn.woke);
    if (turn.woke >= next_second_) end_second(turn.woke);
  }

  void end() {
    last_ = probe_.read();
    push_second();
  }

  Duration longest_turn() const { return longest_turn_; }
  Duration polling() const { return polling_; }
  const std::vector<stats::ShardSecond>& seconds() const { return seconds_; }
  const std::vector<stats::Stall>& stalls() const { return stalls_; }
  Duration cpu() const { return last_.cpu - first_.cpu; }
  std::optional<Duration> run_queue_wait() const { return between(first_, last_); }

 private:
  static constexpr Duration kSecond = std::chrono::seconds(1);
  static constexpr Duration kReserveAtMost = std::chrono::hours(24);
  /// Often enough that what a stall's neighbourhood waited for a core is little against a stall.
  static constexpr Duration kProbeEvery = std::chrono::milliseconds(20);
  /// Half a microsecond each: a thousandth of the time. What was worked since counts against having been held up.
  static constexpr Duration kReadCpuEvery = std::chrono::microseconds(500);

  static std::optional<Duration> between(const ThreadUsage& before, const ThreadUsage& after) {
    if (!before.run_queue_wait || !after.run_queue_wait) return std::nullopt;
    return *after.run_queue_wait - *before.run_queue_wait;
  }

  void read_cpu(TimePoint now) {
    cpu_ = ThreadProbe::cpu();
    cpu_read_ = now;
  }

  Duration held_up_in(const Turn& turn, bool polled) {
    const Duration late = turn.woke - std::max(turn.until, turn.waits);
    if (late <= stats::kLate) return {};
    if (polled && turn.reaped > 0) return {};  // a look that brought nothing is a moment's work, reading is more
    const Duration before = cpu_;
    read_cpu(turn.woke);
    return std::max(Duration::zero(), late - (cpu_ - before));
  }

  void probe(TimePoint now) {
    last_ = probe_.read();
    next_probe_ = now + kProbeEvery;
  }

  void note_stall(const Turn& turn, Duration length, Duration held_up) {
    const ThreadUsage before = last_;
    probe(turn.woke);
    stalls_.push_back({.at = turn.woke - length - t0_,
                       .length = length,
                       .run_queue_wait = std::min(length, between(before, last_).value_or(Duration{})),
                       .cpu = std::min(length, last_.cpu - before.cpu),
                       .held_up = held_up});
    std::sort(stalls_.begin(), stalls_.end(), [](const auto& a, const auto& b) { return a.length > b.length; });
    if (stalls_.size() > stats::kStallsKept) stalls_.pop_back();
  }

  void end_second(TimePoint now) {
    probe(now);
    // A turn that lasted longer leaves seconds behind in which nothing happened: they are accounted with this one.
    for (; next_second_ <= now; next_second_ += kSecond) push_second();
  }

  void push_second() {
    now_.cpu = last_.cpu - second_began_.cpu;
    now_.run_queue_wait = between(second_began_, last_).value_or(Duration{});
    now_.stopped = stop_.since_last();
    seconds_.push_back(now_);
    second_began_ = last_;
    now_ = {};
  }

  ThreadProbe probe_;
  ProcessStop stop_;
  TimePoint t0_;
  TimePoint next_second_;
  TimePoint next_probe_;
  Duration cpu_{};  ///< the thread's, at cpu_read_
  TimePoint cpu_read_;
  ThreadUsage first_;
  ThreadUsage last_;
  ThreadUsage second_began_;
  stats::ShardSecond now_;
  std::vector<stats::ShardSecond> seconds_;
  std::vector<stats::Stall> stalls_;
  Duration longest_turn_{};
  Duration polling_{};
};

}  // namespace loadgen::run
