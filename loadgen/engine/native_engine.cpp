#include "engine/native_engine.hpp"

#include <algorithm>
#include <cerrno>

#include <boost/asio/bind_allocator.hpp>
#include <boost/asio/buffer.hpp>

#include "engine/error_map.hpp"

namespace loadgen::engine {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// Completions handed over at once: enough to share a wake-up, few enough that pacing gets its turn.
constexpr std::size_t kBatch = 64;

}  // namespace

/// What Asio calls when an exchange's operation is done: clears pending, sees to abandoned exchanges, moves on.
struct NativeEngine::Handler {
  using allocator_type = OperationAllocator<void>;
  using Then = void (NativeEngine::*)(Exchange&, error_code, std::size_t);

  NativeEngine* engine;
  Exchange* exchange;
  Then then;

  allocator_type get_allocator() const noexcept { return allocator_type(exchange->memory); }
  void operator()(error_code error, std::size_t bytes = 0) const {
    exchange->pending = false;
    if (exchange->abandoned)
      engine->exchanges_.give_back(*exchange);
    else
      (engine->*then)(*exchange, error, bytes);
  }
};

NativeEngine::NativeEngine(const NativeOptions& options)
    : exchanges_(std::max<std::size_t>(64U << 10, options.limits.header + 1'024)),
      io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE),
      work_(io_.get_executor()),
      timer_(io_),
      options_(options),
      wheel_(SteadyClock::now()) {
  const std::size_t count = options.slots * std::max<std::size_t>(1, options.targets.size());
  connections_.reserve(count);
  for (std::size_t i = 0; i < count; ++i) connections_.push_back({decltype(Connection::socket)(io_), nullptr});
  done_.reserve(options.slots + kBatch);
  reaped_.reserve(options.slots + kBatch);
}

std::span<Connection> NativeEngine::connections_of(std::uint32_t slot) {
  return std::span(connections_).subspan(slot * options_.targets.size(), options_.targets.size());
}

Exchange& NativeEngine::lend(Connection& connection, const http::PreparedRequest& request) {
  Exchange& x = exchanges_.borrow();
  x.request = &request;
  x.connection = &connection;
  x.connection->exchange = &x;
  x.sent = x.filled = 0;
  x.address = 0;
  x.abandoned = false;
  return x;
}

void NativeEngine::start(std::uint32_t slot, std::uint16_t request) {
  const http::PreparedRequest& prepared = options_.requests[request];
  Exchange& x = lend(connections_of(slot)[prepared.target], prepared);
  const TimePoint now = SteadyClock::now();
  x.sample = Sample{};
  x.sample.slot = slot;
  x.sample.request = request;
  x.sample.started = now;
  if (x.connection->socket.is_open())
    send(x, now);
  else
    open(x);
}

void NativeEngine::open(Exchange& x) {
  x.phase = Exchange::Phase::connecting;
  x.sample.new_connection = true;
  const Endpoint& endpoint = options_.targets[x.request->target].addresses[x.address];
  auto& socket = x.connection->socket;
  error_code error;
  socket.open(endpoint.protocol(), error);
  if (!error) socket.set_option(tcp::no_delay(true), error);
  if (!error) socket.non_blocking(true, error);
  if (error) return try_next_address(x, connect_error(error.value()), error.value());
  wheel_.arm(x, SteadyClock::now() + options_.connect_timeout);
  x.pending = true;
  socket.async_connect(endpoint, Handler{this, &x, &NativeEngine::on_connected});
}

void NativeEngine::on_connected(Exchange& x, error_code error, std::size_t) {
  if (error) return try_next_address(x, connect_error(error.value()), error.value());
  x.sample.connected = SteadyClock::now();
  send(x, x.sample.connected);
}

void NativeEngine::try_next_address(Exchange& x, ErrorKind kind, int system_error) {
  close(*x.connection);
  // Without a port or a descriptor the next address fares no better.
  const bool local = kind == ErrorKind::no_local_port || kind == ErrorKind::no_descriptor;
  if (!local && ++x.address < options_.targets[x.request->target].addresses.size()) return open(x);
  finish(x, kind, system_error, SteadyClock::now());
}

void NativeEngine::send(Exchange& x, TimePoint now) {
  x.phase = Exchange::Phase::transferring;
  x.parser.begin(*x.request, options_.limits);
  wheel_.arm(x, now + options_.response_timeout);
  error_code error;
  const std::size_t bytes = x.connection->socket.write_some(asio::buffer(x.request->bytes), error);
  if (error == asio::error::would_block) return write_rest(x);
  on_sent(x, error, bytes);
}

void NativeEngine::on_sent(Exchange& x, error_code error, std::size_t bytes) {
  if (error) return on_broken(x, error);
  x.sent += bytes;
  if (x.sent < x.request->bytes.size()) return write_rest(x);
  receive(x);
}

void NativeEngine::write_rest(Exchange& x) {
  x.pending = true;
  x.connection->socket.async_write_some(asio::buffer(x.request->bytes) + x.sent,
                                        Handler{this, &x, &NativeEngine::on_sent});
}

void NativeEngine::receive(Exchange& x) {
  x.pending = true;
  x.connection->socket.async_read_some(asio::buffer(x.free_space(), x.free_size()),
                                       Handler{this, &x, &NativeEngine::on_received});
}

void NativeEngine::on_received(Exchange& x, error_code error, std::size_t bytes) {
  if (error == asio::error::eof) return on_closed_by_server(x);
  if (error) return on_broken(x, error);
  const TimePoint now = SteadyClock::now();
  if (x.sample.bytes_in == 0) x.sample.first_byte = now;
  x.sample.bytes_in += bytes;
  x.filled += bytes;
  const bool buffer_was_full = x.free_size() == 0;
  x.consume(x.parser.feed(x.unread()));
  if (x.parser.state() != http::ResponseParser::State::need_more) return finish(x, x.parser.error(), 0, now);
  if (buffer_was_full && !x.large) exchanges_.enlarge(x);
  // A chunk header that fills even the large buffer is no chunk header; the parser's own limit ends a long field.
  if (x.free_size() == 0) return finish(x, ErrorKind::response_too_large, 0, now);
  receive(x);
}

void NativeEngine::on_broken(Exchange& x, error_code error) {
  if (reopen(x)) return;
  finish(x, transfer_error(error.value(), x.sample.bytes_in != 0), error.value(), SteadyClock::now());
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
  open(x);
  return true;
}

void NativeEngine::on_deadline(Exchange& x) {
  if (x.phase == Exchange::Phase::transferring) return finish(x, ErrorKind::response_timeout, 0, SteadyClock::now());
  const std::uint32_t next = x.address + 1;
  if (next >= options_.targets[x.request->target].addresses.size())
    return finish(x, ErrorKind::connect_timeout, ETIMEDOUT, SteadyClock::now());
  // The cancelled connect still refers to x, so the next address is tried with a fresh exchange.
  Connection& connection = *x.connection;
  close(connection);
  x.abandoned = true;
  Exchange& fresh = lend(connection, *x.request);
  fresh.sample = x.sample;
  fresh.address = next;
  open(fresh);
}

void NativeEngine::finish(Exchange& x, ErrorKind kind, int system_error, TimePoint now) {
  x.sample.finished = now;
  x.sample.error = kind;
  x.sample.system_error = static_cast<std::uint16_t>(system_error);
  x.sample.bytes_out = static_cast<std::uint32_t>(x.sent);
  if (x.phase == Exchange::Phase::transferring) x.sample.status = static_cast<std::uint16_t>(x.parser.status());
  done_.push_back(x.sample);

  Connection& connection = *x.connection;
  const bool answered =
      x.phase == Exchange::Phase::transferring && x.parser.state() == http::ResponseParser::State::done;
  const bool clean = answered && x.filled == 0 && !x.pending;
  if (!(clean && x.request->keep_alive && x.parser.keep_alive())) close(connection);
  connection.exchange = nullptr;
  x.phase = Exchange::Phase::idle;
  TimingWheel::disarm(x);
  if (x.pending)
    x.abandoned = true;
  else
    exchanges_.give_back(x);
}

void NativeEngine::close(Connection& connection) {
  error_code ignored;
  connection.socket.close(ignored);
}

void NativeEngine::release(std::uint32_t slot) {
  for (Connection& connection : connections_of(slot))
    if (connection.socket.is_open()) close(connection);
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

void NativeEngine::arm_timer(TimePoint when) {
  if (timer_armed_for_ <= when) return;  // an early wake-up only makes the loop look again
  timer_armed_for_ = when;
  timer_.expires_at(when);
  OperationMemory& memory = timer_memory_[timer_turn_ ^= 1];  // the cancelled wait still holds the other one
  timer_.async_wait(asio::bind_allocator(OperationAllocator<void>(memory), [this](error_code error) {
    if (!error) timer_armed_for_ = kNever;
  }));
}

void NativeEngine::wait(TimePoint until) {
  if (done_.empty() && until > SteadyClock::now()) {
    arm_timer(std::min(until, wheel_.next_look()));
    io_.run_one();
  }
  while (done_.size() < kBatch && io_.poll_one() != 0) {
  }
  wheel_.advance(SteadyClock::now(), [this](WheelNode& node) { on_deadline(static_cast<Exchange&>(node)); });
}

}  // namespace loadgen::engine
