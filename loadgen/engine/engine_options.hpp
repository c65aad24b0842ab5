#pragma once
// What an engine is made of.

#include <cstdint>
#include <span>

#include "base/time.hpp"
#include "engine/resolve.hpp"
#include "http/prepared_request.hpp"
#include "http/response_parser.hpp"

namespace loadgen::engine {

struct EngineOptions {
  std::span<const http::PreparedRequest> requests;  ///< must outlive the engine; indexed by start()'s request
  std::span<const Target> targets;                  ///< must outlive the engine; indexed by PreparedRequest::target
  std::uint32_t slots = 0;
  Duration connect_timeout = std::chrono::seconds(10);   ///< of each address, a TLS handshake included
  Duration response_timeout = std::chrono::seconds(30);  ///< from sending to the response's last byte
  /// How long a request that asks waits for 100 before its body goes anyway (RFC 9110, 10.1.1).
  Duration continue_timeout = std::chrono::seconds(1);
  http::ResponseLimits limits = {};
  TlsOptions tls = {};                       ///< of the targets that want it
  std::uint32_t streams_per_connection = 1;  ///< HTTP/2: so many neighbouring slots share one; not 0
  Sources sources = {};
  std::uint32_t first_user = 0;  ///< slot s is user first_user + s * users_apart of the whole run
  std::uint32_t users_apart = 1;

  /// Users who share a connection count as one: it has one address.
  std::uint64_t user_of(std::uint32_t slot) const {
    return first_user + std::uint64_t{slot / streams_per_connection} * users_apart;
  }
};

}  // namespace loadgen::engine
