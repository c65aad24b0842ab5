#include "server/connection.hpp"

#include <algorithm>

#include "server/worker.hpp"

namespace loadgen_server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::string_view not_http = "3.14 this is not the protocol you are looking for\r\n\r\n";

}  // namespace

Connection::Connection(Worker& worker, Socket socket, SSL_CTX* tls)
    : active_tick_(worker.tick()), worker_(worker), channel_(std::move(socket), tls) {}

void Connection::start() {
  const Nanos delay = worker_.site().options().accept_delay;
  waiting_ = delay > Nanos{0} ? Waiting::time : Waiting::input;
  if (delay > Nanos{0})
    worker_.call_at(Clock::now() + delay, *this);
  else
    read();
}

void Connection::close_if_stale(std::uint32_t tick) {
  if (waiting_ == Waiting::time || phase_ == Phase::deaf) return;
  if (tick - active_tick_ <= (phase_ == Phase::linger ? worker_.linger_ticks() : worker_.idle_ticks())) return;
  abandon();
}

void Connection::close_if_idle() {
  if (waiting_ == Waiting::input) abandon();
}

void Connection::abandon() {
  channel_.close();  // a pending operation ends with an error, and that removes the connection
}

void Connection::advance() {
  Flow flow = Flow::go_on;
  waiting_ = Waiting::nothing;
  while (flow == Flow::go_on) {
    switch (phase_) {
      case Phase::request:
        flow = on_request();
        break;
      case Phase::plain_reply:
        flow = on_plain_reply();
        break;
      case Phase::head:
        flow = on_head();
        break;
      case Phase::body:
        flow = on_body();
        break;
      case Phase::finish:
        flow = on_finish();
        break;
      case Phase::close:
        flow = on_close();
        break;
      case Phase::linger:
      case Phase::deaf:
        flow = on_discard();
        break;
    }
  }
}

Connection::Flow Connection::on_request() {
  if (exchange_ != nullptr && exchange_->have_head) return on_whole_head();
  if (input_.size() == 0) return wait_for_input();
  Exchange* begun = exchange_.get();
  RequestParser& parser = begun != nullptr ? begun->parser : worker_.fresh_parser();
  const auto result = parser.parse(input_.view());
  const RequestHead& head = parser.head();
  if (result == RequestParser::Result::complete && head.is_plain_get() && worker_.answers_plainly()) {
    const PlainPath path = plain_path(head.path.in(input_.data()));
    if (path != PlainPath::none) return answer_plain(path, head.size);
  }
  if (exchange_ == nullptr) exchange_ = std::make_unique<Exchange>(parser);
  if (result == RequestParser::Result::need_more) return wait_for_input();
  if (result == RequestParser::Result::rejected) return refuse(parser.rejection());
  exchange_->have_head = true;
  exchange_->chunks = ChunkDecoder(worker_.site().options().max_body);
  return on_whole_head();
}

Connection::Flow Connection::on_whole_head() {
  const RequestHead& head = exchange_->parser.head();
  if (head.has_body()) {
    bool whole = false;
    const Flow flow = head.chunked ? gather_chunked(whole) : gather_body(whole);
    if (!whole) return flow;
  }
  answer_request();
  return Flow::go_on;
}

Connection::Flow Connection::answer_plain(PlainPath path, std::size_t request_size) {
  Site& site = worker_.site();
  count_request(request_size, false);
  site.counters().paths[static_cast<std::size_t>(path)].add(1);
  site.do_work(path);
  site.do_extra_work();
  input_.consume(request_size);
  exchange_.reset();
  due_ = path == PlainPath::async ? arrival() + site.stretched(site.options().delay) : TimePoint{};
  phase_ = Phase::plain_reply;
  return on_plain_reply();
}

Connection::Flow Connection::on_plain_reply() {
  if (const Flow flow = wait_until_due(); flow != Flow::go_on) return flow;
  worker_.out() += worker_.plain_response();
  worker_.site().counters().statuses[200].add(1);
  active_tick_ = worker_.tick();
  phase_ = worker_.stopping() ? Phase::close : Phase::request;
  return Flow::go_on;
}

Connection::Flow Connection::gather_body(bool& whole) {
  const RequestHead& head = exchange_->parser.head();
  if (head.content_length > worker_.site().options().max_body) return refuse(413);
  exchange_->body_size = head.content_length;
  whole = input_.size() - head.size >= exchange_->body_size;
  return whole ? Flow::go_on : wait_for_body();
}

