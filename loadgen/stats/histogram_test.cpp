#include "stats/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace loadgen::stats {
namespace {

using namespace std::chrono_literals;

Histogram histogram_of(const std::vector<std::int64_t>& values) {
  Histogram h;
  for (const std::int64_t value : values) h.record(Duration(value));
  return h;
}

std::vector<std::uint64_t> counts_of(const Histogram& h) {
  return {h.counts().begin(), h.counts().end()};
}

void expect_same(const Histogram& a, const Histogram& b) {
  EXPECT_EQ(counts_of(a), counts_of(b));
  EXPECT_EQ(a.count(), b.count());
  EXPECT_EQ(a.overflow(), b.overflow());
  EXPECT_EQ(a.sum(), b.sum());
  EXPECT_EQ(a.min(), b.min());
  EXPECT_EQ(a.max(), b.max());
  EXPECT_NEAR(a.stddev_ns(), b.stddev_ns(), 1e-12 * a.stddev_ns()) << "the order of addition may show in the last bits";
}

/// n values up to the histogram's limit: log-uniform, so that every magnitude
/// is met.
std::vector<std::int64_t> values_of_all_magnitudes(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> exponent(0.0, std::log(static_cast<double>(Histogram::kHighest)));
  std::vector<std::int64_t> values(n);
  for (std::int64_t& value : values) value = static_cast<std::int64_t>(std::exp(exponent(random)));
  return values;
}

TEST(HistogramLayout, EveryBucketKeepsItsEdges) {
  for (std::size_t i = 0; i < Histogram::kCounts; ++i) {
    ASSERT_EQ(Histogram::index_of(Histogram::lowest_of(i)), i);
    ASSERT_EQ(Histogram::index_of(Histogram::highest_of(i)), i);
  }
}

TEST(HistogramLayout, BucketsTouchWithoutGapOrOverlap) {
  EXPECT_EQ(Histogram::lowest_of(0), 0);
  for (std::size_t i = 1; i < Histogram::kCounts; ++i)
    ASSERT_EQ(Histogram::lowest_of(i), Histogram::highest_of(i - 1) + 1) << "bucket " << i;
  EXPECT_LT(Histogram::index_of(Histogram::kHighest), Histogram::kCounts);
}

TEST(HistogramLayout, ThreeSignificantDigits) {
  for (std::size_t i = 0; i < Histogram::kCounts; ++i) {
    const std::int64_t low = Histogram::lowest_of(i);
    ASSERT_LE((Histogram::highest_of(i) - low) * 1000, low) << "bucket " << i << " is wider than 0.1 % of its value";
  }
}

// The vector that HdrHistogram's C and Java implementations agree on, in their
// V2 encoding: zigzag LEB128, a negative number being a run of zeros. Decoded
// here by hand, so that our layout is held to theirs and not to itself.
TEST(Histogram, GoldenVectorOfHdrHistogram) {
  const std::vector<std::uint8_t> payload{0x02, 0x04, 0xf9, 0x1f, 0x02, 0x04, 0xbf,
                                          0x8e, 0x01, 0xd8, 0x04, 0xf1, 0x6e, 0x02};
  std::vector<std::uint64_t> expected;
  for (std::size_t at = 0; at < payload.size();) {
    std::uint64_t zigzag = 0;
    for (int shift = 0;; shift += 7) {
      const std::uint8_t byte = payload.at(at++);
      zigzag |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) break;
    }
    if ((zigzag & 1U) != 0)
      expected.insert(expected.end(), zigzag / 2 + 1, 0);
    else
      expected.push_back(zigzag / 2);
  }
  expected.resize(Histogram::kCounts);

  std::vector<std::int64_t> values{0, 1, 1, 2047, 2048, 2049, 123'456'789};
  values.insert(values.end(), 300, 1'000'000);
  const Histogram h = histogram_of(values);
  EXPECT_EQ(counts_of(h), expected);
  EXPECT_EQ(h.count(), 307U);
  EXPECT_EQ(h.percentile(0.5), Duration(1'000'447));
  EXPECT_EQ(Histogram::highest_of(Histogram::index_of(123'456'789)), 123'469'823);
  EXPECT_EQ(h.percentile(0.999), Duration(123'456'789)) << "theirs is 123469823; ours stops at the exact maximum";
}

TEST(Histogram, EmptyIsAllZeros) {
  const Histogram h;
  EXPECT_EQ(h.count(), 0U);
  EXPECT_EQ(h.min(), Duration{});
  EXPECT_EQ(h.max(), Duration{});
  EXPECT_EQ(h.sum(), Duration{});
  EXPECT_EQ(h.mean_ns(), 0.0);
  EXPECT_EQ(h.stddev_ns(), 0.0);
  EXPECT_EQ(h.percentile(0.99), Duration{});
}

