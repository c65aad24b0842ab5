#include "http/prepared_request.hpp"

#include <algorithm>
#include <array>

#include <strings.h>

namespace loadgen::http {
namespace {

bool has(const std::vector<Header>& headers, const char* name) {
  return std::any_of(headers.begin(), headers.end(),
                     [&](const Header& h) { return strcasecmp(h.name.c_str(), name) == 0; });
}

}  // namespace

PreparedRequest prepare(const RequestParts& parts) {
  static constexpr std::array kIdempotent = {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"};
  static constexpr std::array kBodyExpected = {"POST", "PUT", "PATCH"};
  const auto is_one_of = [&](const auto& methods) {
    return std::find(methods.begin(), methods.end(), parts.method) != methods.end();
  };

  PreparedRequest request;
  request.head = parts.method == "HEAD";
  request.idempotent = is_one_of(kIdempotent);
  request.keep_alive = parts.keep_alive;

  std::string& out = request.bytes;
  const auto append = [&](std::string_view text) {
    out.append(text);
    return Piece{static_cast<std::uint32_t>(out.size() - text.size()), static_cast<std::uint32_t>(text.size())};
  };
  const auto add = [&](std::string_view name, std::string_view value) {
    out.append(name).append(value.empty() ? ":" : ": ").append(value).append("\r\n");
  };
  const auto add_unless_given = [&](const char* name, std::string_view value) {
    if (!has(parts.headers, name)) add(name, value);
  };

  request.authority = parts.authority;
  request.method = append(parts.method);
  out.append(" ");
  request.path_and_query = append(parts.path_and_query);
  out.append(" HTTP/1.1\r\n");
  request.headers.at = static_cast<std::uint32_t>(out.size());
  add_unless_given("Host", parts.authority);
  add_unless_given("Connection", parts.keep_alive ? "keep-alive" : "close");
  if (!parts.user_agent.empty()) add_unless_given("User-Agent", parts.user_agent);
  for (const Header& header : parts.headers) add(header.name, header.value);
  if (!parts.body.empty() || is_one_of(kBodyExpected))
    add_unless_given("Content-Length", std::to_string(parts.body.size()));
  request.headers.size = static_cast<std::uint32_t>(out.size()) - request.headers.at;
  out.append("\r\n");
  request.body = append(parts.body);
  return request;
}

}  // namespace loadgen::http
