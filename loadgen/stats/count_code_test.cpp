#include "stats/count_code.hpp"

#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace loadgen::stats {
namespace {

using Counts = std::vector<std::pair<std::size_t, std::uint64_t>>;

struct Coded {
  std::vector<std::byte> bytes;
  std::size_t first;
  std::size_t buckets;
};

Coded encode(const Counts& counts) {
  std::vector<std::byte> bytes(CountEncoder::kMostBytes * counts.size() + 8);
  CountEncoder encoder(bytes.data());
  for (const auto& [index, count] : counts) encoder.add(index, count);
  const auto size = static_cast<std::size_t>(encoder.finish() - bytes.data());
  EXPECT_LE(size, bytes.size());
  bytes.resize(size);
  return {bytes, encoder.first(), encoder.buckets()};
}

Counts decode(const Coded& coded) {
  Counts counts;
  CountDecoder decoder(coded.bytes.data(), coded.bytes.size(), coded.first);
  for (std::size_t i = 0; i < coded.buckets; ++i)
    decoder.next([&](std::size_t index, std::uint64_t count) { counts.emplace_back(index, count); });
  return counts;
}

TEST(CountCode, GivesBackWhatItWasGiven) {
  for (const Counts& counts : std::initializer_list<Counts>{{},
                                                            {{0, 1}},
                                                            {{65'535, 65'536}},
                                                            {{0, 65'536}, {65'535, 1}},
                                                            {{0, 1}, {1, 1}, {2, 65'536}, {3, 65'536}, {40'000, 2}},
                                                            {{17, 20}, {18, 21}, {38, 22}, {59, 1}, {60, 40}}})
    EXPECT_EQ(decode(encode(counts)), counts);
}

TEST(CountCode, GivesBackAnything) {
  std::mt19937_64 random(1);
  // Log-uniform gaps and counts: every length of code is met, and sudden changes of both.
  const auto up_to = [&](double most) {
    return static_cast<std::size_t>(std::exp(std::uniform_real_distribution<double>(0, std::log(most))(random)));
  };
  for (int round = 0; round < 300; ++round) {
    Counts counts;
    for (std::size_t index = up_to(60'000); index < 65'536; index += up_to(round % 2 == 0 ? 5'000 : 3))
      counts.emplace_back(index, up_to(65'536));
    const Coded coded = encode(counts);
    ASSERT_EQ(decode(coded), counts) << round;
  }
}

/// Bits a bucket of counts that are geometric with this mean (0 included), and the entropy of that distribution.
double bits_per_bucket(double mean) {
  std::mt19937_64 random(2);
  std::geometric_distribution<int> draw(1 / (mean + 1));
  Counts counts;
  constexpr std::size_t kBuckets = 20'000;
  for (std::size_t index = 0; index < kBuckets; ++index)
    if (const int count = draw(random); count > 0) counts.emplace_back(index, count);
  return 8.0 * static_cast<double>(encode(counts).bytes.size()) / kBuckets;
}

TEST(CountCode, IsNearTheEntropy) {
  for (const double mean : {0.02, 0.2, 1.0, 5.0, 50.0}) {
    const double p = 1 / (mean + 1);
    const double entropy = -std::log2(p) - (1 - p) / p * std::log2(1 - p);
    EXPECT_GE(bits_per_bucket(mean), 0.98 * entropy) << mean << ": less than it can be";
    EXPECT_LE(bits_per_bucket(mean), 1.35 * entropy + 0.05) << mean;
  }
}

}  // namespace
}  // namespace loadgen::stats
