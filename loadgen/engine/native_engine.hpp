#pragma once
// HTTP/1.1 on non-blocking sockets: one send and one recv a request, nothing allocated, nothing locked.
//
// A kept connection costs per request one send of prebuilt bytes, a share of one epoll wait, one recv into the shard's
// buffer, which stays in the cache, and one push parse. docs/adr/0002 tells why these are not Asio's operations: its
// async_read_some begins with a recv that finds nothing, once a request, and its async_wait with an epoll_ctl.
// What completes is put into completed(); the shard's loop decides what follows.

#include <cstdint>
#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "engine/exchange.hpp"
#include "engine/poller.hpp"
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

/// A user's connection to one target. Kept between requests, owned by the user as in JMeter.
struct Connection {
  int fd = -1;
  std::uint32_t opened = 0;       ///< how often: tells events of this socket from those of one closed before
  Exchange* exchange = nullptr;   ///< the request in flight on it
  TimePoint idle_since = kUnset;  ///< end of the last response on it
  bool hung_up = false;           ///< the server's FIN or RST has come; what it sent before may still be read
  bool closed_by_server = false;  ///< between two requests; the next one opens it again
};

class NativeEngine {
 public:
  explicit NativeEngine(const NativeOptions& options);
  ~NativeEngine();
  NativeEngine(const NativeEngine&) = delete;
  NativeEngine& operator=(const NativeEngine&) = delete;

  void start(std::uint32_t slot, std::uint16_t request);
  void wait(TimePoint until);
  std::span<Sample> completed();
  void release(std::uint32_t slot);
  void abort_all();

 private:
  std::span<Connection> connections_of(std::uint32_t slot);

  // A request's way, in order. Each step either waits for the next event or finishes the exchange.
  void open(Exchange& x);
  void connected(Exchange& x);
  void send(Exchange& x);
  void receive(Exchange& x);
  void finish(Exchange& x, ErrorKind kind, int system_error, TimePoint now);

  void on_event(const epoll_event& event);
  void on_idle(Connection& connection);
  void on_broken(Exchange& x, int system_error);
  void on_closed_by_server(Exchange& x);
  void on_deadline(Exchange& x);

  void try_next_address(Exchange& x, ErrorKind kind, int system_error);
  bool reopen(Exchange& x);
  void close(Connection& connection);

  NativeOptions options_;
  Poller poller_;
  TimingWheel wheel_;
  ExchangePool exchanges_;
  std::vector<Connection> connections_;  ///< slot-major: slots * targets
  std::vector<char> buffer_;             ///< every recv of this shard goes here
  std::vector<Sample> done_;             ///< since the last completed()
  std::vector<Sample> reaped_;           ///< what that call handed out
};

static_assert(Engine<NativeEngine>);

}  // namespace loadgen::engine
