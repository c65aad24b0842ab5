#pragma once
// A format that a report can be written in, as users name it. Every command that reports has a table of them.

#include <algorithm>
#include <array>
#include <string_view>

namespace loadgen::report {

struct Format {
  std::string_view name;  ///< as in `--out NAME[=FILE]`
  std::string_view description;
};

/// A table with one more format at its end.
template <std::size_t n>
constexpr std::array<Format, n + 1> with(const std::array<Format, n>& formats, const Format& more) {
  std::array<Format, n + 1> all{};
  std::copy(formats.begin(), formats.end(), all.begin());
  all[n] = more;
  return all;
}

}  // namespace loadgen::report
