#pragma once
// What the kernel knows of a connection.

#include <cstdint>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "engine/connection.hpp"
#include "engine/engine.hpp"

namespace loadgen::engine {

/// Of a connection's openings one in so many is asked for its kernel figures, the first always: that costs 1.1 us, and
/// where every request opens its connection asking each would cost 2.6 % of it.
inline constexpr std::uint32_t kAskOneOpeningIn = 16;

/// Adds what the kernel knows of an established connection.
inline void add_facts(const Connection& connection, EngineFacts& facts) {
  if (connection.state != Connection::State::open || connection.opened % kAskOneOpeningIn != 1) return;
  tcp_info info{};
  socklen_t size = sizeof info;
  if (::getsockopt(connection.fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return;
  facts.retransmits += info.tcpi_total_retrans;
  ++facts.connections_asked;
}

}  // namespace loadgen::engine
