#include "report/runner_noise.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "report/test_comparisons.hpp"

namespace loadgen::report {
namespace {

TEST(RunnerNoise, IsThatOfTheBlocks) {
  const Comparison comparison = test::same_server();
  const auto noise = noise_of(comparison);
  ASSERT_EQ(noise.size(), 2U);
  const stats::Comparison& p50 = comparison.compared[0].figures;
  EXPECT_DOUBLE_EQ(noise[0].spread, p50.spread);
  EXPECT_NEAR(noise[0].margin, std::log(1.05), 1e-12);
  // Ten blocks: 0.86 spreads beyond the margin.
  EXPECT_NEAR(noise[0].detectable[2], std::exp(std::log(1.05) + 0.86 * p50.spread) - 1, 1e-4);
  for (std::size_t i = 1; i < kNoiseBlocks.size(); ++i) EXPECT_LT(noise[0].detectable[i], noise[0].detectable[i - 1]);
  EXPECT_LT(noise[0].false_alarm, 1e-6);
  EXPECT_EQ(noise[0].blocks_needed, stats::kLeastBlocks) << "a quiet machine";
}

TEST(RunnerNoise, ALoudMachineNeedsMoreBlocks) {
  Comparison comparison = test::comparison_of(
      {{"p50", [](const Slice& place) { return 20 * std::exp(0.1 * std::sin(7.0 * place.block) * place.target); }}});
  conclude(comparison);
  const auto noise = noise_of(comparison);
  ASSERT_EQ(noise.size(), 1U);
  // A spread of 0.1 / sqrt(2): the factor must come down to 0.69, which 15 blocks have and 14 nearly.
  EXPECT_NEAR(noise[0].spread, 0.1 / std::sqrt(2), 0.008);
  EXPECT_NEAR(noise[0].blocks_needed, 15, 3);
  EXPECT_GT(noise[0].detectable[0], 0.14);
}

TEST(RunnerNoise, NothingIsSaidOfWhatIsNotKnown) {
  Comparison comparison = test::comparison_of({{"server_cpu", [](const Slice&) { return std::nan(""); }}});
  conclude(comparison);
  EXPECT_TRUE(noise_of(comparison).empty());
}

}  // namespace
}  // namespace loadgen::report
