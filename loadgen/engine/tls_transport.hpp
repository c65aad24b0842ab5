#pragma once
// TLS between HTTP and another transport: what that one reads is decrypted on its way up, what is sent is encrypted on
// its way down. Nothing is kept in between but what the kernel did not take: OpenSSL reads from the very bytes that
// arrived and writes into one buffer of the shard.
//
// Targets without TLS pass through.

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <openssl/bio.h>
#include <openssl/err.h>

#include "engine/engine_options.hpp"
#include "engine/tls_client.hpp"
#include "engine/transport.hpp"

namespace loadgen::engine {

/// What the transport with TLS calls beyond TransportSink.
template <class S>
concept TlsSink = TransportSink<S> && requires(S sink, Connection& connection, bool resumed, ErrorKind kind) {
  sink.on_secured(connection, resumed);
  sink.on_failed(connection, kind, 0);  ///< in the handshake, or by an alert after it
};

/// OpenSSL's view of a connection: reads come from `in`, writes go to `out`.
struct TlsPipe {
  std::string_view in;
  std::string* out = nullptr;
};
/// A BIO over a TlsPipe, which must outlive it: BIO_set_data. nullptr without memory.
BIO* make_pipe_bio(TlsPipe* pipe);

template <class Inner>
class TlsTransport {
 public:
  /// Throws std::runtime_error when OpenSSL refuses the options: they were tried before.
  TlsTransport(std::span<Connection> connections, const EngineOptions& options)
      : inner_(connections), connections_(connections), options_(options), links_(connections.size()) {
    Result<SslContext> context = make_ssl_context(options.tls);
    if (!context) throw std::runtime_error(context.error());
    context_ = std::move(*context);
    if (options.tls.session_reuse) keep_sessions();
  }

  bool measures_receive_lag() const { return inner_.measures_receive_lag(); }

  int open(Connection& c, const Route& route) { return inner_.open(c, route); }

  /// Begins the handshake on a connection that stands; 0, or errno. on_secured or on_failed follows.
  int secure(Connection& c) {
    Link& link = link_of(c);
    link.ssl = make_ssl(context_.get(), options_.tls, target_of(c).host);
    if (!link.ssl) return ENOMEM;
    link.pipe = {.in = {}, .out = &out_};
    BIO* const bio = make_pipe_bio(&link.pipe);
    if (bio == nullptr) return ENOMEM;
    SSL_set_bio(link.ssl.get(), bio, bio);
    SSL_set_app_data(link.ssl.get(), &link);
    if (link.session) SSL_set_session(link.ssl.get(), link.session.get());
    c.state = Connection::State::securing;
    ERR_clear_error();
    SSL_do_handshake(link.ssl.get());
    return flush(c, link);
  }

  /// Takes all of it, or as much as the kernel takes of what it becomes.
  ssize_t send(Connection& c, std::string_view bytes) {
    Link& link = link_of(c);
    if (!link.ssl) return inner_.send(c, bytes);
    std::size_t taken = 0;
    while (taken < bytes.size() && link.unsent.empty()) {
      const std::string_view piece = bytes.substr(taken, kEncryptAtOnce);
      ERR_clear_error();
      std::size_t written = 0;
      if (SSL_write_ex(link.ssl.get(), piece.data(), piece.size(), &written) != 1) return -EPROTO;
      taken += written;
      if (const int error = flush(c, link); error != 0) return -error;
    }
    return static_cast<ssize_t>(taken);
  }

  void close(Connection& c) {
    Link& link = link_of(c);
    if (link.ssl) {
      // Not shut down in words, which would be a packet more for a server that sees the end anyway; but a session is
      // kept only of a connection that looks shut down.
      SSL_set_shutdown(link.ssl.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
      link.ssl.reset();
      link.unsent.clear();
    }
    inner_.close(c);
  }

  /// The next user's connection resumes nobody's session.
  void forget(Connection& c) { link_of(c).session.reset(); }

  template <TlsSink Sink>
  void poll(Duration at_most, Sink& sink) {
    Upwards<Sink> upwards{*this, sink};
    inner_.poll(at_most, upwards);
  }

 private:
  /// Four records: what the kernel's send buffer takes at once as a rule.
  static constexpr std::size_t kEncryptAtOnce = 64U << 10;
  static constexpr std::size_t kDecryptAtOnce = 16U << 10;  ///< a record's most (RFC 8446, 5.1)

  struct Link {
    SslPointer ssl;      ///< of a connection that is being secured or is
    SslSession session;  ///< of the last one that stood
    TlsPipe pipe;
    std::string unsent;  ///< encrypted, and not yet taken by the kernel
  };

  /// The sink that the inner transport sees.
  template <class Sink>
  struct Upwards {
    TlsTransport& tls;
    Sink& sink;
    void on_connected(Connection& c) { sink.on_connected(c); }
    void on_connect_failed(Connection& c, int error) { sink.on_connect_failed(c, error); }
    void on_writable(Connection& c) { tls.on_writable(c, sink); }
    void on_bytes(Connection& c, std::string_view bytes, std::uint32_t lag) { tls.on_bytes(c, bytes, lag, sink); }
    void on_end(Connection& c, int error) { tls.on_end(c, error, sink); }
  };

  Link& link_of(const Connection& c) { return links_[static_cast<std::size_t>(&c - connections_.data())]; }
  const Target& target_of(const Connection& c) const {
    return options_.targets[static_cast<std::size_t>(&c - connections_.data()) % options_.targets.size()];
  }

  void keep_sessions() {
    SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context_.get(), [](SSL* ssl, SSL_SESSION* session) {
      static_cast<Link*>(SSL_get_app_data(ssl))->session.reset(session);
      return 1;  // it is ours now
    });
  }