TEST(Histogram, ExactMomentsBesideTheBuckets) {
  const Histogram h = histogram_of({1'000'001, 1'000'003, 4'000'005, 9'999'999});
  EXPECT_EQ(h.count(), 4U);
  EXPECT_EQ(h.sum(), Duration(16'000'008));
  EXPECT_EQ(h.min(), Duration(1'000'001));
  EXPECT_EQ(h.max(), Duration(9'999'999));
  EXPECT_DOUBLE_EQ(h.mean_ns(), 4'000'002.0);
  // deviations -3000001, -2999999, 3, 5999997: the sum of squares is
  // 53999964000020, by hand
  EXPECT_NEAR(h.stddev_ns(), std::sqrt(53'999'964'000'020.0 / 4), 1e-3);
}

TEST(Histogram, EqualValuesDoNotDeviate) {
  for (const std::int64_t value : {std::int64_t{1}, std::int64_t{333'333'333}, std::int64_t{3'599'999'999'999}})
    EXPECT_NEAR(histogram_of(std::vector<std::int64_t>(1001, value)).stddev_ns(), 0.0,
                1e-6 * static_cast<double>(value));
}

TEST(Histogram, BelowZeroCountsAsZero) {
  const Histogram h = histogram_of({-5, -1});
  EXPECT_EQ(h.counts()[0], 2U);
  EXPECT_EQ(h.min(), Duration{});
  EXPECT_EQ(h.max(), Duration{});
  EXPECT_EQ(h.sum(), Duration{});
}

