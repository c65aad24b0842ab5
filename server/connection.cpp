#include "server/connection.hpp"

#include <algorithm>
#include <cstring>

#include "server/worker.hpp"

namespace loadgen_server {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Places the pending operation into the connection's own slot.
template <typename T>
struct SlotAllocator {
  using value_type = T;

  explicit SlotAllocator(OperationSlot& s) : slot(&s) {}
  template <typename U>
  SlotAllocator(const SlotAllocator<U>& other) : slot(other.slot) {}

  T* allocate(std::size_t n) { return static_cast<T*>(slot->take(n * sizeof(T))); }
  void deallocate(T* pointer, std::size_t) { slot->give_back(pointer); }
  template <typename U>
  bool operator==(const SlotAllocator<U>& other) const {
    return slot == other.slot;
  }

  OperationSlot* slot;
};

template <typename Function>
struct SlotHandler {
  using allocator_type = SlotAllocator<void>;
  allocator_type get_allocator() const { return allocator_type(slot); }
  void operator()(error_code error, std::size_t bytes) { function(error, bytes); }

  OperationSlot& slot;
  Function function;
};

template <typename Function>
SlotHandler<Function> in_slot(OperationSlot& slot, Function function) {
  return {slot, std::move(function)};
}

constexpr std::string_view not_http = "3.14 this is not the protocol you are looking for\r\n\r\n";

}  // namespace

char* InputBuffer::room(std::size_t& capacity) {
  if (begin_ > 0 && end_ == capacity_) {
    std::memmove(data_, data_ + begin_, size());
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity_) {
    const std::size_t larger = std::max<std::size_t>(4096, capacity_ * 2);
    std::unique_ptr<char[]> memory(new char[larger]);  // not make_unique, which would clear it
    std::memcpy(memory.get(), data_, end_);
    large_ = std::move(memory);
    data_ = large_.get();
    capacity_ = larger;
  }
  capacity = capacity_ - end_;
  return data_ + end_;
}

void InputBuffer::consume(std::size_t bytes) {
  begin_ += bytes;
  if (begin_ < end_) return;
  begin_ = end_ = 0;
  if (large_ == nullptr) return;
  large_.reset();
  data_ = inline_.data();
  capacity_ = small;
}

void InputBuffer::cut(std::size_t at, std::size_t bytes) {
  if (bytes == 0) return;
  char* hole = data() + at;
  std::memmove(hole, hole + bytes, size() - at - bytes);
  end_ -= bytes;
}

Connection::Connection(Worker& worker, Socket socket)
    : worker_(worker), socket_(std::move(socket)), active_tick_(worker.tick()) {}

void Connection::start() {
  error_code ignored;  // a failure shows at the first read
  socket_.non_blocking(true, ignored);
  waiting_ = Waiting::input;
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
  error_code ignored;
  socket_.close(ignored);  // a pending operation ends with an error, and that removes the connection
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
  if (!have_head_) {
    const auto result = parser_.parse(input_.view());
    if (result == RequestParser::Result::need_more) return wait_for_input();
    if (result == RequestParser::Result::rejected) return refuse(parser_.rejection());
    have_head_ = true;
    if (parser_.head().chunked) chunks_ = ChunkDecoder(worker_.site().options().max_body);
    const RequestHead& head = parser_.head();
    if (head.is_plain_get() && worker_.answers_plainly()) {
      const PlainPath path = plain_path(head.path.in(input_.data()));
      if (path != PlainPath::none) return answer_plain(path);
    }
  }
  if (parser_.head().has_body()) {
    bool whole = false;
    const Flow flow = parser_.head().chunked ? gather_chunked(whole) : gather_body(whole);
    if (!whole) return flow;
  }
  answer_request();
  return Flow::go_on;
}

Connection::Flow Connection::answer_plain(PlainPath path) {
  Site& site = worker_.site();
  request_size_ = parser_.head().size;
  count_request(false);
  site.counters().paths[static_cast<std::size_t>(path)].add(1);
  site.do_work(path);
  due_ = path == PlainPath::async ? read_at_ + site.options().delay : TimePoint{};
  phase_ = Phase::plain_reply;
  return on_plain_reply();
}

Connection::Flow Connection::on_plain_reply() {
  if (const Flow flow = wait_until_due(); flow != Flow::go_on) return flow;
  worker_.out() += worker_.plain_response();
  worker_.site().counters().statuses[200].add(1);
  input_.consume(parser_.head().size);
  next_request();
  phase_ = worker_.stopping() ? Phase::close : Phase::request;
  return Flow::go_on;
}

Connection::Flow Connection::gather_body(bool& whole) {
  const RequestHead& head = parser_.head();
  if (head.content_length > worker_.site().options().max_body) return refuse(413);
  body_size_ = head.content_length;
  whole = input_.size() - head.size >= body_size_;
  return whole ? Flow::go_on : wait_for_body();
}

Connection::Flow Connection::gather_chunked(bool& whole) {
  const std::size_t at = parser_.head().size + body_size_;
  const auto progress = chunks_.decode(input_.data() + at, input_.size() - at);
  input_.cut(at + progress.produced, progress.consumed - progress.produced);
  body_size_ += progress.produced;
  chunk_overhead_ += progress.consumed - progress.produced;
  if (progress.result == ChunkDecoder::Result::malformed) return refuse(400);
  if (progress.result == ChunkDecoder::Result::too_large) return refuse(413);
  whole = progress.result == ChunkDecoder::Result::complete;
  return whole ? Flow::go_on : wait_for_body();
}

