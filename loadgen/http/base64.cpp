#include "http/base64.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace loadgen::http {
namespace {

constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNoDigit = 64;  ///< a bit that no digit has

constexpr auto kValues = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < kDigits.size(); ++i)
    values[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
  return values;
}();

/// Three bytes of four digits; false: one of them is none.
bool decode(const char* digits, char* bytes) {
  std::uint32_t group = 0, all = 0;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t digit = kValues[static_cast<unsigned char>(digits[i])];
    group = group << 6 | digit;
    all |= digit;
  }
  bytes[0] = static_cast<char>(group >> 16);
  bytes[1] = static_cast<char>(group >> 8);
  bytes[2] = static_cast<char>(group);
  return (all & kNoDigit) == 0;
}

}  // namespace

std::string base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j)
      group = group << 8 | (j < bytes.size() ? static_cast<unsigned char>(bytes[j]) : 0U);
    const std::size_t digits = std::min<std::size_t>(bytes.size() - i, 3) + 1;
    for (std::size_t j = 0; j < 4; ++j) text += j < digits ? kDigits[(group >> (18 - 6 * j)) & 63] : '=';
  }
  return text;
}

Result<std::string> bytes_of_base64(std::string_view text) {
  if (text.size() % 4 != 0) return Error{"its base64 has not groups of four"};
  if (text.empty()) return std::string();
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  std::string last(text.substr(text.size() - 4));
  std::fill(last.end() - static_cast<std::ptrdiff_t>(padding), last.end(), kDigits.front());
  std::string bytes(text.size() / 4 * 3, '\0');
  bool good = decode(last.data(), &bytes[bytes.size() - 3]);
  for (std::size_t group = 0; group + 1 < text.size() / 4; ++group)
    good = decode(&text[4 * group], &bytes[3 * group]) && good;
  if (!good) return Error{"it is no base64"};
  bytes.erase(bytes.size() - padding);
  return bytes;
}

}  // namespace loadgen::http
