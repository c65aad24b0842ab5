#include "stats/confidence.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace loadgen::stats {
namespace {

using namespace std::chrono_literals;

using Batches = std::vector<std::vector<int>>;  ///< values in ns, below 2048: each has a bucket of its own

std::vector<Stretch> stretches_of(const Batches& batches) {
  std::vector<Stretch> stretches(batches.size());
  for (std::size_t i = 0; i < batches.size(); ++i)
    for (const int value : batches[i]) stretches[i].values.record(Duration(value));
  return stretches;
}

BatchMeans batch_means_of(const Batches& batches) {
  return BatchMeans(stretches_of(batches));
}

std::vector<int> sorted(const Batches& batches) {
  std::vector<int> all;
  for (const std::vector<int>& batch : batches) all.insert(all.end(), batch.begin(), batch.end());
  std::ranges::sort(all);
  return all;
}

/// Independent values of a long-tailed shape; batch b holds least + b % 3 * step of them.
Batches random_batches(int count, int least, int step) {
  Batches batches(static_cast<std::size_t>(count));
  for (int b = 0; b < count; ++b)
    for (int i = 0; i < least + b % 3 * step; ++i) {
      const double u = random_unit(7, static_cast<std::uint64_t>(b), static_cast<std::uint64_t>(i));
      batches[static_cast<std::size_t>(b)].push_back(100 + static_cast<int>(-200 * std::log(u)) % 1900);
    }
  return batches;
}

/// The ratio estimator once more, written from its formula: half the 95 % interval's width for 20 batches.
double half_width_of_20(const std::vector<double>& y, const std::vector<double>& n) {
  const double sum_n = std::accumulate(n.begin(), n.end(), 0.0);
  const double ratio = std::accumulate(y.begin(), y.end(), 0.0) / sum_n;
  double squares = 0;
  for (std::size_t b = 0; b < 20; ++b) squares += (y[b] - ratio * n[b]) * (y[b] - ratio * n[b]);
  constexpr double kT19 = 2.093024;  // table of Student's t, 97.5 %
  return kT19 * std::sqrt(20.0 / 19 * squares) / sum_n;
}

TEST(Confidence, StudentsTIsThatOfTheTables) {
  EXPECT_NEAR(student_t(0.975, 9), 2.262157, 1e-6);
  EXPECT_NEAR(student_t(0.975, 19), 2.093024, 1e-6);
  EXPECT_NEAR(student_t(0.975, 29), 2.045230, 1e-6);
  EXPECT_NEAR(student_t(0.95, 4), 2.131847, 1e-6);
  EXPECT_NEAR(student_t(0.975, 1e7), 1.959964, 1e-5);
}

TEST(Confidence, LeastValuesAreThoseOfTheRule) {
  EXPECT_EQ(least_values(0.5), 5U);  // 1/16 > 0.05 >= 1/32
  EXPECT_EQ(least_values(0.99), 299U);
  EXPECT_EQ(least_values(0.999), 2'995U);
  EXPECT_EQ(least_values(0.9999), 29'956U);
}

TEST(Confidence, CellsAreDealtToBatchesEvenlyAndInOrder) {
  const std::pair<std::uint32_t, std::uint32_t> expected[] = {{0, 0},    {1, 1},    {30, 30},   {31, 20},
                                                              {299, 20}, {300, 30}, {3600, 30}, {86400, 30}};
  for (const auto& [cells, batches] : expected) {
    EXPECT_EQ(batch_count(cells), batches) << cells;
    std::vector<std::uint32_t> sizes(batches);
    std::uint32_t before = 0;
    for (std::uint32_t i = 0; i < cells; ++i) {
      const std::uint32_t batch = batch_of(i, cells);
      ASSERT_LT(batch, batches);
      ASSERT_TRUE(batch == before || batch == before + 1);
      ++sizes[before = batch];
    }
    if (cells == 0) continue;
    EXPECT_LE(*std::ranges::max_element(sizes), *std::ranges::min_element(sizes) + 1) << cells;
  }
}

TEST(Percentile, IntervalFollowsTheFormula) {
  const Batches batches = random_batches(20, 400, 150);
  const std::vector<int> all = sorted(batches);
  const auto n = static_cast<double>(all.size());
  for (const double p : {0.5, 0.9, 0.99}) {
    const auto at = [&](double q) { return all[static_cast<std::size_t>(std::ceil(q * n)) - 1]; };
    std::vector<double> beyond, counts;
    for (const std::vector<int>& batch : batches) {
      beyond.push_back(static_cast<double>(std::ranges::count_if(batch, [&](int x) { return x > at(p); })));
      counts.push_back(static_cast<double>(batch.size()));
    }
    const double h = half_width_of_20(beyond, counts);
    const Estimate estimate = batch_means_of(batches).percentile(p);
    EXPECT_EQ(estimate.resolution, Resolution::resolved);
    EXPECT_EQ(estimate.n, all.size());
    EXPECT_EQ(estimate.batches, 20U);
    EXPECT_DOUBLE_EQ(estimate.value, at(p));
    EXPECT_DOUBLE_EQ(estimate.low, at(p - h)) << p;
    EXPECT_DOUBLE_EQ(estimate.high, at(p + h)) << p;
    EXPECT_NEAR(estimate.n_effective / (p * (1 - p) * std::pow(2.093024 / h, 2)), 1, 0.03) << p;
    EXPECT_DOUBLE_EQ(estimate.relative_half_width(), (estimate.high - estimate.low) / 2 / estimate.value);
    EXPECT_EQ(estimate.run_longer, 0);
  }
}

TEST(Percentile, OfManyCellsIsThatOfTheirBatches) {
  const Batches cells = random_batches(47, 60, 10);
  Batches batches(20);
  for (std::size_t i = 0; i < 47; ++i) {
    std::vector<int>& batch = batches[i * 20 / 47];
    batch.insert(batch.end(), cells[i].begin(), cells[i].end());
  }
  const Estimate a = batch_means_of(cells).percentile(0.9);
  const Estimate b = batch_means_of(batches).percentile(0.9);
  EXPECT_EQ(a.batches, 20U);
  EXPECT_EQ(a.n, b.n);
  EXPECT_DOUBLE_EQ(a.low, b.low);
  EXPECT_DOUBLE_EQ(a.high, b.high);
  EXPECT_LT(a.low, a.high);
}

TEST(Percentile, OfOneValueOnlyIsCertain) {
  const Estimate estimate = batch_means_of(Batches(20, std::vector<int>(100, 777))).percentile(0.9);
  EXPECT_EQ(estimate.resolution, Resolution::resolved);
  EXPECT_DOUBLE_EQ(estimate.low, 777);
  EXPECT_DOUBLE_EQ(estimate.high, 777);
}

TEST(Percentile, LowEndIsTheLowEndOfItsBucket) {
  // 10,000,000 and 10,002,000 share a bucket of 8192 ns, whose ends are 9,994,240 and 10,002,431.
  std::vector<Stretch> batches(20);
  for (Stretch& batch : batches)
    for (int i = 0; i < 100; ++i) {
      batch.values.record(Duration(i == 0 ? 1'000 : 10'000'000));
      batch.values.record(Duration(i == 0 ? 20'000'000 : 10'002'000));
    }
  const Estimate estimate = BatchMeans(std::move(batches)).percentile(0.5);
  EXPECT_DOUBLE_EQ(estimate.low, 9'994'240);
  EXPECT_DOUBLE_EQ(estimate.high, 10'002'431);
}

/// Batches of 100 values of which so many are 1000 and the rest 500.
Batches with_slow(const std::vector<int>& slow) {
  Batches batches;
  for (const int count : slow) {
    batches.emplace_back(100, 500);
    std::fill_n(batches.back().begin(), count, 1000);
  }
  return batches;
}

TEST(Percentile, DependentBatchesAreJoined) {
  // Runs of four alike: as 20 batches they correlate (0.55), as 10 they do not (0.1).
  const std::vector<int> fours = {12, 12, 12, 12, 8, 8, 8, 8, 12, 12, 12, 12, 8, 8, 8, 8, 12, 12, 12, 12};
  EXPECT_EQ(batch_means_of(with_slow(fours)).percentile(0.8).batches, 10U);
  const std::vector<int> ones = {12, 8, 12, 8, 12, 8, 12, 8, 12, 8, 12, 8, 12, 8, 12, 8, 12, 8, 12, 8};
  EXPECT_EQ(batch_means_of(with_slow(ones)).percentile(0.8).batches, 20U);
}

TEST(Percentile, ATrendIsTooShort) {
  std::vector<int> rising(20);
  std::iota(rising.begin(), rising.end(), 1);
  const Estimate estimate = batch_means_of(with_slow(rising)).percentile(0.8);
  EXPECT_EQ(estimate.resolution, Resolution::too_short);
  EXPECT_DOUBLE_EQ(estimate.value, 500);
  EXPECT_EQ(estimate.batches, 5U);
  EXPECT_DOUBLE_EQ(estimate.run_longer, 2);
  EXPECT_TRUE(std::isinf(estimate.relative_half_width()));
}

TEST(Percentile, FewBatchesAreTooShortAndEmptyOnesDoNotCount) {
  EXPECT_EQ(batch_means_of(random_batches(9, 100, 0)).percentile(0.5).resolution, Resolution::too_short);
  EXPECT_EQ(batch_means_of(random_batches(10, 100, 0)).percentile(0.5).resolution, Resolution::resolved);
  Batches mostly_empty = random_batches(20, 100, 0);
  for (std::size_t i = 0; i < 11; ++i) mostly_empty[i].clear();
  const Estimate estimate = batch_means_of(mostly_empty).percentile(0.5);
  EXPECT_EQ(estimate.resolution, Resolution::too_short);
  EXPECT_EQ(estimate.batches, 9U);
}

TEST(Percentile, TenValuesBeyondItAreTheLeast) {
  Batches batches(20, std::vector<int>(50));
  for (std::size_t b = 0; b < 20; ++b) std::iota(batches[b].begin(), batches[b].end(), 1 + static_cast<int>(50 * b));
  EXPECT_NE(batch_means_of(batches).percentile(0.99).resolution, Resolution::too_few);
  batches[7].pop_back();
  const Estimate estimate = batch_means_of(batches).percentile(0.99);
  EXPECT_EQ(estimate.resolution, Resolution::too_few);
  EXPECT_NEAR(estimate.run_longer, 10 / 9.99, 1e-9);
  EXPECT_EQ(batch_means_of({}).percentile(0.99).resolution, Resolution::empty);
}

TEST(Percentile, AnOpenUpperEndSaysHowMuchLonger) {
  // 20 of 2,000 values are slow, but they come in two clumps: nobody can say that the next window has no more.
  std::vector<int> slow(20);
  slow[3] = slow[13] = 10;
  Batches batches = with_slow(slow);
  for (std::vector<int>& batch : batches) batch[50] = 900;
  const Estimate open = batch_means_of(batches).percentile(0.99);
  EXPECT_EQ(open.resolution, Resolution::upper_open);
  EXPECT_DOUBLE_EQ(open.value, 900);
  EXPECT_DOUBLE_EQ(open.low, 500);
  // Beyond 900: 10, 10 and 18 times 0 against 1 on average. Room: from 0.99 to the last value but one.
  const double h = 2.093024 * std::sqrt(20.0 / 19 * (2 * 81 + 18 * 1)) / 2'000;
  EXPECT_NEAR(open.run_longer, std::pow(h / (0.01 - 1 / 2'000.0), 2), 1e-5);
  // A run that much longer, of the same data again and again.
  const auto times = static_cast<std::size_t>(std::ceil(open.run_longer));
  std::vector<Stretch> longer(20);
  for (std::size_t i = 0; i < 20 * times; ++i)
    for (const int value : batches[i % 20]) longer[i / times].values.record(Duration(value));
  EXPECT_EQ(BatchMeans(std::move(longer)).percentile(0.99).resolution, Resolution::resolved);
}

/// 1000 values 1..1000 in each of 20 batches, with so many more cut off at a bound, and so many lost.
std::vector<Stretch> censored(int cut_off, Duration bound, std::uint64_t lost) {
  Batches batches(20, std::vector<int>(1000));
  for (std::vector<int>& batch : batches) std::iota(batch.begin(), batch.end(), 1);
  std::vector<Stretch> stretches = stretches_of(batches);
  for (Stretch& stretch : stretches) {
    for (int i = 0; i < cut_off; ++i) stretch.cut_off.record(bound);
    stretch.lost = lost;
  }
  return stretches;
}

TEST(Censoring, APercentileAmongTimeOutsIsAtLeastTheTimeOut) {
  const BatchMeans means(censored(20, 2s, 0));  // 1.96 % of them
  const Estimate p99 = means.percentile(0.99);
  EXPECT_TRUE(p99.at_least);
  EXPECT_DOUBLE_EQ(p99.value, 2e9);
  EXPECT_EQ(p99.n, 20'400U);
  EXPECT_TRUE(std::isinf(p99.relative_half_width()));
}

TEST(Censoring, BelowTheTimeOutsAPercentileIsExactAndOfAll) {
  const BatchMeans means(censored(20, 2s, 0));
  const Estimate p50 = means.percentile(0.5);
  EXPECT_FALSE(p50.at_least);
  EXPECT_DOUBLE_EQ(p50.value, 510);  // half of 1020
  EXPECT_EQ(p50.resolution, Resolution::resolved);
  EXPECT_EQ(p50.n, 20'400U);
}

TEST(Censoring, ShortBoundsLeaveMoreOpen) {
  // 20 of each 1020 were cut off at 100 ns: p50 may be 490 (if they ended at once) or 510 (if never).
  const Estimate p50 = BatchMeans(censored(20, 100ns, 0)).percentile(0.5);
  EXPECT_TRUE(p50.at_least);
  EXPECT_DOUBLE_EQ(p50.value, 490);
  // One of each 1001: 500 or 501, which is a bucket apart.
  EXPECT_FALSE(BatchMeans(censored(1, 100ns, 0)).percentile(0.5).at_least);
}

TEST(Censoring, LostOnesRankAboveEverything) {
  const BatchMeans means(censored(0, 0s, 20));
  EXPECT_DOUBLE_EQ(means.percentile(0.5).value, 510);
  const Estimate p99 = means.percentile(0.99);
  EXPECT_TRUE(p99.at_least);
  EXPECT_DOUBLE_EQ(p99.value, 1000);
  std::vector<Stretch> nothing_else(20);
  nothing_else[3].lost = 40;
  EXPECT_TRUE(BatchMeans(std::move(nothing_else)).percentile(0.5).at_least);
}

TEST(Censoring, AnIntervalThatReachesIntoThemIsOpen) {
  std::vector<Stretch> batches = censored(5, 2s, 0);
  for (std::size_t b = 0; b < 20; b += 2)  // 0.89 % in all, so that p99 is just below them; but batches differ
    for (int i = 0; i < 8; ++i) batches[b].cut_off.record(2s);
  const Estimate p99 = BatchMeans(std::move(batches)).percentile(0.99);
  EXPECT_FALSE(p99.at_least);
  EXPECT_EQ(p99.resolution, Resolution::upper_open);
  EXPECT_GT(p99.run_longer, 1);
}

TEST(Mean, FollowsTheRatioEstimator) {
  const Batches batches = random_batches(20, 50, 40);
  std::vector<double> sums, counts;
  for (const std::vector<int>& batch : batches) {
    sums.push_back(std::accumulate(batch.begin(), batch.end(), 0.0));
    counts.push_back(static_cast<double>(batch.size()));
  }
  const double mean =
      std::accumulate(sums.begin(), sums.end(), 0.0) / std::accumulate(counts.begin(), counts.end(), 0.0);
  const double h = half_width_of_20(sums, counts);
  const Estimate estimate = batch_means_of(batches).mean();
  EXPECT_DOUBLE_EQ(estimate.value, mean);
  EXPECT_NEAR(estimate.low, mean - h, 1e-4);
  EXPECT_NEAR(estimate.high, mean + h, 1e-4);
  // Independent values: as sure as so many of them, give or take the accuracy of a deviation of 20.
  EXPECT_NEAR(estimate.n_effective / static_cast<double>(estimate.n), 1, 0.7);
  EXPECT_EQ(batch_means_of({}).mean().resolution, Resolution::empty);
  EXPECT_EQ(batch_means_of({{5}, {6}}).mean().resolution, Resolution::too_few);
}

TEST(Rate, IsThatOfTheCellsWithStudentsT) {
  // 90, 110, 90, 110... in cells of 200 ms: 500/s; the deviation of 20 rates of 450 and 550 is 50 * sqrt(20 / 19).
  std::vector<std::uint64_t> counts(20, 90);
  for (std::size_t i = 1; i < 20; i += 2) counts[i] = 110;
  const Estimate estimate = rate(counts, 200ms);
  EXPECT_DOUBLE_EQ(estimate.value, 500);
  EXPECT_NEAR(estimate.high - estimate.value, 2.093024 * 50 * std::sqrt(20.0 / 19) / std::sqrt(20.0), 1e-4);
  EXPECT_NEAR(estimate.value - estimate.low, estimate.high - estimate.value, 1e-9);
  EXPECT_EQ(estimate.n, 2'000U);
  EXPECT_EQ(rate(std::vector<std::uint64_t>(20), 1s).resolution, Resolution::empty);
  EXPECT_EQ(rate(std::vector<std::uint64_t>(9, 5), 1s).resolution, Resolution::too_short);
  const Estimate steady = rate(std::vector<std::uint64_t>(600, 7), 1s);
  EXPECT_DOUBLE_EQ(steady.low, 7);
  EXPECT_DOUBLE_EQ(steady.high, 7);
  EXPECT_EQ(steady.batches, 30U);
}

TEST(Share, IsWilsonsIntervalWhereCellsAreAlike) {
  // 5 of 100 in each of 20 cells: no more spread than chance has, so n stays 2,000.
  const std::vector<Part> alike(20, Part{5, 100});
  const Estimate share_of_alike = share(alike);
  EXPECT_EQ(share_of_alike.resolution, Resolution::resolved);
  EXPECT_DOUBLE_EQ(share_of_alike.value, 0.05);
  EXPECT_EQ(share_of_alike.n, 2000U);
  EXPECT_DOUBLE_EQ(share_of_alike.n_effective, 2000);
  // Wilson's formula by hand: z = 1.96, (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n)
  EXPECT_NEAR(share_of_alike.low, 0.04128, 1e-5);
  EXPECT_NEAR(share_of_alike.high, 0.06044, 1e-5);
}

TEST(Share, OfNoneThereIsStillAnUpperEnd) {
  const std::vector<Part> none{{0, 50}};
  EXPECT_EQ(share(none).low, 0);
  EXPECT_NEAR(share(none).high, 3.8415 / (50 + 3.8415), 1e-4);
  const std::vector<Part> all{{50, 50}};
  EXPECT_NEAR(share(all).low, 1 - 3.8415 / (50 + 3.8415), 1e-4);
  EXPECT_EQ(share(all).high, 1);
  EXPECT_EQ(share(std::vector<Part>{{0, 0}}).resolution, Resolution::empty);
  EXPECT_EQ(share({}).resolution, Resolution::empty);
}

TEST(Share, FailuresInClustersAreWorthFewer) {
  std::vector<Part> clustered(20, Part{0, 100});
  clustered[3] = clustered[11] = {50, 100};
  const Estimate estimate = share(clustered);
  EXPECT_DOUBLE_EQ(estimate.value, 0.05);
  // SE² = B/(B-1) sum (y - R n)² / (sum n)² = 20/19 (2 45² + 18 5²) / 2000² = 0.0011842; R(1-R) / SE² = 40.1
  EXPECT_NEAR(estimate.n_effective, 40.1, 0.1);
  EXPECT_LT(estimate.low, 0.02);
  EXPECT_GT(estimate.high, 0.15);
}

}  // namespace
}  // namespace loadgen::stats
