#include "http/set_cookie.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/letters.hpp"
#include "http/cookie_date.hpp"

namespace loadgen::http {
namespace {

/// Beyond any run, and far from where a time point would overflow.
constexpr std::chrono::seconds kLongest = std::chrono::hours(24 * 366 * 100);

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// What stands before the first such character; text keeps what stands behind it.
std::string_view take_until(std::string_view& text, char end) {
  const std::size_t at = text.find(end);
  const std::string_view taken = text.substr(0, at);
  text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
  return taken;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void on_expires(std::string_view value, SetCookie& cookie) {
  if (const auto time = parse_cookie_date(value)) cookie.expires = time;
}

void on_max_age(std::string_view value, SetCookie& cookie) {
  const bool negative = value.starts_with('-');
  const std::string_view digits = negative ? value.substr(1) : value;
  if (value.empty() || !std::all_of(digits.begin(), digits.end(), is_digit)) return;
  std::chrono::seconds age{0};
  for (const char c : digits) age = std::min(kLongest, age * 10 + std::chrono::seconds(c - '0'));
  cookie.max_age = negative ? std::chrono::seconds(0) : age;
}

void on_domain(std::string_view value, SetCookie& cookie) {
  if (value.empty()) return;
  cookie.domain = value.starts_with('.') ? value.substr(1) : value;
}

void on_path(std::string_view value, SetCookie& cookie) {
  cookie.path = value.starts_with('/') ? value : std::string_view();
}

void on_secure(std::string_view, SetCookie& cookie) {
  cookie.secure = true;
}

struct Attribute {
  std::string_view name;
  void (*store)(std::string_view value, SetCookie&);
};

/// Of several of one name the last one counts.
constexpr std::array<Attribute, 5> kAttributes{{{"expires", &on_expires},
                                                {"max-age", &on_max_age},
                                                {"domain", &on_domain},
                                                {"path", &on_path},
                                                {"secure", &on_secure}}};

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

}  // namespace

std::optional<SetCookie> parse_set_cookie(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_control)) return std::nullopt;
  std::string_view pair = take_until(text, ';');
  if (pair.find('=') == std::string_view::npos) return std::nullopt;
  SetCookie cookie;
  cookie.name = trimmed(take_until(pair, '='));
  cookie.value = trimmed(pair);
  if (cookie.name.empty()) return std::nullopt;
  while (!text.empty()) {
    std::string_view value = take_until(text, ';');
    const std::string_view name = trimmed(take_until(value, '='));
    for (const Attribute& attribute : kAttributes)
      if (same_word(name, attribute.name)) attribute.store(trimmed(value), cookie);
  }
  return cookie;
}

}  // namespace loadgen::http
