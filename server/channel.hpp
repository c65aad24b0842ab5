#pragma once
// A connection's bytes, in and out: over its socket as they are, or encrypted. Each operation's handler takes
// (error_code, bytes); its memory is the connection's own slot.

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/operation_slot.hpp"
#include "server/tls.hpp"

namespace loadgen_server {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

class Channel {
 public:
  using Error = boost::system::error_code;

  /// tls: nullptr for plain bytes.
  Channel(Socket socket, SSL_CTX* tls) : socket_(std::move(socket)) {
    Error ignored;  // a failure shows at the first read
    socket_.non_blocking(true, ignored);
    if (tls != nullptr) tls_ = std::make_unique<TlsSession>(tls, socket_.native_handle());
  }

  /// Of what can be sent at once; would_block when not all of it.
  std::size_t write_some(std::string_view bytes, Error& error) {
    if (tls_ == nullptr) return socket_.write_some(boost::asio::buffer(bytes), error);
    const TlsStep step = tls_->write(bytes);
    error = step.waits_for ? Error(boost::asio::error::would_block) : step.error;
    return step.bytes;
  }

  template <class Done>
  void async_write_some(std::string_view bytes, OperationSlot& slot, Done done) {
    if (tls_ == nullptr) return socket_.async_write_some(boost::asio::buffer(bytes), in_slot(slot, std::move(done)));
    when(Socket::wait_write, slot, done, [this, bytes] { return tls_->write(bytes); });
  }

  template <class Done>
  void async_read_some(char* room, std::size_t capacity, OperationSlot& slot, Done done) {
    if (tls_ == nullptr)
      return socket_.async_read_some(boost::asio::buffer(room, capacity), in_slot(slot, std::move(done)));
    when(Socket::wait_read, slot, done, [this, room, capacity] { return tls_->read(room, capacity); });
  }

  /// Bytes have come that no socket will announce again; read_pending() has them at once.
  bool has_pending() const { return tls_ != nullptr && tls_->has_pending(); }
  std::size_t read_pending(char* room, std::size_t capacity) { return tls_->read(room, capacity).bytes; }

  /// Once, after a TLS handshake: whether it resumed a session.
  std::optional<bool> take_handshake() { return tls_ == nullptr ? std::nullopt : tls_->take_handshake(); }

  /// Nothing more will be sent; the peer may still send.
  void shutdown_send() {
    say_goodbye();
    Error ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  /// A pending operation ends with an error.
  void close() {
    say_goodbye();
    Error ignored;
    socket_.close(ignored);
  }
  /// By RST, without a word.
  void reset() {
    Error ignored;
    socket_.set_option(boost::asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);  // left to the destructor, it would be an ordinary close
  }

 private:
  void say_goodbye() {
    if (tls_ != nullptr && socket_.is_open()) tls_->say_goodbye();
  }

  /// Tries when the socket is ready for `what`, and again for what the session then waits for.
  template <class Done, class Try>
  void when(Socket::wait_type what, OperationSlot& slot, Done done, Try attempt) {
    socket_.async_wait(what, in_slot(slot, [this, &slot, done, attempt](Error error) {
                         if (error) return done(error, 0);
                         const TlsStep step = attempt();
                         if (step.bytes == 0 && step.waits_for) return when(*step.waits_for, slot, done, attempt);
                         done(step.bytes > 0 ? Error() : step.error, step.bytes);
                       }));
  }

  Socket socket_;
  std::unique_ptr<TlsSession> tls_;
};

}  // namespace loadgen_server
