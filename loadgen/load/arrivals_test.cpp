#include "load/arrivals.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace loadgen::load {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

__extension__ typedef __int128 Exact;  // numerators of 1e9 arrivals in nanoseconds do not fit 64 bits

using Times = std::vector<Duration>;

Times times_of(Arrivals arrivals) {
  Times times;
  for (; arrivals.due() != Duration::max(); arrivals.advance()) times.push_back(arrivals.due());
  return times;
}

Times uniform(const LoadProfile& profile) {
  return times_of(Arrivals(profile, Spacing::uniform, 1, 0, 0, 1));
}

Times poisson(const LoadProfile& profile, std::uint64_t seed, std::uint64_t stream = 0) {
  return times_of(Arrivals(profile, Spacing::poisson, seed, stream, 0, 1));
}

LoadProfile constant(double rate, Duration duration) {
  return LoadProfile({{.duration = duration, .from = rate, .to = rate}});
}

/// How many of `times` (sorted) lie in each span from the beginning on; the last one may be cut short.
std::vector<double> counts_per(const Times& times, Duration span, Duration length) {
  std::vector<double> counts(static_cast<std::size_t>((length + span - nanoseconds(1)) / span));
  for (const Duration t : times) ++counts[std::min(static_cast<std::size_t>(t / span), counts.size() - 1)];
  return counts;
}

// ---- uniform ---------------------------------------------------------------------------------------------------

TEST(UniformArrivals, StandInTheMiddleOfTheirSteps) {
  EXPECT_EQ(uniform(constant(4, seconds(1))),
            (Times{milliseconds(125), milliseconds(375), milliseconds(625), milliseconds(875)}));
}

TEST(UniformArrivals, RatesBelowOneASecond) {
  EXPECT_EQ(uniform(constant(0.5, seconds(10))), (Times{seconds(1), seconds(3), seconds(5), seconds(7), seconds(9)}));
  EXPECT_EQ(uniform(constant(10.0 / 3600, hours(1))).size(), 10);  // 10 an hour
  EXPECT_TRUE(uniform(constant(0.4, seconds(1))).empty());
  EXPECT_EQ(uniform(constant(0.6, seconds(1))).size(), 1);
}

