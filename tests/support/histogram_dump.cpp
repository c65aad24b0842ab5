// Our histogram, for other languages to look at: values (ns) one a line on stdin; on stdout its count, its percentiles
// and every bucket that holds something, as "bucket LOWEST_VALUE COUNT". tests/hdr_interop_test.py reads it.

#include <array>
#include <cstdint>
#include <iostream>

#include "stats/histogram.hpp"

int main() {
  using loadgen::Duration;
  using loadgen::stats::Histogram;

  Histogram histogram;
  for (std::int64_t value = 0; std::cin >> value;) histogram.record(Duration(value));
  if (!std::cin.eof()) {
    std::cerr << "histogram_dump: stdin takes whole nanoseconds, one value a line\n";
    return 64;
  }

  struct Row {
    const char* name;
    double p;
  };
  constexpr std::array<Row, 5> kRows{{{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}}};
  std::cout << "count " << histogram.count() << '\n';
  for (const auto& [name, p] : kRows) std::cout << name << ' ' << histogram.percentile(p).count() << '\n';
  std::cout << "max " << histogram.max().count() << '\n';
  for (std::size_t i = 0; i < Histogram::kCounts; ++i)
    if (histogram.counts()[i] != 0)
      std::cout << "bucket " << Histogram::lowest_of(i) << ' ' << histogram.counts()[i] << '\n';
}
