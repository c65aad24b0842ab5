// Gate honesty: of many simulated comparisons of a target with itself next to none may say REGRESSION, and of many with
// one that is 10 % slower next to all must. What a slice measures is, in logarithms, a drift of the machine (AR(1),
// 0.9 from slice to slice), a run's own noise, now and then a spike of 5 to 30 %, and what the start of the server in
// that block happened to make of it. The decision is conclude()'s own, with the design that is the default.

#include <cmath>
#include <cstdio>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "load/interleaving.hpp"
#include "report/comparison.hpp"
#include "stats/confidence.hpp"

namespace loadgen::report {
namespace {

using stats::Decision;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kTrials = 100;
constexpr double kSlack = 0.03;  // two standard errors of a share of 2 % among 100
#else
constexpr int kTrials = 1000;
constexpr double kSlack = 0;
#endif

struct World {
  const char* name;
  double drift;  ///< standard deviations
  double run;
  double spikes;  ///< share of the slices
  double restart;
};
constexpr World kSameMachine{"same machine", 0.02, 0.02, 0.02, 0};
constexpr World kSharedFleet{"shared fleet", 0.02, 0.027, 0.03, 0};
constexpr World kRestarts{"restarts", 0, 0.02, 0, 0.015};
constexpr World kMachineRestarts{"same machine, restarts", 0.02, 0.02, 0.02, 0.015};
constexpr World kFleetRestarts{"shared fleet, restarts", 0.02, 0.027, 0.03, 0.015};

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : seed_(seed) {}
  double uniform() { return random_unit(seed_, 1, count_++); }
  double normal() {  // Box and Muller
    const double radius = std::sqrt(-2 * std::log(uniform()));
    return radius * std::cos(2 * std::numbers::pi * uniform());
  }

 private:
  std::uint64_t seed_;
  std::uint64_t count_ = 0;
};

CompareDesign design() {
  CompareDesign design;
  design.targets = {"base", "candidate"};
  design.metrics = {{"p50", true, find_compare_metric("p50")->delta}};
  return design;
}

/// truth: the candidate's times are exp(truth) of the base's.
Comparison simulated(const World& world, double truth, const CompareDesign& design, std::uint64_t seed) {
  constexpr double kMemory = 0.9, kP50Ms = 20;
  Comparison comparison;
  comparison.design = design;
  Chance chance(seed);
  double drift = world.drift * chance.normal();
  double started[2] = {0, 0};
  for (const load::SlicePlace& place : load::interleave(2, design.blocks, design.passes, seed)) {
    if (comparison.slices.empty() || comparison.slices.back().block != place.block)
      for (double& effect : started) effect = world.restart * chance.normal();
    drift = kMemory * drift + std::sqrt(1 - kMemory * kMemory) * world.drift * chance.normal();
    const double spike = chance.uniform() < world.spikes ? std::log(1.05 + 0.25 * chance.uniform()) : 0;
    const double x = drift + started[place.target] + world.run * chance.normal() + spike;
    Slice slice;
    slice.block = place.block;
    slice.pass = place.pass;
    slice.target = place.target;
    slice.values = {kP50Ms * std::exp(x + (place.target == 1 ? truth : 0))};
    comparison.slices.push_back(std::move(slice));
  }
  return comparison;
}

using Gate = Decision (*)(Comparison);

Decision honest(Comparison comparison) {
  conclude(comparison);
  return comparison.decision;
}

/// ln(candidate / base) of every pair of slices, as if pairs were independent.
std::vector<double> of_pairs(const Comparison& comparison) {
  std::vector<double> d;
  for (std::size_t i = 0; i + 1 < comparison.slices.size(); i += 2) {
    const Slice& one = comparison.slices[i];
    const double ratio = std::log(comparison.slices[i + 1].values[0] / one.values[0]);
    d.push_back(one.target == 0 ? ratio : -ratio);
  }
  return d;
}

double lower_bound(std::span<const double> d) {
  const auto n = static_cast<double>(d.size());
  double mean = 0, squares = 0;
  for (const double x : d) mean += x / n;
  for (const double x : d) squares += (x - mean) * (x - mean);
  return mean - stats::student_t(0.95, n - 1) * std::sqrt(squares / (n - 1) / n);
}

/// "p < .05: slower".
Decision significant(Comparison comparison) {
  return lower_bound(of_pairs(comparison)) > 0 ? Decision::regression : Decision::pass;
}

/// With the margin, and pairs as the unit of replication.
Decision by_pairs(Comparison comparison) {
  return lower_bound(of_pairs(comparison)) > std::log(1.05) ? Decision::regression : Decision::inconclusive;
}

struct Rates {
  double regression = 0;
  double not_worse = 0;  ///< PASS or IMPROVED
};

Rates rates(Gate gate, const World& world, double change, const CompareDesign& design) {
  Rates rates;
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto seed = static_cast<std::uint64_t>(trial);
    const Decision decision = gate(simulated(world, std::log1p(change), design, seed));
    rates.regression += decision == Decision::regression ? 1.0 / kTrials : 0;
    rates.not_worse += decision <= Decision::improved ? 1.0 / kTrials : 0;
  }
  return rates;
}

