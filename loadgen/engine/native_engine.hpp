#pragma once
// HTTP/1.1 on Boost.Asio sockets: one write and one read a request, nothing allocated, nothing locked.
//
// A kept connection costs per request: one send of prebuilt bytes, one epoll wake-up shared with its neighbours, one
// recv into the exchange's buffer, one push parse. async_read_some is used rather than async_wait + recv, because
// Asio's async_wait re-arms the descriptor with an epoll_ctl each time. Handlers only move their exchange on; what
// completes is put into completed() and the shard's loop decides what follows.

#include <cstdint>
#include <span>
#include <vector>

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "engine/engine.hpp"
#include "engine/exchange.hpp"
#include "engine/resolve.hpp"
#include "engine/timing_wheel.hpp"
#include "http/prepared_request.hpp"

namespace loadgen::engine {

struct NativeOptions {
  std::span<const http::PreparedRequest> requests;  ///< must outlive the engine; indexed by start()'s request
  std::span<const Target> targets;                  ///< must outlive the engine; indexed by PreparedRequest::target
  std::uint32_t slots = 0;
  Duration connect_timeout = std::chrono::seconds(10);   ///< of each address
  Duration response_timeout = std::chrono::seconds(30);  ///< from sending to the response's last byte
  http::ResponseLimits limits;
};

using Executor = boost::asio::io_context::executor_type;

/// A user's connection to one target. Kept between requests, owned by the user as in JMeter.
struct Connection {
  boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor> socket;
  Exchange* exchange = nullptr;  ///< the request in flight on it
};

class NativeEngine {
 public:
  explicit NativeEngine(const NativeOptions& options);

  void start(std::uint32_t slot, std::uint16_t request);
  void wait(TimePoint until);
  std::span<Sample> completed();
  void release(std::uint32_t slot);
  void abort_all();

 private:
  using error_code = boost::system::error_code;
  struct Handler;

  std::span<Connection> connections_of(std::uint32_t slot);
  Exchange& lend(Connection& connection, const http::PreparedRequest& request);

  // A request's way, in order. Each either starts the next operation or finishes the exchange.
  void open(Exchange& x);
  void on_connected(Exchange& x, error_code error, std::size_t);
  void send(Exchange& x, TimePoint now);
  void on_sent(Exchange& x, error_code error, std::size_t bytes);
  void write_rest(Exchange& x);
  void receive(Exchange& x);
  void on_received(Exchange& x, error_code error, std::size_t bytes);

  void try_next_address(Exchange& x, ErrorKind kind, int system_error);
  void on_broken(Exchange& x, error_code error);
  void on_closed_by_server(Exchange& x);
  bool reopen(Exchange& x);
  void on_deadline(Exchange& x);
  void finish(Exchange& x, ErrorKind kind, int system_error, TimePoint now);
  void close(Connection& connection);
  void arm_timer(TimePoint when);

  // Destroyed last to first: sockets and timer before the context, the memory of their operations after it.
  ExchangePool exchanges_;
  OperationMemory timer_memory_[2];
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<Executor> work_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                    Executor>
      timer_;
  std::vector<Connection> connections_;  ///< slot-major: slots * targets

  NativeOptions options_;
  TimingWheel wheel_;
  std::vector<Sample> done_;    ///< since the last completed()
  std::vector<Sample> reaped_;  ///< what that call handed out
  TimePoint timer_armed_for_ = kNever;
  std::uint8_t timer_turn_ = 0;
};

static_assert(Engine<NativeEngine>);

}  // namespace loadgen::engine
