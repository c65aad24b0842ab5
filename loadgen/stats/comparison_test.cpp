#include "stats/comparison.hpp"

#include <array>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

namespace loadgen::stats {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Blocks that base and candidate begin in turn.
std::vector<BlockDifference> blocks(std::initializer_list<double> differences) {
  std::vector<BlockDifference> out;
  for (const double d : differences) out.push_back({d, out.size() % 2 == 1});
  return out;
}

TEST(Comparison, StudentsIntervalOverBlocks) {
  // Five values with mean 0.03 and sum of squares about it 4e-4 + 1e-4 + 0 + 1e-4 + 4e-4 = 1e-3: s = sqrt(1e-3 / 4).
  const Comparison c = compare(blocks({0.01, 0.02, 0.03, 0.04, 0.05}), {.delta = 0.05, .alpha = 0.05});
  const double s = std::sqrt(1e-3 / 4);
  const double half = 2.131847 * s / std::sqrt(5.0);  // t(0.95, 4), printed tables
  EXPECT_EQ(c.blocks, 5U);
  EXPECT_NEAR(c.mean, 0.03, 1e-12);
  EXPECT_NEAR(c.spread, s, 1e-12);
  EXPECT_NEAR(c.low, 0.03 - half, 1e-7);
  EXPECT_NEAR(c.high, 0.03 + half, 1e-7);
  EXPECT_FALSE(c.ranked) << "five blocks are too few for the ranks";
  EXPECT_EQ(c.decision, Decision::pass);
  // The same data against a margin of 0.01: t = 0.02 / (s / sqrt 5) = 2.828, P(T4 > 2.828) = 0.0237.
  EXPECT_NEAR(compare(blocks({0.01, 0.02, 0.03, 0.04, 0.05}), {.delta = 0.01, .alpha = 0.05}).p, 0.0237, 5e-5);
}

struct Case {
  const char* name;
  std::initializer_list<double> d;
  Decision decision;
  Doubt doubt = Doubt::none;
};

TEST(Comparison, Decides) {
  // Margin 0.05.
  const std::array<Case, 6> cases{{
      {"no difference", {0.01, -0.01, 0.005, -0.004, 0.002, -0.003}, Decision::pass},
      {"worse, and less than the margin", {0.03, 0.031, 0.029, 0.03, 0.032, 0.028}, Decision::pass},
      {"worse by more", {0.09, 0.11, 0.1, 0.095, 0.105, 0.1}, Decision::regression},
      {"better by more", {-0.09, -0.11, -0.1, -0.095, -0.105, -0.1}, Decision::improved},
      {"about the margin", {0.03, 0.07, 0.04, 0.06, 0.045, 0.055}, Decision::inconclusive, Doubt::wide},
      {"no difference seen is not none", {0.2, -0.2, 0.15, -0.15, 0.1, -0.1}, Decision::inconclusive, Doubt::wide},
  }};
  for (const Case& c : cases) {
    // Both orders in turn would make the last case an order effect.
    std::vector<BlockDifference> data;
    for (const double d : c.d) data.push_back({d, data.size() % 4 >= 2});
    const Comparison result = compare(data, {.delta = 0.05, .alpha = 0.05});
    EXPECT_EQ(result.decision, c.decision) << c.name;
    EXPECT_EQ(result.doubt, c.doubt) << c.name;
  }
}

TEST(Comparison, BoundsAreMirroredWithTheSides) {
  const Comparison one = compare(blocks({0.01, 0.05, 0.02, 0.07, 0.03, 0.02, 0.04, 0.06}), {});
  const Comparison other = compare(blocks({-0.01, -0.05, -0.02, -0.07, -0.03, -0.02, -0.04, -0.06}), {});
  EXPECT_DOUBLE_EQ(one.low, -other.high);
  EXPECT_DOUBLE_EQ(one.hl_high, -other.hl_low);
  EXPECT_DOUBLE_EQ(one.order_difference, -other.order_difference);
}

TEST(Comparison, TheRanksMustAgree) {
  // Seven blocks 0.1 beyond the margin, one 0.11 below it. Student's t: mean 0.12375, s = 0.0742, lower bound 0.074,
  // which is a regression. The ranks: against 0.05 the one below is the farthest, W- = 8, and 5 is the critical value.
  const Comparison split = compare(blocks({0.15, 0.15, 0.15, -0.06, 0.15, 0.15, 0.15, 0.15}), {});
  EXPECT_NEAR(split.low, 0.12375 - 1.894579 * 0.0742462 / std::sqrt(8), 1e-6);
  EXPECT_NEAR(split.hl_low, (0.15 - 0.06) / 2, 1e-12);
  EXPECT_EQ(split.decision, Decision::inconclusive);
  EXPECT_EQ(split.doubt, Doubt::disagreement);
  // Mirrored, one says improved and the other pass. Both say not worse, and that is agreed.
  const Comparison better = compare(blocks({-0.15, -0.15, -0.15, 0.06, -0.15, -0.15, -0.15, -0.15}), {});
  EXPECT_LT(better.high, -0.05);
  EXPECT_EQ(better.decision, Decision::pass);
  EXPECT_EQ(better.doubt, Doubt::none);
  // Of seven blocks the ranks are not asked, and at an alpha below 2^-8 eight are too few for them.
  EXPECT_EQ(compare(blocks({0.15, 0.15, 0.15, -0.06, 0.15, 0.15, 0.15}), {}).decision, Decision::regression);
  EXPECT_FALSE(compare(blocks({0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1}), {.delta = 0.05, .alpha = 0.001}).ranked);
}

TEST(Comparison, OrderEffect) {
  // Where the candidate begins it is 0.1 worse, else 0.1 better: the mean is 0.
  const Comparison c = compare(blocks({-0.1, 0.1, -0.101, 0.101, -0.099, 0.099, -0.1, 0.1}), {});
  EXPECT_EQ(c.doubt, Doubt::order_effect);
  EXPECT_NEAR(c.order_difference, 0.2, 1e-12);
  // A difference of more than the margin that chance alone explains is none: s = 0.1, two groups of 4.
  const Comparison noise = compare(blocks({0.1, 0.1, -0.1, 0.1, 0.1, 0.1, -0.1, -0.02}), {});
  EXPECT_GT(std::abs(noise.order_difference), 0.05);
  EXPECT_NE(noise.doubt, Doubt::order_effect);
  // One order only, as in a comparison cut short: nothing can be told.
  std::vector<BlockDifference> same(6, {0.01, true});
  EXPECT_EQ(compare(same, {}).decision, Decision::pass);
}

TEST(Comparison, DegenerateInputsAreDefined) {
  const Comparison none = compare({}, {});
  EXPECT_EQ(none.decision, Decision::inconclusive);
  EXPECT_EQ(none.doubt, Doubt::too_few);
  EXPECT_EQ(none.high, kInfinity);
  const Comparison one = compare(blocks({0.5}), {});
  EXPECT_EQ(one.doubt, Doubt::too_few);
  EXPECT_EQ(one.mean, 0.5);
  EXPECT_EQ(one.low, -kInfinity);
  const Comparison two = compare(blocks({0.5, 0.5}), {});
  EXPECT_EQ(two.doubt, Doubt::too_few) << "two that agree decide nothing";
  EXPECT_EQ(two.low, 0.5) << "but there is an interval";
  const Comparison equal = compare(blocks({0, 0, 0, 0, 0}), {});
  EXPECT_EQ(equal.decision, Decision::pass);
  EXPECT_EQ(equal.p, 1);
  const Comparison worse = compare(blocks({0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2}), {});
  EXPECT_EQ(worse.decision, Decision::regression);
  EXPECT_LT(worse.p, 1e-9);
  for (const double bad : {kInfinity, -kInfinity, std::nan("")}) {
    const Comparison c = compare(blocks({0, 0, 0, 0, 0, bad}), {});
    EXPECT_EQ(c.decision, Decision::inconclusive);
    EXPECT_EQ(c.doubt, Doubt::not_finite);
    EXPECT_EQ(c.p, 1);
  }
}

TEST(Comparison, DetectableFactors) {
  struct Row {
    std::uint32_t blocks;
    double at_5, at_1;
  };
  // By tables of Student's t: (t(alpha) + t(0.2)) / sqrt(M).
  for (const Row& row : std::array<Row, 7>{{{5, 1.37, 2.10},
                                            {6, 1.20, 1.75},
                                            {8, 0.99, 1.38},
                                            {10, 0.86, 1.17},
                                            {15, 0.68, 0.90},
                                            {20, 0.58, 0.76},
                                            {30, 0.47, 0.61}}}) {
    EXPECT_NEAR(detectable_factor(row.blocks, 0.05), row.at_5, 0.0051) << row.blocks;
    EXPECT_NEAR(detectable_factor(row.blocks, 0.01), row.at_1, 0.0051) << row.blocks;
  }
  EXPECT_EQ(detectable_factor(1, 0.05), kInfinity);
  // A spread of 3 %, ten blocks, a margin of 2 %: 4.6 %.
  EXPECT_NEAR(0.02 + detectable_factor(10, 0.05) * 0.03, 0.046, 0.0005);
}

TEST(Comparison, BlocksNeededIsTheLeastThatWillDo) {
  for (const double spread : {0.005, 0.02, 0.03, 0.1}) {
    const std::uint32_t needed = blocks_needed(0.03, spread, 0.05);
    ASSERT_GT(needed, 0U);
    EXPECT_LE(detectable_factor(needed, 0.05) * spread, 0.03);
    if (needed > kLeastBlocks) {
      EXPECT_GT(detectable_factor(needed - 1, 0.05) * spread, 0.03);
    }
  }
  EXPECT_EQ(blocks_needed(0.03, 0, 0.05), kLeastBlocks);
  EXPECT_EQ(blocks_needed(0.0001, 0.1, 0.05), 0U) << "not in a thousand";
  EXPECT_EQ(blocks_needed(0, 0.1, 0.05), 0U);
}

TEST(Comparison, RegressionRates) {
  constexpr Margin kMargin{.delta = 0.05, .alpha = 0.05};
  EXPECT_NEAR(regression_rate(0.05, 0.03, 8, kMargin), 0.05, 1e-6) << "at the margin: alpha, by construction";
  // The detectable effect is found 80 times in 100, as near as the sum of two quantiles comes to the noncentral t.
  for (const std::uint32_t blocks : {5U, 8U, 12U, 30U})
    EXPECT_NEAR(regression_rate(0.05 + detectable_factor(blocks, 0.05) * 0.03, 0.03, blocks, kMargin), 0.8, 0.02);
  EXPECT_LT(regression_rate(0, 0.03, 12, kMargin), 1e-4);
  EXPECT_EQ(regression_rate(0, 1e-4, 12, kMargin), 0) << "far out";
  EXPECT_EQ(regression_rate(0.5, 1e-4, 12, kMargin), 1);
  EXPECT_EQ(regression_rate(0.1, 0, 12, kMargin), 1);
  EXPECT_EQ(regression_rate(0.1, 0.1, 1, kMargin), 0);
}

TEST(Comparison, Holm) {
  using Survivors = std::vector<bool>;
  const auto survivors = [](std::vector<double> p) { return holm(p, 0.05); };
  EXPECT_EQ(survivors({}), Survivors{});
  EXPECT_EQ(survivors({0.04}), (Survivors{true}));
  // Three: 0.01 <= 0.05/3, 0.024 <= 0.05/2, 0.05 <= 0.05/1.
  EXPECT_EQ(survivors({0.05, 0.01, 0.024}), (Survivors{true, true, true}));
  // 0.03 > 0.05/2 ends it, for the one after it as well.
  EXPECT_EQ(survivors({0.04, 0.01, 0.03}), (Survivors{false, true, false}));
  EXPECT_EQ(survivors({0.02, 0.02, 0.02}), (Survivors{false, false, false}));
  EXPECT_EQ(survivors({std::nan(""), 0.001}), (Survivors{false, true}));
}

TEST(Comparison, WithEarlierJobs) {
  // Ten values, mean 0, sum of squares 10 * 4e-4: s = sqrt(4e-3 / 9).
  std::vector<double> earlier{0.02, -0.02, 0.02, -0.02, 0.02, -0.02, 0.02, -0.02, 0.02, -0.02};
  const double s = std::sqrt(4e-3 / 9);
  const Comparison c = compare_with_history(earlier, 0.12, {.delta = 0.05, .alpha = 0.05});
  const double half = 1.833113 * s * std::sqrt(1.1);  // t(0.95, 9)
  EXPECT_NEAR(c.mean, 0.12, 1e-12);
  EXPECT_NEAR(c.low, 0.12 - half, 1e-7);
  EXPECT_NEAR(c.high, 0.12 + half, 1e-7);
  EXPECT_EQ(c.decision, Decision::regression);
  EXPECT_EQ(compare_with_history(earlier, 0.001, {}).decision, Decision::pass);
  EXPECT_EQ(compare_with_history(earlier, -0.12, {}).decision, Decision::improved);
  EXPECT_EQ(compare_with_history(earlier, 0.06, {}).doubt, Doubt::wide);

  earlier.pop_back();
  const Comparison nine = compare_with_history(earlier, 0.5, {});
  EXPECT_EQ(nine.decision, Decision::inconclusive);
  EXPECT_EQ(nine.doubt, Doubt::too_few);
  EXPECT_EQ(compare_with_history({}, 0.5, {}).doubt, Doubt::too_few);
  EXPECT_EQ(compare_with_history(earlier, kInfinity, {}).doubt, Doubt::not_finite);
}

}  // namespace
}  // namespace loadgen::stats
