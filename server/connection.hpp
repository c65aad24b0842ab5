#pragma once
// One client's connection: reads requests, writes their answers in order, one operation at a time.
//
// A connection belongs to its worker and to one thread. At any moment it waits for exactly one thing (Waiting): input,
// room to write, or a time. advance() runs it until it must wait again. While idle it holds a small buffer; a larger
// one is borrowed from the heap only while a request that needs it is in hand.

#include <array>
#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "server/chunk_decoder.hpp"
#include "server/request_parser.hpp"
#include "server/response.hpp"
#include "server/routes.hpp"

namespace loadgen_server {

class Worker;

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

/// Bytes received and not yet consumed.
class InputBuffer {
 public:
  char* data() { return data_ + begin_; }
  std::size_t size() const { return end_ - begin_; }
  std::string_view view() const { return {data_ + begin_, size()}; }

  /// Room for the next read, at least one byte.
  char* room(std::size_t& capacity);
  void received(std::size_t bytes) { end_ += bytes; }
  void consume(std::size_t bytes);
  /// Takes out `bytes` from `at` on; what follows moves up.
  void cut(std::size_t at, std::size_t bytes);
  void clear() { consume(size()); }

 private:
  static constexpr std::size_t small = 512;  // a load generator's request fits; idle connections have no more

  std::array<char, small> inline_;
  std::unique_ptr<char[]> large_;
  char* data_ = inline_.data();
  std::size_t capacity_ = small;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// Memory for the one pending operation of a connection, next to the connection itself.
class OperationSlot {
 public:
  void* take(std::size_t size) {
    if (used_ || size > memory_.size()) return ::operator new(size);
    used_ = true;
    return memory_.data();
  }
  void give_back(void* pointer) {
    if (pointer == memory_.data())
      used_ = false;
    else
      ::operator delete(pointer);
  }

 private:
  alignas(std::max_align_t) std::array<std::byte, 192> memory_;
  bool used_ = false;
};

class Connection {
 public:
  Connection(Worker& worker, Socket socket);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();
  /// The time it waited for has come.
  void on_due() { advance(); }
  /// Called by the sweep: closes a connection that waited too long for its peer.
  void close_if_stale(std::uint32_t tick);
  /// Called when the server stops: closes it unless an answer is on its way.
  void close_if_idle();

  /// Ends it whatever it waits for; whoever calls sees to its removal when that is not an operation.
  void abandon();

  std::size_t slot = 0;  // where the worker keeps it

 private:
  enum class Phase : std::uint8_t {
    request,      // until a request is whole
    plain_reply,  // "OK" to a plain path, when due
    head,         // of reply_, when due
    body,         // the next piece of it
    finish,       // the answer is written: on to the next request
    close,        // once everything is written
    linger,       // our side is closed; reads and discards until the peer closes too (RFC 9112 9.6)
    deaf,         // never=1: reads and discards until the peer gives up
  };
  enum class Waiting : std::uint8_t { nothing, input, room, time };
  enum class Flow : std::uint8_t { go_on, wait, gone };

  void advance();
  Flow on_request();
  Flow on_plain_reply();
  Flow on_head();
  Flow on_body();
  Flow on_finish();
  Flow on_close();
  Flow on_discard();

  Flow answer_plain(PlainPath path);
  Flow gather_body(bool& whole);
  Flow gather_chunked(bool& whole);
  Flow wait_for_body();
  void answer_request();
  Flow refuse(int status);
  void reply_when_due();
  void count_request(bool control);
  void next_request();
  Flow reset();

  Flow wait_until_due();
  Flow wait_for_input();
  void wait_for_room();
  void read();
  Flow flush();
  void count_sent(std::size_t bytes);
  Flow remove();  // deletes this

  Worker& worker_;
  Socket socket_;
  Phase phase_ = Phase::request;
  Waiting waiting_ = Waiting::nothing;
  bool have_head_ = false;
  bool sent_continue_ = false;
  bool refused_ = false;
  bool answered_ = false;  // has asked for anything yet
  bool counted_ = true;    // not while all it asked for is /stats
  std::uint32_t active_tick_;
  TimePoint read_at_;  // when the last bytes came
  TimePoint due_;      // when the answer in hand may go on; zero: at once
  RequestParser parser_;
  InputBuffer input_;
  OperationSlot operation_;
  // From here on: of requests that are not plain.
  std::uint64_t body_size_ = 0;       // of the request, decoded so far
  std::uint64_t chunk_overhead_ = 0;  // bytes of its chunked coding
  std::uint64_t request_size_ = 0;    // bytes on the wire
  ChunkDecoder chunks_;
  std::unique_ptr<Reply> reply_;
  BodyCursor cursor_;
  std::size_t uncounted_out_ = 0;  // of what is to be written, that much is for /stats
  std::string unsent_;             // what the socket did not take at once
  std::size_t unsent_begin_ = 0;
};

}  // namespace loadgen_server
