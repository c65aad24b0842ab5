#include "http/content_coding.hpp"

#include <utility>

#include "base/letters.hpp"

namespace loadgen::http {

std::optional<ContentCoding> find_content_coding(std::string_view value) noexcept {
  // RFC 9110, 8.4.1.3: x-gzip is to be taken for gzip.
  static constexpr std::array<std::pair<std::string_view, ContentCoding>, 4> kNames{{
      {kContentCodings[0], ContentCoding::gzip},
      {"x-gzip", ContentCoding::gzip},
      {kContentCodings[1], ContentCoding::deflate},
      {kContentCodings[2], ContentCoding::br},
  }};
  for (const auto& [name, coding] : kNames)
    if (same_word(name, value)) return coding;
  return std::nullopt;
}

std::string ContentCodings::to_string() const {
  std::string out;
  for (std::size_t i = 0; i < kContentCodings.size(); ++i)
    if (contains(static_cast<ContentCoding>(i))) out.append(out.empty() ? "" : ", ").append(kContentCodings[i]);
  return out;
}

}  // namespace loadgen::http
