#pragma once
// Requests through libcurl. It is told the parts of a request, and hands out the response as it came off the socket:
// header lines, then the body with its chunk framing. Connections are made here, so that their addresses, time limits,
// errors and stamps are those of the other engines, and lent to libcurl by CURLOPT_OPENSOCKETFUNCTION.
//
// A socket stays in the epoll from its making to its closing, level-triggered: libcurl reads once when it is told, and
// need not have read all. What libcurl may not decide is whether a request goes out again. It tries to by itself when a
// kept connection turns out dead; then there is no further socket for it, and HttpEngine decides.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <curl/curl.h>

#include "base/sample.hpp"
#include "base/time.hpp"
#include "engine/connection.hpp"
#include "engine/curl_errors.hpp"
#include "engine/curl_loop.hpp"
#include "engine/curl_settings.hpp"
#include "engine/engine_options.hpp"
#include "engine/epoll.hpp"
#include "engine/transport.hpp"
#include "http/prepared_request.hpp"

namespace loadgen::engine {

/// A prepared request in libcurl's words: made at its first use, shared by all users.
class CurlRequest {
 public:
  /// request must outlive it. Throws std::bad_alloc.
  CurlRequest(const http::PreparedRequest& request, const Target& target, const TlsOptions& tls);
  /// False when libcurl does not understand the host.
  bool apply_to(CURL* easy) const;

 private:
  void add_header(const char* line);

  const http::PreparedRequest& request_;
  std::string where_;  ///< what the request line names
  std::unique_ptr<CURLU, CurlFree> url_;
  CurlList headers_;
};

class CurlTransport {
 public:
  /// connections must outlive the transport and stay where they are. Throws std::system_error without a descriptor,
  /// std::runtime_error when OpenSSL refuses the options.
  CurlTransport(std::span<Connection> connections, const EngineOptions& options);
  ~CurlTransport();
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  /// File descriptors: its own, and its share of its multi's.
  static double descriptors_of_a_connection(bool through_proxy) {
    return 1 + CurlLoop::kDescriptorsOfAMulti / static_cast<double>(handles_of_a_multi(through_proxy));
  }

  bool measures_receive_lag() const { return false; }  // it is libcurl that reads
  /// libcurl looks at a kept connection before it sends.
  bool looks_before_sending() const { return true; }

  int open(Connection& c, const Route& route);
  /// Begins the handshakes, and with them the request; without one, the next call does.
  int secure(Connection& c, const http::PreparedRequest* request);
  /// Begins to send request (from 0), or tells how much has left since the first `from` bytes.
  ssize_t send_request(Connection& c, const http::PreparedRequest& request, std::size_t from);
  /// Bytes of the request under way that have left.
  std::uint64_t sent(const Connection& c) {
    const Transfer& t = transfer_of(c);
    return t.running ? sent_of(t) : 0;
  }
  void close(Connection& c);
  /// The next user's connection resumes nobody's session.
  void forget(Connection& c);

  template <RequestSink Sink>
  void poll(Duration at_most, Sink& sink) {
    const TimePoint until = SteadyClock::now() + at_most;
    bool busy = false;
    if (const TimePoint now = SteadyClock::now(); loop_.next_due() <= now)
      loop_.run_due(now, [&] { busy |= settle(sink); });
    const TimePoint next = busy ? kUnset : std::min(until, loop_.next_due());
    for (const epoll_event& event : epoll_.wait(next - SteadyClock::now())) {
      Connection& c = connections_[event.data.u64 & UINT32_MAX];
      if (c.fd >= 0 && c.opened == event.data.u64 >> 32) on_event(c, event.events, sink);
    }
  }

 private:
  /// What libcurl knows of a user's connection to a target.
  struct Transfer {
    CURL* easy = nullptr;  ///< made at the first use, kept
    CurlList connect_to;   ///< the name of the host that libcurl believes to connect to
    CurlTransport* transport = nullptr;
    Connection* connection = nullptr;
    const http::PreparedRequest* request = nullptr;  ///< that the handle is set up for
    std::optional<CurlRequest> one_off;              ///< a request that is no other user's
    CurlHandshake handshake = {};
    Handshakes done = {};        ///< and what came of it
    long sent_in_handshake = 0;  ///< bytes that libcurl counts as requests': to a proxy
    int error = 0;               ///< errno with which the connection ended
    std::uint64_t read = 0;      ///< of a body from files
    int read_error = 0;          ///< errno with which that failed
    bool asked = false;          ///< the request has begun
    bool running = false;        ///< in a multi
    bool lent = false;           ///< libcurl holds connection->fd
    bool wants_out = false;      ///< libcurl waits for room to send
    bool unsent = false;         ///< the connection ended before anything was sent
  };

  /// What libcurl handed out. Kept until it has returned: header lines come one by one but were read together, and from
  /// within a callback no transfer can be ended.
  struct Arrivals {
    struct Piece {
      Transfer* transfer;
      std::size_t size;
    };
    void add(Transfer& transfer, std::string_view more);
    void clear();

    std::string bytes;
    std::vector<Piece> pieces;
  };

