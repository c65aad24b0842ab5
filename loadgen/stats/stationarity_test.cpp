#include "stats/stationarity.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <numbers>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace loadgen::stats {
namespace {

std::vector<double> series_of(std::size_t n, const std::function<double(double)>& value) {
  std::vector<double> series(n);
  for (std::size_t i = 0; i < n; ++i) series[i] = value(static_cast<double>(i));
  return series;
}

/// Standard normal (Box and Muller).
double normal(std::uint64_t seed, std::uint64_t k) {
  return std::sqrt(-2 * std::log(random_unit(seed, 0, k))) * std::cos(2 * std::numbers::pi * random_unit(seed, 1, k));
}

/// 60 seconds of level(t) with 5 % noise.
std::vector<double> noisy(std::uint64_t seed, const std::function<double(double)>& level) {
  std::vector<double> series(60);
  for (std::size_t t = 0; t < 60; ++t) series[t] = 100 * (level(static_cast<double>(t)) + 0.05 * normal(seed, t));
  return series;
}

TEST(Trend, KnownValuesByHand) {
  // 9 pairs rise and 1 falls (5, 4): S = 8, variance 5 * 4 * 15 / 18, z = 7 / sqrt(16.667).
  const TrendTest test = trend(std::vector<double>{1, 2, 3, 5, 4});
  EXPECT_NEAR(test.z, 1.714643, 1e-6);
  EXPECT_NEAR(test.p, 0.086411, 1e-6);
  // Slopes sorted: -1, 0.75, 1, 1, 1, 1, 1, 4/3, 1.5, 2: median 1; change 4 of the median 3.
  EXPECT_DOUBLE_EQ(test.slope, 1);
  EXPECT_DOUBLE_EQ(test.relative_change, 4.0 / 3);
}

TEST(Trend, TiesAreCorrected) {
  // {3, 2, 2, 1, 1, 1}: all 11 pairs that differ fall; variance (6*5*17 - 2*1*9 - 3*2*11) / 18 = 23.667.
  const TrendTest test = trend(std::vector<double>{3, 2, 2, 1, 1, 1});
  EXPECT_NEAR(test.z, -10 / std::sqrt(426.0 / 18), 1e-12);
  EXPECT_LT(test.slope, 0);
  const TrendTest flat = trend(std::vector<double>(12, 5.0));
  EXPECT_EQ(flat.z, 0);
  EXPECT_EQ(flat.p, 1);
  EXPECT_EQ(flat.relative_change, 0);
}

TEST(Trend, OfAStraightLineIsItsSlope) {
  std::vector<double> line = series_of(30, [](double i) { return 50 - 0.5 * i; });
  line[7] = 1'000;  // one outlier moves the median of the slopes by next to nothing
  const TrendTest test = trend(line);
  EXPECT_NEAR(test.slope, -0.5, 1e-12);
  EXPECT_NEAR(test.relative_change, -0.5 * 29 / 42.75, 0.01);
}

/// Of 200 noisy series of a level, how many are flagged, by the test alone and by the whole rule.
struct Flagged {
  int trends = 0;
  int not_stationary = 0;
};

Flagged flagged(const char* name, const std::function<double(double)>& level) {
  Flagged result;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto found = stationarity(noisy(seed, level));
    if (!found) continue;
    result.trends += found->test.p < 0.01 ? 1 : 0;
    result.not_stationary += found->stationary ? 0 : 1;
  }
  std::printf("%-12s trend in %5.1f %%, not stationary %5.1f %%\n", name, result.trends / 2.0,
              result.not_stationary / 2.0);
  return result;
}

TEST(Stationarity, FlagsWhatChangesAndNotWhatIsFlat) {
  const Flagged flat = flagged("flat", [](double) { return 1.0; });
  EXPECT_LE(flat.trends, 6) << "about 1 % of 200";
  EXPECT_LE(flat.not_stationary, 4);
  EXPECT_GE(flagged("warm-up", [](double t) { return 1 + 0.5 * std::exp(-t / 6); }).not_stationary, 180);
  EXPECT_GE(flagged("drift +10 %", [](double t) { return 1 + 0.1 * t / 59; }).not_stationary, 180);
  EXPECT_GE(flagged("step +10 %", [](double t) { return t < 30 ? 1.0 : 1.1; }).not_stationary, 180);
  EXPECT_GE(flagged("drift -20 %", [](double t) { return 1 - 0.2 * t / 59; }).not_stationary, 180);
}

TEST(Stationarity, SmallButCertainChangesPass) {
  const auto found = stationarity(series_of(60, [](double i) { return 1000 + i * 0.5; }));  // certainly rising, by 3 %
  ASSERT_TRUE(found);
  EXPECT_LT(found->test.p, 1e-9);
  EXPECT_TRUE(found->stationary);
}

