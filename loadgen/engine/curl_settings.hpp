#pragma once
// What libcurl is told of the way to a target: its proxy, and the TLS that the other engines speak too.

#include <memory>
#include <span>
#include <string>
#include <utility>

#include <curl/curl.h>

#include "base/error_kind.hpp"
#include "base/time.hpp"
#include "engine/resolve.hpp"
#include "engine/tls_client.hpp"

namespace loadgen::engine {

struct CurlFree {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using CurlList = std::unique_ptr<curl_slist, CurlFree>;

/// The handshakes of one connection, as they come. libcurl's handle points to it: it stays where it is.
struct CurlHandshake {
  const Target* target = nullptr;
  const TlsOptions* options = nullptr;
  CurlList proxy_address = {};  ///< for libcurl, which would ask its own resolver for the proxy's name
  SSL_CTX* like = nullptr;      ///< as which libcurl's contexts are set up
  TimePoint connected;      ///< the way to the target stood, TLS with it to begin; kUnset: not yet, or there is none
  bool with_proxy = false;  ///< TLS with the proxy has begun
  bool alerted = false;     ///< TLS was ended by an alert of either side
  bool notified = false;    ///< the server has said that it ends TLS (close_notify)

  /// Of another connection.
  void begin() {
    connected = kUnset;
    with_proxy = alerted = notified = false;
  }
};

class CurlSettings {
 public:
  /// options must outlive it. Throws std::runtime_error when OpenSSL refuses them: they were tried before.
  CurlSettings(std::span<const Target> targets, const TlsOptions& options);

  /// Sets the handle up for connections to target, for good. handshake and target must live as long as the handle.
  void apply_to(CURL* easy, const Target& target, CurlHandshake& handshake) const;

 private:
  const TlsOptions& options_;
  SslContext context_;  ///< where some target shakes hands
};

/// "http://example.com:81", as the request has it, or "https://example.com": libcurl takes the name for TLS from that.
std::string origin_of(const Target& target, const std::string& authority, const TlsOptions& options);

/// Whether the TLS session of the connection that the handle is about to use was resumed.
bool resumed(CURL* easy);

/// Why a connection did not become ready for its first request.
ErrorKind handshake_error(CURL* easy, CURLcode code, const CurlHandshake& handshake);

/// Makes the handshakes with proxy and target on a connection that stands, and ends them. Blocks. Why it failed, in
/// libcurl's words, and whether it was in TLS with the target; "": it did not.
std::pair<std::string, bool> try_handshakes(const Target& target, const TlsOptions& options, int fd, Duration timeout);

}  // namespace loadgen::engine
