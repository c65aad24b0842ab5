#include "engine/http2_request.hpp"

#include <algorithm>
#include <array>

#include "base/letters.hpp"

namespace loadgen::engine {
namespace {

/// About an HTTP/1.1 connection, which this is not (RFC 9113, 8.2.2); Host becomes :authority.
constexpr std::array<std::string_view, 7> kNotSent{
    "connection", "host", "http2-settings", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"};

constexpr std::size_t kAuthority = 2;  ///< its place among the fields

/// Takes the first line from lines: a name and, if there is one, a value.
struct Line {
  std::string_view name, value;
};
Line take_line(std::string_view& lines) {
  const std::string_view line = lines.substr(0, lines.find("\r\n"));
  lines.remove_prefix(line.size() + 2);
  const std::size_t colon = line.find(':');
  const std::size_t value = line.find_first_not_of(' ', colon + 1);
  return {line.substr(0, colon), value == line.npos ? std::string_view() : line.substr(value)};
}

std::uint8_t* bytes_of(std::string_view text) {  // nghttp2's struct has no const, but does not write either
  return const_cast<std::uint8_t*>(reinterpret_cast<const std::uint8_t*>(text.data()));
}

}  // namespace

Http2Request::Http2Request(const http::PreparedRequest& request, std::string_view scheme)
    : request_(&request),
      flags_(request.one_off ? NGHTTP2_NV_FLAG_NONE : NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE) {
  std::string_view lines = request.text_of(request.headers);
  names_.reserve(lines.size());
  add(":method", request.text_of(request.method));
  add(":scheme", scheme);
  add(":authority", request.authority);
  add(":path", request.text_of(request.path_and_query));
  while (!lines.empty()) {
    const Line line = take_line(lines);
    const std::string_view name = lower(line.name);
    if (name == "host") {
      fields_[kAuthority].value = bytes_of(line.value);
      fields_[kAuthority].valuelen = line.value.size();
    }
    const bool trailers_wanted = name != "te" || line.value == "trailers";
    if (trailers_wanted && std::ranges::find(kNotSent, name) == kNotSent.end()) add(name, line.value);
  }
}

std::string_view Http2Request::lower(std::string_view name) {
  const std::size_t at = names_.size();
  for (const char c : name) names_.push_back(loadgen::lower(c));
  return {names_.data() + at, name.size()};
}

void Http2Request::add(std::string_view name, std::string_view value) {
  fields_.push_back({bytes_of(name), bytes_of(value), name.size(), value.size(), flags_});
}

}  // namespace loadgen::engine
