#pragma once
// For tests: a server of a few lines that speaks TLS, and its certificate.

#include <cstdio>
#include <functional>
#include <string>
#include <utility>

#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "engine/test_servers.hpp"
#include "server/self_signed.hpp"

namespace loadgen::engine {

namespace ssl = asio::ssl;
using TlsStream = ssl::stream<tcp::socket>;

class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& text) {
    std::FILE* const file = ::fdopen(::mkstemp(path_.data()), "w");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
  }
  ~TemporaryFile() { ::unlink(path_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = testing::TempDir() + "loadgen-XXXXXX";
};

struct Certificate {
  explicit Certificate(const loadgen_server::Identity& identity = {})
      : Certificate(loadgen_server::make_self_signed(identity)) {}
  explicit Certificate(const loadgen_server::SelfSigned& made)
      : certificate(loadgen_server::pem_of(*made.certificate)), key(loadgen_server::pem_of(*made.key)) {}
  TemporaryFile certificate;
  TemporaryFile key;
};

/// As ScriptedServer, with TLS: the script begins after the handshake.
class TlsServer {
 public:
  using Script = std::function<void(TlsStream&, int connection)>;
  using Setting = std::function<void(ssl::context&)>;

  TlsServer(const Certificate& certificate, Script script, int connections = 1, const Setting& set = {})
      : context_(ssl::context::tls_server),
        server_(
            [this, script = std::move(script)](tcp::socket& socket, int connection) {
              TlsStream stream(std::move(socket), context_);
              boost::system::error_code error;
              stream.handshake(ssl::stream_base::server, error);
              if (error) return;
              script(stream, connection);
            },
            connections) {
    context_.use_certificate_chain_file(certificate.certificate.path());
    context_.use_private_key_file(certificate.key.path(), ssl::context::pem);
    if (set) set(context_);
  }
  tcp::endpoint endpoint() const { return server_.endpoint(); }
  void wait_for_close() { server_.wait_for_close(); }

 private:
  ssl::context context_;
  ScriptedServer server_;
};

inline bool read_request(TlsStream& stream) {
  std::string text;
  boost::system::error_code error;
  asio::read_until(stream, asio::dynamic_buffer(text), "\r\n\r\n", error);
  return !error;
}

inline void answer(TlsStream& stream, const std::string& text) {
  boost::system::error_code ignored;
  asio::write(stream, asio::buffer(text), ignored);
}

inline TlsServer::Script always_over_tls(const std::string& text) {
  return [text](TlsStream& stream, int) {
    while (read_request(stream)) answer(stream, text);
  };
}

/// A server that takes this protocol (behind its length, as ALPN has it) and no other.
inline TlsServer::Setting chooses(const char* protocol) {
  return [protocol](ssl::context& context) {
    SSL_CTX_set_alpn_select_cb(
        context.native_handle(),
        [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* offered, unsigned offered_size,
           void* chosen) {
          const auto* const only = static_cast<const unsigned char*>(chosen);
          const int found =
              SSL_select_next_proto(const_cast<unsigned char**>(out), size, only, *only + 1U, offered, offered_size);
          return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
        },
        const_cast<char*>(protocol));
  };
}

}  // namespace loadgen::engine
