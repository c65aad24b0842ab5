#pragma once
// Exact count, sum, extremes and standard deviation of a series of durations.

#include <cstdint>

#include "base/time.hpp"

namespace loadgen::stats {

struct Moments {
  std::uint64_t count = 0;
  std::int64_t sum_ns = 0;    ///< room for 292 years of summed durations
  double sum_of_squares = 0;  ///< ns²
  std::int64_t min_ns = INT64_MAX;
  std::int64_t max_ns = INT64_MIN;

  void record(Duration value) noexcept {
    const std::int64_t ns = value.count();
    ++count;
    sum_ns += ns;
    sum_of_squares += static_cast<double>(ns) * static_cast<double>(ns);
    if (ns < min_ns) min_ns = ns;
    if (ns > max_ns) max_ns = ns;
  }
  void merge(const Moments& other) noexcept;
  double mean_ns() const;
  /// sqrt(sum(x²)/n - mean²), the population's, as JMeter's Calculator has it; 0 when empty. The subtraction cancels:
  /// with double sums the result is good to about mean * sqrt(n * 1e-16), 0.001 % of the mean for a million values, and
  /// a difference that rounding made negative is 0.
  double stddev_ns() const;
};

}  // namespace loadgen::stats
