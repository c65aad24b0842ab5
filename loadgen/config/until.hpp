#pragma once
// `--until 'p99 ± 2%'`: a run ends as soon as a figure is known that well.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace loadgen::config {

struct Until {
  enum class Metric : std::uint8_t {
    percentile,  ///< of the response time
    mean,        ///< of the response time
    rate,        ///< completed requests a second
  };
  Metric metric = Metric::percentile;
  double p = 0;           ///< of a percentile: 0.99 for p99
  double half_width = 0;  ///< of the 95 % interval, relative to the value: 0.02 for "± 2%"
  bool operator==(const Until&) const = default;
};

/// "p99 ± 2%", "p99.9 +- 5 %", "mean 1%", "rate 1%".
Result<Until> parse_until(std::string_view text);

/// "p99 ± 2%"; parse_until reads it back.
std::string to_string(const Until& until);

}  // namespace loadgen::config
