#pragma once
// Sockets in one edge-triggered epoll: registered once in their life, for reading and writing, and no system call spent
// on them afterwards but send and recv. Every recv goes into the shard's one buffer, which therefore stays in the
// cache.

#include <array>
#include <cerrno>
#include <cstdint>
#include <span>
#include <vector>

#include <sys/epoll.h>
#include <unistd.h>

#include "base/sample.hpp"
#include "base/time.hpp"
#include "engine/epoll.hpp"
#include "engine/receive_lag.hpp"
#include "engine/transport.hpp"

namespace loadgen::engine {

class EpollTransport {
 public:
  /// connections must outlive the transport and stay where they are. Throws std::system_error without a descriptor.
  explicit EpollTransport(std::span<Connection> connections) : connections_(connections), buffer_(kReceiveAtOnce) {}
  ~EpollTransport() {
    for (Connection& connection : connections_) close(connection);
  }
  EpollTransport(const EpollTransport&) = delete;
  EpollTransport& operator=(const EpollTransport&) = delete;

  bool measures_receive_lag() const { return stamps_.available(); }

  int open(Connection& c, const Route& route) {
    c.fd = make_socket(route, SOCK_NONBLOCK);
    if (c.fd < 0) return errno;
    if (c.watched) ask_for_stamps(c.fd);
    c.state = Connection::State::connecting;
    if (::connect(c.fd, route.to.data(), static_cast<socklen_t>(route.to.size())) != 0 && errno != EINPROGRESS)
      return errno;
    const auto index = static_cast<std::uint64_t>(&c - connections_.data());
    return epoll_.add(c.fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, std::uint64_t{++c.opened} << 32 | index);
  }

  ssize_t send(Connection& c, std::string_view bytes) {
    const ssize_t n = ::send(c.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    c.sending = n < static_cast<ssize_t>(bytes.size());
    if (n >= 0) return n;
    if (errno == EPIPE || errno == ECONNRESET) c.send_error = static_cast<std::uint16_t>(errno);  // read() tells it
    return errno == EAGAIN || c.send_error != 0 ? 0 : -errno;
  }

  void close(Connection& c) {
    if (c.fd >= 0) ::close(c.fd);
    c.fd = -1;
    c.state = Connection::State::closed;
    c.sending = false;
    c.send_error = 0;
  }

  template <TransportSink Sink>
  void poll(Duration at_most, Sink& sink) {
    if (!unread_.empty()) at_most = Duration::zero();
    const std::span<const epoll_event> events = epoll_.wait(at_most);
    std::swap(unread_, again_);
    for (const epoll_event& event : again_) {
      Connection& c = connections_[event.data.u64 & UINT32_MAX];
      if (is_current(c, event.data.u64)) read(c, event, sink);
    }
    again_.clear();
    for (const epoll_event& event : events) {
      Connection& c = connections_[event.data.u64 & UINT32_MAX];
      if (is_current(c, event.data.u64)) on_event(c, event, sink);
    }
  }

 private:
  static constexpr std::size_t kReceiveAtOnce = 64U << 10;
  static constexpr int kPiecesAtOnce = 16;
  static constexpr std::uint32_t kHungUp = EPOLLRDHUP | EPOLLERR | EPOLLHUP;

  /// Not of a socket that was closed earlier in this very batch.
  static bool is_current(const Connection& c, std::uint64_t tag) { return c.fd >= 0 && c.opened == tag >> 32; }

  template <TransportSink Sink>
  void on_event(Connection& c, const epoll_event& event, Sink& sink) {
    if (c.state == Connection::State::connecting) {
      if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) return sink.on_connect_failed(c, pending_error(c.fd));
      if ((event.events & EPOLLOUT) == 0) return;
      c.state = Connection::State::open;
      sink.on_connected(c);
    } else if (c.sending && (event.events & EPOLLOUT) != 0) {
      sink.on_writable(c);
    }
    if ((event.events & (EPOLLIN | kHungUp)) != 0) read(c, event, sink);
  }

  template <TransportSink Sink>
  void read(Connection& c, const epoll_event& event, Sink& sink) {
    const std::uint64_t tag = event.data.u64;
    // A short recv means that was all, and more makes a new event; but a hang-up was told with this one.
    const bool hung_up = (event.events & kHungUp) != 0;
    bool more = true;
    for (int pieces = 0; more && is_current(c, tag); ++pieces) {
      // A server that never stops must not keep the others waiting. The edge is used up, so we come back by ourselves.
      if (pieces == kPiecesAtOnce) return unread_.push_back(event);
      const auto [n, lag] = c.watched ? receive_stamped(c) : receive(c);
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) return sink.on_end(c, n == 0 ? c.send_error : errno);
      more = hung_up || static_cast<std::size_t>(n) == buffer_.size();
      sink.on_bytes(c, {buffer_.data(), static_cast<std::size_t>(n)}, lag);
    }
  }

  struct Received {
    ssize_t size;       ///< as recv's result
    std::uint32_t lag;  ///< as Sample::receive_lag_ns
  };

  Received receive(const Connection& c) { return {::recv(c.fd, buffer_.data(), buffer_.size(), 0), kNoReceiveLag}; }

  Received receive_stamped(const Connection& c) {
    alignas(cmsghdr) std::array<char, kStampSpace> control;
    iovec piece{.iov_base = buffer_.data(), .iov_len = buffer_.size()};
    msghdr message{};
    message.msg_iov = &piece;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    const ssize_t n = ::recvmsg(c.fd, &message, 0);
    return {n, n > 0 ? receive_lag(CMSG_FIRSTHDR(&message)) : kNoReceiveLag};
  }

  std::span<Connection> connections_;
  Epoll epoll_;
  ArrivalStamps stamps_;
  std::vector<char> buffer_;
  std::vector<epoll_event> unread_;  ///< of connections that had more than was read at once
  std::vector<epoll_event> again_;   ///< those of the poll before, while they are read on
};

}  // namespace loadgen::engine
