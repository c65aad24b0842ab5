#pragma once
// A user's connection to one target. Kept between requests, owned by the user as in JMeter.

#include <cstdint>

#include "base/time.hpp"

namespace loadgen::engine {

struct Exchange;

struct Connection {
  enum class State : std::uint8_t { closed, connecting, securing, open };

  int fd = -1;
  std::uint32_t opened = 0;       ///< how often: tells events of this socket from those of one closed before
  Exchange* exchange = nullptr;   ///< the request in flight on it
  TimePoint idle_since = kUnset;  ///< end of the last response on it
  State state = State::closed;
  bool closed_by_server = false;  ///< between two requests; the next one opens it again
  bool armed = false;             ///< the transport still waits for something on this socket
  bool sending = false;           ///< the kernel has not taken all of the request yet
  bool cut_off = false;           ///< it ended without TLS, or HTTP/2, having said so
  bool watched = false;           ///< the transport tells how long what it reads had been there
  /// errno of a send to a server that was gone: told once all has been read that it had said before.
  std::uint16_t send_error = 0;
};

}  // namespace loadgen::engine
