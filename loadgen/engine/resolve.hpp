#pragma once
// Names become addresses once, before the run; a probe finds out which of them answers.

#include <cstdint>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/tls_client.hpp"

namespace loadgen::engine {

using Endpoint = boost::asio::ip::tcp::endpoint;

/// One server of a plan. Addresses are tried in turn by every connection.
struct Target {
  std::string authority;  ///< "localhost:3000", for messages
  std::vector<Endpoint> addresses;
  std::string host = {};  ///< as the URL has it, for the certificate
  bool tls = false;
};

/// Every address of host by the system's resolver, in its order. Blocks; an IP address needs no resolver.
/// Error: the name, the resolver's reason and what to check.
Result<Target> resolve(const std::string& host, std::uint16_t port);

/// Opens and closes one connection, a TLS handshake included where the target wants one: the first address that accepts
/// within timeout (each) moves to the front, so that a run does not knock at ::1 first six thousand times when the
/// server listens on 127.0.0.1 only. Error: every address with its reason, and what to check.
Result<Target> probe(Target target, Duration timeout, const TlsOptions& tls = {});

}  // namespace loadgen::engine
