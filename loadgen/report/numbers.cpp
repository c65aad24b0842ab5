#include "report/numbers.hpp"

#include <array>
#include <string_view>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace loadgen::report {

std::string grouped(std::uint64_t n) {
  const std::string digits = std::to_string(n);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

std::string ms(double ns) {
  // 0.9995 ms would round up to "1.000" with three decimals; from there on two are enough.
  return ns < 999'500 ? fmt::format("{:.3f}", ns / 1e6) : fmt::format("{:.2f}", ns / 1e6);
}

std::string ms(std::int64_t ns) {
  return ms(static_cast<double>(ns));
}

std::string percent(double fraction) {
  return fmt::format("{:.2f} %", 100 * fraction);
}

std::string seconds_text(double s) {
  return fmt::format("{:.3f} s", s);
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> units{"kB", "MB", "GB", "TB", "PB"};
  if (bytes < 1000) return fmt::format("{} B", bytes);
  double value = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (value >= 999.95 && unit + 1 < units.size()) {
    value /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", value, units[unit]);
}

std::string utc_text(std::chrono::system_clock::time_point t) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(t)));
}

std::string throughput(double per_second) {
  // JMeter's RateRenderer: the first unit in which the rate is at least one.
  if (per_second >= 1) return fmt::format("{:.1f}/sec", per_second);
  if (per_second * 60 >= 1) return fmt::format("{:.1f}/min", per_second * 60);
  return fmt::format("{:.1f}/hour", per_second * 3600);
}

}  // namespace loadgen::report
