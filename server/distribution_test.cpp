#include "server/distribution.hpp"

#include <cmath>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

TEST(Distribution, QuantilesAreTheInverseDistributionFunction) {
  EXPECT_EQ(parse_distribution("5ms")->at(0.99), 5ms);
  const auto uniform = *parse_distribution("uniform(1ms,9ms)");
  EXPECT_EQ(uniform.at(0), 1ms);
  EXPECT_EQ(uniform.at(0.5), 5ms);
  const auto exponential = *parse_distribution("exp(5ms)");
  EXPECT_EQ(exponential.at(0), 0ns);
  EXPECT_NEAR(static_cast<double>(exponential.at(0.5).count()), 5e6 * std::log(2.0), 1);
  const auto pareto = *parse_distribution("pareto(1ms,2)");
  EXPECT_EQ(pareto.at(0), 1ms);
  EXPECT_NEAR(static_cast<double>(pareto.at(0.75).count()), 2e6, 1);
  EXPECT_EQ(parse_distribution("pareto(1s,0.01)")->at(0.999999), max_delay);
}

TEST(Distribution, WhatIsNoDistributionIsRefused) {
  for (const char* text :
       {"", "5", "exp", "exp()", "exp(5)", "exp(1ms,2ms)", "uniform(1ms)", "uniform(9ms,1ms)", "pareto(1ms,0)",
        "pareto(1ms,2ms)", "normal(1ms,2ms)", "exp(5ms", "2h", "(1ms)", "exp(5ms))"})
    EXPECT_FALSE(parse_distribution(text)) << text;
}

TEST(Distribution, HashedValuesAreRepeatableAndUniform) {
  constexpr int n = 100'000;
  double sum = 0;
  double squares = 0;
  for (std::uint64_t i = 0; i < n; ++i) {
    const double u = unit_value(1, i, 0);
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    EXPECT_EQ(u, unit_value(1, i, 0));
    sum += u;
    squares += u * u;
  }
  // 1/2 and 1/3, within five standard errors: sqrt(1/12/n) and sqrt(4/45/n)
  EXPECT_NEAR(sum / n, 0.5, 5 * std::sqrt(1.0 / 12 / n));
  EXPECT_NEAR(squares / n, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / n));
  EXPECT_NE(unit_value(1, 0, 0), unit_value(2, 0, 0));
}

TEST(Distribution, StrataAreTakenOnceEach) {
  for (const std::uint64_t strata : {1U, 2U, 3U, 10U, 12U, 1000U}) {
    std::set<double> taken;
    for (std::uint64_t i = 0; i < strata; ++i) taken.insert(unit_value(7, i, strata));
    ASSERT_EQ(taken.size(), strata);
    EXPECT_DOUBLE_EQ(*taken.begin(), 0.5 / static_cast<double>(strata));
    EXPECT_EQ(unit_value(7, strata, strata), unit_value(7, 0, strata)) << "the next round is the same";
  }
}

TEST(Distribution, StrataAreShuffled) {
  // Neighbours must not be related: a queue would show it. The correlation of n independent pairs has the standard
  // error 1/sqrt(n); lags 1 to 3 may be five of them off.
  constexpr std::uint64_t n = 100'000;
  for (const std::uint64_t lag : {1U, 2U, 3U}) {
    double sum = 0;
    for (std::uint64_t i = 0; i < n; ++i) sum += (unit_value(7, i, n) - 0.5) * (unit_value(7, (i + lag) % n, n) - 0.5);
    EXPECT_NEAR(sum / n * 12, 0, 5 / std::sqrt(static_cast<double>(n))) << lag;
  }
  EXPECT_NE(unit_value(1, 0, n), unit_value(2, 0, n)) << "another seed, another order";
}

}  // namespace
}  // namespace loadgen_server
