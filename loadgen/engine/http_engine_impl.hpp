#pragma once
// The bodies of HttpEngine's functions: included once for each transport, where it is instantiated.

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/error_map.hpp"
#include "engine/http_engine.hpp"
#include "engine/http_engine_sending.hpp"
#include "engine/tcp_facts.hpp"
#include "engine/transport.hpp"

namespace loadgen::engine {

/// Servers count their keep-alive timeouts in whole seconds: a connection idle for less was not closed by one.
inline constexpr Duration kShortestKeepAlive = std::chrono::seconds(1);

/// Connections of one slot in so many are watched for receive lag, the first slot's always.
inline constexpr std::uint32_t kWatchOneSlotIn = 64;

template <class Transport>
HttpEngine<Transport>::HttpEngine(const EngineOptions& options)
    : options_(options),
      wheel_(SteadyClock::now()),
      connections_(options.slots * std::max<std::size_t>(1, options.targets.size())),
      transport_(make_transport<Transport>(connections_, options_)) {
  facts_.measures_receive_lag = transport_.measures_receive_lag();
  if constexpr (requires { transport_.looks_before_sending(); })
    facts_.looks_before_sending = transport_.looks_before_sending();
  for (std::uint32_t slot = 0; slot < options.slots; slot += kWatchOneSlotIn)
    for (Connection& connection : connections_of(slot)) connection.watched = facts_.measures_receive_lag;
  if (std::ranges::any_of(options.requests, &http::PreparedRequest::keeps_headers)) kept_.resize(options.slots);
  done_.reserve(options.slots + kEventsAtOnce);
  reaped_.reserve(options.slots + kEventsAtOnce);
}

template <class Transport>
std::span<Connection> HttpEngine<Transport>::connections_of(std::uint32_t slot) {
  return std::span(connections_).subspan(slot * options_.targets.size(), options_.targets.size());
}

/// An exchange on slot's connection to target, begun now.
template <class Transport>
Exchange& HttpEngine<Transport>::begin(std::uint32_t slot, std::uint16_t target, const http::PreparedRequest* request) {
  Exchange& x = exchanges_.borrow();
  x.request = request;
  x.connection = &connections_of(slot)[target];
  x.connection->exchange = &x;
  x.sent = 0;
  x.held = false;
  x.target = target;
  x.attempt = 0;
  x.left_over.clear();
  x.sample = Sample{};
  x.sample.slot = slot;
  x.sample.started = SteadyClock::now();
  return x;
}

template <class Transport>
void HttpEngine<Transport>::start(std::uint32_t slot, std::uint16_t request, const http::PreparedRequest& instead) {
  Exchange& x = begin(slot, instead.target, &instead);
  x.sample.request = request;
  expect_response(x);
  if (x.connection->state == Connection::State::open) return send(x, x.sample.started);
  if (x.connection->state == Connection::State::securing) {  // opened ahead; its handshake has waited for a request
    wheel_.arm(x, x.sample.started + options_.connect_timeout);
    return secure(x);
  }
  open(x);
}

template <class Transport>
void HttpEngine<Transport>::connect(std::uint32_t slot, std::uint16_t target) {
  Exchange& x = begin(slot, target, nullptr);
  x.sample.request = kNoRequest;
  if (x.connection->state == Connection::State::open) return finish(x, ErrorKind::none, 0, x.sample.started);
  x.connection->closed_by_server = false;
  open(x);
}

template <class Transport>
Route HttpEngine<Transport>::route_of(const Exchange& x) const {
  const Target& target = options_.targets[x.target];
  const std::uint64_t user = options_.user_of(x.sample.slot);
  const Endpoint& to = target.addresses[address_of(user, x.attempt, target.in_turn())];
  const std::vector<Endpoint>& sources = options_.sources.towards(to);
  if (sources.empty()) return {.to = to, .attempt = x.attempt};
  return {.to = to, .from = &sources[source_of(user, sources.size(), target.in_turn())], .attempt = x.attempt};
}

template <class Transport>
void HttpEngine<Transport>::open(Exchange& x) {
  if (set_out(x)) wheel_.arm(x, SteadyClock::now() + options_.connect_timeout);
}

/// Whether the connection is on its way. One that is shared may stand, and who joins one has not opened it again.
template <class Transport>
bool HttpEngine<Transport>::set_out(Exchange& x) {
  Connection& c = *x.connection;
  [[maybe_unused]] const bool opened_before = x.sample.new_connection;
  x.sample.new_connection = true;
  const int error = transport_.open(c, route_of(x));
  if constexpr (SharingTransport<Transport>) {
    x.sample.new_connection = opened_before || !transport_.joined(c);
    x.attempt = transport_.attempt(c);
  }
  if (std::exchange(c.closed_by_server, false) && x.sample.new_connection) x.sample.reopened = true;
  if (error != 0) return try_next_address(x, connect_error(error), error), false;
  if (c.state != Connection::State::open) return true;
  ready(x, SteadyClock::now());
  return false;
}

template <class Transport>
void HttpEngine<Transport>::on_connected(Connection& connection) {
  Exchange& x = *connection.exchange;
  const TimePoint now = SteadyClock::now();
  if (x.sample.new_connection) x.sample.connected = now;
  if (options_.targets[x.target].shakes_hands()) return secure(x);
  ready(x, now);
}

/// Who secures for a request has what is opened ahead open, and not secured.
template <class Transport>
void HttpEngine<Transport>::secure(Exchange& x) {
  Connection& c = *x.connection;
  const TimePoint connected = x.sample.connected;
  if (options_.targets[x.target].proxy && x.request != nullptr) x.sample.connected = kUnset;  // to the proxy only
  int error = EPROTONOSUPPORT;
  if constexpr (SecuresForARequest<Transport>)
    error = transport_.secure(c, x.request);
  else if constexpr (requires { transport_.secure(c); })
    error = transport_.secure(c);
  if (error != 0)
    return on_failed(c, options_.targets[x.target].proxy ? ErrorKind::proxy : transfer_error(error, false), error);
  if (SecuresForARequest<Transport> && x.request == nullptr) finish(x, ErrorKind::none, 0, connected);
}

template <class Transport>
void HttpEngine<Transport>::on_secured(Connection& connection, bool resumed) {
  Exchange& x = *connection.exchange;
  const TimePoint now = SteadyClock::now();
  if (x.sample.new_connection) {
    x.sample.secured = now;
    x.sample.resumed = resumed;
  }
  ready(x, now);
}

template <class Transport>
void HttpEngine<Transport>::on_made_ready(Connection& connection, const Handshakes& handshakes) {
  Exchange& x = *connection.exchange;
  if (x.sample.new_connection) x.sample.connected = handshakes.connected;
  x.sample.secured = handshakes.secured;
  x.sample.resumed = handshakes.resumed;
  ready(x, std::max(handshakes.connected, handshakes.secured));
}

/// The connection stands: the request may go.
template <class Transport>
void HttpEngine<Transport>::ready(Exchange& x, TimePoint now) {
  if (x.request == nullptr) return finish(x, ErrorKind::none, 0, now);
  send(x, now);
}

template <class Transport>
void HttpEngine<Transport>::on_connect_failed(Connection& connection, int error) {
  try_next_address(*connection.exchange, connect_error(error), error);
}

template <class Transport>
void HttpEngine<Transport>::try_next_address(Exchange& x, ErrorKind kind, int error) {
  close(*x.connection);
  // Without a port or a descriptor the next address fares no better.
  const bool local = kind == ErrorKind::no_local_port || kind == ErrorKind::no_descriptor;
  if (!local && ++x.attempt < options_.targets[x.target].addresses.size()) return open(x);
  finish(x, kind, error, SteadyClock::now());
}

template <class Transport>
void HttpEngine<Transport>::expect_response(Exchange& x) {
  x.parser.begin(*x.request, options_.limits, x.request->keeps_headers ? &kept_[x.sample.slot] : nullptr);
}

template <class Transport>
void HttpEngine<Transport>::on_bytes(Connection& connection, std::string_view bytes, std::uint32_t receive_lag) {
  if (connection.exchange == nullptr) return on_end(connection, 0);  // a server may not speak between requests
  Exchange& x = *connection.exchange;
  const TimePoint now = SteadyClock::now();
  if (x.sample.first_byte == kUnset) x.sample.first_byte = now;
  x.sample.bytes_in += bytes.size();
  // An answer that lay there since before its request was begun: the wall clock was set in between.
  x.sample.receive_lag_ns = receive_lag <= (now - x.sample.started).count() ? receive_lag : kNoReceiveLag;
  if (!x.left_over.empty()) bytes = x.left_over.append(bytes);
  const std::size_t taken = x.parser.feed(bytes);
  x.left_over.assign(bytes.substr(taken));
  // A response that is whole ends a stream only when the server says so: on_response_end.
  const http::ResponseParser::State state = x.parser.state();
  if (SharingTransport<Transport> && state == http::ResponseParser::State::done) return x.left_over.clear();
  if (state != http::ResponseParser::State::need_more) return finish(x, x.parser.error(), 0, now);
  // The parser's own limit ends a long header; what else it cannot take a bite of is a chunk header without end.
  if (x.left_over.size() > options_.limits.header) return finish(x, ErrorKind::response_too_large, 0, now);
  if (!x.request->awaits_continue || !x.parser.take_continue()) return;
  x.sample.first_byte = kUnset;
  if (x.held) let_go(x);
}

template <class Transport>
void HttpEngine<Transport>::on_end(Connection& connection, int error) {
  if (connection.exchange == nullptr) {
    close(connection);
    connection.closed_by_server = true;
  } else if (error != 0) {
    on_broken(*connection.exchange, error);
  } else {
    on_closed_by_server(*connection.exchange);
  }
}

/// Sending it twice was not even tried, so the method does not matter.
template <class Transport>
void HttpEngine<Transport>::on_unsent(Connection& connection) {
  Exchange& x = *connection.exchange;
  if (x.sample.new_connection) return on_closed_by_server(x);
  send_again(x);
}

/// As HTTP/2 says it; without a Content-Length this is the body's end too.
template <class Transport>
void HttpEngine<Transport>::on_response_end(Connection& connection) {
  if (connection.exchange == nullptr) return on_end(connection, 0);
  Exchange& x = *connection.exchange;
  x.parser.feed_eof();
  finish(x, x.parser.error(), 0, SteadyClock::now());
}

/// It says itself that it has not begun, so neither the method matters nor whether the connection is new.
template <class Transport>
void HttpEngine<Transport>::on_refused(Connection& connection) {
  if (connection.exchange == nullptr) return on_end(connection, 0);
  Exchange& x = *connection.exchange;
  if (x.sample.resent) return finish(x, ErrorKind::stream_refused, 0, SteadyClock::now());
  x.sample.resent = true;
  begin_again(x);
  if (connection.state == Connection::State::open) return send(x, SteadyClock::now());
  open(x);
}

/// Not even of a handshake is the next address tried: this one accepted, and would hardly be another server.
template <class Transport>
void HttpEngine<Transport>::on_failed(Connection& connection, ErrorKind kind, int error) {
  if (connection.exchange == nullptr) return on_end(connection, 0);
  finish(*connection.exchange, kind, error, SteadyClock::now());
}

template <class Transport>
void HttpEngine<Transport>::on_broken(Exchange& x, int error) {
  // EPIPE: the server's FIN had come before its RST, so it had closed. ECONNRESET alone is an answer to this request,
  // unless the connection had been idle so long that its keep-alive timeout and this request may have crossed.
  const bool idle_for_long = x.sample.started - x.connection->idle_since >= kShortestKeepAlive;
  if ((error == EPIPE || idle_for_long) && reopen(x)) return;
  finish(x, transfer_error(error, x.sample.bytes_in != 0), error, SteadyClock::now());
}

template <class Transport>
void HttpEngine<Transport>::on_closed_by_server(Exchange& x) {
  x.parser.feed_eof();
  if (x.parser.error() == ErrorKind::closed_before_response && reopen(x)) return;
  const bool cut_off = x.connection->cut_off && x.parser.state() == http::ResponseParser::State::done;
  finish(x, cut_off ? ErrorKind::closed_mid_body : x.parser.error(), 0, SteadyClock::now());
}

/// A kept connection that the server closed between requests is nobody's failure: the request goes out once more on a
/// new one, if nothing of its response came and sending it twice is harmless. Its times still count from the first
/// attempt.
template <class Transport>
bool HttpEngine<Transport>::reopen(Exchange& x) {
  if (x.sample.new_connection || x.sample.reopened || x.sample.bytes_in != 0 || !x.request->idempotent) return false;
  send_again(x);
  return true;
}

template <class Transport>
void HttpEngine<Transport>::send_again(Exchange& x) {
  close(*x.connection);
  x.sample.reopened = true;
  begin_again(x);
  open(x);
}

/// Whatever came counts for nothing, and the addresses are tried from the first.
template <class Transport>
void HttpEngine<Transport>::begin_again(Exchange& x) {
  end_sending(x);
  x.sample.bytes_in = 0;
  x.sample.first_byte = kUnset;
  x.attempt = 0;
  expect_response(x);
}

template <class Transport>
void HttpEngine<Transport>::on_deadline(Exchange& x) {
  if (x.connection->state != Connection::State::open) return on_connect_deadline(x);
  const TimePoint now = SteadyClock::now();
  if (x.held && now < x.answer_by) return let_go(x);
  finish(x, ErrorKind::response_timeout, 0, now);
}

/// A connection that is shared may have been on its way for longer than the others have waited: then they go on to the
/// next one, in the time they have left if it is to the same address.
template <class Transport>
void HttpEngine<Transport>::on_connect_deadline(Exchange& x) {
  const Connection& c = *x.connection;
  std::vector<Connection*> others;
  if constexpr (SharingTransport<Transport>) others = transport_.give_up(*x.connection);
  try_next_address(x, ErrorKind::connect_timeout, ETIMEDOUT);
  const bool to_the_next = c.exchange != nullptr;
  for (const Connection* const other : others)
    if (to_the_next)
      open(*other->exchange);
    else
      set_out(*other->exchange);
}

/// Whether the next request may use the connection. Not when this one was answered before it was all sent, was followed
/// by bytes nobody asked for, or went over to another protocol; nor when it was given up though its response was whole,
/// which a stream's may be before it ends.
template <class Transport>
bool HttpEngine<Transport>::reusable(const Exchange& x) {
  if (x.request == nullptr) return x.sample.succeeded();
  if (x.sample.error == ErrorKind::response_timeout || x.sample.error == ErrorKind::unfinished) return false;
  const bool sent = SharingTransport<Transport> || (!x.connection->sending && x.sent == x.request->size());
  const bool clean =
      x.parser.state() == http::ResponseParser::State::done && x.left_over.empty() && sent && x.parser.status() != 101;
  const bool stays = SharingTransport<Transport> || x.parser.keep_alive();
  return clean && x.request->keep_alive && stays;
}

template <class Transport>
void HttpEngine<Transport>::finish(Exchange& x, ErrorKind kind, int error, TimePoint now) {
  constexpr int kProxyAuthenticationRequired = 407;
  const Target& target = options_.targets[x.target];
  if (kind == ErrorKind::status && target.proxy && target.asked_of_proxy.empty() &&
      x.parser.status() == kProxyAuthenticationRequired)
    kind = ErrorKind::proxy;  // its answer: whole requests go to it, and not through it to the target
  x.sample.finished = now;
  x.sample.error = kind;
  x.sample.system_error = static_cast<std::uint16_t>(error);
  const bool stays = reusable(x);
  end_sending(x);
  if (x.request != nullptr) {
    x.sample.status = static_cast<std::uint16_t>(x.parser.status());
    x.sample.bytes_decoded = static_cast<std::uint32_t>(x.parser.bytes_decoded());
  }
  done_.push_back(x.sample);

  Connection& connection = *x.connection;
  if (!stays) close(connection);
  connection.exchange = nullptr;
  connection.idle_since = now;
  TimingWheel::disarm(x);
  exchanges_.give_back(x);
}

/// Every connection ends here, so that the kernel is asked about it while it still can be.
template <class Transport>
void HttpEngine<Transport>::close(Connection& connection) {
  add_facts(connection, facts_);
  transport_.close(connection);
}

template <class Transport>
EngineFacts HttpEngine<Transport>::facts() const {
  EngineFacts all = facts_;
  if constexpr (requires { transport_.add_facts_to(all); })
    transport_.add_facts_to(all);
  else
    for (const Connection& connection : connections_) add_facts(connection, all);
  return all;
}

template <class Transport>
void HttpEngine<Transport>::release(std::uint32_t slot) {
  for (Connection& connection : connections_of(slot)) {
    close(connection);
    connection.closed_by_server = false;  // this user's connection, not the next one's
    if constexpr (requires { transport_.forget(connection); }) transport_.forget(connection);
  }
}

template <class Transport>
std::span<Sample> HttpEngine<Transport>::completed() {
  reaped_.clear();
  std::swap(reaped_, done_);
  return reaped_;
}

template <class Transport>
void HttpEngine<Transport>::abort_all() {
  const TimePoint now = SteadyClock::now();
  for (Connection& connection : connections_)
    if (connection.exchange != nullptr) finish(*connection.exchange, ErrorKind::unfinished, 0, now);
}

template <class Transport>
void HttpEngine<Transport>::wait(TimePoint until) {
  if constexpr (ByteTransport<Transport>)
    if (!unwritten_.empty()) write_on();
  const TimePoint now = SteadyClock::now();
  const bool may_sleep = until > now && done_.empty() && unwritten_.empty();
  transport_.poll(may_sleep ? std::min(until, wheel_.next_look()) - now : Duration::zero(), *this);
  wheel_.advance(SteadyClock::now(), [this](WheelNode& node) { on_deadline(static_cast<Exchange&>(node)); });
}

}  // namespace loadgen::engine
