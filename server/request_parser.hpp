#pragma once
// A request's head, from bytes: no I/O, no allocation, no copies. Feed it everything received of the request so far, as
// often as more arrives; lines already taken are not read again. The result is the same wherever the bytes were split.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace loadgen_server {

enum class Method : std::uint8_t { get, head, post, put, del, options, patch };

/// A piece of the buffer as an offset, since the buffer may move between two reads.
struct Slice {
  std::uint16_t begin = 0;
  std::uint16_t size = 0;
  std::string_view in(const char* buffer) const { return {buffer + begin, size}; }
};

struct RequestHead {
  Method method = Method::get;
  bool http_1_0 = false;
  bool keep_alive = false;  // what the client asked for, or its version's default
  bool expects_continue = false;
  bool chunked = false;
  std::uint64_t content_length = 0;
  Slice path;            // empty for "http://host": means "/"
  Slice query;           // without the "?"
  std::size_t size = 0;  // bytes up to and including the blank line

  bool has_body() const { return chunked || content_length > 0; }
  /// The everyday request of a load test: nothing in it changes the answer.
  bool is_plain_get() const {
    return method == Method::get && keep_alive && !http_1_0 && !has_body() && query.size == 0;
  }
};

class RequestParser {
 public:
  enum class Result : std::uint8_t { need_more, complete, rejected };

  static constexpr std::size_t max_head = 16 * 1024;
  static constexpr unsigned max_fields = 100;

  /// `received`: all bytes so far of this request (more may follow it). After `complete` or `rejected`, clear() first.
  Result parse(std::string_view received);

  const RequestHead& head() const { return head_; }
  /// The status to answer when the result was `rejected`: 400, 414, 417, 431, 501 or 505.
  int rejection() const { return rejection_; }
  void clear() { *this = RequestParser{}; }

 private:
  bool take_line(std::string_view line, std::size_t line_begin);
  bool take_request_line(std::string_view line, std::size_t line_begin);
  bool take_target(std::string_view target, std::size_t begin);
  bool take_field(std::string_view line);
  bool take_known_field(std::string_view name, std::string_view value);
  bool take_content_length(std::string_view value);
  void take_connection(std::string_view value);
  bool finish();
  bool reject(int status);

  RequestHead head_;
  std::uint32_t line_begin_ = 0;
  std::uint32_t scanned_ = 0;
  std::uint16_t rejection_ = 0;
  std::uint8_t fields_ = 0;
  std::uint8_t hosts_ = 0;
  bool have_request_line_ = false;
  bool finished_ = false;
  bool have_content_length_ = false;
  bool says_close_ = false;
  bool says_keep_alive_ = false;
};

}  // namespace loadgen_server
