#pragma once
// Is B worse than A? Log ratios of interleaved slices, one value a restart block, and a decision with a margin. Rules
// R5.2 to R5.6 of the measuring rules; docs/METHODOLOGY.md has them with their sources.
//
// The unit of replication is the block, because what differs between two starts of a server does not average out within
// one: d_m = mean over the block's passes of ln(x_B / x_A), turned so that positive is worse. The interval is Student's
// t over d_1..d_M.

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace loadgen::stats {

enum class Decision : std::uint8_t {
  pass,          ///< at most delta worse: upper bound <= delta
  improved,      ///< better by more than delta: upper bound < -delta
  inconclusive,  ///< neither: run more blocks
  regression,    ///< worse by more than delta: lower bound > delta
};

struct Margin {
  double delta = 0.05;  ///< worse by so much is still good enough, as a log ratio
  double alpha = 0.05;  ///< of each one-sided bound
};

struct Comparison {
  std::uint32_t blocks = 0;
  double mean = 0;  ///< of d_m; exp(mean) - 1 is the relative change, positive is worse
  double low = 0;   ///< one-sided bounds at alpha
  double high = 0;
  double spread = 0;          ///< standard deviation of d_m
  double p = 1;               ///< one-sided, of "no worse than delta" being true; what Holm orders
  double hodges_lehmann = 0;  ///< median of the Walsh averages; of 8 blocks and more
  double hl_low = 0, hl_high = 0;
  double detectable = 0;      ///< delta + k_M * spread: a true change of this size is found 80 times in 100
  bool order_effect = false;  ///< blocks that began with A and those that began with B differ by more than delta
  Decision decision = Decision::inconclusive;
};

/// d: one log ratio a block, positive is worse; began_with_b[m]: block m's order. Fewer than 2 blocks: inconclusive.
/// Disagreement of t and Wilcoxon/Hodges-Lehmann (8 blocks and more) and an order effect are inconclusive.
Comparison compare(std::span<const double> d, std::span<const bool> began_with_b, Margin margin);

/// Minimum detectable effect over the spread: (t(alpha, M-1) + t(0.2, M-1)) / sqrt(M).
double detectable_factor(std::uint32_t blocks, double alpha);

/// Holm's step-down over several gated metrics: decisions whose regression does not survive become inconclusive.
void holm(std::span<Comparison> gated, double alpha);

std::string_view to_string(Decision decision);  ///< "REGRESSION"

}  // namespace loadgen::stats