/// The largest distance, in nanoseconds, of a schedule of 3,333.33/s from (2k + 1) * 1e9 * 100 / (2 * 333,333), which
/// integers compute exactly.
double largest_error(const std::function<Duration(std::uint64_t)>& due) {
  double worst = 0;
  for (std::uint64_t k = 0; k < 1'000'000'000; k += 1'000'003) {
    const Exact numerator = (2 * static_cast<Exact>(k) + 1) * 100'000'000'000;
    const Exact scaled_error = static_cast<Exact>(due(k).count()) * (2 * 333'333) - numerator;
    worst = std::max(worst, std::abs(static_cast<double>(scaled_error)) / (2 * 333'333));
  }
  return worst;
}

TEST(UniformArrivals, DoNotDriftOverABillion) {
  const LoadProfile profile = constant(3333.33, hours(84));  // 1.008e9 arrivals
  // one shard of very many takes every 1,000,003rd arrival
  Arrivals arrivals(profile, Spacing::uniform, 1, 0, 0, 1'000'003);
  const double error = largest_error([&](std::uint64_t k) {
    EXPECT_EQ(arrivals.number(), k);
    const Duration due = arrivals.due();
    arrivals.advance();
    return due;
  });
  EXPECT_LT(error, 0.6);  // half a nanosecond is the rounding, the rest double's: an ulp of 3e14 ns is 0.06

  // what this guards against: an interval cut to whole nanoseconds is 0.3 s early at the end
  const double drift = largest_error([](std::uint64_t k) { return nanoseconds(150'000 + 300'000 * k); });
  EXPECT_GT(drift, 299e6);
}

LoadProfile staged() {
  return LoadProfile({{.duration = milliseconds(7'300), .from = 0, .to = 3333.3},
                      {.duration = seconds(10), .from = 3333.3, .to = 3333.3},
                      {.duration = milliseconds(500), .from = 0.7, .to = 0.7},
                      {.duration = seconds(20), .from = 1000, .to = 1000, .amplitude = 1000, .period = seconds(7)},
                      {.duration = seconds(9), .from = 2000, .to = 0}});
}

TEST(UniformArrivals, EachSecondHasItsShare) {
  const LoadProfile profile = staged();
  const Times times = uniform(profile);
  ASSERT_TRUE(std::ranges::is_sorted(times));
  const std::vector<double> counts = counts_per(times, seconds(1), profile.length());
  for (std::size_t s = 0; s < counts.size(); ++s) {
    const double share = profile.count(seconds(s + 1)) - profile.count(seconds(s));
    EXPECT_NEAR(counts[s], share, 1) << "second " << s;
  }
}

TEST(UniformArrivals, TotalIsTheRoundedIntegral) {
  // Durations in whole milliseconds and rates in tenths: L(T) of constant segments is a whole number of 1e-4 arrivals.
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    std::vector<Segment> segments(1 + random_bits(seed, 1, 0) % 5);
    std::int64_t exact = 0;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const auto tenths = static_cast<std::int64_t>(random_bits(seed, 2, i) % 20'000);
      const auto ms = static_cast<std::int64_t>(1 + random_bits(seed, 3, i) % 2'000);
      segments[i] = {.duration = milliseconds(ms),
                     .from = static_cast<double>(tenths) / 10,
                     .to = static_cast<double>(tenths) / 10};
      exact += tenths * ms;
    }
    if (exact % 10'000 == 5'000) continue;  // a tie: doubles may see it on either side
    const auto expected = static_cast<std::size_t>((exact + 5'000) / 10'000);
    EXPECT_EQ(uniform(LoadProfile(segments)).size(), expected) << "seed " << seed;
    EXPECT_EQ(Arrivals(LoadProfile(segments), Spacing::uniform, 1, 0, 0, 1).planned(), expected) << "seed " << seed;
  }
}

TEST(UniformArrivals, KnowNeitherSeedNorStream) {
  EXPECT_EQ(times_of(Arrivals(staged(), Spacing::uniform, 1, 0, 0, 1)),
            times_of(Arrivals(staged(), Spacing::uniform, 2, 3, 0, 1)));
}

// ---- dealing ---------------------------------------------------------------------------------------------------

class OneSchedule : public testing::TestWithParam<Spacing> {};

TEST_P(OneSchedule, IsDealtToTheShards) {
  const Times one = times_of(Arrivals(staged(), GetParam(), 7, 0, 0, 1));
  ASSERT_GT(one.size(), 50'000);
  for (const std::uint32_t shards : {2U, 3U, 16U}) {
    Times dealt(one.size(), Duration::min());
    for (std::uint32_t k = 0; k < shards; ++k) {
      for (Arrivals a(staged(), GetParam(), 7, 0, k, shards); a.due() != Duration::max(); a.advance()) {
        ASSERT_EQ(a.number() % shards, k);
        dealt.at(a.number()) = a.due();
      }
    }
    EXPECT_EQ(dealt, one) << shards << " shards";
  }
}

INSTANTIATE_TEST_SUITE_P(, OneSchedule, testing::Values(Spacing::uniform, Spacing::poisson));

TEST(Dealing, MoreShardsThanArrivals) {
  const LoadProfile three = constant(3, seconds(1));
  Times dealt;
  for (std::uint32_t k = 0; k < 8; ++k) {
    const Times mine = times_of(Arrivals(three, Spacing::uniform, 1, 0, k, 8));
    EXPECT_EQ(mine.size(), k < 3 ? 1 : 0);
    dealt.insert(dealt.end(), mine.begin(), mine.end());
  }
  EXPECT_EQ(dealt, uniform(three));
}

TEST(Dealing, PlannedIsWhatEachShardGets) {
  for (const std::uint32_t shards : {1U, 2U, 7U}) {
    std::uint64_t sum = 0;
    for (std::uint32_t k = 0; k < shards; ++k) {
      const Arrivals arrivals(staged(), Spacing::uniform, 1, 0, k, shards);
      EXPECT_EQ(arrivals.planned(), times_of(arrivals).size());
      sum += arrivals.planned();
    }
    EXPECT_EQ(sum, uniform(staged()).size());
  }
  EXPECT_EQ(Arrivals(staged(), Spacing::poisson, 1, 0, 0, 1).planned(), 0);
}

TEST(Dealing, AfterTheLastNoneComes) {
  Arrivals arrivals(constant(1, seconds(1)), Spacing::uniform, 1, 0, 0, 1);
  EXPECT_EQ(arrivals.due(), milliseconds(500));
  for (int i = 0; i < 3; ++i) {
    arrivals.advance();
    EXPECT_EQ(arrivals.due(), Duration::max());
  }
}

// ---- Poisson ---------------------------------------------------------------------------------------------------

/// How likely a distance from the exponential distribution (mean 1) as large as that of `gaps` is: Kolmogorov and
/// Smirnov's test with Stephens' correction for finite n (Numerical Recipes, 14.3).
double exponential_p_value(std::vector<double> gaps) {
  std::ranges::sort(gaps);
  const auto n = static_cast<double>(gaps.size());
  double distance = 0;
  for (std::size_t i = 0; i < gaps.size(); ++i) {
    const double expected = -std::expm1(-gaps[i]);
    const auto rank = static_cast<double>(i);
    distance = std::max({distance, expected - rank / n, (rank + 1) / n - expected});
  }
  const double lambda = (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)) * distance;
  double p = 0;
  for (int k = 1; k <= 100; ++k) p += (k % 2 != 0 ? 2 : -2) * std::exp(-2 * k * k * lambda * lambda);
  return std::clamp(p, 0.0, 1.0);
}

/// Gaps in expected arrivals: exponential with mean 1 whatever the rate does, if the arrivals are Poisson.
std::vector<double> rescaled_gaps(const LoadProfile& profile, const Times& times) {
  std::vector<double> counts;
  for (const Duration t : times) counts.push_back(profile.count(t));
  std::adjacent_difference(counts.begin(), counts.end(), counts.begin());
  return counts;
}

int seeds_with_exponential_gaps(const LoadProfile& profile, Spacing spacing) {
  int good = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    good += exponential_p_value(rescaled_gaps(profile, times_of(Arrivals(profile, spacing, seed, 0, 0, 1)))) > 0.01;
  return good;
}

TEST(PoissonArrivals, HaveExponentialGaps) {
  // one seed in a hundred may miss p > .01: of 20, three or more do once in a thousand times
  EXPECT_GE(seeds_with_exponential_gaps(constant(2000, seconds(10)), Spacing::poisson), 18);
  EXPECT_GE(seeds_with_exponential_gaps(staged(), Spacing::poisson), 18);
  EXPECT_EQ(seeds_with_exponential_gaps(constant(2000, seconds(10)), Spacing::uniform), 0) << "the test sees nothing";
}

struct CountStatistics {
  double mean;
  double dispersion;  ///< variance / mean; 1 for a Poisson process
};

CountStatistics statistics(const std::vector<double>& counts) {
  const auto m = static_cast<double>(counts.size());
  const double mean = std::accumulate(counts.begin(), counts.end(), 0.0) / m;
  double squares = 0;
  for (const double c : counts) squares += (c - mean) * (c - mean);
  return {mean, squares / (m - 1) / mean};
}

TEST(PoissonArrivals, CountsVaryAsMuchAsTheirMean) {
  const Duration length = seconds(60);
  const LoadProfile profile = constant(1000, length);
  constexpr double kSpans = 600;
  const double tolerance = 3 * std::sqrt(2 / (kSpans - 1));
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const CountStatistics s = statistics(counts_per(poisson(profile, seed), milliseconds(100), length));
    EXPECT_NEAR(s.dispersion, 1, tolerance) << "seed " << seed;
    EXPECT_NEAR(s.mean, 100, 4 * std::sqrt(100 / kSpans)) << "seed " << seed;
  }
  // the same of a uniform schedule is near 0
  EXPECT_LT(statistics(counts_per(uniform(profile), milliseconds(100), length)).dispersion, 0.01);
}

TEST(PoissonArrivals, EachSecondHasItsShare) {
  const LoadProfile profile = staged();
  const std::vector<double> counts = counts_per(poisson(profile, 3), seconds(1), profile.length());
  for (std::size_t s = 0; s < counts.size(); ++s) {
    const double share = profile.count(seconds(s + 1)) - profile.count(seconds(s));
    EXPECT_NEAR(counts[s], share, 4 * std::sqrt(share) + 1) << "second " << s;
  }
}

TEST(PoissonArrivals, ComeFromSeedAndStreamAlone) {
  const LoadProfile profile = constant(100, seconds(10));
  EXPECT_EQ(poisson(profile, 5), poisson(profile, 5));
  EXPECT_NE(poisson(profile, 5), poisson(profile, 6));
  EXPECT_NE(poisson(profile, 5, 0), poisson(profile, 5, 1));
}

TEST(PoissonArrivals, OfNeighbouringStreamsAreIndependent) {
  // correlation of the exponentials behind two groups' schedules: 0 within 4 standard errors
  constexpr int kDraws = 20'000;
  double sum = 0;
  for (int i = 0; i < kDraws; ++i) sum += (-std::log(random_unit(1, 0, i)) - 1) * (-std::log(random_unit(1, 1, i)) - 1);
  EXPECT_LT(std::abs(sum / kDraws), 4 / std::sqrt(kDraws));
}

}  // namespace
}  // namespace loadgen::load
