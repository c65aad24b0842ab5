#pragma once
// Delays by distribution. A delay is a pure function of (seed, index), so a run can be repeated exactly, whatever the
// number of threads and the order of arrival.

#include <cstdint>
#include <optional>
#include <string_view>

#include "server/units.hpp"

namespace loadgen_server {

struct Distribution {
  enum class Shape : std::uint8_t { fixed, uniform, exponential, pareto };

  Shape shape = Shape::fixed;
  double a = 0;  // ns: the value, the lower end, the mean, the minimum
  double b = 0;  // ns: the upper end; for pareto the exponent, a plain number

  /// The quantile of u, 0 <= u < 1, by inverting the distribution function; at most max_delay.
  Nanos at(double u) const;
};

constexpr Nanos max_delay = std::chrono::hours(1);

/// How the list of supported spellings is shown to people.
constexpr std::string_view distribution_help = "5ms | uniform(1ms,9ms) | exp(5ms) | pareto(1ms,2.5)";

std::optional<Distribution> parse_distribution(std::string_view text);

/// u for request `index`. Without strata: a hash of (seed, index), uniform in [0, 1). With strata = N: the middles of N
/// equal slices, each taken exactly once in every N requests, in shuffled order; then the N delays have the
/// distribution's quantiles without sampling noise.
double unit_value(std::uint64_t seed, std::uint64_t index, std::uint64_t strata);

}  // namespace loadgen_server
