#pragma once
// HTTP/1.1 over a transport: one send and one push parse a request, nothing allocated, nothing locked.
//
// This is all that an engine knows of requests: connections kept or opened, addresses tried in turn, time limits,
// responses parsed and checked, every failure one kind. Transport says how bytes get in and out (epoll_transport.hpp,
// uring_transport.hpp). What completes is put into completed(); the shard's loop decides what follows.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/connection.hpp"
#include "engine/engine.hpp"
#include "engine/engine_options.hpp"
#include "engine/exchange.hpp"
#include "engine/timing_wheel.hpp"

namespace loadgen::engine {

template <class Transport>
class HttpEngine {
 public:
  explicit HttpEngine(const EngineOptions& options);
  HttpEngine(const HttpEngine&) = delete;
  HttpEngine& operator=(const HttpEngine&) = delete;

  void start(std::uint32_t slot, std::uint16_t request);
  void connect(std::uint32_t slot, std::uint16_t target);
  void wait(TimePoint until);
  std::span<Sample> completed();
  void release(std::uint32_t slot);
  void abort_all();
  EngineFacts facts() const;

  // What the transport tells.
  void on_connected(Connection& connection);
  void on_connect_failed(Connection& connection, int error);
  void on_secured(Connection& connection, bool resumed);
  void on_writable(Connection& connection);
  void on_bytes(Connection& connection, std::string_view bytes, std::uint32_t receive_lag);
  void on_end(Connection& connection, int error);
  void on_unsent(Connection& connection);
  void on_failed(Connection& connection, ErrorKind kind, int error);

 private:
  std::span<Connection> connections_of(std::uint32_t slot);
  Exchange& begin(std::uint32_t slot, std::uint16_t target, const http::PreparedRequest* request);
  void open(Exchange& x);
  void close(Connection& connection);
  void ready(Exchange& x, TimePoint now);
  void send(Exchange& x, TimePoint now);
  void write(Exchange& x);
  void try_next_address(Exchange& x, ErrorKind kind, int error);
  void on_broken(Exchange& x, int error);
  void on_closed_by_server(Exchange& x);
  bool reopen(Exchange& x);
  void send_again(Exchange& x);
  static bool reusable(const Exchange& x);
  void on_deadline(Exchange& x);
  void finish(Exchange& x, ErrorKind kind, int error, TimePoint now);

  EngineOptions options_;
  TimingWheel wheel_;
  ExchangePool exchanges_;
  std::vector<Connection> connections_;  ///< slot-major: slots * targets
  Transport transport_;
  EngineFacts facts_;           ///< of the connections closed
  std::vector<Sample> done_;    ///< since the last completed()
  std::vector<Sample> reaped_;  ///< what that call handed out
};

}  // namespace loadgen::engine
