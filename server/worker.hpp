#pragma once
// One thread of the server: its own io_context, its own acceptor, its own connections. Nothing here is shared but the
// Stats' tables and stop().

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include "server/connection.hpp"
#include "server/delay_queue.hpp"
#include "server/request_log.hpp"
#include "server/routes.hpp"

namespace loadgen_server {

class Worker {
 public:
  /// tls: nullptr for plain HTTP; outlives the worker.
  Worker(const Options& options, Stats& stats, Timeline& timeline, unsigned thread, SSL_CTX* tls);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Throws boost::system::system_error. share_port: other workers listen on it too. Returns the port bound.
  std::uint16_t listen(boost::asio::ip::tcp::endpoint endpoint, bool share_port);
  /// Serves until stop() and then until the answers in flight are out, or 5 s have passed.
  void run();
  /// From any thread.
  void stop();

  // What follows is for this worker's connections.
  Site& site() { return site_; }
  /// Where answers gather until the connection in hand writes them; empty between connections.
  std::string& out() { return out_; }
  /// For the connection in hand; it keeps a copy when the request is not whole.
  RequestParser& fresh_parser() {
    parser_.clear();
    return parser_;
  }
  std::string_view plain_response() const { return plain_response_; }
  bool answers_plainly() const { return answers_plainly_; }
  std::string_view date() const { return date_; }
  bool stopping() const { return stopping_; }
  RequestLog& log() { return log_; }
  std::uint32_t tick() const { return tick_; }
  std::uint32_t idle_ticks() const { return idle_ticks_; }
  std::uint32_t linger_ticks() const { return linger_ticks_; }
  void call_at(TimePoint due, Connection& connection);
  void remove(Connection& connection);

 private:
  using Executor = boost::asio::io_context::executor_type;
  template <typename T>
  using Rebound = typename T::template rebind_executor<Executor>::other;
  using Timer = Rebound<boost::asio::steady_timer>;
  using Acceptor = Rebound<boost::asio::ip::tcp::acceptor>;
  using Descriptor = Rebound<boost::asio::posix::stream_descriptor>;

  void accept_next();
  void accept_more();
  void admit(Socket socket);
  void failed_to_accept(const boost::system::error_code& error);
  void run_spinning();
  bool is_near() const;
  void arm(TimePoint due);
  void call_those_due();
  void schedule_tick();
  void on_tick();
  void refresh_date();
  void await_stop();
  void begin_stopping();
  void drop_everything();

  boost::asio::io_context context_;
  Site site_;
  SSL_CTX* tls_;
  RequestLog log_;
  Acceptor acceptor_;
  Timer accept_pause_;
  bool told_of_failure_ = false;

  std::vector<std::unique_ptr<Connection>> connections_;
  std::string out_;
  RequestParser parser_;

  DelayQueue<Connection*> delayed_;
  Timer delay_timer_;
  TimePoint armed_for_ = TimePoint::max();
  bool calling_ = false;

  Timer tick_timer_;
  Nanos tick_length_;
  std::uint32_t tick_ = 0;
  std::uint32_t idle_ticks_;
  std::uint32_t linger_ticks_;
  std::int64_t date_second_ = -1;
  std::string date_;
  std::string plain_response_;
  bool answers_plainly_;

  int stop_event_;
  Descriptor stop_reader_;
  std::uint64_t stop_count_ = 0;
  Timer drain_timer_;
  bool stopping_ = false;
};

}  // namespace loadgen_server
