#include "report/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/format.h>

namespace loadgen::report {
namespace {

struct Decoded {
  char32_t code = 0;
  std::size_t length = 1;  ///< bytes consumed
  bool valid = false;      ///< false: one byte that is no UTF-8
};

Decoded decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return {lead, 1, false};
  char32_t code = lead & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return {lead, 1, false};
    code = (code << 6) | (byte(i) & 0x3fU);
  }
  constexpr std::array<char32_t, 5> smallest{0, 0, 0x80, 0x800, 0x10000};  // by length: overlong forms are invalid
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < smallest[length] || surrogate || code > 0x10ffff) return {lead, 1, false};
  return {code, length, true};
}

bool harmful(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0)  // C0, DEL, C1: a terminal obeys them
         || (c >= 0x200b && c <= 0x200f)      // zero width and direction marks
         || (c >= 0x2028 && c <= 0x202e)      // line separators, direction overrides
         || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

std::size_t width_of(char32_t c) {
  if ((c >= 0x300 && c <= 0x36f) || (c >= 0xfe00 && c <= 0xfe0f)) return 0;  // combining marks, variation selectors
  // East Asian wide and fullwidth blocks and emoji (Unicode UAX 11, whole blocks).
  const bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
                    (c >= 0xf900 && c <= 0xfaff) || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff00 && c <= 0xff60) ||
                    (c >= 0xffe0 && c <= 0xffe6) || (c >= 0x1f300 && c <= 0x1faff) || (c >= 0x20000 && c <= 0x3fffd);
  return wide ? 2 : 1;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Decoded next = decode(text);
    const auto code = static_cast<std::uint32_t>(next.code);
    if (!next.valid || (harmful(next.code) && code < 0x100)) {
      out += fmt::format("\\x{:02x}", code);
    } else if (harmful(next.code)) {
      out += fmt::format("\\u{:04x}", code);
    } else {
      out += text.substr(0, next.length);
    }
    text.remove_prefix(next.length);
  }
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const Decoded next = decode(text);
    width += width_of(next.code);
    text.remove_prefix(next.length);
  }
  return width;
}

std::string truncated(std::string_view text, std::size_t columns) {
  if (display_width(text) <= columns) return std::string(text);
  const std::string_view mark = columns > 3 ? "..." : "";
  std::size_t width = mark.size();
  std::size_t bytes = 0;
  while (bytes < text.size()) {
    const Decoded next = decode(text.substr(bytes));
    if (width + width_of(next.code) > columns) break;
    width += width_of(next.code);
    bytes += next.length;
  }
  return std::string(text.substr(0, bytes)) + std::string(mark);
}

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t column = 0;
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t size = display_width(word);
    if (!first && column + 1 + size > width) {
      out += '\n';
      out.append(indent, ' ');
      column = indent;
    } else if (!first) {
      out += ' ';
      ++column;
    }
    first = false;
    out += word;
    column += size;
  }
  return out;
}

}  // namespace loadgen::report
