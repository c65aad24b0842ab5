#include "server/request_parser.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "server/units.hpp"

namespace loadgen_server {
namespace {

using ByteSet = std::array<bool, 256>;

unsigned char byte(char c) {
  return static_cast<unsigned char>(c);
}

// RFC 9110 5.6.2: what method and field names are made of.
constexpr ByteSet token_bytes = [] {
  ByteSet set{};
  for (unsigned c = '0'; c <= '9'; ++c) set[c] = true;
  for (unsigned c = 'A'; c <= 'Z'; ++c) set[c] = set[c + 32] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) set[static_cast<unsigned char>(c)] = true;
  return set;
}();

// RFC 9110 5.5: a field value is visible bytes, spaces and tabs; bytes from 0x80 are opaque.
constexpr ByteSet value_bytes = [] {
  ByteSet set{};
  for (unsigned c = 0x20; c < 256; ++c) set[c] = c != 0x7F;
  set['\t'] = true;
  return set;
}();

// RFC 3986: a target is visible ASCII; a fragment is never sent.
constexpr ByteSet target_bytes = [] {
  ByteSet set{};
  for (unsigned c = 0x21; c < 0x7F; ++c) set[c] = c != '#';
  return set;
}();

bool all_in(const ByteSet& set, std::string_view text) {
  return std::all_of(text.begin(), text.end(), [&set](char c) { return set[byte(c)]; });
}

/// `lower` is a lower-case letters-and-dashes word of the same length.
bool same_word(std::string_view text, std::string_view lower) {
  for (std::size_t i = 0; i < lower.size(); ++i) {
    const char c = text[i];
    const char folded = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (folded != lower[i]) return false;
  }
  return true;
}

bool is_word(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() && same_word(text, lower);
}

std::string_view trimmed(std::string_view text) {
  const auto blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

struct MethodName {
  std::string_view name;
  Method method;
};

constexpr std::array<MethodName, 7> methods{{{"GET", Method::get},
                                             {"HEAD", Method::head},
                                             {"POST", Method::post},
                                             {"PUT", Method::put},
                                             {"DELETE", Method::del},
                                             {"OPTIONS", Method::options},
                                             {"PATCH", Method::patch}}};

bool is_some_http_version(std::string_view text) {
  return text.size() == 8 && text.substr(0, 5) == "HTTP/" && text[5] >= '0' && text[5] <= '9' && text[6] == '.' &&
         text[7] >= '0' && text[7] <= '9';
}

}  // namespace

RequestParser::Result RequestParser::parse(std::string_view received) {
  // Something that cannot begin a request (a TLS hello, say) is refused at once, not when its line would end.
  if (!have_request_line_ && !received.empty() && !token_bytes[byte(received[0])] && received[0] != '\r') {
    reject(400);
    return Result::rejected;
  }
  while (scanned_ < received.size()) {
    const auto* from = received.data() + scanned_;
    const auto* newline = static_cast<const char*>(std::memchr(from, '\n', received.size() - scanned_));
    const std::size_t line_end =
        newline == nullptr ? received.size() : static_cast<std::size_t>(newline - received.data()) + 1;
    if (line_end > max_head) {
      reject(have_request_line_ ? 431 : 414);
      return Result::rejected;
    }
    scanned_ = static_cast<std::uint32_t>(line_end);
    if (newline == nullptr) break;

    const std::size_t line_begin = line_begin_;
    line_begin_ = scanned_;
    const std::string_view line = received.substr(line_begin, line_end - line_begin - 1);
    if (!take_line(line, line_begin)) return Result::rejected;
    if (finished_) return Result::complete;
  }
  return Result::need_more;
}

bool RequestParser::take_line(std::string_view line, std::size_t line_begin) {
  if (line.empty() || line.back() != '\r') return reject(400);  // a bare LF hides a second request from some proxies
  line.remove_suffix(1);
  if (!have_request_line_) {
    if (line.empty()) return true;  // RFC 9112 2.2: an empty line before the request is to be ignored
    have_request_line_ = true;
    return take_request_line(line, line_begin);
  }
  return line.empty() ? finish() : take_field(line);
}

bool RequestParser::take_request_line(std::string_view line, std::size_t line_begin) {
  const auto first_space = line.find(' ');
  const auto last_space = line.rfind(' ');
  if (first_space == std::string_view::npos || first_space == last_space || first_space == 0) return reject(400);
  const std::string_view method = line.substr(0, first_space);
  const std::string_view target = line.substr(first_space + 1, last_space - first_space - 1);
  const std::string_view version = line.substr(last_space + 1);

  if (!all_in(token_bytes, method) || !all_in(target_bytes, target) || target.empty()) return reject(400);
  if (version == "HTTP/1.0")
    head_.http_1_0 = true;
  else if (version != "HTTP/1.1")
    return reject(is_some_http_version(version) ? 505 : 400);

  const auto* known = std::find_if(methods.begin(), methods.end(), [&](const auto& m) { return m.name == method; });
  if (known == methods.end()) return reject(501);
  head_.method = known->method;
  return take_target(target, line_begin + first_space + 1);
}

bool RequestParser::take_target(std::string_view target, std::size_t begin) {
  std::size_t path = 0;
  constexpr std::string_view scheme = "http://";
  if (target.size() > scheme.size() && is_word(target.substr(0, scheme.size()), scheme))
    path = std::min(target.find_first_of("/?", scheme.size()), target.size());
  else if (target[0] != '/' && !(target == "*" && head_.method == Method::options))
    return reject(400);

  const std::size_t mark = std::min(target.find('?', path), target.size());
  head_.path = {static_cast<std::uint16_t>(begin + path), static_cast<std::uint16_t>(mark - path)};
  if (mark < target.size())
    head_.query = {static_cast<std::uint16_t>(begin + mark + 1), static_cast<std::uint16_t>(target.size() - mark - 1)};
  return true;
}

bool RequestParser::take_field(std::string_view line) {
  if (++fields_ > max_fields) return reject(431);
  std::size_t colon = 0;
  while (colon < line.size() && token_bytes[byte(line[colon])]) ++colon;
  // Also refuses a folded line and a space before the colon, two classic ways to smuggle a request.
  if (colon == 0 || colon == line.size() || line[colon] != ':') return reject(400);
  const std::string_view value = line.substr(colon + 1);
  if (!all_in(value_bytes, value)) return reject(400);
  return take_known_field(line.substr(0, colon), trimmed(value));
}

bool RequestParser::take_known_field(std::string_view name, std::string_view value) {
  switch (name.size()) {
    case 4:
      if (same_word(name, "host") && ++hosts_ > 1) return reject(400);
      return true;
    case 6:
      if (!same_word(name, "expect")) return true;
      head_.expects_continue = is_word(value, "100-continue");
      return head_.expects_continue || reject(417);
    case 10:
      if (same_word(name, "connection")) take_connection(value);
      return true;
    case 14:
      return !same_word(name, "content-length") || take_content_length(value);
    case 17:
      if (!same_word(name, "transfer-encoding")) return true;
      if (head_.chunked || !is_word(value, "chunked")) return reject(501);
      head_.chunked = true;
      return true;
    default:
      return true;
  }
}

bool RequestParser::take_content_length(std::string_view value) {
  const auto length = parse_number(value);
  if (!length || have_content_length_) return reject(400);
  have_content_length_ = true;
  head_.content_length = *length;
  return true;
}

void RequestParser::take_connection(std::string_view value) {
  while (!value.empty()) {
    const auto comma = std::min(value.find(','), value.size());
    const std::string_view option = trimmed(value.substr(0, comma));
    says_close_ = says_close_ || is_word(option, "close");
    says_keep_alive_ = says_keep_alive_ || is_word(option, "keep-alive");
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
}

bool RequestParser::finish() {
  if (!head_.http_1_0 && hosts_ == 0) return reject(400);
  if (head_.chunked && (have_content_length_ || head_.http_1_0)) return reject(400);
  if (head_.http_1_0) head_.expects_continue = false;  // RFC 9110 10.1.1: to be ignored
  head_.keep_alive = !says_close_ && (!head_.http_1_0 || says_keep_alive_);
  head_.size = line_begin_;
  finished_ = true;
  return true;
}

bool RequestParser::reject(int status) {
  rejection_ = static_cast<std::uint16_t>(status);
  return false;
}

}  // namespace loadgen_server
