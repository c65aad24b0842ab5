#pragma once
// Counter-based random numbers: a pure function of (seed, stream, counter), so that a schedule can be computed again,
// by any thread and in any order.

#include <cstdint>

namespace loadgen {

/// The finalizer of splitmix64 (Steele, Lea, Flood 2014): a bijection of 64 bits that avalanches.
constexpr std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

constexpr std::uint64_t random_bits(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ULL;
  const std::uint64_t key = mix(mix(seed + kGolden) ^ (stream + 1) * kGolden);
  return mix(key + (counter + 1) * kGolden);
}

/// Uniform in the open interval (0, 1): its logarithm exists at both ends.
constexpr double random_unit(std::uint64_t seed, std::uint64_t stream, std::uint64_t counter) {
  return (static_cast<double>(random_bits(seed, stream, counter) >> 11) + 0.5) * 0x1p-53;
}

}  // namespace loadgen
