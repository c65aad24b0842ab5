#pragma once
// One client's connection: reads requests, writes their answers in order, one operation at a time.
//
// A connection belongs to its worker and to one thread. At any moment it waits for exactly one thing (Waiting): input,
// room to write, or a time. advance() runs it until it must wait again. While idle it holds a small buffer; a larger
// one is borrowed from the heap only while a request that needs it is in hand.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "server/channel.hpp"
#include "server/chunk_decoder.hpp"
#include "server/input_buffer.hpp"
#include "server/request_log.hpp"
#include "server/request_parser.hpp"
#include "server/response.hpp"
#include "server/routes.hpp"

namespace loadgen_server {

class Worker;

/// What is known of a request that is not plain, and of its answer. A plain request, whole in one read, needs none.
struct Exchange {
  explicit Exchange(const RequestParser& so_far) : parser(so_far) {}

  RequestParser parser;
  bool have_head = false;
  bool sent_continue = false;
  bool refused = false;              // its bytes are not consumed: who knows where it ends
  std::uint64_t body_size = 0;       // of the request, decoded so far
  std::uint64_t chunk_overhead = 0;  // bytes of its chunked coding
  ChunkDecoder chunks;
  std::optional<RequestLog::Index> logged;
  Reply reply;
  BodyCursor cursor;
};

class alignas(64) Connection {
 public:
  /// tls: nullptr for plain HTTP.
  Connection(Worker& worker, Socket socket, SSL_CTX* tls);
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

  std::uint32_t slot = 0;  // where the worker keeps it

 private:
  enum class Phase : std::uint8_t {
    request,      // until a request is whole
    plain_reply,  // "OK" to a plain path, when due
    head,         // of the exchange's reply, when due
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

  Flow answer_plain(PlainPath path, std::size_t request_size);
  Flow on_whole_head();
  Flow gather_body(bool& whole);
  Flow gather_chunked(bool& whole);
  Flow wait_for_body();
  void answer_request();
  Flow refuse(int status);
  void note_arrival();
  void reply_when_due();
  TimePoint thawed_after(Nanos wait);
  void count_request(std::uint64_t bytes, bool control);
  TimePoint arrival();
  Flow reset();

  Flow wait_until_due();
  Flow wait_for_input();
  void wait_for_room();
  void read();
  void take_in(std::size_t bytes);
  Flow flush();
  void count_sent(std::size_t bytes);
  Flow remove();  // deletes this

  // In the order of use: six thousand of these do not stay in the cache, so the everyday request touches few lines.
  std::uint32_t active_tick_;
  Worker& worker_;
  Channel channel_;
  std::unique_ptr<Exchange> exchange_;
  Phase phase_ = Phase::request;
  Waiting waiting_ = Waiting::nothing;
  bool answered_ = false;  // has asked for anything yet
  bool counted_ = true;    // not while all it asked for is /stats
  TimePoint arrived_;      // when the last bytes came, once somebody wanted to know; see arrival()
  TimePoint due_;          // when the answer in hand may go on; zero: at once
  InputBuffer input_;
  OperationSlot operation_;
  std::size_t uncounted_out_ = 0;  // of what is to be written, that much is for /stats
  std::string unsent_;             // what the socket did not take at once
  std::size_t unsent_begin_ = 0;
};

}  // namespace loadgen_server
