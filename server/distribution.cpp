#include "server/distribution.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace loadgen_server {
namespace {

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit changes every output bit.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

/// The place of `index` in a shuffle of 0..n-1: four rounds of a Feistel network permute the smallest power of four
/// that holds n, and who lands outside goes on until inside (Black, Rogaway 2002). Neighbours are as good as
/// independent, which a queue fed with these values needs: with a regular step its waits would come out too short.
std::uint64_t shuffled(std::uint64_t index, std::uint64_t n, std::uint64_t seed) {
  const unsigned half = (static_cast<unsigned>(std::bit_width(n - 1)) + 1) / 2;
  const std::uint64_t mask = (std::uint64_t{1} << half) - 1;
  do {
    for (std::uint64_t round = 0; round < 4; ++round) {
      const std::uint64_t left = index >> half;
      const std::uint64_t right = index & mask;
      index = right << half | (left ^ (mixed(mixed(seed + round) ^ right) & mask));
    }
  } while (index >= n);
  return index;
}

struct ShapeRow {
  std::string_view name;
  Distribution::Shape shape;
  bool two_values;
};

constexpr std::array<ShapeRow, 3> shapes{{{"uniform", Distribution::Shape::uniform, true},
                                          {"exp", Distribution::Shape::exponential, false},
                                          {"pareto", Distribution::Shape::pareto, true}}};

std::optional<double> parse_delay(std::string_view text) {
  const auto delay = parse_duration(text);
  if (!delay || *delay > max_delay) return std::nullopt;
  return static_cast<double>(delay->count());
}

}  // namespace

Nanos Distribution::at(double u) const {
  double ns = a;
  if (shape == Shape::uniform) ns = a + u * (b - a);
  if (shape == Shape::exponential) ns = -a * std::log1p(-u);
  if (shape == Shape::pareto) ns = a * std::pow(1 - u, -1 / b);
  return Nanos{static_cast<Nanos::rep>(std::min(ns, static_cast<double>(max_delay.count())))};
}

std::optional<Distribution> parse_distribution(std::string_view text) {
  const auto open = text.find('(');
  if (open == std::string_view::npos) {
    const auto delay = parse_delay(text);
    if (!delay) return std::nullopt;
    return Distribution{Distribution::Shape::fixed, *delay, 0};
  }
  if (text.back() != ')') return std::nullopt;
  const std::string_view values = text.substr(open + 1, text.size() - open - 2);
  const auto comma = values.find(',');
  for (const ShapeRow& row : shapes) {
    if (row.name != text.substr(0, open) || row.two_values != (comma != std::string_view::npos)) continue;
    const auto a = parse_delay(values.substr(0, comma));
    if (!a) return std::nullopt;
    if (!row.two_values) return Distribution{row.shape, *a, 0};
    const auto second = values.substr(comma + 1);
    const auto b = row.shape == Distribution::Shape::pareto ? parse_fraction(second) : parse_delay(second);
    if (!b || *b <= 0 || (row.shape == Distribution::Shape::uniform && *b < *a)) return std::nullopt;
    return Distribution{row.shape, *a, *b};
  }
  return std::nullopt;
}

double unit_value(std::uint64_t seed, std::uint64_t index, std::uint64_t strata) {
  if (strata == 0) return static_cast<double>(mixed(mixed(seed) ^ index) >> 11U) * 0x1p-53;
  const std::uint64_t slice = shuffled(index % strata, strata, seed);
  return (static_cast<double>(slice) + 0.5) / static_cast<double>(strata);
}

}  // namespace loadgen_server
