#include "server/units.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace loadgen_server {
namespace {

struct Unit {
  std::string_view name;
  double scale;
};

constexpr std::array<Unit, 6> time_units{{{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"m", 60e9}, {"h", 3600e9}}};
constexpr std::array<Unit, 7> byte_units{{{"B", 1},
                                          {"kB", 1e3},
                                          {"MB", 1e6},
                                          {"GB", 1e9},
                                          {"KiB", 1024},
                                          {"MiB", 1024 * 1024},
                                          {"GiB", 1024.0 * 1024 * 1024}}};

/// The number before the unit times the unit's scale, when it fits an int64.
template <std::size_t N>
std::optional<std::int64_t> quantity(std::string_view text, const std::array<Unit, N>& units) {
  const auto end_of_number = text.find_first_not_of("0123456789.");
  if (end_of_number == std::string_view::npos) return std::nullopt;
  const auto number = parse_fraction(text.substr(0, end_of_number));
  if (!number) return std::nullopt;
  for (const Unit& unit : units) {
    if (unit.name != text.substr(end_of_number)) continue;
    const double scaled = *number * unit.scale;
    if (scaled > 9e18) return std::nullopt;
    return std::llround(scaled);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Nanos> parse_duration(std::string_view text) {
  const auto ns = quantity(text, time_units);
  if (!ns) return std::nullopt;
  return Nanos{*ns};
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto bytes = quantity(text, byte_units);
  if (!bytes) return std::nullopt;
  return static_cast<std::uint64_t>(*bytes);
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> parse_fraction(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789.") != std::string_view::npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace loadgen_server
