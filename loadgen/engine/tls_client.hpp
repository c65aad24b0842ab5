#pragma once
// How connections to https targets are made trustworthy: OpenSSL's settings, one set a shard.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <openssl/ssl.h>

#include "base/error_kind.hpp"
#include "base/result.hpp"

namespace loadgen::engine {

enum class TlsVersion : std::uint8_t { v1_2, v1_3 };

struct TlsOptions {
  bool verify = true;            ///< the certificate: who signed it, its dates, its name
  std::string ca_file = {};      ///< PEM; empty: the system's
  std::string server_name = {};  ///< for SNI and for the certificate; empty: the URL's host
  std::string client_cert = {};  ///< PEM, the whole chain; empty: none
  std::string client_key = {};   ///< PEM
  TlsVersion min_version = TlsVersion::v1_2;
  std::string ciphers =
      {};              ///< OpenSSL's list for TLS 1.2; names that begin with TLS_ are suites of TLS 1.3; empty: its own
  bool http2 = false;  ///< offered by ALPN, and a server that does not take it is refused; else HTTP/1.1 is
  bool session_reuse = true;  ///< a user's next connection resumes the session of the one before
};

struct SslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslDeleter>;
using SslPointer = std::unique_ptr<SSL, SslDeleter>;
using SslSession = std::unique_ptr<SSL_SESSION, SslDeleter>;

/// A context with all that options name loaded. Error: which file or word it was, and OpenSSL's reason.
Result<SslContext> make_ssl_context(const TlsOptions& options);

/// A client's end of a connection to host, not begun: asks for the name and verifies it. nullptr without memory.
SslPointer make_ssl(SSL_CTX* context, const TlsOptions& options, const std::string& host);

/// Whether the server took the protocol that was offered: HTTP/1.1 is spoken where it says nothing.
bool agreed(const SSL* ssl, const TlsOptions& options);

/// Settles a context of somebody else's by these options, and has it verify host, or the name that stands in the
/// options for it. What files hold is taken from `like`, which make_ssl_context() has read them for. False without
/// memory.
bool set_up_like(SSL_CTX* like, const TlsOptions& options, const std::string& host, SSL_CTX* context);

/// What a certificate lacked, by what its verification gave (X509_V_ERR_...); tls: it was not that.
ErrorKind certificate_error(long verified);

/// Why a handshake with these options failed: what the certificate lacked, if it was that.
ErrorKind tls_error(const SSL* ssl, const TlsOptions& options);
/// The same in words, for people: OpenSSL's as a rule.
std::string tls_error_text(const SSL* ssl, const TlsOptions& options);

}  // namespace loadgen::engine