Connection::Flow Connection::wait_for_body() {
  if (parser_.head().expects_continue && !sent_continue_) {
    sent_continue_ = true;
    worker_.out() += "HTTP/1.1 100 Continue\r\n\r\n";
  }
  return wait_for_input();
}

void Connection::answer_request() {
  const RequestHead& head = parser_.head();
  const char* bytes = input_.data();
  Request request{head.method,   head.path.in(bytes), head.query.in(bytes), {bytes + head.size, body_size_},
                  head.http_1_0, head.keep_alive};
  if (request.path.empty()) request.path = "/";
  request_size_ = head.size + body_size_ + chunk_overhead_;
  count_request(is_control_path(request.path));
  reply_ = std::make_unique<Reply>(worker_.site().answer(request));
  reply_when_due();
}

Connection::Flow Connection::refuse(int status) {
  count_request(false);
  reply_ = std::make_unique<Reply>(worker_.site().refuse(status));
  reply_->head_only = parser_.head().method == Method::head;
  refused_ = true;
  reply_when_due();
  return Flow::go_on;
}

void Connection::reply_when_due() {
  due_ = read_at_ + reply_->delay;
  if (!reply_->control) due_ = worker_.thawed(due_);
  phase_ = Phase::head;
}

void Connection::count_request(bool control) {
  Counters& counters = worker_.site().counters();
  if (control) counters.bytes_in.take_back(request_size_);
  if (control && !answered_ && counted_) {
    counted_ = false;
    counters.connections_accepted.take_back(1);
  } else if (!control && !counted_) {
    counted_ = true;
    counters.connections_accepted.add(1);
  }
  answered_ = true;
}

Connection::Flow Connection::on_head() {
  if (const Flow flow = wait_until_due(); flow != Flow::go_on) return flow;
  Reply& reply = *reply_;
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
  const auto held = reply.hold ? std::optional<Nanos>(Clock::now() - read_at_) : std::nullopt;
  append_head(out, reply, worker_.date(), held);
  // A cut answer without a body to cut loses the end of its head.
  if (reply.ending == Reply::Ending::truncated && (reply.head_only || reply.body_size == 0)) out.resize(out.size() - 2);
  if (reply.control) uncounted_out_ += out.size() - before;
  cursor_ = BodyCursor{};
  phase_ = BodyCursor::has_body(reply) ? Phase::body : Phase::finish;
  if (reply.trickle && phase_ == Phase::body) due_ = worker_.thawed(Clock::now() + *reply.trickle);
  return Flow::go_on;
}

Connection::Flow Connection::on_body() {
  if (const Flow flow = wait_until_due(); flow != Flow::go_on) return flow;
  std::string& out = worker_.out();
  const std::size_t before = out.size();
  const bool more = cursor_.append_next(out, *reply_);
  if (reply_->control) uncounted_out_ += out.size() - before;
  if (!more) {
    phase_ = Phase::finish;
    return Flow::go_on;
  }
  if (reply_->trickle) due_ = worker_.thawed(Clock::now() + *reply_->trickle);
  return flush();
}

Connection::Flow Connection::on_finish() {
  const Reply& reply = *reply_;
  const bool normal = reply.ending == Reply::Ending::normal;
  if (normal && !reply.control) worker_.site().counters().statuses[reply.status].add(1);
  phase_ = normal && reply.keep_alive ? Phase::request : Phase::close;
  if (!refused_) input_.consume(parser_.head().size + body_size_);
  reply_.reset();
  next_request();
  return Flow::go_on;
}

void Connection::next_request() {
  parser_.clear();
  have_head_ = false;
  active_tick_ = worker_.tick();
  if (body_size_ == 0 && !sent_continue_) return;
  sent_continue_ = false;
  body_size_ = chunk_overhead_ = 0;
}

Connection::Flow Connection::on_close() {
  if (const Flow flow = flush(); flow != Flow::go_on) return flow;
  // Closing with unread input would reset the connection and could take the answer with it.
  if (input_.size() == 0) return remove();
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
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
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
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
  const std::size_t written = socket_.write_some(asio::buffer(out), error);
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
  const auto rest = asio::buffer(unsent_.data() + unsent_begin_, unsent_.size() - unsent_begin_);
  socket_.async_write_some(rest, in_slot(operation_, [this](error_code error, std::size_t bytes) {
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
                           }));
}

Connection::Flow Connection::wait_for_input() {
  if (const Flow flow = flush(); flow != Flow::go_on) return flow;
  if (worker_.stopping()) return remove();
  waiting_ = Waiting::input;
  read();
  return Flow::wait;
}

void Connection::read() {
  std::size_t capacity = 0;
  char* room = input_.room(capacity);
  socket_.async_read_some(asio::buffer(room, capacity),
                          in_slot(operation_, [this](error_code error, std::size_t bytes) {
                            if (error) {
                              remove();
                              return;
                            }
                            read_at_ = Clock::now();
                            input_.received(bytes);
                            if (phase_ == Phase::request) worker_.site().counters().bytes_in.add(bytes);
                            advance();
                          }));
}

Connection::Flow Connection::remove() {
  worker_.out().clear();
  if (counted_) worker_.site().counters().connections_closed.add(1);
  worker_.remove(*this);
  return Flow::gone;
}

}  // namespace loadgen_server
