#pragma once
// Both ends of a connection: where it goes to, and which of this machine's addresses it comes from.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/generic/stream_protocol.hpp>

#include "base/result.hpp"

namespace loadgen::engine {

/// An address of IPv4 or IPv6 with its port, or the path of a unix socket.
using Endpoint = boost::asio::generic::stream_protocol::endpoint;

/// "127.0.0.1:80", "[::1]:80", "unix:/run/app.sock"
std::string to_text(const Endpoint& endpoint);

/// A loopback address or a unix socket.
bool is_local(const Endpoint& endpoint);

/// Addresses of this machine that connections take in turn; none: the kernel chooses. The port of each is 0.
struct Sources {
  std::vector<Endpoint> v4;
  std::vector<Endpoint> v6;
  bool empty() const { return v4.empty() && v6.empty(); }
  std::size_t size() const { return v4.size() + v6.size(); }
  /// Those that may stand at the other end of a connection to `to`.
  const std::vector<Endpoint>& towards(const Endpoint& to) const;
};

/// Of addresses, and of network interfaces, each of which stands for all its addresses but link-local ones of IPv6.
/// Error: which name it is that means nothing here, and what there is.
Result<Sources> find_sources(std::span<const std::string> names);

/// What a connection is opened between. from: nullptr where the kernel chooses.
struct Route {
  const Endpoint& to;
  const Endpoint* from = nullptr;
  std::uint32_t attempt = 0;  ///< how many addresses were tried before
};

/// The address that attempt n (0: the first) of a user's connection goes to, of `addresses` of which the first
/// `in_turn`, at least one, are begun with. User i begins at i mod in_turn; the rest are last resorts.
constexpr std::size_t address_of(std::uint64_t user, std::size_t attempt, std::size_t in_turn) {
  return attempt < in_turn ? (user + attempt) % in_turn : attempt;
}

/// The source of that user's connections, of so many: i mod sources, moved on by one after each round of addresses and
/// sources, so that in the end every address is met from every source.
std::size_t source_of(std::uint64_t user, std::size_t sources, std::size_t in_turn);

/// A socket for route.to, bound to route.from, with Nagle's delay off; -1 and errno. extra_flags: SOCK_NONBLOCK or 0.
/// Its port is chosen when it connects, so that one port serves several servers.
int make_socket(const Route& route, int extra_flags);

}  // namespace loadgen::engine
