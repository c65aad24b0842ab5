#pragma once
// Content codings (RFC 9110, 8.4.1) that bodies are decoded from.

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loadgen::http {

enum class ContentCoding : std::uint8_t { gzip, deflate, br };

/// Their names, by ContentCoding.
inline constexpr std::array<std::string_view, 3> kContentCodings{"gzip", "deflate", "br"};

/// The one coding that a Content-Encoding names, whatever its case; none where it names another, or several.
std::optional<ContentCoding> find_content_coding(std::string_view value) noexcept;

/// A set of them.
class ContentCodings {
 public:
  void add(ContentCoding coding) { bits_ = static_cast<std::uint8_t>(bits_ | bit(coding)); }
  bool contains(ContentCoding coding) const { return (bits_ & bit(coding)) != 0; }
  bool any() const { return bits_ != 0; }
  std::string to_string() const;  ///< as an Accept-Encoding header has them: "gzip, deflate"

 private:
  static constexpr unsigned bit(ContentCoding coding) { return 1U << static_cast<unsigned>(coding); }
  std::uint8_t bits_ = 0;
};

}  // namespace loadgen::http