  /// What OpenSSL has written since the last time goes down; what is not taken waits for on_writable.
  int flush(Connection& c, Link& link) {
    if (out_.empty()) return 0;
    ssize_t n = 0;
    if (link.unsent.empty()) n = inner_.send(c, out_);
    if (n >= 0) link.unsent.append(out_, static_cast<std::size_t>(n));
    out_.clear();
    return n < 0 ? static_cast<int>(-n) : 0;
  }

  template <class Sink>
  void on_writable(Connection& c, Sink& sink) {
    Link& link = link_of(c);
    if (!link.unsent.empty()) {
      const ssize_t n = inner_.send(c, link.unsent);
      if (n < 0) return on_end(c, static_cast<int>(-n), sink);
      link.unsent.erase(0, static_cast<std::size_t>(n));
      if (!link.unsent.empty()) return;
    }
    if (c.state == Connection::State::open) sink.on_writable(c);
  }

  template <class Sink>
  void on_bytes(Connection& c, std::string_view bytes, std::uint32_t lag, Sink& sink) {
    Link& link = link_of(c);
    if (!link.ssl) return sink.on_bytes(c, bytes, lag);
    link.pipe.in = bytes;
    if (c.state == Connection::State::securing && !go_on_securing(c, link, sink)) return;
    decrypt(c, link, lag, sink);
  }

  /// Whether the connection is secure now.
  template <class Sink>
  bool go_on_securing(Connection& c, Link& link, Sink& sink) {
    const std::uint32_t opening = c.opened;
    ERR_clear_error();
    const int result = SSL_do_handshake(link.ssl.get());
    const bool failed = result != 1 && SSL_get_error(link.ssl.get(), result) != SSL_ERROR_WANT_READ;
    const ErrorKind kind = failed ? tls_error(link.ssl.get(), options_.tls) : ErrorKind::none;
    const int error = flush(c, link);  // also the alert that tells the server why
    if (failed) return sink.on_failed(c, kind, 0), false;
    if (error != 0) return on_end(c, error, sink), false;
    if (result != 1) return false;
    if (!agreed(link.ssl.get(), options_.tls)) return sink.on_failed(c, ErrorKind::no_http2, 0), false;
    c.state = Connection::State::open;
    sink.on_secured(c, SSL_session_reused(link.ssl.get()) == 1);
    return is_same(c, link, opening);
  }

  /// Not closed, or closed and opened again, by what the sink did.
  static bool is_same(const Connection& c, const Link& link, std::uint32_t opening) {
    return link.ssl && c.opened == opening;
  }

  template <class Sink>
  void decrypt(Connection& c, Link& link, std::uint32_t lag, Sink& sink) {
    const std::uint32_t opening = c.opened;
    do {
      ERR_clear_error();
      std::size_t size = 0;
      const int result = SSL_read_ex(link.ssl.get(), plain_.data(), plain_.size(), &size);
      const int why = SSL_get_error(link.ssl.get(), result);
      if (const int error = flush(c, link); error != 0) return on_end(c, error, sink);  // a key update's answer
      if (why == SSL_ERROR_WANT_READ) return;
      if (why == SSL_ERROR_ZERO_RETURN) {
        c.cut_off = false;
        return sink.on_end(c, 0);
      }
      if (why != SSL_ERROR_NONE) return sink.on_failed(c, ErrorKind::tls, 0);
      sink.on_bytes(c, {plain_.data(), size}, lag);
      if (!is_same(c, link, opening)) return;
    } while (!link.pipe.in.empty() ||
             SSL_has_pending(link.ssl.get()) == 1);  // to ask for what is not there costs as much
  }

  /// The end that counts is the one inside: without it an attacker could cut a body short.
  template <class Sink>
  void on_end(Connection& c, int error, Sink& sink) {
    const Link& link = link_of(c);
    if (link.ssl && c.state == Connection::State::securing) return sink.on_failed(c, ErrorKind::tls, error);
    c.cut_off = link.ssl && error == 0;
    sink.on_end(c, error);
  }

  Inner inner_;
  std::span<Connection> connections_;
  EngineOptions options_;
  SslContext context_;
  std::vector<Link> links_;  ///< by connection
  std::string out_;          ///< what OpenSSL has just written
  std::vector<char> plain_ = std::vector<char>(kDecryptAtOnce);
};

}  // namespace loadgen::engine