TEST(Histogram, OverflowIsCountedAndGivesTheMaximum) {
  const std::int64_t two_hours = 2 * Histogram::kHighest;
  const Histogram h = histogram_of({1'000, Histogram::kHighest, Histogram::kHighest + 1, two_hours});
  EXPECT_EQ(h.overflow(), 2U);
  EXPECT_EQ(h.count(), 4U);
  EXPECT_EQ(h.max(), Duration(two_hours));
  EXPECT_EQ(h.counts()[Histogram::index_of(Histogram::kHighest)], 1U);
  EXPECT_EQ(h.percentile(0.25), Duration(1'000));
  EXPECT_EQ(h.percentile(0.50), Duration(Histogram::highest_of(Histogram::index_of(Histogram::kHighest))));
  EXPECT_EQ(h.percentile(0.75), Duration(two_hours));
}

TEST(Histogram, OnlyOverflow) {
  const Histogram h = histogram_of({Histogram::kHighest + 7});
  EXPECT_EQ(h.percentile(0.5), Duration(Histogram::kHighest + 7));
  EXPECT_EQ(h.min(), Duration(Histogram::kHighest + 7));
  Histogram sum;
  sum.merge(h);
  expect_same(sum, h);
}

TEST(HistogramPercentile, RankIsNotMovedByRounding) {
  std::vector<std::int64_t> values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<std::int64_t>(i) + 1;
  // Values below 2048 have a bucket of their own, so the percentile is the
  // rank.
  const Histogram thousand = histogram_of(values);
  values.resize(100);
  const Histogram hundred = histogram_of(values);
  for (int percent = 1; percent <= 100; ++percent)
    EXPECT_EQ(hundred.percentile(percent / 100.0), Duration(percent)) << percent << " %";
  for (int tenths = 1; tenths <= 1000; ++tenths)
    EXPECT_EQ(thousand.percentile(tenths / 10.0 / 100.0), Duration(tenths)) << tenths << " tenths of a percent";
  EXPECT_EQ(hundred.percentile(0.071), Duration(8));
  EXPECT_EQ(hundred.percentile(0.0001), Duration(1));
}

TEST(HistogramPercentile, EndsAreExact) {
  const Histogram h = histogram_of({5'000'001, 7'000'001, 9'000'001});
  EXPECT_EQ(h.percentile(0), Duration(5'000'001));
  EXPECT_EQ(h.percentile(1), Duration(9'000'001));
}

class PercentileReference : public testing::TestWithParam<int> {};

TEST_P(PercentileReference, LiesInTheBucketOfTheSortedValueAtThatRank) {
  std::mt19937_64 random(20 + static_cast<std::uint64_t>(GetParam()));
  std::exponential_distribution<double> exponential(1 / 3e6);
  std::lognormal_distribution<double> lognormal(14, 1.5);
  std::uniform_int_distribution<std::int64_t> uniform(0, 5000);
  const std::initializer_list<std::function<std::int64_t()>> draws{
      [&] { return static_cast<std::int64_t>(exponential(random)); },
      [&] { return static_cast<std::int64_t>(std::min(lognormal(random), 3.5e12)); },
      [&] { return uniform(random); },
      [&] { return uniform(random) < 4900 ? 2'000'000 + uniform(random) : 900'000'000 + uniform(random); },
  };
  std::vector<std::int64_t> values(static_cast<std::size_t>(GetParam()));
  for (const auto& draw : draws) {
    std::generate(values.begin(), values.end(), draw);
    const Histogram h = histogram_of(values);
    std::sort(values.begin(), values.end());
    for (const std::uint64_t per_mille : {1U, 250U, 500U, 900U, 950U, 990U, 999U, 1000U}) {
      const std::uint64_t rank = std::max<std::uint64_t>(1, (per_mille * values.size() + 999) / 1000);
      const std::int64_t exact = values[rank - 1];
      const std::int64_t got = h.percentile(static_cast<double>(per_mille) / 1000).count();
      EXPECT_EQ(got, std::min(Histogram::highest_of(Histogram::index_of(exact)), values.back()))
          << per_mille << " per mille of " << values.size();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, PercentileReference, testing::Values(1, 2, 10, 99, 1000, 6000, 65'537));

TEST(HistogramMerge, IsTheHistogramOfAllValues) {
  std::vector<std::int64_t> a = values_of_all_magnitudes(20'000, 1);
  std::vector<std::int64_t> b = values_of_all_magnitudes(3'000, 2);
  b.push_back(Histogram::kHighest + 1);
  Histogram merged = histogram_of(a);
  merged.merge(histogram_of(b));
  Histogram other_way = histogram_of(b);
  other_way.merge(histogram_of(a));
  a.insert(a.end(), b.begin(), b.end());
  expect_same(merged, histogram_of(a));
  expect_same(other_way, merged);
}

TEST(HistogramMerge, WithAnEmptyOneChangesNothing) {
  Histogram h = histogram_of({7, 1'000'000});
  h.merge(Histogram());
  expect_same(h, histogram_of({7, 1'000'000}));
  Histogram empty;
  empty.merge(h);
  expect_same(empty, h);
}

TEST(HistogramAdd, TakesWhatWasCountedElsewhere) {
  const std::vector<std::int64_t> values{5, 5, 5, 1'000'003, 9'999'999, Histogram::kHighest + 7};
  Moments exact;
  for (const std::int64_t value : values) exact.record(Duration(value));
  Histogram h = histogram_of({1, 123'456'789});
  h.add(exact, [](auto&& visit) {
    visit(5, 3);
    visit(Histogram::index_of(1'000'003), 1);
    visit(Histogram::index_of(9'999'999), 1);
  });
  expect_same(h, histogram_of({1, 123'456'789, 5, 5, 5, 1'000'003, 9'999'999, Histogram::kHighest + 7}));
  h.add(Moments{}, [](auto&&) {});
  EXPECT_EQ(h.count(), 8U);
}

TEST(HistogramCopy, IsIndependent) {
  Histogram original = histogram_of({7, 1'000'000, Histogram::kHighest + 1});
  const Histogram copy = original;
  expect_same(copy, original);
  original.record(3ms);
  EXPECT_EQ(copy.count(), 3U);
  EXPECT_EQ(copy.counts()[Histogram::index_of(3'000'000)], 0U);
  Histogram assigned = histogram_of({1, 2, 3});
  assigned = original;
  expect_same(assigned, original);
  const Histogram moved = std::move(assigned);
  expect_same(moved, original);
}

TEST(Histogram, RanksAndCountsAreThoseOfTheSortedValues) {
  std::vector<std::int64_t> values = values_of_all_magnitudes(500, 3);
  values.insert(values.end(), {0, 0, Histogram::kHighest, Histogram::kHighest + 5});
  const Histogram h = histogram_of(values);
  std::ranges::sort(values);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::int64_t at = h.at_rank(i + 1).count();
    ASSERT_GE(at, values[i]);
    ASSERT_LE(static_cast<double>(at), static_cast<double>(values[i]) * 1.001 + 1);
    // Values in one bucket are one value: none below it is missed, none above it counted.
    const auto not_above = static_cast<std::uint64_t>(std::ranges::upper_bound(values, at) - values.begin());
    ASSERT_EQ(h.count_up_to(Duration(at)), not_above) << at;
  }
  EXPECT_EQ(h.count_up_to(Duration(-1)), 2U) << "below 0 counts as 0";
  EXPECT_EQ(Histogram().count_up_to(1s), 0U);
}

}  // namespace
}  // namespace loadgen::stats
