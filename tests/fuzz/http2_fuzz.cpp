// A hostile server that speaks HTTP/2, or nearly: whatever its frames say, what is told of them is of requests that
// were made, within the limits, and of heads that end where they end; and how the bytes are cut changes nothing.
// The first byte: bit 0, the session is used as the transport does (answered between pieces); the rest is the server's.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/http2_session.hpp"

using namespace loadgen;          // NOLINT: a program of one file
using namespace loadgen::engine;  // NOLINT

namespace {

constexpr std::uint32_t kHeaderLimit = 512;
constexpr std::size_t kUsers = 3;  // streams 1, 3 and 5; the last one has a body, which it holds

/// What a user was told, the pieces of a body put together.
struct Told {
  std::string text;
  std::size_t ends = 0;
  bool operator==(const Told&) const = default;
};

struct Outcome {
  std::array<Told, kUsers> told;
  std::array<Traffic, kUsers> traffic;
  bool readable = true;
};

void need(bool holds) {
  if (!holds) std::abort();
}

void note(const Http2News& news, const Http2News::Item& item, Outcome& out) {
  need(item.user < kUsers && item.stream == static_cast<std::int32_t>(2 * item.user + 1));
  const std::string_view bytes = news.bytes_of(item);
  Told& told = out.told[item.user];
  if (item.kind == Http2News::Kind::head) {
    need(bytes.starts_with("HTTP/1.1 ") &&
         bytes.size() <= kHeaderLimit + std::string_view("HTTP/1.1  \r\n\r\n").size());
    need(bytes.find("\r\n\r\n") == bytes.size() - 4 &&
         std::ranges::count(bytes, '\n') == std::ranges::count(bytes, '\r'));
  }
  told.text.append(bytes);
  if (item.kind == Http2News::Kind::head || item.kind == Http2News::Kind::body) return;
  told.text += static_cast<char>('0' + static_cast<int>(item.kind));
  ++told.ends;
}

Outcome hear(std::string_view text, std::size_t piece, bool as_transport) {
  static const Http2Setup setup(kHeaderLimit);
  static const http::PreparedRequest get = http::prepare(
      {.method = "GET", .authority = "a", .path_and_query = "/", .headers = {}, .body = {}, .user_agent = {}});
  static const http::PreparedRequest post = [] {
    http::PreparedRequest request = http::prepare(
        {.method = "POST", .authority = "a", .path_and_query = "/", .headers = {}, .body = "body", .user_agent = {}});
    request.awaits_continue = true;
    return request;
  }();
  static const std::array requests{Http2Request(get, "http"), Http2Request(get, "http"), Http2Request(post, "http")};

  Outcome out;
  Http2News news;
  std::array<Http2Stream, kUsers> streams;
  Http2Session session(setup, news);
  const auto drain = [&] {
    while (!session.next_output().empty()) continue;
  };
  for (std::uint32_t user = 0; user < kUsers; ++user) {
    streams[user].user = user;
    need(session.submit(streams[user], requests[user]));
  }
  drain();
  for (std::size_t at = 0; at < text.size() && out.readable; at += piece) {
    out.readable = session.receive(text.substr(at, piece));
    for (const Http2News::Item& item : news.items) {
      note(news, item, out);
      if (!as_transport || streams[item.user].id == 0) continue;
      if (item.kind == Http2News::Kind::head) session.let_go(streams[item.user]);
      if (item.kind == Http2News::Kind::end) session.settle(streams[item.user]);
      if (item.kind == Http2News::Kind::failed) session.cancel(streams[item.user]);
    }
    news.clear();
    if (as_transport) drain();
  }
  for (std::size_t user = 0; user < kUsers; ++user) out.traffic[user] = streams[user].traffic;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if ((data[0] & 1) != 0) {
    hear(text, 7, true);
    return 0;
  }
  const Outcome whole = hear(text, text.size() + 1, false);
  // nghttp2 1.52 takes eight CONTINUATIONs in a row, and counts one anew with each piece of its first nine bytes: three
  // pieces of one are borne, those of a few are not.
  const Outcome cut = hear(text, 3, false);
  if (whole.readable && !cut.readable && text.find(static_cast<char>(NGHTTP2_CONTINUATION)) != text.npos) return 0;
  need(whole.readable == cut.readable && whole.told == cut.told);
  for (std::size_t user = 0; user < kUsers; ++user) {
    need(whole.traffic[user].in == cut.traffic[user].in && whole.traffic[user].in <= text.size());
    need(whole.told[user].ends <= 2);  // a response's end, and what became of the stream after it
  }
  return 0;
}
