#pragma once
// How sure a figure is. Latencies of one run depend on one another (a queue that is long now is long a moment later),
// so an interval that takes them for independent is far too narrow. These intervals are of batch means: the window is
// cut into batches long enough to be nearly independent, and the spread BETWEEN the batches is the uncertainty.
//
// Every figure here is a ratio of two sums over batches, R = sum y_b / sum n_b: a mean (sums over counts), a rate
// (counts over time), the share of values beyond a percentile (exceedances over counts). With residuals r_b = y_b - R
// n_b its standard error is SE = sqrt(B / (B-1) * sum r_b²) / sum n_b (Cochran 1977, the ratio estimator), which for
// batches of equal size is sd(y_b / n_b) / sqrt(B). The interval is R +- h with h = t(0.975, B-1) * SE.
//
// Percentiles: the share of values at or below the pooled quantile q(p) is p, +- h; reading the pooled quantile
// function at p - h and p + h turns that into an interval of values (Woodruff 1952).

#include <cstdint>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "stats/histogram.hpp"

namespace loadgen::stats {

inline constexpr double kConfidence = 0.95;                   ///< two-sided, of every interval printed
inline constexpr double kNormalQuantile = 1.959963984540054;  ///< of (1 + kConfidence) / 2

enum class Resolution : std::uint8_t {
  resolved,    ///< both ends are known
  upper_open,  ///< the upper end lies beyond the largest value seen, or among cut-off values: run longer
  too_short,   ///< fewer than kLeastBatches independent batches: no interval
  too_few,     ///< fewer than ten values (of a percentile: beyond it): the value itself is not one
  empty,
};

/// A figure with its 95 % interval. Unit: that of the values (ns for times, 1/s for rates).
struct Estimate {
  double value = 0;
  double low = 0;   ///< meaningful when resolved or upper_open
  double high = 0;  ///< meaningful when resolved
  Resolution resolution = Resolution::empty;
  bool at_least = false;   ///< censored: the true figure is value or more; upper_open, and low is value
  std::uint64_t n = 0;     ///< values, of a percentile with the cut-off and the lost ones
  double n_effective = 0;  ///< as many independent values would be as sure; 0 when unknown, and of rates
  std::uint32_t batches = 0;
  double run_longer = 0;  ///< about how many times as long a run would resolve it; 0: nothing to gain or unknown
  /// Half the interval's width over the value; infinity when it is not resolved.
  double relative_half_width() const;
};

/// A stretch of the window: values, and how many more are known only to be "at least this".
struct Stretch {
  Histogram values;
  Histogram cut_off;       ///< lower bounds of censored values (time-outs, unfinished requests)
  std::uint64_t lost = 0;  ///< censored values of which nothing is known (dropped, never sent)

  void merge(const Stretch& other);
};

inline constexpr std::uint32_t kMostBatches = 30;
inline constexpr std::uint32_t kLeastBatches = 10;

/// How many batches so many cells make: each its own up to kMostBatches; of more cells 20, and kMostBatches when that
/// leaves ten cells to a batch. Batches differ by one cell at most.
std::uint32_t batch_count(std::uint32_t cells);
/// The batch of a cell in [0, cells).
std::uint32_t batch_of(std::uint32_t cell, std::uint32_t cells);

class BatchMeans {
 public:
  /// cells: consecutive, of equal length; they are joined to batch_count() batches. A Stretch is large: who has many
  /// cells adds them up to batches itself, with batch_of().
  explicit BatchMeans(std::vector<Stretch> cells);

  /// p in (0, 1). Batches are joined by pairs while the lag-1 correlation of their residuals is above 0.3 (of fewer
  /// than 20 batches a little more, as chance alone reaches that); with fewer than kLeastBatches left it is too_short.
  /// Cut-off and lost values rank above everything: the value is exact when the cut-off ones cannot change it by more
  /// than a bucket wherever they ended, else at_least.
  Estimate percentile(double p) const;
  /// Of values (cut-off ones left out).
  Estimate mean() const;
  const Stretch& pooled() const { return pooled_; }

 private:
  Estimate woodruff(Estimate estimate, double p) const;

  std::vector<Stretch> batches_;
  Stretch pooled_;
  Histogram bounds_;  ///< pooled values and lower bounds together
};

/// A rate: counts of consecutive cells of equal length. Student's t over batches of them.
Estimate rate(std::span<const std::uint64_t> counts, Duration cell);

/// Some of a number of things.
struct Part {
  std::uint64_t part = 0;
  std::uint64_t whole = 0;
};

/// A share, such as that of the failures, of consecutive cells. Wilson's score interval (1927), because the symmetric
/// one of a small share would reach below 0 and that of no failure at all be no interval; for as many independent
/// things as the batches show them to be worth, with Student's t (Korn and Graubard 1998). Resolved unless it is empty.
Estimate share(std::span<const Part> cells);

/// Quantile of Student's t distribution with df degrees of freedom.
double student_t(double p, double df);

/// The least number of independent values with which a two-sided 95 % interval of the p-quantile exists: p^n <= 0.05.
std::uint64_t least_values(double p);

}  // namespace loadgen::stats
