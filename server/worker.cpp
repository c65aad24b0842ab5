#include "server/worker.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <system_error>

#include <boost/asio/buffer.hpp>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace loadgen_server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

constexpr int backlog = 4096;
constexpr Nanos drain_time = 5s;
constexpr Nanos linger_time = 2s;
constexpr Nanos accept_pause = 100ms;

/// Idle connections are looked for at every tick, so the tick follows the timeout; the date needs one a second.
Nanos tick_for(Nanos idle_timeout) {
  return std::clamp<Nanos>(idle_timeout / 4, 5ms, 1s);
}

std::uint32_t ticks(Nanos time, Nanos tick) {
  return static_cast<std::uint32_t>((time + tick - 1ns) / tick);
}

int make_event() {
  const int event = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (event < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
  return event;
}

}  // namespace

Worker::Worker(const Options& options, Stats& stats, Timeline& timeline, unsigned thread, SSL_CTX* tls)
    : context_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE),  // one thread runs it; others only write to stop_event_
      site_(options, stats, timeline, thread),
      tls_(tls),
      acceptor_(context_.get_executor()),
      accept_pause_(context_.get_executor()),
      delay_timer_(context_.get_executor()),
      tick_timer_(context_.get_executor()),
      tick_length_(tick_for(options.idle_timeout)),
      idle_ticks_(ticks(options.idle_timeout, tick_length_)),
      linger_ticks_(std::min(idle_ticks_, ticks(linger_time, tick_length_))),
      answers_plainly_(!options.freeze.active() && options.log.empty()),
      stop_event_(make_event()),
      stop_reader_(context_.get_executor(), stop_event_),
      drain_timer_(context_.get_executor()) {
  refresh_date();
  if (!options.log.empty()) log_.open();
}

Worker::~Worker() {
  drop_everything();
}

std::uint16_t Worker::listen(tcp::endpoint endpoint, bool share_port) {
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  if (share_port) acceptor_.set_option(asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>(true));
  acceptor_.set_option(tcp::no_delay(true));  // Linux: accepted sockets inherit it, one call less for each
  acceptor_.bind(endpoint);
  acceptor_.listen(backlog);
  acceptor_.non_blocking(true);
  return acceptor_.local_endpoint().port();
}

void Worker::run() {
  await_stop();
  schedule_tick();
  accept_next();
  if (site_.options().spin > Nanos{0})
    run_spinning();
  else
    context_.run();
  drop_everything();
}

void Worker::stop() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = ::write(stop_event_, &one, sizeof one);
}

void Worker::accept_next() {
  acceptor_.async_accept([this](error_code error, Socket socket) {
    if (error == asio::error::operation_aborted) return;
    if (stopping_) return;  // accepted just before the acceptor closed: hung up on, like the rest of the backlog
    if (error) return failed_to_accept(error);
    admit(std::move(socket));
    accept_more();
  });
}

/// Takes what else is in the backlog without a turn of the loop for each.
void Worker::accept_more() {
  for (int i = 0; i < 64; ++i) {
    Socket socket(context_.get_executor());
    error_code error;
    acceptor_.accept(socket, error);
    if (error == asio::error::would_block) break;
    if (error) return failed_to_accept(error);
    admit(std::move(socket));
  }
  accept_next();
}

void Worker::admit(Socket socket) {
  site_.counters().connections_accepted.add(1);
  auto connection = std::make_unique<Connection>(*this, std::move(socket), tls_);
  connection->slot = static_cast<std::uint32_t>(connections_.size());
  connections_.push_back(std::move(connection));
  connections_.back()->start();
}

/// Mostly there are no descriptors left. Trying again at once would keep a core busy until somebody hangs up.
void Worker::failed_to_accept(const error_code& error) {
  if (error == asio::error::connection_aborted) return accept_next();
  if (!told_of_failure_)
    fmt::print(stderr, "loadgen-server: cannot accept more connections now ({}); raise the limit with ulimit -n\n",
               error.message());
  told_of_failure_ = true;
  accept_pause_.expires_after(accept_pause);
  accept_pause_.async_wait([this](error_code cancelled) {
    if (!cancelled && !stopping_) accept_next();
  });
}

void Worker::remove(Connection& connection) {
  const std::uint32_t slot = connection.slot;
  std::swap(connections_[slot], connections_.back());
  connections_[slot]->slot = slot;
  connections_.pop_back();
  if (stopping_ && connections_.empty()) context_.stop();
}

void Worker::call_at(TimePoint due, Connection& connection) {
  delayed_.push(due, &connection);
  if (!calling_ && due < armed_for_) arm(due);
}

/// The timer wakes the loop as long before as it shall spin, because a timer comes late by tens of microseconds.
void Worker::run_spinning() {
  while (!context_.stopped()) {
    if (is_near()) {
      context_.poll();
      call_those_due();
    } else {
      context_.run_one();
    }
  }
}

bool Worker::is_near() const {
  const auto due = delayed_.next_due();
  return due && *due - Clock::now() <= site_.options().spin;
}

void Worker::arm(TimePoint due) {
  armed_for_ = due;
  delay_timer_.expires_at(due - site_.options().spin);
  delay_timer_.async_wait([this](error_code cancelled) {
    if (!cancelled) call_those_due();
  });
}

void Worker::call_those_due() {
  calling_ = true;  // what they ask for is armed once, below
  while (const auto connection = delayed_.pop(Clock::now())) (*connection)->on_due();
  calling_ = false;
  armed_for_ = TimePoint::max();
  if (const auto due = delayed_.next_due()) arm(*due);
}

void Worker::schedule_tick() {
  tick_timer_.expires_after(tick_length_);
  tick_timer_.async_wait([this](error_code cancelled) {
    if (!cancelled) on_tick();
  });
}

void Worker::on_tick() {
  ++tick_;
  refresh_date();
  for (const auto& connection : connections_) connection->close_if_stale(tick_);
  schedule_tick();
}

void Worker::refresh_date() {
  const auto now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  if (now == date_second_) return;
  date_second_ = now;
  date_ = http_date(now);
  Reply ok;
  ok.set_text("OK");
  ok.keep_alive = !stopping_;
  plain_response_.clear();
  append_head(plain_response_, ok, date_, std::nullopt);
  plain_response_ += "OK";
}

void Worker::await_stop() {
  stop_reader_.async_read_some(asio::buffer(&stop_count_, sizeof stop_count_), [this](error_code error, std::size_t) {
    if (!error) begin_stopping();
  });
}

void Worker::begin_stopping() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  date_second_ = -1;
  refresh_date();  // from now on every answer says connection: close
  for (const auto& connection : connections_) connection->close_if_idle();
  if (connections_.empty()) return context_.stop();
  drain_timer_.expires_after(drain_time);
  drain_timer_.async_wait([this](error_code cancelled) {
    if (!cancelled) context_.stop();
  });
}

/// Connections lend memory to their pending operations, so those have to end before the connections go.
void Worker::drop_everything() {
  stopping_ = true;
  error_code ignored;
  acceptor_.close(ignored);
  stop_reader_.cancel(ignored);
  for (Timer* timer : {&accept_pause_, &delay_timer_, &tick_timer_, &drain_timer_}) timer->cancel();
  for (const auto& connection : connections_) connection->abandon();
  context_.restart();
  while (context_.poll() > 0) context_.restart();
  connections_.clear();
}

}  // namespace loadgen_server
