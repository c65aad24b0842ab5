#pragma once
// Names become addresses once, before the run; a probe finds out which of them answer.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/address.hpp"
#include "engine/tls_client.hpp"
#include "http/proxy.hpp"

namespace loadgen::engine {

enum class IpVersion : std::uint8_t { any, v4, v6 };

/// One server of a plan, with every address that it has.
struct Target {
  std::string authority;            ///< "localhost:3000", for messages
  std::vector<Endpoint> addresses;  ///< the proxy's, where there is one
  std::string host = {};            ///< as the URL has it, for the certificate
  bool tls = false;
  std::optional<http::Proxy> proxy = {};
  std::string asked_of_proxy = {};         ///< "example.com:443", or an address: where to; empty: its requests say it
  std::vector<std::string> refusals = {};  ///< of so many addresses, the last ones: why a probe found them no good

  /// So many addresses, the first ones, are begun with in turn; the rest are tried when those failed.
  std::size_t in_turn() const { return addresses.size() - refusals.size(); }
  /// A connection carries no request as soon as it stands.
  bool shakes_hands() const {
    return tls || (proxy && (!asked_of_proxy.empty() || proxy->kind == http::ProxyKind::https));
  }
};

/// Every address of host by the system's resolver, in its order (RFC 6724). Blocks; an IP address needs no resolver.
/// Error: the name, the resolver's reason and what to check.
Result<Target> resolve(const std::string& host, std::uint16_t port, IpVersion version = IpVersion::any);

/// The same of addresses that are given, as --resolve does. Error: none of them is of that version.
Result<Target> pinned(const std::string& host, std::uint16_t port, std::span<const std::string> addresses,
                      IpVersion version = IpVersion::any);

/// Whoever listens at that path. Error: a path that is too long for one.
Result<Target> unix_target(const std::string& path);

/// Takes away the addresses that no source can lead to. Error: all of them.
Result<Target> reachable_from(const Sources& sources, Target target);

struct ProbeOptions {
  /// Of all addresses together; all handshakes have as much again, and each no more than its share of what is left.
  Duration timeout{};
  TlsOptions tls = {};
  Sources sources = {};
};

/// "example.com:443", "[::1]:443".
std::string authority_of(const std::string& host, std::uint16_t port);

/// Opens and closes one connection to every address, with the handshakes that target and proxy want. Those that do not
/// answer, or not within a second of the first one that does, move to the end, with their refusals: so that a run
/// does not knock at ::1 three thousand times when the server listens on 127.0.0.1 only. Error: when that is all of
/// them, every address with its reason, and what to check.
Result<Target> probe(Target target, const ProbeOptions& options);

}  // namespace loadgen::engine
