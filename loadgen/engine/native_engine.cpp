#include "engine/native_engine.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/error_map.hpp"

namespace loadgen::engine {
namespace {

/// One recv takes at most this much beyond what was left over before.
constexpr std::size_t kReceiveAtOnce = 64U << 10;

/// Servers count their keep-alive timeouts in whole seconds: a connection idle for less was not closed by one.
constexpr Duration kShortestKeepAlive = std::chrono::seconds(1);

/// A non-blocking socket on its way to endpoint, or -1 and errno.
int begin_connect(const Endpoint& endpoint) {
  const int fd = ::socket(endpoint.protocol().family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);
  if (fd < 0) return -1;
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(fd, endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0 || errno == EINPROGRESS) return fd;
  const int why = errno;
  ::close(fd);
  errno = why;
  return -1;
}

int pending_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

std::uint64_t tag_of(std::size_t index, std::uint32_t opened) {
  return std::uint64_t{opened} << 32 | index;
}

}  // namespace

NativeEngine::NativeEngine(const NativeOptions& options)
    : options_(options),
      wheel_(SteadyClock::now()),
      connections_(options.slots * std::max<std::size_t>(1, options.targets.size())),
      buffer_(options.limits.header + kReceiveAtOnce) {
  done_.reserve(options.slots + Poller::kBatch);
  reaped_.reserve(options.slots + Poller::kBatch);
}

NativeEngine::~NativeEngine() {
  for (Connection& connection : connections_) close(connection);
}

std::span<Connection> NativeEngine::connections_of(std::uint32_t slot) {
  return std::span(connections_).subspan(slot * options_.targets.size(), options_.targets.size());
}

void NativeEngine::start(std::uint32_t slot, std::uint16_t request) {
  Exchange& x = exchanges_.borrow();
  x.request = &options_.requests[request];
  x.connection = &connections_of(slot)[x.request->target];
  x.connection->exchange = &x;
  x.sent = 0;
  x.address = 0;
  x.left_over.clear();
  x.sample = Sample{};
  x.sample.slot = slot;
  x.sample.request = request;
  x.sample.started = SteadyClock::now();
  x.parser.begin(*x.request, options_.limits);
  if (x.connection->fd < 0) {
    x.sample.reopened = std::exchange(x.connection->closed_by_server, false);
    return open(x);
  }
  x.phase = Exchange::Phase::sending;
  wheel_.arm(x, x.sample.started + options_.response_timeout);
  send(x);
}

void NativeEngine::open(Exchange& x) {
  Connection& connection = *x.connection;
  x.phase = Exchange::Phase::connecting;
  x.sample.new_connection = true;
  connection.fd = begin_connect(options_.targets[x.request->target].addresses[x.address]);
  if (connection.fd < 0) return try_next_address(x, connect_error(errno), errno);
  const auto index = static_cast<std::size_t>(&connection - connections_.data());
  if (const int error = poller_.add(connection.fd, tag_of(index, ++connection.opened)); error != 0)
    return try_next_address(x, ErrorKind::other, error);
  wheel_.arm(x, SteadyClock::now() + options_.connect_timeout);
}

void NativeEngine::connected(Exchange& x) {
  x.sample.connected = SteadyClock::now();
  x.phase = Exchange::Phase::sending;
  wheel_.arm(x, x.sample.connected + options_.response_timeout);
  send(x);
}

void NativeEngine::try_next_address(Exchange& x, ErrorKind kind, int system_error) {
  close(*x.connection);
  // Without a port or a descriptor the next address fares no better.
  const bool local = kind == ErrorKind::no_local_port || kind == ErrorKind::no_descriptor;
  if (!local && ++x.address < options_.targets[x.request->target].addresses.size()) return open(x);
  finish(x, kind, system_error, SteadyClock::now());
}

void NativeEngine::send(Exchange& x) {
  const std::string& bytes = x.request->bytes;
  while (x.sent < bytes.size()) {
    const ssize_t n = ::send(x.connection->fd, bytes.data() + x.sent, bytes.size() - x.sent, MSG_NOSIGNAL);
    if (n < 0 && errno == EAGAIN) return;  // goes on when the socket is writable
    if (n < 0) return on_broken(x, errno);
    x.sent += static_cast<std::size_t>(n);
  }
  x.phase = Exchange::Phase::receiving;
}

void NativeEngine::receive(Exchange& x) {
  for (;;) {
    const std::size_t before = x.left_over.size();
    if (before != 0) std::memcpy(buffer_.data(), x.left_over.data(), before);
    const std::size_t room = buffer_.size() - before;
    const ssize_t n = ::recv(x.connection->fd, buffer_.data() + before, room, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n < 0) return on_broken(x, errno);
    if (n == 0) return on_closed_by_server(x);

    const TimePoint now = SteadyClock::now();
    const auto got = static_cast<std::size_t>(n);
    if (x.sample.bytes_in == 0) x.sample.first_byte = now;
    x.sample.bytes_in += got;
    const std::string_view unread(buffer_.data(), before + got);
    x.left_over = unread.substr(x.parser.feed(unread));
    if (x.parser.state() != http::ResponseParser::State::need_more) return finish(x, x.parser.error(), 0, now);
    // The parser's own limit ends a long header; what else it cannot take a bite of is a chunk header without end.
    if (x.left_over.size() > options_.limits.header) return finish(x, ErrorKind::response_too_large, 0, now);
    if (got < room && !x.connection->hung_up) return;  // that was all there is; more makes a new event
  }
}

void NativeEngine::on_event(const epoll_event& event) {
  Connection& connection = connections_[event.data.u64 & UINT32_MAX];
  if (connection.fd < 0 || connection.opened != event.data.u64 >> 32) return;  // of a socket closed in this very batch
  if ((event.events & (EPOLLRDHUP | EPOLLERR | EPOLLHUP)) != 0) connection.hung_up = true;
  if (connection.exchange == nullptr) return on_idle(connection);
  Exchange& x = *connection.exchange;
  switch (x.phase) {
    case Exchange::Phase::connecting:
      if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) {
        const int error = pending_error(connection.fd);
        return try_next_address(x, connect_error(error), error);
      }
      if ((event.events & EPOLLOUT) != 0) connected(x);
      return;
    case Exchange::Phase::sending:
      return send(x);
    case Exchange::Phase::receiving:
      if (connection.hung_up || (event.events & EPOLLIN) != 0) receive(x);
      return;
  }
}

