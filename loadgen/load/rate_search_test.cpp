#include "load/rate_search.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace loadgen::load {
namespace {

using Answer = std::function<TrialOutcome(double rate)>;

struct Told {
  RateSearch::Found found;
  RateSearch::Ending ending;
  std::vector<double> rates;
};

Told search(const RateSearch::Bounds& bounds, const Answer& answer) {
  RateSearch search(bounds);
  Told told;
  while (search.ending() == RateSearch::Ending::open && told.rates.size() < 200) {
    told.rates.push_back(search.next());
    search.add(told.rates.back(), answer(told.rates.back()));
  }
  told.found = search.found();
  told.ending = search.ending();
  return told;
}

Answer exact(double knee) {
  return [knee](double rate) { return rate <= knee ? TrialOutcome::holds : TrialOutcome::fails; };
}

TEST(RateSearch, FindsAKneeAboveAndBelowItsBeginning) {
  for (const double knee : {3.3, 97.0, 101.0, 4'321.0, 250'000.0}) {
    const Told told = search({.first = 100, .most = 1e6, .precision = 0.05}, exact(knee));
    EXPECT_EQ(told.ending, RateSearch::Ending::precise) << knee;
    EXPECT_LE(told.found.low, knee);
    EXPECT_GE(told.found.high, knee);
    EXPECT_LE(told.found.high / told.found.low, 1.05 + 1e-9);
    EXPECT_LE(told.rates.size(), 32u) << knee;
  }
}

TEST(RateSearch, DoublesUntilItFailsSoThatATargetIsNotDrowned) {
  const Told told = search({.first = 100, .most = 1e6, .precision = 0.1}, exact(1'000));
  ASSERT_GE(told.rates.size(), 5u);
  for (std::size_t i = 1; i < 5; ++i) EXPECT_NEAR(told.rates[i] / told.rates[i - 1], 2, 0.03);
  EXPECT_LT(*std::max_element(told.rates.begin(), told.rates.end()), 2'000);
}

TEST(RateSearch, EndsAtTheTopWhereEverythingHolds) {
  const Told told = search({.first = 100, .most = 5'000, .precision = 0.05}, exact(1e9));
  EXPECT_EQ(told.ending, RateSearch::Ending::at_top);
  EXPECT_TRUE(std::isinf(told.found.high));
  EXPECT_NEAR(told.rates.back(), 5'000, 5'000 * 0.01);
  EXPECT_LE(told.rates.back(), 5'000);
}

TEST(RateSearch, TheTopIsTheLowEndWhereNothingElseWasAsked) {
  const Told told = search({.first = 200, .most = 200, .precision = 0.1}, exact(1e9));
  EXPECT_EQ(told.ending, RateSearch::Ending::at_top);
  EXPECT_EQ(told.rates.size(), 2u);
  EXPECT_GT(told.found.low, 200 * 0.8);
}

TEST(RateSearch, KnowsNothingBeforeTheFirstAnswer) {
  EXPECT_FALSE(RateSearch::Found{}.known());
  RateSearch search({.first = 100, .most = 5'000, .precision = 0.05});
  EXPECT_FALSE(search.found().known());
  for (int i = 0; i < 3; ++i) search.add(search.next(), TrialOutcome::fails);
  EXPECT_TRUE(search.found().known());
}

TEST(RateSearch, EndsAtTheBottomWhereNothingHolds) {
  const Told told = search({.first = 100, .most = 5'000, .precision = 0.05}, exact(0));
  EXPECT_EQ(told.ending, RateSearch::Ending::at_bottom);
  EXPECT_EQ(told.found.low, 0);
}

TEST(RateSearch, NeverAsksBeyondACap) {
  RateSearch search({.first = 100, .most = 1e6, .precision = 0.05});
  std::vector<double> rates;
  while (search.ending() == RateSearch::Ending::open && rates.size() < 100) {
    const double rate = search.next();
    if (rate > 3'000) {
      search.cap(rate);
      continue;
    }
    rates.push_back(rate);
    search.add(rate, TrialOutcome::holds);
  }
  EXPECT_EQ(search.ending(), RateSearch::Ending::at_top);
  EXPECT_TRUE(std::isinf(search.found().high));
  EXPECT_GE(rates.back(), 3'000 / 1.06) << "as near to the generator's limit as was asked for";
  EXPECT_LE(rates.size(), 12u);
}

TEST(RateSearch, AsksForHalfWhereNotEvenTheFirstRateCanBeHad) {
  RateSearch search({.first = 100, .most = 1e6, .precision = 0.05});
  EXPECT_NEAR(search.next(), 100, 1);
  search.cap(search.next());
  EXPECT_NEAR(search.next(), 50, 1);
  search.cap(search.next());
  EXPECT_NEAR(search.next(), 25, 1);
}

TEST(RateSearch, ACapBelowEverythingEndsTheSearch) {
  RateSearch search({.first = 100, .most = 1e6, .precision = 0.05});
  search.cap(0.001);
  EXPECT_EQ(search.ending(), RateSearch::Ending::at_top);
  EXPECT_EQ(search.found().low, 0);
}

/// A target whose capacity differs by 2 % from trial to trial, of which one trial in twenty goes wrong altogether.
TEST(RateSearch, ItsIntervalHoldsTheKneeUnderNoise) {
  constexpr int kTrials = 400;
  int covered = 0;
  std::vector<std::size_t> trials;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::uint64_t draw = 0;
    const auto unit = [&] { return random_unit(7, static_cast<std::uint64_t>(trial), draw++); };
    const double knee = 50 * std::exp(8 * unit());
    const Told told = search({.first = 100, .most = 1e6, .precision = 0.05}, [&](double rate) {
      const double gauss = std::sqrt(-2 * std::log(unit())) * std::cos(6.283185307 * unit());
      const bool holds = rate <= knee * std::exp(0.02 * gauss);
      return holds != (unit() < 0.05) ? TrialOutcome::holds : TrialOutcome::fails;
    });
    covered += told.found.low <= knee && knee <= told.found.high ? 1 : 0;
    trials.push_back(told.rates.size());
  }
  std::nth_element(trials.begin(), trials.begin() + kTrials / 2, trials.end());
  RecordProperty("covered", covered);
  EXPECT_GE(covered, kTrials * 90 / 100) << "of " << kTrials;
  EXPECT_LE(trials[kTrials / 2], 30u);
}

/// What a search that believes each trial for ever does under the same noise, so that the test above can fail.
TEST(RateSearch, PlainBisectionWouldMissTheKnee) {
  constexpr int kTrials = 400;
  int covered = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    std::uint64_t draw = 0;
    const auto unit = [&] { return random_unit(7, static_cast<std::uint64_t>(trial), draw++); };
    const double knee = 50 * std::exp(8 * unit());
    double low = 1, high = 1e6;
    while (high / low > 1.05) {
      const double rate = std::sqrt(low * high);
      const double gauss = std::sqrt(-2 * std::log(unit())) * std::cos(6.283185307 * unit());
      const bool holds = (rate <= knee * std::exp(0.02 * gauss)) != (unit() < 0.05);
      (holds ? low : high) = rate;
    }
    covered += low <= knee && knee <= high ? 1 : 0;
  }
  EXPECT_LT(covered, kTrials * 80 / 100) << "of " << kTrials;
}

}  // namespace
}  // namespace loadgen::load
