#pragma once
// HTTP over a transport: one send and one push parse a request, nothing allocated, nothing locked. A body from files
// goes in pieces, read while it is sent.
//
// This is all that an engine knows of requests: connections kept or opened, addresses tried in turn, time limits,
// responses parsed and checked, every failure one kind. Transport says how bytes get in and out (epoll_transport.hpp,
// uring_transport.hpp); responses come as HTTP/1.1, whatever they came as to it. What completes is put into
// completed(); the shard's loop decides what follows.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/connection.hpp"
#include "engine/engine.hpp"
#include "engine/engine_options.hpp"
#include "engine/exchange.hpp"
#include "engine/timing_wheel.hpp"
#include "engine/transport.hpp"

namespace loadgen::engine {

template <class Transport>
class HttpEngine {
 public:
  explicit HttpEngine(const EngineOptions& options);
  HttpEngine(const HttpEngine&) = delete;
  HttpEngine& operator=(const HttpEngine&) = delete;

  void start(std::uint32_t slot, std::uint16_t request) { start(slot, request, options_.requests[request]); }
  void start(std::uint32_t slot, std::uint16_t request, const http::PreparedRequest& instead);
  void connect(std::uint32_t slot, std::uint16_t target);
  void wait(TimePoint until);
  std::span<Sample> completed();
  const http::KeptHeaders& headers_of(const Sample& sample) const { return kept_[sample.slot]; }
  void release(std::uint32_t slot);
  void abort_all();
  EngineFacts facts() const;

  // What the transport tells.
  void on_connected(Connection& connection);
  void on_connect_failed(Connection& connection, int error);
  void on_secured(Connection& connection, bool resumed);
  void on_made_ready(Connection& connection, const Handshakes& handshakes);
  void on_writable(Connection& connection);
  void on_bytes(Connection& connection, std::string_view bytes, std::uint32_t receive_lag);
  void on_end(Connection& connection, int error);
  void on_unsent(Connection& connection);
  void on_failed(Connection& connection, ErrorKind kind, int error);
  void on_response_end(Connection& connection);
  void on_refused(Connection& connection);

 private:
  std::span<Connection> connections_of(std::uint32_t slot);
  Exchange& begin(std::uint32_t slot, std::uint16_t target, const http::PreparedRequest* request);
  Route route_of(const Exchange& x) const;
  void open(Exchange& x);
  bool set_out(Exchange& x);
  void close(Connection& connection);
  void secure(Exchange& x);
  void ready(Exchange& x, TimePoint now);
  void send(Exchange& x, TimePoint now);
  static bool in_pieces(const http::PreparedRequest& request);
  void send_in_pieces(Exchange& x, TimePoint now);
  void write(Exchange& x);
  template <ByteTransport T = Transport>  // which an instance of the class for another transport does not ask for
  void write_pieces(Exchange& x);
  template <ByteTransport T = Transport>
  void write_on();
  void let_go(Exchange& x);
  void expect_response(Exchange& x);
  void try_next_address(Exchange& x, ErrorKind kind, int error);
  void on_broken(Exchange& x, int error);
  void on_closed_by_server(Exchange& x);
  bool reopen(Exchange& x);
  void send_again(Exchange& x);
  void begin_again(Exchange& x);
  static bool reusable(const Exchange& x);
  void on_deadline(Exchange& x);
  void on_connect_deadline(Exchange& x);
  void end_sending(Exchange& x);
  void finish(Exchange& x, ErrorKind kind, int error, TimePoint now);

  EngineOptions options_;
  TimingWheel wheel_;
  ExchangePool exchanges_;
  std::vector<Connection> connections_;  ///< slot-major: slots * targets
  Transport transport_;
  std::vector<Exchange*> unwritten_;     ///< that might have sent more at once than they may
  std::vector<http::KeptHeaders> kept_;  ///< by slot, if any request asks for them
  EngineFacts facts_;                    ///< of the connections closed
  std::vector<Sample> done_;             ///< since the last completed()
  std::vector<Sample> reaped_;           ///< what that call handed out
};

}  // namespace loadgen::engine
