#pragma once
// Figures as a threshold is held against them: what stands in for their interval where there is none.

#include <cstdint>
#include <span>

#include "stats/confidence.hpp"
#include "stats/limit.hpp"

namespace loadgen::stats {

/// A figure of times.
struct TimeFigure {
  enum class Kind : std::uint8_t { percentile, mean, min, max };
  Kind kind = Kind::percentile;
  double p = 0;  ///< of a percentile, in (0, 1)
};

/// A count, or an extreme: it is what it is.
Sight exact(double value, std::uint64_t n);

Sight sight_of(const BatchMeans& batches, const TimeFigure& figure);

/// Of the successes; a lower bound where those whose times are not known are more than 1 %.
Estimate mean_of(const BatchMeans& batches);

/// The share of consecutive cells, to be held against `limit`: of 0 and of 1 it is a matter of counting whether there
/// was any, or nothing else.
Sight share_of(std::span<const Part> cells, double limit);

/// Counts of consecutive cells of equal length as a rate. That nothing came is a rate, too.
Sight rate_of(std::span<const std::uint64_t> counts, Duration cell);

/// So many consecutive parts are asked where there are not enough batches for an interval: all of six independent ones
/// lie on one side of their true median in one case of 2^5, so that the smallest and the largest of their figures make
/// an interval of 97 %.
inline constexpr std::uint32_t kParts = 6;

/// The smallest and the largest of the parts' figures stand in for the interval, unless one of them had no value.
void hold_against(std::span<const Estimate> parts, Sight& sight);

}  // namespace loadgen::stats
