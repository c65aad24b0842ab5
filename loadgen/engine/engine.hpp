#pragma once
// The seam between what should be sent and how it is sent: submit and reap, shaped like io_uring.
//
// An engine moves bytes. It does not pace, count, judge a due time, or log. One engine belongs to one shard (thread)
// and every call comes from that thread. A slot is one user: it has at most one request in flight, and its own
// connections.

#include <concepts>
#include <cstdint>
#include <span>

#include "base/sample.hpp"
#include "base/time.hpp"

namespace loadgen::engine {

template <class E>
concept Engine = requires(E engine, std::uint32_t slot, std::uint16_t request, TimePoint until) {
  /// Begins request for slot, at once. Never blocks; a failure becomes a completed sample like any other outcome.
  engine.start(slot, request);
  /// Does I/O until something completed or the time has come, whichever is first; may return earlier, and returns at
  /// once when until has passed.
  engine.wait(until);
  /// What completed since the last call of completed(), which it invalidates.
  { engine.completed() } -> std::same_as<std::span<Sample>>;
  /// The slot's user is gone, or comes back as another visitor: closes its connections. Not while it is in flight.
  engine.release(slot);
  /// Gives up everything in flight: one completed sample each, ErrorKind::unfinished.
  engine.abort_all();
};

}  // namespace loadgen::engine
