#pragma once
// An engine without sockets: each request is answered as the test says, and waiting moves the manual clock.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/sample.hpp"
#include "engine/engine.hpp"
#include "tests/support/manual_clock.hpp"

namespace loadgen::test {

/// A request as the engine was told to start it.
struct Started {
  std::uint32_t slot;
  std::uint16_t request;
  TimePoint at;
  std::uint64_t index;  ///< of this slot's requests, from 0
};

struct Reply {
  Duration after;
  ErrorKind error = ErrorKind::none;
};

using Behaviour = std::function<Reply(const Started&)>;

class FakeEngine {
 public:
  FakeEngine(ManualClock& clock, Behaviour behaviour, std::function<void(TimePoint)> at_each_wait)
      : clock_(clock), behaviour_(std::move(behaviour)), at_each_wait_(std::move(at_each_wait)) {}

  void start(std::uint32_t slot, std::uint16_t request) {
    if (slot >= per_slot_.size()) per_slot_.resize(slot + 1);
    started_.push_back({slot, request, clock_.now(), per_slot_[slot]++});
    const Reply reply = behaviour_(started_.back());
    Sample sample;
    sample.slot = slot;
    sample.request = request;
    sample.started = clock_.now();
    sample.finished = clock_.now() + reply.after;
    sample.error = reply.error;
    in_flight_.push_back(sample);
  }

  void wait(TimePoint until) {
    at_each_wait_(clock_.now());
    for (const Sample& sample : in_flight_) until = std::min(until, sample.finished);
    clock_.move_to(until);
    const auto still_open = std::stable_partition(in_flight_.begin(), in_flight_.end(),
                                                  [&](const Sample& sample) { return sample.finished > clock_.now(); });
    done_.insert(done_.end(), still_open, in_flight_.end());
    in_flight_.erase(still_open, in_flight_.end());
  }

  std::span<Sample> completed() {
    reaped_ = std::move(done_);
    done_.clear();
    return reaped_;
  }

  void release(std::uint32_t slot) { released_.push_back(slot); }

  void abort_all() {
    for (Sample& sample : in_flight_) {
      sample.error = ErrorKind::unfinished;
      sample.finished = clock_.now();
      done_.push_back(sample);
    }
    in_flight_.clear();
  }

  const std::vector<Started>& started() const { return started_; }
  const std::vector<std::uint32_t>& released() const { return released_; }

 private:
  ManualClock& clock_;
  Behaviour behaviour_;
  std::function<void(TimePoint)> at_each_wait_;
  std::vector<std::uint64_t> per_slot_;
  std::vector<Started> started_;
  std::vector<Sample> in_flight_, done_, reaped_;
  std::vector<std::uint32_t> released_;
};

static_assert(engine::Engine<FakeEngine>);

}  // namespace loadgen::test
