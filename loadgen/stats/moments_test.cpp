#include "stats/moments.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace loadgen::stats {
namespace {

TEST(Moments, EmptyHasNoMeanAndNoDeviation) {
  const Moments m;
  EXPECT_EQ(m.mean_ns(), 0.0);
  EXPECT_EQ(m.stddev_ns(), 0.0);
}

// JMeter's Calculator on 1, 2, 3, 4: mean 2.5, population deviation sqrt(30/4 - 6.25) = sqrt(1.25).
TEST(Moments, StandardDeviationIsThePopulations) {
  Moments m;
  for (const int ns : {4, 1, 3, 2}) m.record(Duration(ns));
  EXPECT_EQ(m.count, 4U);
  EXPECT_EQ(m.sum_ns, 10);
  EXPECT_EQ(m.min_ns, 1);
  EXPECT_EQ(m.max_ns, 4);
  EXPECT_DOUBLE_EQ(m.mean_ns(), 2.5);
  EXPECT_DOUBLE_EQ(m.stddev_ns(), std::sqrt(1.25));
}

TEST(Moments, NegativeVarianceOfRoundingIsZero) {
  // 1/3 of 3 squares that round down: the difference comes out below 0 for one of these counts without the clamp.
  for (const std::int64_t value : {94'906'267, 333'333'333, 1'234'567'891}) {
    Moments m;
    for (int i = 0; i < 1000; ++i) {
      m.record(Duration(value));
      ASSERT_FALSE(std::isnan(m.stddev_ns())) << i + 1 << " times " << value;
      ASSERT_NEAR(m.stddev_ns(), 0.0, 1e-6 * static_cast<double>(value));
    }
  }
}

TEST(Moments, MergeIsTheMomentsOfAllValues) {
  Moments a, b, both;
  for (const int ns : {900, 5, 77}) a.record(Duration(ns)), both.record(Duration(ns));
  for (const int ns : {1, 2'000}) b.record(Duration(ns)), both.record(Duration(ns));
  a.merge(b);
  a.merge(Moments{});
  EXPECT_EQ(a.count, both.count);
  EXPECT_EQ(a.sum_ns, both.sum_ns);
  EXPECT_EQ(a.min_ns, 1);
  EXPECT_EQ(a.max_ns, 2'000);
  EXPECT_DOUBLE_EQ(a.stddev_ns(), both.stddev_ns());
}

}  // namespace
}  // namespace loadgen::stats
