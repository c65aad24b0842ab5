#include "load/interleaving.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace loadgen::load {
namespace {

/// Block by block, the targets as letters: "ABBA".
std::vector<std::string> letters(std::uint32_t targets, std::uint32_t blocks, std::uint32_t passes,
                                 std::uint64_t seed) {
  std::vector<std::string> out(blocks);
  for (const SlicePlace& place : interleave(targets, blocks, passes, seed))
    out[place.block] += static_cast<char>('A' + place.target);
  return out;
}

TEST(Interleaving, EachSliceOnceAndInTheOrderOfBlocksAndPasses) {
  for (const std::uint32_t targets : {1U, 2U, 3U, 5U}) {
    for (const std::uint32_t passes : {1U, 2U, 3U, 4U}) {
      const auto places = interleave(targets, 7, passes, 42);
      ASSERT_EQ(places.size(), std::size_t{7} * targets * passes);
      std::set<std::uint32_t> seen;
      for (std::size_t i = 0; i < places.size(); ++i) {
        EXPECT_EQ(places[i].block, i / (targets * passes));
        EXPECT_EQ(places[i].pass, i / targets % passes);
        if (i % targets == 0) seen.clear();
        EXPECT_LT(places[i].target, targets);
        EXPECT_TRUE(seen.insert(places[i].target).second) << "twice in one pass";
      }
    }
  }
}

TEST(Interleaving, NothingAskedNothingGiven) {
  EXPECT_TRUE(interleave(0, 8, 2, 1).empty());
  EXPECT_TRUE(interleave(2, 0, 2, 1).empty());
  EXPECT_TRUE(interleave(2, 8, 0, 1).empty());
}

TEST(Interleaving, TwoTargetsAreAbbaOrBaab) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (const std::string& block : letters(2, 6, 2, seed)) seen.insert(block);
  EXPECT_EQ(seen, (std::set<std::string>{"ABBA", "BAAB"}));
}

TEST(Interleaving, ADriftFallsOnBothSidesAlike) {
  // The sum of places in time is that of a drift which is a straight line: of ABBA 0 + 3 = 1 + 2.
  for (const std::string& block : letters(2, 8, 4, 3)) {
    int a = 0, b = 0;
    for (std::size_t i = 0; i < block.size(); ++i) (block[i] == 'A' ? a : b) += static_cast<int>(i);
    EXPECT_EQ(a, b) << block;
  }
}

TEST(Interleaving, OfAnyTwoTargetsEachBeginsInHalfOfTheBlocks) {
  for (const std::uint32_t targets : {2U, 3U, 4U}) {
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto blocks = letters(targets, 8, 2, seed);
      for (char one = 'A'; one < static_cast<char>('A' + targets); ++one) {
        for (char other = 'A'; other < one; ++other) {
          const auto begins = std::ranges::count_if(
              blocks, [&](const std::string& block) { return block.find(one) < block.find(other); });
          EXPECT_EQ(begins, 4) << one << " before " << other << ", seed " << seed;
        }
      }
    }
  }
}

TEST(Interleaving, EndedEarlyItIsOutOfBalanceByOneBlockAtMost) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    int ahead = 0;
    for (const std::string& block : letters(2, 15, 2, seed)) {
      ahead += block.front() == 'A' ? 1 : -1;
      EXPECT_LE(std::abs(ahead), 1);
    }
  }
}

TEST(Interleaving, TheSeedDrawsTheOrder) {
  EXPECT_EQ(interleave(3, 8, 2, 7), interleave(3, 8, 2, 7));
  EXPECT_NE(interleave(3, 8, 2, 7), interleave(3, 8, 2, 8));
  // Which target begins the first block is a fair coin: 1000 throws, four standard deviations of sqrt(250).
  int a = 0;
  for (std::uint64_t seed = 0; seed < 1000; ++seed) a += letters(2, 1, 1, seed)[0] == "AB" ? 1 : 0;
  EXPECT_NEAR(a, 500, 64);
}

TEST(Interleaving, EveryOrderOfThreeIsAsLikely) {
  std::map<std::string, int> counts;
  constexpr int kDraws = 6000;
  for (std::uint64_t seed = 0; seed < kDraws; ++seed) ++counts[letters(3, 1, 1, seed)[0]];
  ASSERT_EQ(counts.size(), 6U);
  // Each 1000 +- four standard deviations of sqrt(6000 * 1/6 * 5/6) = 29.
  for (const auto& [order, count] : counts) EXPECT_NEAR(count, 1000, 116) << order;
}

TEST(Interleaving, PassesBeyondTheSecondAreDrawnAnew) {
  // Of three targets, passes 0 and 1 mirror one another, and so do 2 and 3; the second two are not always the first.
  bool differ = false;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    const std::string block = letters(3, 1, 4, seed)[0];
    EXPECT_EQ(block.substr(3, 3), std::string(block.rend() - 3, block.rend()));
    EXPECT_EQ(block.substr(9, 3), std::string(block.rbegin() + 3, block.rbegin() + 6));
    differ |= block.substr(0, 3) != block.substr(6, 3);
  }
  EXPECT_TRUE(differ);
}

}  // namespace
}  // namespace loadgen::load
