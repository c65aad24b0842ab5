#pragma once
// Wilcoxon's signed-rank test turned into an interval: the Hodges-Lehmann estimator is the median of the Walsh averages
// (x_i + x_j) / 2, i <= j, and its bounds are Walsh averages too, by the exact distribution of W+ (Hollander, Wolfe,
// Chicken: Nonparametric Statistical Methods, 3.2 to 3.4). Nothing is assumed but symmetry: one wild value among eight
// moves it little, where it moves a mean much.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace loadgen::stats {

/// P(W+ = w) for w = 0 … n(n+1)/2, where each of the ranks 1..n is added with probability 1/2. Takes about n³/6 steps.
std::vector<double> signed_rank_distribution(std::uint32_t n);

/// The largest c with P(W+ <= c) <= alpha; nullopt when even P(W+ = 0) = 2^-n is more.
std::optional<std::uint32_t> signed_rank_critical(std::uint32_t n, double alpha);

/// Infinite where n values are too few for alpha.
struct PseudoMedian {
  double value = 0;
  double low = 0;  ///< one-sided bounds at alpha
  double high = 0;
};

/// values: finite, at least one.
PseudoMedian hodges_lehmann(std::span<const double> values, double alpha);

}  // namespace loadgen::stats
