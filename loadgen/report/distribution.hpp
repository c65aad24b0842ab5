#pragma once
// A histogram boiled down to what reports print.

#include <array>
#include <cstdint>
#include <string_view>

#include "stats/histogram.hpp"

namespace loadgen::report {

struct PercentileInfo {
  double p;
  std::string_view key;   ///< in run.json
  std::string_view text;  ///< for people
};

inline constexpr std::array<PercentileInfo, 5> kPercentiles{{
    {0.50, "p50", "p50"},
    {0.90, "p90", "p90"},
    {0.95, "p95", "p95"},
    {0.99, "p99", "p99"},
    {0.999, "p99_9", "p99.9"},
}};

inline constexpr std::size_t kP50 = 0;  ///< places in kPercentiles
inline constexpr std::size_t kP90 = 1;
inline constexpr std::size_t kP95 = 2;
inline constexpr std::size_t kP99 = 3;

/// At least ten values beyond the p-quantile; with fewer it moves from run to run like the maximum does.
constexpr bool well_sampled(std::uint64_t count, double p) {
  return static_cast<double>(count) * (1 - p) >= 10 - 1e-6;  // 1000 * (1 - 0.99) is a hair under 10 in binary
}

/// The least count with which the p-quantile is well sampled: 1,000 for p99.
constexpr std::uint64_t values_needed(double p) {
  const auto least = static_cast<std::uint64_t>(10 / (1 - p));
  return well_sampled(least, p) ? least : least + 1;
}

struct Distribution {
  std::uint64_t count = 0;
  std::uint64_t overflow = 0;  ///< values above an hour: counted, but known as "at least an hour" only
  std::int64_t min_ns = 0;
  std::int64_t max_ns = 0;
  double mean_ns = 0;
  double stddev_ns = 0;                                            ///< of the population
  std::array<std::int64_t, kPercentiles.size()> percentiles_ns{};  ///< in the order of kPercentiles
};

Distribution distribution_of(const stats::Histogram& histogram);

}  // namespace loadgen::report
