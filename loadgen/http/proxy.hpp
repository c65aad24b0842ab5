#pragma once
// A proxy, as its URL names it: http://user:password@host:port.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace loadgen::http {

enum class ProxyKind : std::uint8_t {
  http,     ///< requests for http are sent to it whole, https goes through a tunnel (RFC 9110, 9.3.6: CONNECT)
  https,    ///< the same over TLS to the proxy
  socks5,   ///< RFC 1928; the target's name is resolved here
  socks5h,  ///< the same, and the target's name is resolved by the proxy
};

struct ProxyKindInfo {
  std::string_view scheme;
  std::uint16_t port;  ///< where a URL names none: curl's
};

/// By ProxyKind.
inline constexpr std::array<ProxyKindInfo, 4> kProxyKinds{
    {{"http", 1080}, {"https", 443}, {"socks5", 1080}, {"socks5h", 1080}}};

struct Proxy {
  ProxyKind kind = ProxyKind::http;
  std::string host = {};
  std::uint16_t port = 0;
  std::string user = {};      ///< empty: it is told nobody's name
  std::string password = {};  ///< never shown

  bool speaks_http() const { return kind == ProxyKind::http || kind == ProxyKind::https; }
  bool operator==(const Proxy&) const = default;
};

}  // namespace loadgen::http