  template <class Sink>
  void on_event(Connection& c, std::uint32_t events, Sink& sink) {
    constexpr std::uint32_t kHungUp = EPOLLRDHUP | EPOLLERR | EPOLLHUP;
    if (c.state == Connection::State::connecting) {
      if ((events & (EPOLLERR | EPOLLHUP)) != 0) return sink.on_connect_failed(c, pending_error(c.fd));
      if ((events & EPOLLOUT) == 0) return;
      c.state = Connection::State::open;
      watch_for(c, EPOLLIN);
      return sink.on_connected(c);
    }
    // A server may not speak between requests.
    if (!transfer_of(c).running) return sink.on_end(c, 0);
    const int in = (events & (EPOLLIN | kHungUp)) != 0 ? CURL_CSELECT_IN : 0;  // a recv tells the errno of EPOLLERR
    const int out = (events & EPOLLOUT) != 0 ? CURL_CSELECT_OUT : 0;
    loop_.on_socket(index_of(c), c.fd, in | out);
    settle(sink);
  }

  /// What libcurl has done goes to the sink: what was read, and then what has ended. Whether there was any of it.
  template <class Sink>
  bool settle(Sink& sink) {
    bool any = !ready_.empty();
    for (const Transfer* const transfer : ready_) {
      transfer->connection->state = Connection::State::open;
      sink.on_made_ready(*transfer->connection, transfer->done);
    }
    ready_.clear();
    std::swap(arrived_, told_);
    any |= !told_.pieces.empty();
    std::string_view bytes = told_.bytes;
    for (const auto& [transfer, size] : told_.pieces) {
      deliver(*transfer->connection, bytes.substr(0, size), sink);
      bytes.remove_prefix(size);
    }
    loop_.reap([&](CURL* easy, CURLcode code) {
      any = true;
      ended(of(easy), code, sink);
    });
    // For our parser a response was over. Where it is not for libcurl, they would not agree on the next one either; and
    // where libcurl has closed the connection, there is no next one.
    for (const auto& [transfer, size] : told_.pieces) {
      Connection& c = *transfer->connection;
      if (c.exchange == nullptr && (transfer->running || c.fd < 0)) close(c);
    }
    told_.clear();
    return any;
  }

  template <class Sink>
  void deliver(Connection& c, std::string_view bytes, Sink& sink) {
    if (c.exchange == nullptr) return;
    if (c.sending) sink.on_writable(c);
    sink.on_bytes(c, bytes, kNoReceiveLag);
  }

  template <class Sink>
  void ended(Transfer& t, CURLcode code, Sink& sink) {
    Connection& c = *t.connection;
    if (c.state == Connection::State::open && c.exchange != nullptr && c.sending) sink.on_writable(c);
    t.running = false;
    if (c.exchange == nullptr) return;
    if (c.state == Connection::State::securing) return sink.on_failed(c, handshake_error(t.easy, code, t.handshake), 0);
    if (t.unsent) return sink.on_unsent(c);
    if (t.read_error != 0) return sink.on_failed(c, ErrorKind::upload, t.read_error);
    const ErrorKind kind = curl_error(code);
    const int error = error_behind(code, t);
    if (kind != ErrorKind::none) return sink.on_failed(c, kind, error);
    if (error == 0 && t.handshake.alerted) return sink.on_failed(c, ErrorKind::tls, 0);
    c.cut_off = target_of(c).tls && error == 0 && !t.handshake.notified;
    sink.on_end(c, error);
  }

  std::size_t index_of(const Connection& c) const { return static_cast<std::size_t>(&c - connections_.data()); }
  Transfer& transfer_of(const Connection& c) { return transfers_[index_of(c)]; }
  const Target& target_of(const Connection& c) const { return options_.targets[index_of(c) % options_.targets.size()]; }
  static std::size_t handles_of_a_multi(bool through_proxy) { return through_proxy ? 1 : CurlLoop::kHandlesOfAMulti; }
  static Transfer& of(CURL* easy);
  static int error_of(CURL* easy);
  static int error_behind(CURLcode code, const Transfer& t);
  bool make_handle(Transfer& t);
  int begin(Transfer& t, const http::PreparedRequest& request);
  static std::uint64_t sent_of(const Transfer& t);
  void watch_for(const Connection& c, std::uint32_t events);
  void take_back(Transfer& t) const;
  void read_rest(Transfer& t);

  static int on_ready(void* transfer, char* to, char* from, int to_port, int from_port);
  static std::size_t on_response(const char* data, std::size_t size, std::size_t count, void* transfer);
  static std::size_t on_body(char* to, std::size_t size, std::size_t count, void* transfer);
  static int on_rewind(void* transfer, curl_off_t to, int origin);
  static curl_socket_t on_open_socket(void* transfer, curlsocktype purpose, curl_sockaddr* address);
  static int on_socket_opened(void* transfer, curl_socket_t fd, curlsocktype purpose);
  static int on_close_socket(void* transfer, curl_socket_t fd);
  static int on_interest(CURL* easy, curl_socket_t fd, int what, void* transport, void* of_socket);

  std::span<Connection> connections_;
  EngineOptions options_;
  CurlSettings settings_;
  Epoll epoll_;
  int ended_socket_;                 ///< a socket whose peer has closed
  std::vector<Transfer> transfers_;  ///< by connection
  std::unordered_map<const http::PreparedRequest*, CurlRequest> requests_;
  std::vector<Transfer*> ready_;  ///< whose handshakes are done, since the last settle()
  Arrivals arrived_;              ///< since the last settle()
  Arrivals told_;                 ///< those of the settle() that is under way
  CurlLoop loop_;
};

}  // namespace loadgen::engine
