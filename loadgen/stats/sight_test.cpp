#include "stats/sight.hpp"

#include <array>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace loadgen::stats {
namespace {

using namespace std::chrono_literals;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// So many batches, each of `n` values of 1, 2, … n ms.
std::vector<Stretch> rising(std::size_t batches, int n) {
  std::vector<Stretch> out(batches);
  for (Stretch& batch : out)
    for (int i = 1; i <= n; ++i) batch.values.record(i * 1ms);
  return out;
}

Sight of(std::vector<Stretch> batches, TimeFigure figure) {
  return sight_of(BatchMeans(std::move(batches)), figure);
}

TEST(Sight, EachFigureOfTimes) {
  using Kind = TimeFigure::Kind;
  const Sight p50 = of(rising(10, 100), {Kind::percentile, 0.5});
  EXPECT_NEAR(p50.figure.value, 50e6, 0.05e6);
  EXPECT_EQ(p50.figure.resolution, Resolution::resolved);
  EXPECT_EQ(p50.smallest, 1e6);
  EXPECT_EQ(p50.largest, 100e6);
  EXPECT_DOUBLE_EQ(of(rising(10, 100), {Kind::mean}).figure.value, 50.5e6);
  const Sight min = of(rising(1, 100), {Kind::min});
  EXPECT_EQ(min.figure.value, 1e6);
  EXPECT_EQ(min.figure.low, min.figure.high) << "it is what it is";
  EXPECT_EQ(of(rising(1, 100), {Kind::max}).figure.value, 100e6);
  for (const Kind kind : {Kind::percentile, Kind::mean, Kind::min, Kind::max})
    EXPECT_EQ(of(rising(1, 0), {kind, 0.5}).figure.resolution, Resolution::empty);
}

TEST(Sight, WhatWasCutOffIsLonger) {
  using Kind = TimeFigure::Kind;
  std::vector<Stretch> batches = rising(10, 100);
  for (int i = 0; i < 20; ++i) batches[0].cut_off.record(40ms);
  const Sight max = of(batches, {Kind::max});
  EXPECT_EQ(max.figure.value, 100e6);
  EXPECT_TRUE(max.figure.at_least);
  EXPECT_EQ(max.largest, kInfinity);
  const Sight mean = of(batches, {Kind::mean});
  EXPECT_TRUE(mean.figure.at_least) << "20 of 1,020 are more than 1 %";
  EXPECT_DOUBLE_EQ(mean.figure.low, 50.5e6);
  batches.assign(1, {});
  batches[0].cut_off.record(40ms);
  const Sight p50 = of(batches, {Kind::percentile, 0.5});
  EXPECT_EQ(p50.smallest, 40e6);
  EXPECT_EQ(p50.largest, kInfinity);
}

TEST(Sight, TooFewValuesForAPercentileAllowALowerOne) {
  // 500 values: p98 is the highest with ten beyond it.
  const Sight p99 = of(rising(10, 50), {TimeFigure::Kind::percentile, 0.99});
  EXPECT_EQ(p99.figure.resolution, Resolution::too_few);
  EXPECT_NEAR(p99.beyond, 49e6, 1e6);
}

TEST(Sight, SharesOfNothingAndOfAllAreCounted) {
  const std::array<Part, 2> cells{{{0, 100}, {1, 100}}};
  const Sight share = share_of(cells, 0.1);
  EXPECT_DOUBLE_EQ(share.figure.value, 0.005);
  EXPECT_LT(share.figure.low, 0.005);
  EXPECT_GT(share.figure.high, 0.005);
  for (const double limit : {0.0, 1.0}) {
    const Sight counted = share_of(cells, limit);
    EXPECT_EQ(counted.figure.low, 0.005);
    EXPECT_EQ(counted.figure.high, 0.005);
  }
}

TEST(Sight, NothingIsARate) {
  const std::array<std::uint64_t, 4> none{};
  const Sight nothing = rate_of(none, 200ms);
  EXPECT_EQ(nothing.figure.resolution, Resolution::resolved);
  EXPECT_EQ(nothing.figure.value, 0);
  const std::array<std::uint64_t, 4> some{10, 20, 30, 20};
  const Sight rate = rate_of(some, 200ms);
  EXPECT_DOUBLE_EQ(rate.figure.value, 100);
  EXPECT_EQ(rate.figure.resolution, Resolution::too_short);
  EXPECT_DOUBLE_EQ(rate.smallest, 50);
  EXPECT_DOUBLE_EQ(rate.largest, 150);
  EXPECT_EQ(rate_of({}, 200ms).figure.resolution, Resolution::empty);
}

TEST(Sight, PartsStandInForTheInterval) {
  const auto known = [](double value) { return Estimate{.value = value, .resolution = Resolution::too_short}; };
  Sight sight{.figure = known(5), .smallest = 1, .largest = 9};
  const std::array<Estimate, 3> gap{known(4), Estimate{}, known(6)};
  hold_against(gap, sight);
  EXPECT_EQ(sight.smallest, 1) << "a part without a value says nothing of the whole";
  std::array<Estimate, 3> parts{known(4), known(3), known(6)};
  hold_against(parts, sight);
  EXPECT_EQ(sight.smallest, 3);
  EXPECT_EQ(sight.largest, 6);
  parts[1].at_least = true;
  hold_against(parts, sight);
  EXPECT_EQ(sight.largest, kInfinity);
}

}  // namespace
}  // namespace loadgen::stats
