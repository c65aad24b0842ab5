#pragma once
// What `compare --aa` says of a machine: how much figures of one and the same server differ on it, and so what a gate
// could find here.

#include <array>
#include <cstdint>
#include <vector>

#include "report/comparison.hpp"

namespace loadgen::report {

inline constexpr std::array<std::uint32_t, 6> kNoiseBlocks{5, 8, 10, 15, 20, 30};

struct NoiseOfMetric {
  std::uint32_t metric = 0;  ///< of the design
  double spread = 0;         ///< standard deviation of d between blocks
  double margin = 0;         ///< as the difference d
  double false_alarm = 0;    ///< how often a gate of the default number of blocks would say REGRESSION of nothing
  std::array<double, kNoiseBlocks.size()> detectable{};  ///< a change found 80 times in 100, as a margin is given
  std::uint32_t blocks_needed = 0;                       ///< to find a change of twice the margin; 0: no number will do
};

/// One for each metric of the first candidate that has an interval.
std::vector<NoiseOfMetric> noise_of(const Comparison& comparison);

}  // namespace loadgen::report
