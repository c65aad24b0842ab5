#include "server/distribution.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace loadgen_server {
namespace {

/// The finaliser of splitmix64 (Steele, Lea, Flood 2014): every input bit changes every output bit.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30U)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27U)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31U);
}

/// A step coprime to n near n/phi: multiples of it visit every residue once, never two neighbours in a row.
std::uint64_t coprime_step(std::uint64_t n) {
  auto step = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(static_cast<double>(n) * 0.6180339887498949));
  while (std::gcd(step, n) != 1) ++step;
  return step;
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
  const std::uint64_t slice = (index % strata * coprime_step(strata) + mixed(seed) % strata) % strata;
  return (static_cast<double>(slice) + 0.5) / static_cast<double>(strata);
}

}  // namespace loadgen_server
