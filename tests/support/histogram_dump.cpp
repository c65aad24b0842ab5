// Our histogram and its files, for other languages to look at; tests/hdr_interop_test.py reads it.
// usage: histogram_dump [decode|base64|hlog|hgrm]
// Without an argument: values (ns) one a line on stdin; on stdout count, percentiles and every bucket that holds
// something, as "bucket LOWEST_VALUE COUNT". decode: the same of base64 on stdin. base64, hlog, hgrm: values on stdin,
// in that format on stdout; hlog puts each 1000 of them into a second, and the 10th of each into a line tagged
// "service".

#include <algorithm>
#include <array>
#include <cstdint>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/hdr.hpp"
#include "report/hdr_log.hpp"
#include "stats/histogram.hpp"

namespace {

using loadgen::Duration;
using loadgen::stats::Histogram;

constexpr int kUsage = 64;
constexpr std::size_t kASecond = 1000;

std::optional<std::vector<Duration>> read_values() {
  std::vector<Duration> values;
  for (std::int64_t value = 0; std::cin >> value;) values.emplace_back(value);
  if (std::cin.eof()) return values;
  std::cerr << "histogram_dump: stdin takes whole nanoseconds, one value a line\n";
  return std::nullopt;
}

void dump(const Histogram& histogram) {
  constexpr std::array<std::pair<const char*, double>, 5> kRows{
      {{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}}};
  std::cout << "count " << histogram.count() << '\n';
  for (const auto& [name, p] : kRows) std::cout << name << ' ' << histogram.percentile(p).count() << '\n';
  std::cout << "max " << histogram.max().count() << '\n';
  for (std::size_t i = 0; i < Histogram::kCounts; ++i)
    if (histogram.counts()[i] != 0)
      std::cout << "bucket " << Histogram::lowest_of(i) << ' ' << histogram.counts()[i] << '\n';
}

int decode() {
  std::string text;
  std::cin >> text;
  const auto histogram = loadgen::report::histogram_of_hdr_base64(text);
  if (histogram) return dump(*histogram), 0;
  std::cerr << "histogram_dump: " << histogram.error() << '\n';
  return kUsage;
}

/// Two series, a second of each for every kASecond values: all of them, and every tenth.
std::string hlog_of(const std::vector<Duration>& values) {
  std::vector<loadgen::report::HdrInterval> intervals;
  for (std::size_t begin = 0; begin < values.size(); begin += kASecond) {
    Histogram all, tenth;
    for (std::size_t i = begin; i < std::min(begin + kASecond, values.size()); ++i) {
      all.record(values[i]);
      if (i % 10 == 0) tenth.record(values[i]);
    }
    const std::chrono::seconds start(begin / kASecond);
    intervals.push_back(loadgen::report::hdr_interval(start, std::chrono::seconds(1), "", all));
    intervals.push_back(loadgen::report::hdr_interval(start, std::chrono::seconds(1), "service", tenth));
  }
  return loadgen::report::hlog("histogram_dump", std::chrono::system_clock::from_time_t(1'700'000'000),
                               std::move(intervals));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "";
  if (mode == "decode") return decode();
  const auto values = read_values();
  if (!values) return kUsage;
  Histogram histogram;
  for (const Duration value : *values) histogram.record(value);
  if (mode.empty()) return dump(histogram), 0;
  if (mode == "base64") std::cout << loadgen::report::hdr_base64(histogram) << '\n';
  if (mode == "hlog") std::cout << hlog_of(*values);
  if (mode == "hgrm") std::cout << loadgen::report::hgrm(histogram);
}