Connection::Flow Connection::gather_chunked(bool& whole) {
  Exchange& exchange = *exchange_;
  const std::size_t at = exchange.parser.head().size + exchange.body_size;
  const auto progress = exchange.chunks.decode(input_.data() + at, input_.size() - at);
  input_.cut(at + progress.produced, progress.consumed - progress.produced);
  exchange.body_size += progress.produced;
  exchange.chunk_overhead += progress.consumed - progress.produced;
  if (progress.result == ChunkDecoder::Result::malformed) return refuse(400);
  if (progress.result == ChunkDecoder::Result::too_large) return refuse(413);
  whole = progress.result == ChunkDecoder::Result::complete;
  return whole ? Flow::go_on : wait_for_body();
}

Connection::Flow Connection::wait_for_body() {
  if (exchange_->parser.head().expects_continue && !exchange_->sent_continue) {
    exchange_->sent_continue = true;
    worker_.out() += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  return wait_for_input();
}

void Connection::answer_request() {
  Exchange& exchange = *exchange_;
  const RequestHead& head = exchange.parser.head();
  const char* bytes = input_.data();
  Request request{head.method,
                  head.path.in(bytes),
                  head.query.in(bytes),
                  {bytes + head.size, exchange.body_size},
                  head.http_1_0,
                  head.keep_alive,
                  arrival()};
  if (request.path.empty()) request.path = "/";
  // Before the answer is made: what /stats tells must not have itself in it.
  const bool control = is_control_path(request.path);
  count_request(head.size + exchange.body_size + exchange.chunk_overhead, control);
  if (!control) {
    note_arrival();
    worker_.site().do_extra_work();
  }
  exchange.reply = worker_.site().answer(request);
  reply_when_due();
}

Connection::Flow Connection::refuse(int status) {
  count_request(0, false);
  exchange_->reply = worker_.site().refuse(status);
  exchange_->reply.head_only = exchange_->parser.head().method == Method::head;
  exchange_->refused = true;
  reply_when_due();
  return Flow::go_on;
}

void Connection::note_arrival() {
  worker_.site().timeline().came(arrival());
  if (!worker_.site().options().log.empty()) exchange_->logged = worker_.log().came(arrival());
}

void Connection::reply_when_due() {
  const Reply& reply = exchange_->reply;
  const Timeline& timeline = worker_.site().timeline();
  due_ = arrival();
  if (!reply.control) due_ = timeline.thawed(std::max(timeline.thawed(due_), reply.served) + reply.delay);
  phase_ = Phase::head;
}

void Connection::count_request(std::uint64_t bytes, bool control) {
  Counters& counters = worker_.site().counters();
  if (control) counters.bytes_in.take_back(bytes);
  if (control && !answered_) {
    counted_ = false;
    counters.connections_accepted.take_back(1);
  } else if (!control && !counted_) {
    counted_ = true;
    counters.connections_accepted.add(1);
  }
  answered_ = true;
}

/// When the last bytes were read; they are looked at right after, so the clock need not be read for those who do not
/// ask. Whoever leaves bytes unread for later asks first.
TimePoint Connection::arrival() {
  if (arrived_ == TimePoint{}) arrived_ = Clock::now();
  return arrived_;
}

Connection::Flow Connection::on_head() {
  if (const Flow flow = wait_until_due(); flow != Flow::go_on) return flow;
  Reply& reply = exchange_->reply;
  std::string& out = worker_.out();
  switch (reply.ending) {
    case Reply::Ending::never:
      phase_ = Phase::deaf;
      return Flow::go_on;
    case Reply::Ending::reset:
      return reset();
    case Reply::Ending::malformed:
      out += not_http;
      phase_ = Phase::finish;
      return Flow::go_on;
    default:
      break;
  }
  if (worker_.stopping()) reply.keep_alive = false;
  const std::size_t before = out.size();
  const bool measured = reply.hold || exchange_->logged;
  const Nanos held = measured ? Clock::now() - arrival() : Nanos{0};
  if (exchange_->logged) worker_.log().answered(*exchange_->logged, held);
  append_head(out, reply, worker_.date(), reply.hold ? std::optional(held) : std::nullopt);
  // A cut answer without a body to cut loses the end of its head.
  if (reply.ending == Reply::Ending::truncated && (reply.head_only || reply.body_size == 0)) out.resize(out.size() - 2);
  if (reply.control) uncounted_out_ += out.size() - before;
  phase_ = BodyCursor::has_body(reply) ? Phase::body : Phase::finish;
  if (reply.trickle && phase_ == Phase::body) due_ = thawed_after(*reply.trickle);
  return Flow::go_on;
}

TimePoint Connection::thawed_after(Nanos wait) {
  return worker_.site().timeline().thawed(Clock::now() + wait);
}

Connection::Flow Connection::on_body() {
  if (const Flow flow = wait_until_due(); flow != Flow::go_on) return flow;
  const Reply& reply = exchange_->reply;
  std::string& out = worker_.out();
  const std::size_t before = out.size();
  const bool more = exchange_->cursor.append_next(out, reply);
  if (reply.control) uncounted_out_ += out.size() - before;
  if (!more) {
    phase_ = Phase::finish;
    return Flow::go_on;
  }
  const Nanos wait = exchange_->cursor.wait(reply);
  if (wait > Nanos{0}) due_ = thawed_after(wait);
  return flush();
}

Connection::Flow Connection::on_finish() {
  constexpr std::size_t gathered_at_most = 256 * 1024;  // answers to pipelined requests, before they are written
  const Exchange& exchange = *exchange_;
  const Reply& reply = exchange.reply;
  const bool normal = reply.ending == Reply::Ending::normal;
  if (normal && !reply.control) worker_.site().counters().statuses[reply.status].add(1);
  phase_ = normal && reply.keep_alive ? Phase::request : Phase::close;
  if (!exchange.refused) input_.consume(exchange.parser.head().size + exchange.body_size);
  exchange_.reset();
  active_tick_ = worker_.tick();
  return worker_.out().size() > gathered_at_most ? flush() : Flow::go_on;
}

Connection::Flow Connection::on_close() {
  if (const Flow flow = flush(); flow != Flow::go_on) return flow;
  // Closing with unread input would reset the connection and could take the answer with it.
  if (input_.size() == 0) {
    channel_.close();
    return remove();
  }
  channel_.shutdown_send();
  active_tick_ = worker_.tick();
  phase_ = Phase::linger;
  return Flow::go_on;
}

Connection::Flow Connection::on_discard() {
  input_.clear();
  return wait_for_input();
}

Connection::Flow Connection::reset() {
  if (const Flow flow = flush(); flow != Flow::go_on) return flow;
  channel_.reset();
  return remove();
}

Connection::Flow Connection::wait_until_due() {
  if (due_ == TimePoint{} || due_ <= Clock::now()) return Flow::go_on;
  if (const Flow flow = flush(); flow != Flow::go_on) return flow;
  waiting_ = Waiting::time;
  worker_.call_at(due_, *this);
  return Flow::wait;
}

/// Writes what has gathered. After `wait` the same phase is entered again, once all of it is written.
Connection::Flow Connection::flush() {
  std::string& out = worker_.out();
  if (out.empty()) return Flow::go_on;
  error_code error;
  const std::size_t written = channel_.write_some(out, error);
  if (error && error != asio::error::would_block) return remove();
  count_sent(written);
  if (written == out.size()) {
    out.clear();
    return Flow::go_on;
  }
  unsent_.assign(out, written);
  unsent_begin_ = 0;
  out.clear();
  wait_for_room();
  return Flow::wait;
}

void Connection::count_sent(std::size_t bytes) {
  const std::size_t uncounted = std::min<std::size_t>(bytes, uncounted_out_);
  uncounted_out_ -= uncounted;
  worker_.site().counters().bytes_out.add(bytes - uncounted);
}

void Connection::wait_for_room() {
  waiting_ = Waiting::room;
  arrival();
  const std::string_view rest = std::string_view(unsent_).substr(unsent_begin_);
  channel_.async_write_some(rest, operation_, [this](error_code error, std::size_t bytes) {
    if (error) {
      remove();
      return;
    }
    count_sent(bytes);
    active_tick_ = worker_.tick();
    unsent_begin_ += bytes;
    if (unsent_begin_ < unsent_.size()) {
      wait_for_room();
      return;
    }
    unsent_ = {};
    advance();
  });
}

Connection::Flow Connection::wait_for_input() {
  if (const Flow flow = flush(); flow != Flow::go_on) return flow;
  if (worker_.stopping()) return remove();
  if (channel_.has_pending()) {
    std::size_t capacity = 0;
    char* room = input_.room(capacity);
    take_in(channel_.read_pending(room, capacity));
    return Flow::go_on;
  }
  waiting_ = Waiting::input;
  read();
  return Flow::wait;
}

void Connection::read() {
  std::size_t capacity = 0;
  char* room = input_.room(capacity);
  channel_.async_read_some(room, capacity, operation_, [this](error_code error, std::size_t bytes) {
    if (const auto resumed = channel_.take_handshake()) worker_.site().counters().handshakes[*resumed ? 1 : 0].add(1);
    if (error) {
      remove();
      return;
    }
    take_in(bytes);
    advance();
  });
}

void Connection::take_in(std::size_t bytes) {
  arrived_ = TimePoint{};
  input_.received(bytes);
  if (phase_ == Phase::request) worker_.site().counters().bytes_in.add(bytes);
}

Connection::Flow Connection::remove() {
  worker_.out().clear();
  if (counted_) worker_.site().counters().connections_closed.add(1);
  worker_.remove(*this);
  return Flow::gone;
}

}  // namespace loadgen_server
