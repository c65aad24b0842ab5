#pragma once
// An answer as a value, and its bytes. No I/O: the connection asks for the next piece when the last one is gone, so an
// answer of a gigabyte needs no more memory than one of a kilobyte.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/units.hpp"

namespace loadgen_server {

constexpr std::uint64_t max_body_size = 1ULL << 30U;  // of an answer; enough for any test, and no typo costs a terabyte

struct Reply {
  enum class Ending : std::uint8_t { normal, truncated, reset, malformed, never };

  std::uint16_t status = 200;
  bool head_only = false;  // HEAD, or a status that has no body
  bool keep_alive = true;
  bool http_1_0 = false;
  bool chunked = false;
  bool hold = false;
  bool control = false;  // /stats: not to be counted
  Ending ending = Ending::normal;
  std::uint64_t body_size = 0;
  std::uint64_t send_only = 0;  // truncated: body bytes sent
  enum class Body : std::uint8_t { text, own_text, filler } body = Body::text;
  std::string_view content_type = "text/plain";
  std::string_view allow;  // 405: the methods there are
  Nanos delay{0};
  TimePoint served;  // when the path's one server has done with it; zero: it has none
  std::optional<Nanos> trickle;
  std::optional<Nanos> pause;

  /// A body that outlives the reply: a literal, or bytes of the request.
  void set_text(std::string_view bytes) {
    body = Body::text;
    text_ = bytes;
    body_size = bytes.size();
  }
  /// A body made for this answer.
  void set_own_text(std::string bytes) {
    body = Body::own_text;
    own_text_ = std::move(bytes);
    body_size = own_text_.size();
  }
  /// A body of letters, made as it is sent.
  void set_filler(std::uint64_t size) {
    body = Body::filler;
    body_size = size;
  }
  std::string_view text() const { return body == Body::own_text ? std::string_view(own_text_) : text_; }

 private:
  std::string_view text_;
  std::string own_text_;
};

std::string_view reason_phrase(int status);
bool status_has_body(int status);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 5.6.7), always 29 bytes.
std::string http_date(std::int64_t seconds_since_1970);

/// Status line and fields. `held`: for x-hold-ns.
void append_head(std::string& out, const Reply& reply, std::string_view date, std::optional<Nanos> held);

/// Hands out a reply's body in pieces.
class BodyCursor {
 public:
  /// Appends the next piece, at most 64 KiB, or one byte of a trickle; says whether more follows. Not to be called
  /// when there is none: has_body() first. A body with a pause has a piece that ends in its middle.
  bool append_next(std::string& out, const Reply& reply);
  /// How long to wait before the next piece.
  Nanos wait(const Reply& reply) const;

  static bool has_body(const Reply& reply) { return !reply.head_only && (reply.chunked || limit(reply) > 0); }

 private:
  static std::uint64_t limit(const Reply& reply);
  static std::uint64_t middle(const Reply& reply) { return (limit(reply) + 1) / 2; }

  std::uint64_t sent_ = 0;
};

}  // namespace loadgen_server
