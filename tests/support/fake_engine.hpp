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

/// A connection as the engine was told to open it ahead of time.
struct Connecting {
  std::uint32_t slot;
  std::uint16_t target;
  TimePoint at;
};

struct Reply {
  Duration after;
  ErrorKind error = ErrorKind::none;
};

using Behaviour = std::function<Reply(const Started&)>;
using ConnectBehaviour = std::function<Reply(const Connecting&)>;

class FakeEngine {
 public:
  FakeEngine(ManualClock& clock, Behaviour behaviour, std::function<void(TimePoint)> at_each_wait)
      : clock_(clock), behaviour_(std::move(behaviour)), at_each_wait_(std::move(at_each_wait)) {}

  void start(std::uint32_t slot, std::uint16_t request) {
    if (slot >= per_slot_.size()) per_slot_.resize(slot + 1);
    started_.push_back({slot, request, clock_.now(), per_slot_[slot]++});
    answer(slot, request, behaviour_(started_.back()));
  }

  /// How connects fare from now on; until this is called each stands at once.
  void on_connect(ConnectBehaviour behaviour) { connect_behaviour_ = std::move(behaviour); }

  void connect(std::uint32_t slot, std::uint16_t target) {
    connects_.push_back({slot, target, clock_.now()});
    const Reply reply = connect_behaviour_(connects_.back());
    Sample& sample = answer(slot, kNoRequest, reply);
    sample.new_connection = true;
    if (sample.succeeded()) sample.connected = sample.finished;
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
      sample.connected = kUnset;
      sample.finished = clock_.now();
      done_.push_back(sample);
    }
    in_flight_.clear();
  }

  engine::EngineFacts facts() const { return {}; }

  const std::vector<Started>& started() const { return started_; }
  const std::vector<Connecting>& connects() const { return connects_; }
  const std::vector<std::uint32_t>& released() const { return released_; }

 private:
  /// What will come of it when reply.after has passed.
  Sample& answer(std::uint32_t slot, std::uint16_t request, const Reply& reply) {
    Sample sample;
    sample.slot = slot;
    sample.request = request;
    sample.started = clock_.now();
    sample.finished = clock_.now() + reply.after;
    sample.error = reply.error;
    return in_flight_.emplace_back(sample);
  }

  ManualClock& clock_;
  Behaviour behaviour_;
  ConnectBehaviour connect_behaviour_ = [](const Connecting&) { return Reply{.after = Duration::zero()}; };
  std::function<void(TimePoint)> at_each_wait_;
  std::vector<std::uint64_t> per_slot_;
  std::vector<Started> started_;
  std::vector<Connecting> connects_;
  std::vector<Sample> in_flight_, done_, reaped_;
  std::vector<std::uint32_t> released_;
};

static_assert(engine::Engine<FakeEngine>);

}  // namespace loadgen::test
