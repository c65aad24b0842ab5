#include "stats/signed_rank.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace loadgen::stats {
namespace {

/// How often W+ <= c among all 2^n signs, by going through them.
double enumerated(std::uint32_t n, std::uint32_t c) {
  std::uint32_t hits = 0;
  for (std::uint32_t signs = 0; signs < 1U << n; ++signs) {
    std::uint32_t w = 0;
    for (std::uint32_t rank = 1; rank <= n; ++rank) w += (signs >> (rank - 1) & 1U) * rank;
    hits += w <= c ? 1 : 0;
  }
  return std::ldexp(hits, -static_cast<int>(n));
}

TEST(SignedRank, DistributionIsThatOfAllSigns) {
  for (const std::uint32_t n : {0U, 1U, 2U, 5U, 8U, 12U}) {
    const auto distribution = signed_rank_distribution(n);
    ASSERT_EQ(distribution.size(), n * (n + 1) / 2 + 1);
    double sum = 0;
    for (std::uint32_t w = 0; w < distribution.size(); ++w)
      EXPECT_NEAR(sum += distribution[w], enumerated(n, w), 1e-12) << n << " " << w;
  }
}

TEST(SignedRank, OfManyItIsAboutNormal) {
  const auto distribution = signed_rank_distribution(100);
  EXPECT_NEAR(std::accumulate(distribution.begin(), distribution.end(), 0.0), 1, 1e-9);
  double mean = 0, square = 0;
  for (std::size_t w = 0; w < distribution.size(); ++w) {
    mean += static_cast<double>(w) * distribution[w];
    square += static_cast<double>(w * w) * distribution[w];
  }
  EXPECT_NEAR(mean, 100.0 * 101 / 4, 1e-6);
  EXPECT_NEAR(square - mean * mean, 100.0 * 101 * 201 / 24, 1e-4);
}

TEST(SignedRank, CriticalValuesByEnumeration) {
  for (std::uint32_t n = 1; n <= 14; ++n) {
    for (const double alpha : {0.05, 0.025, 0.01, 0.001}) {
      const auto critical = signed_rank_critical(n, alpha);
      if (!critical) {
        EXPECT_GT(std::ldexp(1, -static_cast<int>(n)), alpha);
        continue;
      }
      EXPECT_LE(enumerated(n, *critical), alpha) << n;
      EXPECT_GT(enumerated(n, *critical + 1), alpha) << n;
    }
  }
  EXPECT_EQ(signed_rank_critical(8, 0.05), 5U);  // as in the printed tables, one-sided
  EXPECT_EQ(signed_rank_critical(12, 0.05), 17U);
  EXPECT_EQ(signed_rank_critical(12, 0.01), 9U);
  EXPECT_EQ(signed_rank_critical(6, 0.01), std::nullopt);
}

TEST(SignedRank, HodgesLehmannIsTheMedianOfTheWalshAverages) {
  // Of 0, 2, 10: 0 1 2 5 6 10.
  EXPECT_DOUBLE_EQ(hodges_lehmann(std::vector<double>{10, 0, 2}, 0.05).value, 3.5);
  EXPECT_DOUBLE_EQ(hodges_lehmann(std::vector<double>{3}, 0.05).value, 3);
  const PseudoMedian few = hodges_lehmann(std::vector<double>{1, 2, 3}, 0.05);
  EXPECT_TRUE(std::isinf(few.low) && few.low < 0);
  EXPECT_TRUE(std::isinf(few.high) && few.high > 0);
}

TEST(SignedRank, BoundsAreWhereTheTestTurns) {
  // A value m is inside the interval when the test of "the median is at most m" does not reject at alpha: W+ of x - m,
  // ranks by size, is not among the highest alpha of all signs. Seen from both sides of either bound.
  const std::vector<double> x{0.013, -0.021, 0.052, 0.034, 0.008, 0.071, -0.006, 0.027};
  const PseudoMedian median = hodges_lehmann(x, 0.05);
  const auto rejected = [&](double m) {
    std::vector<double> y;
    for (const double value : x) y.push_back(value - m);
    std::ranges::sort(y, {}, [](double v) { return std::abs(v); });
    std::uint32_t minus = 0;
    for (std::uint32_t i = 0; i < y.size(); ++i) minus += y[i] < 0 ? i + 1 : 0;
    return enumerated(8, minus) <= 0.05;  // few and small ones below m
  };
  EXPECT_TRUE(rejected(median.low - 1e-9));
  EXPECT_FALSE(rejected(median.low + 1e-9));
  EXPECT_LT(median.low, median.value);
  EXPECT_LT(median.value, median.high);
  std::vector<double> mirrored;
  for (const double value : x) mirrored.push_back(-value);
  EXPECT_DOUBLE_EQ(hodges_lehmann(mirrored, 0.05).low, -median.high);
}

TEST(SignedRank, OneWildValueMovesItLittle) {
  std::vector<double> x{0.01, 0.012, 0.009, 0.011, 0.013, 0.008, 0.010, 0.011};
  const double before = hodges_lehmann(x, 0.05).value;
  x[0] = 5;
  EXPECT_NEAR(hodges_lehmann(x, 0.05).value, before, 0.002);
}

}  // namespace
}  // namespace loadgen::stats
