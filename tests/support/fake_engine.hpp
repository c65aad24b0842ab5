#pragma once
// An engine without sockets: each request is answered as the test says, and waiting moves the manual clock.

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
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
  std::uint64_t index;                           ///< of this slot's requests, from 0
  std::string instead{};                         ///< the bytes sent instead of the plan's; empty: the plan's
  std::uint16_t target{};                        ///< of those
  std::shared_ptr<const http::Upload> upload{};  ///< behind those
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
  std::uint16_t status = 0;
  std::string location{};
  std::string cookies{};
  std::string challenges{};
  bool joined = false;  ///< of a connection: another slot's
};

using Behaviour = std::function<Reply(const Started&)>;
using ConnectBehaviour = std::function<Reply(const Connecting&)>;

class FakeEngine {
 public:
  FakeEngine(ManualClock& clock, Behaviour behaviour, std::function<void(TimePoint)> at_each_wait)
      : clock_(clock), behaviour_(std::move(behaviour)), at_each_wait_(std::move(at_each_wait)) {}

  void start(std::uint32_t slot, std::uint16_t request) {
    begin({.slot = slot, .request = request, .at = clock_.now(), .index = 0});
  }

  void start(std::uint32_t slot, std::uint16_t request, const http::PreparedRequest& instead) {
    begin({slot, request, clock_.now(), 0, instead.bytes, instead.target, instead.upload});
  }

  const http::KeptHeaders& headers_of(const Sample& sample) const { return kept_[sample.slot]; }

  /// How connects fare from now on; until this is called each stands at once.
  void on_connect(ConnectBehaviour behaviour) { connect_behaviour_ = std::move(behaviour); }

  void connect(std::uint32_t slot, std::uint16_t target) {
    connects_.push_back({slot, target, clock_.now()});
    const Reply reply = connect_behaviour_(connects_.back());
    Sample& sample = answer(slot, kNoRequest, reply);
    sample.new_connection = !reply.joined;
    if (sample.succeeded() && !reply.joined) sample.connected = sample.finished;
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
  void begin(Started started) {
    if (started.slot >= per_slot_.size()) per_slot_.resize(started.slot + 1);
    kept_.resize(per_slot_.size());
    started.index = per_slot_[started.slot]++;
    started_.push_back(std::move(started));
    const Started& begun = started_.back();
    const Reply reply = behaviour_(begun);
    kept_[begun.slot] = {.location = reply.location, .cookies = reply.cookies, .challenges = reply.challenges};
    Sample& sample = answer(begun.slot, begun.request, reply);
    if (reply.status == 0) return;
    sample.status = reply.status;
    sample.first_byte = sample.finished - reply.after / 4;
    sample.bytes_in = 100;
    sample.bytes_out = 10;
  }

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
  std::vector<http::KeptHeaders> kept_;
  std::vector<Connecting> connects_;
  std::vector<Sample> in_flight_, done_, reaped_;
  std::vector<std::uint32_t> released_;
};

static_assert(engine::Engine<FakeEngine>);

}  // namespace loadgen::test
