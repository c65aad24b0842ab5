#pragma once
// Deadlines that nearly never strike: one wheel of 1,024 ticks of 8 ms, armed and disarmed by one store.
//
// Arming a node that already stands in an earlier bucket only writes its new deadline; when that bucket comes round,
// the node is moved on. Disarming only writes kNever. So a request costs a store, and a node is touched once per bucket
// visit instead of twice per request. Deadlines past the horizon (8 s) are parked in the last bucket and moved on from
// there.

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

#include "base/time.hpp"

namespace loadgen::engine {

struct WheelNode {
  TimePoint deadline = kNever;
  std::int64_t tick = -1;  ///< of the bucket it stands in; -1: in none
  WheelNode* next = nullptr;
  WheelNode* previous = nullptr;
};

class TimingWheel {
 public:
  static constexpr std::int64_t kTickNs = 8'000'000;
  static constexpr std::int64_t kTicks = 1'024;

  explicit TimingWheel(TimePoint now) : current_(tick_of(now)) {}

  void arm(WheelNode& node, TimePoint deadline) {
    node.deadline = deadline;
    if (node.tick >= 0 && node.tick <= tick_of(deadline)) return;  // will be looked at in time
    if (node.tick >= 0) unlink(node);
    link(node);
  }

  static void disarm(WheelNode& node) { node.deadline = kNever; }

  /// Calls expired(node) for each node whose deadline has passed, at most one tick late; the node is in no bucket then.
  template <class Expired>
  void advance(TimePoint now, Expired&& expired) {
    const std::int64_t last = tick_of(now) - 1;  // a tick is due when it is over
    if (last - current_ >= kTicks) current_ = last - kTicks + 1;
    for (; current_ <= last; ++current_) {
      const std::size_t bucket = bucket_of(current_);
      WheelNode* node = heads_[bucket];
      heads_[bucket] = nullptr;
      occupied_[bucket / 64] &= ~(std::uint64_t{1} << (bucket % 64));
      while (node != nullptr) {
        WheelNode* const next = node->next;
        node->tick = -1;
        if (node->deadline <= now) {
          expired(*node);
        } else if (node->deadline != kNever) {
          link(*node, last + 1);
        }
        node = next;
      }
    }
  }

  /// When advance() has something to look at next; kNever when the wheel is empty.
  TimePoint next_look() const {
    for (std::int64_t step = 0; step < kTicks;) {
      const std::size_t bucket = bucket_of(current_ + step);
      const std::uint64_t word = occupied_[bucket / 64] >> (bucket % 64);
      if (word != 0) return end_of(current_ + step + std::countr_zero(word));
      step += static_cast<std::int64_t>(64 - bucket % 64);
    }
    return kNever;
  }

 private:
  static std::int64_t tick_of(TimePoint t) { return t.time_since_epoch().count() / kTickNs; }
  static TimePoint end_of(std::int64_t tick) { return TimePoint(Duration((tick + 1) * kTickNs)); }
  static std::size_t bucket_of(std::int64_t tick) { return static_cast<std::size_t>(tick % kTicks); }

  void link(WheelNode& node) { link(node, current_); }
  void link(WheelNode& node, std::int64_t earliest) {
    node.tick = std::clamp(tick_of(node.deadline), earliest, earliest + kTicks - 2);
    const std::size_t bucket = bucket_of(node.tick);
    node.previous = nullptr;
    node.next = heads_[bucket];
    if (node.next != nullptr) node.next->previous = &node;
    heads_[bucket] = &node;
    occupied_[bucket / 64] |= std::uint64_t{1} << (bucket % 64);
  }

  void unlink(WheelNode& node) {
    const std::size_t bucket = bucket_of(node.tick);
    (node.previous != nullptr ? node.previous->next : heads_[bucket]) = node.next;
    if (node.next != nullptr) node.next->previous = node.previous;
    if (heads_[bucket] == nullptr) occupied_[bucket / 64] &= ~(std::uint64_t{1} << (bucket % 64));
    node.tick = -1;
  }

  std::array<WheelNode*, kTicks> heads_{};
  std::array<std::uint64_t, kTicks / 64> occupied_{};
  std::int64_t current_;  ///< the first tick not yet looked at
};

}  // namespace loadgen::engine
