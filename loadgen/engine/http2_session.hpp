#pragma once
// HTTP/2's framing on one connection, by nghttp2: requests in and bytes out, bytes in and what they mean out. Knows no
// socket. What the server sends becomes the bytes that the same response would have in HTTP/1.1, its end apart.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nghttp2/nghttp2.h>

#include "engine/http2_request.hpp"
#include "engine/transport.hpp"

namespace loadgen::engine {

class Http2Session;

/// A user's request on a connection: a stream, while it runs.
struct Http2Stream {
  std::uint32_t user = 0;                 ///< whose: told with what happens
  std::int32_t id = 0;                    ///< 0: none runs
  const Http2Session* session = nullptr;  ///< that it runs in
  const http::PreparedRequest* request = nullptr;
  std::uint64_t read = 0;  ///< bytes of the request, as HTTP/1.1 has it: from here its body goes on
  bool held = false;       ///< the body waits for let_go()
  bool answered = false;   ///< the response's end came
  bool reset = false;      ///< by the server
  Traffic traffic;         ///< HEADERS, CONTINUATION and DATA frames, their nine bytes included
};

/// What a server's bytes meant, in their order.
struct Http2News {
  enum class Kind : std::uint8_t {
    head,  ///< of a response: its bytes stand in text
    body,
    end,      ///< of a response
    refused,  ///< the server has not begun with the request, and never will
    failed,
  };
  struct Item {
    std::uint32_t user;
    std::int32_t stream;
    Kind kind;
    std::string_view bytes = {};   ///< of a body, within what was received
    std::size_t at = 0, size = 0;  ///< of a head, in text
    ErrorKind error = ErrorKind::none;
    int system_error = 0;
  };
  std::string_view bytes_of(const Item& item) const {
    return item.kind == Kind::head ? std::string_view(text).substr(item.at, item.size) : item.bytes;
  }
  void clear();

  std::vector<Item> items;
  std::string text;
};

struct Http2Free {
  void operator()(nghttp2_session* session) const { nghttp2_session_del(session); }
  void operator()(nghttp2_session_callbacks* callbacks) const { nghttp2_session_callbacks_del(callbacks); }
};

/// What all sessions of a shard share.
class Http2Setup {
 public:
  /// most_header: bytes of a response's header fields. Throws std::bad_alloc.
  explicit Http2Setup(std::uint32_t most_header);

 private:
  friend class Http2Session;
  std::unique_ptr<nghttp2_session_callbacks, Http2Free> callbacks_;
  std::uint32_t most_header_;
};

class Http2Session {
 public:
  /// setup must outlive it; what it learns goes into news. Throws std::bad_alloc.
  Http2Session(const Http2Setup& setup, Http2News& news);
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  /// Begins request on stream; next_output() has it then, or once the server allows another stream. request's fields
  /// must last until then, and what it was made of as long as the stream. False: without memory.
  bool submit(Http2Stream& stream, const Http2Request& request);
  /// The body of a request that asked whether to go on may go.
  void let_go(Http2Stream& stream);
  /// Nothing more is told of it; the server is told to stop.
  void cancel(Http2Stream& stream);
  /// The stream's response has ended: what is left of the request need not be sent.
  void settle(Http2Stream& stream);

  /// False: what came is not HTTP/2, or breaks its rules so that nothing more can be read.
  bool receive(std::string_view bytes);
  /// The next bytes to be sent, valid until the next call; empty: none now.
  std::string_view next_output();

  /// Not once the server has said GOAWAY, or the numbers of streams are used up.
  bool takes_requests() const { return nghttp2_session_check_request_allowed(session_.get()) != 0; }
  /// A frame that breaks the rules came, and the server was told so.
  bool broken() const { return broken_; }
  /// The server's SETTINGS came: it does speak HTTP/2.
  bool greeted() const { return greeted_; }

 private:
  friend class Http2Setup;
  struct Callbacks;

  Http2Stream* stream_of(std::int32_t id) const;
  void tell(const Http2Stream& stream, Http2News::Kind kind, std::string_view bytes = {});
  void tell_failed(const Http2Stream& stream, ErrorKind error, int system_error = 0);
  void on_head(const Http2Stream& stream);
  void on_frame(const nghttp2_frame& frame);
  void on_close(Http2Stream& stream, std::uint32_t code);

  std::unique_ptr<nghttp2_session, Http2Free> session_;
  Http2News& news_;
  std::string head_;              ///< of the response whose header is being read; empty for trailers
  std::size_t head_size_ = 0;     ///< of all its fields, those of trailers too
  bool informational_ = false;    ///< it is of a 1xx response
  std::uint64_t block_size_ = 0;  ///< of the frames that hold that header
  std::uint32_t most_header_;
  bool broken_ = false;
  bool greeted_ = false;
};

}  // namespace loadgen::engine
