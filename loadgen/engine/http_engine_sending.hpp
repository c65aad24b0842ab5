#pragma once
// The bodies of those of HttpEngine's functions that send: a request that is one string at once, any other in pieces,
// which take turns. Part of http_engine_impl.hpp.

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/http_engine.hpp"
#include "engine/transport.hpp"

namespace loadgen::engine {

template <class Transport>
void HttpEngine<Transport>::send(Exchange& x, TimePoint now) {
  wheel_.arm(x, now + options_.response_timeout);
  if (in_pieces(*x.request)) return send_in_pieces(x, now);
  write(x);
}

/// Whether more than one string is to be sent, or not all of it now.
template <class Transport>
bool HttpEngine<Transport>::in_pieces(const http::PreparedRequest& request) {
  if constexpr (SharingTransport<Transport>) return request.awaits_continue;  // it reads the body itself
  if constexpr (RequestTransport<Transport>) return false;
  return request.upload != nullptr || request.awaits_continue;
}

template <class Transport>
void HttpEngine<Transport>::send_in_pieces(Exchange& x, TimePoint now) {
  x.chunk.clear();
  x.held = x.request->awaits_continue;
  x.answer_by = now + options_.response_timeout;
  if (x.held) wheel_.arm(x, std::min(x.answer_by, now + options_.continue_timeout));
  if constexpr (ByteTransport<Transport>)
    write_pieces(x);
  else
    write(x);
}

template <class Transport>
void HttpEngine<Transport>::write(Exchange& x) {
  const ssize_t n = [&] {
    if constexpr (RequestTransport<Transport>) {
      return transport_.send_request(*x.connection, *x.request, x.sent);
    } else {
      return transport_.send(*x.connection, std::string_view(x.request->bytes).substr(x.sent));
    }
  }();
  if (n < 0) return on_broken(x, static_cast<int>(-n));
  x.sent += static_cast<std::uint64_t>(n);
}

/// Not while the transport still sends: on_writable follows then.
template <class Transport>
template <ByteTransport T>
void HttpEngine<Transport>::write_pieces(Exchange& x) {
  Connection& c = *x.connection;
  const std::uint64_t end = x.held ? x.request->header_size() : x.request->size();
  for (int pieces = 0; x.sent < end; ++pieces) {
    if (pieces == kPiecesInATurn) return unwritten_.push_back(&x);
    if (const int error = x.chunk.fill(*x.request, x.sent, end); error != 0)
      return finish(x, ErrorKind::upload, error, SteadyClock::now());
    const ssize_t n = [&] {
      if constexpr (requires { transport_.send_piece(c, std::string_view()); })
        return transport_.send_piece(c, x.chunk.bytes(x.sent));
      else
        return transport_.send(c, x.chunk.bytes(x.sent));
    }();
    if (n < 0) return on_broken(x, static_cast<int>(-n));
    x.sent += static_cast<std::uint64_t>(n);
    if (c.sending) return;
  }
}

/// One a wait, in turn, however many there are: what is due does not wait for all of them.
template <class Transport>
template <ByteTransport T>
void HttpEngine<Transport>::write_on() {
  Exchange& x = *unwritten_.front();
  unwritten_.erase(unwritten_.begin());
  write_pieces(x);
}

/// The server has said 100, or has not for long enough.
template <class Transport>
void HttpEngine<Transport>::let_go(Exchange& x) {
  x.held = false;
  wheel_.arm(x, x.answer_by);
  if constexpr (SharingTransport<Transport>) transport_.let_go(*x.connection);
  if constexpr (ByteTransport<Transport>)
    if (!x.connection->sending) write_pieces(x);
}

template <class Transport>
void HttpEngine<Transport>::on_writable(Connection& connection) {
  if (connection.exchange == nullptr) return;
  Exchange& x = *connection.exchange;
  if constexpr (ByteTransport<Transport>)
    if (in_pieces(*x.request)) return write_pieces(x);
  if (x.sent < x.request->size()) write(x);
}

/// Adds what this sending of the request has moved.
template <class Transport>
void HttpEngine<Transport>::end_sending(Exchange& x) {
  std::erase(unwritten_, &x);
  std::uint64_t out = 0;
  if constexpr (SharingTransport<Transport>) {
    const Traffic moved = transport_.take_traffic(*x.connection);
    x.sample.bytes_in = moved.in;
    out = moved.out;
  } else {
    if constexpr (requires { transport_.sent(*x.connection); })
      if (x.connection->sending) x.sent = std::max(x.sent, transport_.sent(*x.connection));
    out = std::exchange(x.sent, 0);
  }
  x.sample.bytes_out = static_cast<std::uint32_t>(std::min<std::uint64_t>(UINT32_MAX, x.sample.bytes_out + out));
}

}  // namespace loadgen::engine
