#include "http/prepared_request.hpp"

#include <algorithm>
#include <array>

#include "base/letters.hpp"

namespace loadgen::http {
namespace {

bool has(const std::vector<Header>& headers, const char* name) {
  return std::any_of(headers.begin(), headers.end(), [&](const Header& h) { return same_word(h.name, name); });
}

bool asks_to_continue(const std::vector<Header>& headers) {
  return std::any_of(headers.begin(), headers.end(),
                     [](const Header& h) { return same_word(h.name, "expect") && same_word(h.value, "100-continue"); });
}

/// Where in header lines the value of the last one of that name ends; npos: there is none.
std::size_t end_of_value(std::string_view lines, std::string_view name) {
  std::size_t end = std::string_view::npos;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t line_end = lines.find("\r\n", at);
    const std::string_view line = lines.substr(at, line_end - at);
    if (begins_with_word(line, name) && line.substr(name.size()).starts_with(':')) end = line_end;
    at = line_end + 2;
  }
  return end;
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
  request.decodes = parts.accept_encoding;

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
  if (parts.accept_encoding.any()) add_unless_given("Accept-Encoding", parts.accept_encoding.to_string());
  for (const Header& header : parts.headers) add(header.name, header.value);
  const std::uint64_t body_size = parts.upload ? parts.upload->size() : parts.body.size();
  if (body_size > 0 || is_one_of(kBodyExpected)) add_unless_given("Content-Length", std::to_string(body_size));
  request.headers.size = static_cast<std::uint32_t>(out.size()) - request.headers.at;
  out.append("\r\n");
  if (parts.upload)
    request.upload = parts.upload;
  else
    request.body = append(parts.body);
  request.awaits_continue = body_size > 0 && asks_to_continue(parts.headers);
  return request;
}

ssize_t PreparedRequest::read(std::uint64_t from, std::span<char> to) const {
  const std::size_t first = from < bytes.size() ? std::string_view(bytes).substr(from).copy(to.data(), to.size()) : 0;
  if (!upload || first == to.size()) return static_cast<ssize_t>(first);
  const ssize_t then = upload->read(from + first - bytes.size(), to.subspan(first));
  return then < 0 ? then : static_cast<ssize_t>(first) + then;
}

void set_late_headers(PreparedRequest& copy, const PreparedRequest& of, const LateHeaders& late) {
  const std::string_view lines = of.text_of(of.headers);
  const std::size_t cookies_at = late.cookies.empty() ? std::string_view::npos : end_of_value(lines, "Cookie");
  std::string& out = copy.bytes;
  out.assign(of.bytes, 0, of.headers.at);
  if (cookies_at != std::string_view::npos)
    out.append(lines.substr(0, cookies_at)).append("; ").append(late.cookies).append(lines.substr(cookies_at));
  else
    out.append(lines);
  if (!late.cookies.empty() && cookies_at == std::string_view::npos)
    out.append("Cookie: ").append(late.cookies).append("\r\n");
  if (!late.authorization.empty()) out.append("Authorization: ").append(late.authorization).append("\r\n");
  copy.headers.size = static_cast<std::uint32_t>(out.size()) - of.headers.at;
  out.append("\r\n");
  copy.body.at = static_cast<std::uint32_t>(out.size());
  out.append(of.text_of(of.body));
}

}  // namespace loadgen::http
