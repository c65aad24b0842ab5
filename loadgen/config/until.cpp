#include "config/until.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <fmt/format.h>

#include "config/words.hpp"

namespace loadgen::config {
namespace {

struct MetricName {
  std::string_view word;
  Until::Metric metric;
};
constexpr std::array<MetricName, 2> kMetrics{{{"mean", Until::Metric::mean}, {"rate", Until::Metric::rate}}};
constexpr std::array<std::string_view, 3> kPlusMinus{"±", "+-", "+/-"};

constexpr double kWidest = 50;  // percent: wider than that is no knowledge

std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(' '), text.size());
  return text.substr(first, text.find_last_not_of(' ') + 1 - first);
}

/// Digits and a point, nothing else.
std::optional<double> number(std::string_view text) {
  if (text.empty() || text.find_first_not_of("0123456789.") != text.npos) return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

Error mistake(std::string_view text, std::string_view why) {
  return Error{fmt::format("{} {}; write it as 'p99 ± 2%', 'mean 1%' or 'rate 1%'", in_quotes(text), why)};
}

}  // namespace

Result<Until> parse_until(std::string_view text) {
  const std::string_view whole = trimmed(text);
  const std::size_t gap = std::min(whole.find_first_of(" \xC2+"), whole.size());  // "±" begins with the byte C2
  const std::string_view metric = whole.substr(0, gap);
  std::string_view width = trimmed(whole.substr(gap));
  for (const std::string_view sign : kPlusMinus)
    if (width.starts_with(sign)) width = trimmed(width.substr(sign.size()));

  Until until;
  const auto name = std::ranges::find(kMetrics, metric, &MetricName::word);
  const std::optional<double> p = metric.starts_with('p') ? number(metric.substr(1)) : std::nullopt;
  if (name != kMetrics.end())
    until.metric = name->metric;
  else if (p && *p > 0 && *p < 100)
    until.p = *p / 100;
  else
    return mistake(text, "names no figure such as p50, p99.9, mean or rate");
  if (!width.ends_with('%')) return mistake(text, "does not say how many per cent");
  const std::optional<double> percent = number(trimmed(width.substr(0, width.size() - 1)));
  if (!percent || *percent <= 0 || *percent > kWidest)
    return mistake(text, fmt::format("has no width above 0% and up to {}%", kWidest));
  until.half_width = *percent / 100;
  return until;
}

std::string to_string(const Until& until) {
  const auto name = std::ranges::find(kMetrics, until.metric, &MetricName::metric);
  // six digits: 0.999 * 100 is 99.9 to the eye, not to a double
  const std::string metric = name != kMetrics.end() ? std::string(name->word) : fmt::format("p{:.6g}", until.p * 100);
  return fmt::format("{} ± {:.6g}%", metric, until.half_width * 100);
}

}  // namespace loadgen::config
