#pragma once
// TLS for the server: one context for all threads, and one session a connection, straight on its socket.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <openssl/ssl.h>

#include "server/options.hpp"

namespace loadgen_server {

struct TlsDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* session) const { SSL_free(session); }
};
using TlsContext = std::unique_ptr<SSL_CTX, TlsDeleter>;

/// TLS 1.2 and 1.3 with HTTP/1.1 by ALPN, sessions resumed by tickets. Empty: the options ask for none. Throws
/// std::runtime_error where a certificate or key cannot be used: what, which file, and OpenSSL's reason.
TlsContext make_tls(const Options& options);

/// What came of one attempt to move bytes.
struct TlsStep {
  std::size_t bytes = 0;
  boost::system::error_code error{};                                   ///< eof: the peer has closed its side
  std::optional<boost::asio::ip::tcp::socket::wait_type> waits_for{};  ///< nothing moved; try again when it is so
};

/// One connection's session. Each call does as much as it can without waiting; the handshake is made on the way.
class TlsSession {
 public:
  /// socket: open and non-blocking, and stays the caller's.
  TlsSession(SSL_CTX* context, int socket);

  TlsStep read(char* room, std::size_t capacity);
  TlsStep write(std::string_view bytes);
  /// Bytes are decrypted and not read yet: no use to wait for the socket.
  bool has_pending() const { return SSL_pending(session_.get()) > 0; }
  /// Tells the peer that there is nothing more, if it can be told at once.
  void say_goodbye();
  /// Once, when the handshake is over: whether an earlier session was resumed.
  std::optional<bool> take_handshake();

 private:
  TlsStep step_after(int result);

  std::unique_ptr<SSL, TlsDeleter> session_;
  bool handshake_told_ = false;
};

}  // namespace loadgen_server
