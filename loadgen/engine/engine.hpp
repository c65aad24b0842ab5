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
#include "http/kept_headers.hpp"
#include "http/prepared_request.hpp"

namespace loadgen::engine {

/// What an engine knows of its connections as a whole.
struct EngineFacts {
  std::uint64_t retransmits = 0;        ///< segments sent again, over the connections asked
  std::uint64_t connections_asked = 0;  ///< established ones whose kernel figures were read
  bool measures_receive_lag = false;    ///< Sample::receive_lag_ns is set on some samples
  bool looks_before_sending = false;    ///< a close by the server is always noticed before a request goes out after it
};

template <class E>
concept Engine = requires(E engine, std::uint32_t slot, std::uint16_t request, const http::PreparedRequest& instead,
                          std::uint16_t target, TimePoint until, const Sample& sample) {
  /// Begins request for slot, at once. Never blocks; a failure becomes a completed sample like any other outcome.
  engine.start(slot, request);
  /// The same under request's number, but sends instead, which must live until its sample was handed out. It may ask
  /// for kept headers only if some request that the engine was made with does.
  engine.start(slot, request, instead);
  /// Opens slot's connection to a target ahead of time, with no request on it. Completes as a sample of kNoRequest:
  /// error none once it stands (at once if it stood already, with new_connection false), else what came of it. Not
  /// while something of this slot is in flight to that target.
  engine.connect(slot, target);
  /// Does I/O until something completed or the time has come, whichever is first; may return earlier, and returns at
  /// once when until has passed.
  engine.wait(until);
  /// What completed since the last call of completed(), which it invalidates.
  { engine.completed() } -> std::same_as<std::span<Sample>>;
  /// What was kept of the response behind a completed sample, whose request asked for that. Until the slot's next
  /// start.
  { engine.headers_of(sample) } -> std::same_as<const http::KeptHeaders&>;
  /// The slot's user is gone, or comes back as another visitor: closes its connections. Not while it is in flight.
  engine.release(slot);
  /// Gives up everything in flight: one completed sample each, ErrorKind::unfinished.
  engine.abort_all();
  /// Of the connections closed so far and those that are open. Costs a system call for each open one.
  { engine.facts() } -> std::same_as<EngineFacts>;
};

}  // namespace loadgen::engine
