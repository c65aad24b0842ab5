#include "base/random.hpp"

#include <array>
#include <bit>
#include <cmath>

#include <gtest/gtest.h>

namespace loadgen {
namespace {

TEST(Random, MixIsSplitmix64s) {
  // The first outputs of splitmix64 from the state 0: its finalizer applied to multiples of the golden gamma.
  constexpr std::uint64_t kGamma = 0x9e3779b97f4a7c15ULL;
  EXPECT_EQ(mix(kGamma), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(mix(2 * kGamma), 0x6e789e6aa1b965f4ULL);
  EXPECT_EQ(mix(3 * kGamma), 0x06c45d188009454fULL);
}

TEST(Random, UnitStaysInsideTheOpenInterval) {
  // The bits at both ends, by the formula of random_unit: log(0) and log(1) = 0 never come.
  EXPECT_GT((static_cast<double>(0) + 0.5) * 0x1p-53, 0);
  double low = 1, high = 0, sum = 0;
  constexpr int kDraws = 1'000'000;
  for (int i = 0; i < kDraws; ++i) {
    const double u = random_unit(42, 7, i);
    low = std::min(low, u);
    high = std::max(high, u);
    sum += u;
  }
  EXPECT_GT(low, 0);
  EXPECT_LT(high, 1);
  EXPECT_NEAR(sum / kDraws, 0.5, 4 * std::sqrt(1.0 / 12 / kDraws));
}

/// Chi-squared of `draws` bytes against the uniform distribution: mean 255, standard deviation sqrt(510) = 22.6.
template <class Draw>
double chi_squared(int draws, Draw draw) {
  std::array<int, 256> counts{};
  for (int i = 0; i < draws; ++i) ++counts[draw(i) & 0xff];
  double sum = 0;
  const double expected = draws / 256.0;
  for (const int n : counts) sum += (n - expected) * (n - expected) / expected;
  return sum;
}

TEST(Random, BytesAreUniformAlongEachArgument) {
  constexpr int kDraws = 100'000;
  for (int shift = 0; shift < 64; shift += 8) {
    EXPECT_NEAR(chi_squared(kDraws, [&](int i) { return random_bits(1, 2, i) >> shift; }), 255, 5 * 22.6);
    EXPECT_NEAR(chi_squared(kDraws, [&](int i) { return random_bits(1, i, 2) >> shift; }), 255, 5 * 22.6);
    EXPECT_NEAR(chi_squared(kDraws, [&](int i) { return random_bits(i, 1, 2) >> shift; }), 255, 5 * 22.6);
  }
  // a mere counter is far too even, and a constant far too uneven
  EXPECT_LT(chi_squared(kDraws, [](int i) { return i; }), 10);
}

TEST(Random, OneBitOfAnyArgumentTurnsHalfOfTheOutput) {
  double flips = 0;
  int cases = 0;
  for (int bit = 0; bit < 64; ++bit) {
    for (std::uint64_t i = 0; i < 100; ++i) {
      const std::uint64_t one = 1ULL << bit;
      const std::uint64_t base = random_bits(i, i, i);
      flips += std::popcount(base ^ random_bits(i ^ one, i, i)) + std::popcount(base ^ random_bits(i, i ^ one, i)) +
               std::popcount(base ^ random_bits(i, i, i ^ one));
      cases += 3;
    }
  }
  EXPECT_NEAR(flips / cases, 32, 4 * 4 / std::sqrt(cases));  // binomial: 64 bits, standard deviation 4
}

TEST(Random, ArgumentsAreNotInterchangeable) {
  EXPECT_NE(random_bits(1, 2, 3), random_bits(1, 3, 2));
  EXPECT_NE(random_bits(1, 2, 3), random_bits(2, 1, 3));
  EXPECT_EQ(random_bits(1, 2, 3), random_bits(1, 2, 3));
}

}  // namespace
}  // namespace loadgen