/// What a gate must keep to, and prints.
bool keeps_its_word(const char* name, Gate gate, const World& world, const CompareDesign& design) {
  const Rates same = rates(gate, world, 0, design), slower = rates(gate, world, 0.10, design);
  const Rates margin = rates(gate, world, 0.05, design);
  std::printf(
      "%-12s %-22s the same: REGRESSION %.1f %% (at most 1), PASS %.1f %%; 5 %% slower, the margin: %.1f %% "
      "(at most 5, and chance 7.1); 10 %% slower: %.1f %% (at least 90), PASS %.1f %% (at most 1)\n",
      name, world.name, 100 * same.regression, 100 * same.not_worse, 100 * margin.regression, 100 * slower.regression,
      100 * slower.not_worse);
  return same.regression <= 0.01 + kSlack && slower.regression >= 0.90 - kSlack && slower.not_worse <= 0.01 + kSlack &&
         margin.regression <= 0.071 + kSlack;
}

TEST(GateHonesty, TheDefaultDesignInEveryWorld) {
  for (const World& world : {kSameMachine, kSharedFleet, kRestarts, kMachineRestarts, kFleetRestarts})
    EXPECT_TRUE(keeps_its_word("by blocks", &honest, world, design())) << world.name;
}

/// Both fail 3 % of their requests, the candidate `more` per cent on top; error_rate is not gated.
Decision failing_in_earnest(double more, std::uint64_t seed) {
  constexpr double kFailed = 3, kNoise = 0.3;
  CompareDesign asked = design();
  asked.metrics.push_back({"error_rate", false, find_compare_metric("error_rate")->delta});
  Comparison comparison = simulated(kFleetRestarts, 0, asked, seed);
  Chance chance(seed + kTrials);
  for (Slice& slice : comparison.slices) {
    slice.values.push_back(kFailed + kNoise * chance.normal() + (slice.target == 1 ? more : 0));
    slice.verdict = VerdictName::errors;
    slice.failed = 1;
  }
  return honest(std::move(comparison));
}

TEST(GateHonesty, AnErrorRateThatDecidesUngatedKeepsItsAlpha) {
  double at_margin = 0, worse = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const auto seed = static_cast<std::uint64_t>(trial);
    at_margin += failing_in_earnest(0.1, seed) == Decision::regression ? 1.0 / kTrials : 0;
    worse += failing_in_earnest(1, seed) == Decision::regression ? 1.0 / kTrials : 0;
  }
  std::printf("error_rate ungated: at the margin %.1f %%, 1 %% more %.1f %%\n", 100 * at_margin, 100 * worse);
  EXPECT_LE(at_margin, 0.071 + kSlack) << "5 %, and chance";
  EXPECT_GE(worse, 0.90 - kSlack);
}

TEST(GateHonesty, NaiveGatesAreFound) {
  EXPECT_FALSE(keeps_its_word("p < .05", &significant, kSameMachine, design()));
  // The same number of pairs, and fewer starts behind them: what a start makes of a server is in each of its pairs.
  CompareDesign few = design();
  few.blocks = 5;
  few.passes = 10;
  EXPECT_FALSE(keeps_its_word("by pairs", &by_pairs, kRestarts, few));
}

TEST(GateHonesty, FewerBlocksWouldNotDo) {
  CompareDesign eight = design();
  eight.blocks = 8;
  EXPECT_LT(rates(&honest, kFleetRestarts, 0.10, eight).regression, 0.87);
}

}  // namespace
}  // namespace loadgen::report
