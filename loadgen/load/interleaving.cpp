#include "load/interleaving.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "base/random.hpp"

namespace loadgen::load {
namespace {

using Order = std::vector<std::uint32_t>;

/// A permutation, each as likely as any other (Fisher and Yates; the modulo's bias is below 2^-32).
Order drawn(std::uint32_t targets, std::uint64_t seed, std::uint64_t stream) {
  Order order(targets);
  std::iota(order.begin(), order.end(), 0U);
  for (std::uint32_t left = targets; left > 1; --left)
    std::swap(order[left - 1], order[random_bits(seed, stream, left) % left]);
  return order;
}

}  // namespace

std::vector<SlicePlace> interleave(std::uint32_t targets, std::uint32_t blocks, std::uint32_t passes,
                                   std::uint64_t seed) {
  std::vector<SlicePlace> places;
  places.reserve(std::size_t{targets} * blocks * passes);
  const std::uint32_t draws_in_two_blocks = (passes + 1) / 2;
  for (std::uint32_t block = 0; block < blocks; ++block) {
    for (std::uint32_t pass = 0; pass < passes; ++pass) {
      const std::uint64_t draw = std::uint64_t{block / 2} * draws_in_two_blocks + pass / 2;
      Order order = drawn(targets, seed, draw);
      if (block % 2 != pass % 2) std::ranges::reverse(order);
      for (const std::uint32_t target : order) places.push_back({block, pass, target});
    }
  }
  return places;
}

}  // namespace loadgen::load
