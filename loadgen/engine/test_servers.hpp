#pragma once
// For tests: servers of a few lines, and places where none listens.

#include <functional>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>
#include <poll.h>

#include "engine/resolve.hpp"

namespace loadgen::engine {

namespace asio = boost::asio;
using asio::ip::tcp;

inline constexpr const char* kOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

/// A server of a few lines: a thread, blocking sockets, and a script that is run for each connection in turn.
class ScriptedServer {
 public:
  using Script = std::function<void(tcp::socket&, int connection)>;

  explicit ScriptedServer(Script script, int connections = 1)
      : acceptor_(io_, {asio::ip::address_v4::loopback(), 0}), endpoint_(acceptor_.local_endpoint()) {
    thread_ = std::thread([this, script = std::move(script), connections] {
      for (int i = 0; i < connections; ++i) {
        boost::system::error_code error;
        {
          tcp::socket socket(io_);
          acceptor_.accept(socket, error);
          if (error) return;
          script(socket, i);
        }
        closed_.release();
      }
    });
  }
  ~ScriptedServer() {
    // A client that never came leaves accept() waiting: come ourselves.
    tcp::socket last(io_);
    boost::system::error_code ignored;
    last.connect(endpoint_, ignored);
    last.close(ignored);
    thread_.join();
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  tcp::endpoint endpoint() const { return endpoint_; }
  /// Returns once the server has closed one more connection.
  void wait_for_close() { closed_.acquire(); }

 private:
  asio::io_context io_;
  tcp::acceptor acceptor_;
  tcp::endpoint endpoint_;
  std::counting_semaphore<> closed_{0};
  std::thread thread_;
};

/// Reads one request's header into text; false when the client is gone.
inline bool read_request(tcp::socket& socket, std::string& text) {
  boost::system::error_code error;
  asio::read_until(socket, asio::dynamic_buffer(text), "\r\n\r\n", error);
  return !error;
}
inline bool read_request(tcp::socket& socket) {
  std::string text;
  return read_request(socket, text);
}

inline void answer(tcp::socket& socket, const std::string& text) {
  boost::system::error_code ignored;
  asio::write(socket, asio::buffer(text), ignored);
}

inline ScriptedServer::Script always(const std::string& text) {
  return [text](tcp::socket& socket, int) {
    while (read_request(socket)) answer(socket, text);
  };
}

/// A port that refuses: taken, so that nobody else may listen there meanwhile, and nobody does.
class RefusingPort {
 public:
  RefusingPort() : socket_(io_, {asio::ip::address_v4::loopback(), 0}) {}
  tcp::endpoint endpoint() const { return socket_.local_endpoint(); }

 private:
  asio::io_context io_;
  tcp::socket socket_;
};

/// Listens, and drops every further SYN.
class FullListenQueue {
 public:
  FullListenQueue() : acceptor_(io_) {
    acceptor_.open(tcp::v4());
    acceptor_.bind({asio::ip::address_v4::loopback(), 0});
    acceptor_.listen(0);
    while (connects_at_once()) {
    }
  }
  tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

  /// From now on there is room: a SYN that is sent again is answered.
  void drain() {
    waiting_.clear();
    acceptor_.non_blocking(true);
    boost::system::error_code error;
    while (!error) acceptor_.accept(error);
  }

 private:
  /// On loopback a connection stands within microseconds, or when its SYN is sent again after a second.
  bool connects_at_once() {
    constexpr int kAtOnceMs = 100;
    tcp::socket& socket = waiting_.emplace_back(io_, tcp::v4());
    socket.native_non_blocking(true);  // Asio's connect() would wait even so
    const tcp::endpoint here = endpoint();
    ::connect(socket.native_handle(), here.data(), static_cast<socklen_t>(here.size()));
    pollfd connected{.fd = socket.native_handle(), .events = POLLOUT, .revents = 0};
    return poll(&connected, 1, kAtOnceMs) > 0;
  }

  asio::io_context io_;
  tcp::acceptor acceptor_;
  std::vector<tcp::socket> waiting_;
};

}  // namespace loadgen::engine