/// Between two requests a server may close, and may not speak.
void NativeEngine::on_idle(Connection& connection) {
  const ssize_t n = ::recv(connection.fd, buffer_.data(), buffer_.size(), 0);
  if (n < 0 && errno == EAGAIN) return;
  close(connection);
  connection.closed_by_server = true;
}

void NativeEngine::on_broken(Exchange& x, int system_error) {
  // EPIPE: the server's FIN had come before its RST, so it had closed. ECONNRESET alone is an answer to this request,
  // unless the connection had been idle so long that its keep-alive timeout and this request may have crossed.
  const bool idle_for_long = x.sample.started - x.connection->idle_since >= kShortestKeepAlive;
  if ((system_error == EPIPE || idle_for_long) && reopen(x)) return;
  finish(x, transfer_error(system_error, x.sample.bytes_in != 0), system_error, SteadyClock::now());
}

void NativeEngine::on_closed_by_server(Exchange& x) {
  x.parser.feed_eof();
  if (x.parser.error() == ErrorKind::closed_before_response && reopen(x)) return;
  finish(x, x.parser.error(), 0, SteadyClock::now());
}

/// A kept connection that the server closed between requests is nobody's failure: the request goes out once more on a
/// new one, if nothing of its response came and sending it twice is harmless. Its times still count from the first
/// attempt.
bool NativeEngine::reopen(Exchange& x) {
  if (x.sample.new_connection || x.sample.bytes_in != 0 || !x.request->idempotent) return false;
  close(*x.connection);
  x.sample.reopened = true;
  x.sent = 0;
  x.parser.begin(*x.request, options_.limits);
  open(x);
  return true;
}

void NativeEngine::on_deadline(Exchange& x) {
  if (x.phase == Exchange::Phase::connecting) return try_next_address(x, ErrorKind::connect_timeout, ETIMEDOUT);
  finish(x, ErrorKind::response_timeout, 0, SteadyClock::now());
}

void NativeEngine::finish(Exchange& x, ErrorKind kind, int system_error, TimePoint now) {
  x.sample.finished = now;
  x.sample.error = kind;
  x.sample.system_error = static_cast<std::uint16_t>(system_error);
  x.sample.bytes_out = static_cast<std::uint32_t>(x.sent);
  x.sample.status = static_cast<std::uint16_t>(x.parser.status());
  done_.push_back(x.sample);

  Connection& connection = *x.connection;
  const bool clean = x.parser.state() == http::ResponseParser::State::done && x.left_over.empty();
  const bool keep = clean && x.request->keep_alive && x.parser.keep_alive();
  connection.closed_by_server = keep && connection.hung_up;
  if (!keep || connection.hung_up) close(connection);
  connection.exchange = nullptr;
  connection.idle_since = now;
  TimingWheel::disarm(x);
  exchanges_.give_back(x);
}

void NativeEngine::close(Connection& connection) {
  if (connection.fd >= 0) ::close(connection.fd);
  connection.fd = -1;
  connection.hung_up = false;
}

void NativeEngine::release(std::uint32_t slot) {
  for (Connection& connection : connections_of(slot)) {
    close(connection);
    connection.closed_by_server = false;  // this user's connection, not the next one's
  }
}

std::span<Sample> NativeEngine::completed() {
  reaped_.clear();
  std::swap(reaped_, done_);
  return reaped_;
}

void NativeEngine::abort_all() {
  const TimePoint now = SteadyClock::now();
  for (Connection& connection : connections_)
    if (connection.exchange != nullptr) finish(*connection.exchange, ErrorKind::unfinished, 0, now);
}

void NativeEngine::wait(TimePoint until) {
  const TimePoint wake = done_.empty() ? std::min(until, wheel_.next_look()) : kUnset;
  for (const epoll_event& event : poller_.wait(wake - SteadyClock::now())) on_event(event);
  wheel_.advance(SteadyClock::now(), [this](WheelNode& node) { on_deadline(static_cast<Exchange&>(node)); });
}

}  // namespace loadgen::engine
