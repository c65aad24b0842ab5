#include "server/response.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <iterator>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace loadgen_server {
namespace {

constexpr std::size_t max_piece = 64 * 1024;

/// Position k of a filler is letter k mod 26, so a receiver can check every byte.
void append_filler(std::string& out, std::uint64_t position, std::size_t size) {
  constexpr std::size_t alphabet = 26;
  const std::size_t before = out.size();
  out.resize(before + size);
  char* to = out.data() + before;
  const std::size_t first = std::min(size, alphabet);
  for (std::size_t i = 0; i < first; ++i) to[i] = static_cast<char>('a' + (position + i) % alphabet);
  for (std::size_t have = first; have < size;) {
    const std::size_t part = std::min(have - have % alphabet, size - have);
    std::copy_n(to, part, to + have);
    have += part;
  }
}

constexpr std::array<std::pair<int, std::string_view>, 38> phrases{{
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
}};

}  // namespace

std::string_view reason_phrase(int status) {
  const auto* found = std::find_if(phrases.begin(), phrases.end(), [&](const auto& p) { return p.first == status; });
  return found == phrases.end() ? "Scripted Status" : found->second;
}

bool status_has_body(int status) {
  return status >= 200 && status != 204 && status != 304;
}

std::string http_date(std::int64_t seconds_since_1970) {
  const std::time_t time = seconds_since_1970;
  std::tm utc{};
  ::gmtime_r(&time, &utc);
  return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", utc);
}

void append_head(std::string& out, const Reply& reply, std::string_view date, std::optional<Nanos> held) {
  auto to = std::back_inserter(out);
  fmt::format_to(to, "HTTP/1.1 {} {}\r\ndate: {}\r\n", reply.status, reason_phrase(reply.status), date);
  if (status_has_body(reply.status)) {
    fmt::format_to(to, "content-type: {}\r\n", reply.content_type);
    if (!reply.chunked)
      fmt::format_to(to, "content-length: {}\r\n", reply.body_size);
    else if (!reply.http_1_0)
      out += "transfer-encoding: chunked\r\n";
  }
  if (!reply.allow.empty()) fmt::format_to(to, "allow: {}\r\n", reply.allow);
  if (held) fmt::format_to(to, "x-hold-ns: {}\r\n", held->count());
  if (!reply.keep_alive)
    out += "connection: close\r\n";
  else if (reply.http_1_0)
    out += "connection: keep-alive\r\n";
  out += "\r\n";
}

std::uint64_t BodyCursor::limit(const Reply& reply) {
  return reply.ending == Reply::Ending::truncated ? reply.send_only : reply.body_size;
}

Nanos BodyCursor::wait(const Reply& reply) const {
  const bool in_the_middle = sent_ > 0 && sent_ == middle(reply);
  return reply.trickle.value_or(Nanos{0}) + (in_the_middle ? reply.pause.value_or(Nanos{0}) : Nanos{0});
}

bool BodyCursor::append_next(std::string& out, const Reply& reply) {
  const bool framed = reply.chunked && !reply.http_1_0;
  const std::uint64_t stop = reply.pause && sent_ < middle(reply) ? middle(reply) : limit(reply);
  const std::uint64_t left = stop - sent_;
  const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(left, reply.trickle ? 1 : max_piece));
  if (framed && piece > 0) fmt::format_to(std::back_inserter(out), "{:x}\r\n", piece);
  if (reply.body == Reply::Body::filler)
    append_filler(out, sent_, piece);
  else
    out.append(reply.text().substr(static_cast<std::size_t>(sent_), piece));
  if (framed && piece > 0) out += "\r\n";
  sent_ += piece;
  if (sent_ < limit(reply)) return true;
  if (framed && reply.ending == Reply::Ending::normal) out += "0\r\n\r\n";
  return false;
}

}  // namespace loadgen_server
