#include "http/cookie_date.hpp"

#include <array>
#include <cstddef>

#include "base/letters.hpp"

namespace loadgen::http {
namespace {

using namespace std::chrono;

constexpr std::array<const char*, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                              "jul", "aug", "sep", "oct", "nov", "dec"};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_delimiter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0x09 || (byte >= 0x20 && byte <= 0x2f) || (byte >= 0x3b && byte <= 0x40) ||
         (byte >= 0x5b && byte <= 0x60) || (byte >= 0x7b && byte <= 0x7e);
}

/// Takes a number of `least` to `most` digits off the front; nullopt when there are fewer, or one more.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most) {
  std::size_t size = 0;
  int value = 0;
  while (size < text.size() && is_digit(text[size])) {
    if (size == most) return std::nullopt;
    value = value * 10 + (text[size++] - '0');
  }
  if (size < least) return std::nullopt;
  text.remove_prefix(size);
  return value;
}

/// hh:mm:ss, and behind it whatever does not begin with a digit.
std::optional<seconds> parse_time(std::string_view token) {
  std::array<int, 3> parts{};
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && (token.empty() || token.front() != ':')) return std::nullopt;
    if (i > 0) token.remove_prefix(1);
    const std::optional<int> number = take_number(token, 1, 2);
    if (!number) return std::nullopt;
    parts[i] = *number;
  }
  if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return seconds(-1);
  return hours(parts[0]) + minutes(parts[1]) + seconds(parts[2]);
}

std::optional<int> parse_month(std::string_view token) {
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (begins_with_word(token, kMonths[i])) return static_cast<int>(i) + 1;
  return std::nullopt;
}

struct Found {
  std::optional<seconds> time;
  std::optional<int> day, month, year;
};

void look_at(std::string_view token, Found& found) {
  if (!found.time && (found.time = parse_time(token))) return;
  std::string_view rest = token;
  if (!found.day && (found.day = take_number(rest, 1, 2))) return;
  if (!found.month && (found.month = parse_month(token))) return;
  if (!found.year) found.year = take_number(rest = token, 2, 4);
}

}  // namespace

std::optional<sys_seconds> parse_cookie_date(std::string_view text) {
  Found found;
  while (!text.empty()) {
    std::size_t size = 0;
    while (size < text.size() && !is_delimiter(text[size])) ++size;
    if (size > 0) look_at(text.substr(0, size), found);
    text.remove_prefix(size == text.size() ? size : size + 1);
  }
  if (!found.time || *found.time < seconds(0) || !found.day || !found.month || !found.year) return std::nullopt;
  int of_four_digits = *found.year;
  if (of_four_digits <= 99) of_four_digits += of_four_digits >= 70 ? 1900 : 2000;
  const year_month_day date{year(of_four_digits), month(static_cast<unsigned>(*found.month)),
                            day(static_cast<unsigned>(*found.day))};
  if (of_four_digits < 1601 || !date.ok()) return std::nullopt;
  return sys_days(date) + *found.time;
}

}  // namespace loadgen::http