TEST(Stationarity, ThirdsTellWhatTrendsDoNot) {
  // A burst at the end: most pairs are equal or alike, so that the median slope is next to nothing.
  const auto found = stationarity(series_of(60, [](double i) { return 100 + std::fmod(i, 2) + (i >= 44 ? 20 : 0); }));
  ASSERT_TRUE(found);
  EXPECT_LT(found->test.relative_change, 0.05);
  EXPECT_FALSE(found->stationary);
  EXPECT_DOUBLE_EQ(found->first_third, 100.5);
  EXPECT_DOUBLE_EQ(found->last_third, 100.5 + 20 * 16 / 20.0);
}

TEST(Stationarity, LongSeriesAreAveraged) {
  const auto found = stationarity(series_of(605, [](double i) { return 1000 + 2 * i; }));
  ASSERT_TRUE(found);
  EXPECT_NEAR(found->test.slope, 2, 0.02) << "per step of the series that was given";
  EXPECT_FALSE(found->stationary);
}

TEST(Stationarity, ShortSeriesSayNothing) {
  EXPECT_FALSE(stationarity(std::vector<double>(9, 1.0)));
  EXPECT_TRUE(stationarity(std::vector<double>(10, 1.0))->stationary);
  EXPECT_TRUE(stationarity(std::vector<double>(10, 0.0))->stationary);
}

/// The definition, word for word.
std::size_t mser_by_brute_force(const std::vector<double>& y) {
  const std::size_t n = y.size();
  double least = HUGE_VAL;
  std::size_t best = 0;
  for (std::size_t d = 0; d <= n / 2; ++d) {
    double mean = 0, squares = 0;
    for (std::size_t i = d; i < n; ++i) mean += y[i] / static_cast<double>(n - d);
    for (std::size_t i = d; i < n; ++i) squares += (y[i] - mean) * (y[i] - mean);
    const double error = squares / static_cast<double>((n - d) * (n - d));
    if (error < least) best = d;
    least = std::min(least, error);
  }
  return best;
}

TEST(Mser, IsItsDefinition) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const std::vector<double> series = noisy(seed, [](double t) { return 1 + 0.8 * std::exp(-t / 5); });
    EXPECT_EQ(mser(series).points, mser_by_brute_force(series)) << seed;
  }
}

TEST(Mser, FindsTheEndOfTheWarmUp) {
  std::vector<double> series(40, 10.0);
  for (std::size_t i = 0; i < 7; ++i) series[i] = 30.0 - static_cast<double>(i);
  EXPECT_EQ(mser(series).points, 7U);
  EXPECT_TRUE(mser(series).ended);
  EXPECT_EQ(mser(std::vector<double>(40, 10.0)).points, 0U);
  const std::vector<double> rising = series_of(40, [](double i) { return i; });
  EXPECT_EQ(mser(rising).points, 20U);
  EXPECT_FALSE(mser(rising).ended);
  EXPECT_FALSE(mser({}).ended) << "of nothing, nobody can say";
}

TEST(LagOneRankCorrelation, KnownValues) {
  const std::vector<double> rising = series_of(12, [](double i) { return std::exp(i); });
  const std::vector<double> alternating = series_of(12, [](double i) { return 1 + std::fmod(i, 2) * 8; });
  EXPECT_NEAR(*lag_one_rank_correlation(rising), 1, 1e-12);
  EXPECT_NEAR(*lag_one_rank_correlation(alternating), -1, 1e-12);
  // By hand, with ties: x = 1 2 2 3 1 2 3 3 1 against y = 2 2 3 1 2 3 3 1 2: ranks of x 2 5 5 8 2 5 8 8 2, of y
  // 4.5 4.5 8 1.5 4.5 8 8 1.5 4.5, and Pearson's correlation of the two.
  const std::vector<double> tied = {1, 2, 2, 3, 1, 2, 3, 3, 1, 2};
  const double x[] = {2, 5, 5, 8, 2, 5, 8, 8, 2}, y[] = {4.5, 4.5, 8, 1.5, 4.5, 8, 8, 1.5, 4.5};
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    xy += (x[i] - 5) * (y[i] - 5);
    xx += (x[i] - 5) * (x[i] - 5);
    yy += (y[i] - 5) * (y[i] - 5);
  }
  EXPECT_NEAR(*lag_one_rank_correlation(tied), xy / std::sqrt(xx * yy), 1e-12);
}

TEST(LagOneRankCorrelation, NothingToCorrelate) {
  EXPECT_FALSE(lag_one_rank_correlation(std::vector<double>(12, 3.0)));
  EXPECT_FALSE(lag_one_rank_correlation(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

}  // namespace
}  // namespace loadgen::stats
