#pragma once
// Whether a window shows one state of affairs, and where the warm-up ends.

#include <cstddef>
#include <optional>
#include <span>

namespace loadgen::stats {

/// Mann-Kendall: do later values tend to be larger (z > 0) or smaller? Ties corrected, normal approximation (Mann 1945,
/// Kendall 1975). Time and memory grow with the square of the length: stationarity() shortens long series first.
struct TrendTest {
  double z = 0;
  double p = 1;                ///< two-sided
  double slope = 0;            ///< Theil-Sen: the median of all pairwise slopes, per step
  double relative_change = 0;  ///< slope * (n - 1) / |median|: how much it changed over the window
};
TrendTest trend(std::span<const double> series);

/// Not stationary: the trend is significant (p < 0.01) AND large (|relative change| > 5 %), or the means of the first
/// and of the last third differ by more than 5 % of the median with 95 % intervals that do not overlap.
struct Stationarity {
  bool stationary = true;
  TrendTest test;          ///< its slope is per step of the series as given
  double first_third = 0;  ///< means
  double last_third = 0;
};
inline constexpr std::size_t kLeastForTrend = 10;   ///< shorter series are nullopt: nobody can say
inline constexpr std::size_t kPointsForTrend = 60;  ///< from twice as many on, neighbours are averaged to about so many
/// Of a series in its own unit, never of logarithms: changes are relative. Averaging long series saves time and takes
/// away autocorrelation, which would make the test see trends in noise.
std::optional<Stationarity> stationarity(std::span<const double> series);

/// MSER (White 1997) on means of five consecutive cells: the number of POINTS to leave out at the front,
/// argmin over d <= n/2 of sum_{i>d} (Y_i - mean_{>d})² / (n - d)². At n/2: the warm-up had not ended.
struct WarmUpEnd {
  std::size_t points = 0;
  bool ended = true;
};
WarmUpEnd mser(std::span<const double> points);

/// Spearman's rank correlation of a series with itself one step later; nullopt when it is shorter than kLeastForTrend
/// or constant.
std::optional<double> lag_one_rank_correlation(std::span<const double> series);

}  // namespace loadgen::stats
