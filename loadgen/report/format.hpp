#pragma once
// A format that a report can be written in, as users name it. Every command that reports has a table of them.

#include <string_view>

namespace loadgen::report {

struct Format {
  std::string_view name;  ///< as in `--out NAME[=FILE]`
  std::string_view description;
};

}  // namespace loadgen::report
