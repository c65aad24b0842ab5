#include "report/csv.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/escape.hpp"
#include "report/page.hpp"

namespace loadgen::report {
namespace {

template <class Nanoseconds>
std::string ms3(Nanoseconds ns) {
  return fmt::format("{:.3f}", static_cast<double>(ns) / 1e6);
}

/// The other columns have the decimals that JMeter saves. Nothing was completed: no times.
std::string line(const Row& row) {
  const auto time = [&](auto ns) { return row.completed > 0 ? ms3(ns) : std::string(); };
  const auto& percentiles = row.elapsed.percentiles_ns;
  const std::vector<std::string> cells{for_csv(shown(row.label)),
                                       std::to_string(row.completed),
                                       time(row.elapsed.mean_ns),
                                       time(percentiles[kP50]),
                                       time(percentiles[kP90]),
                                       time(percentiles[kP95]),
                                       time(percentiles[kP99]),
                                       time(row.elapsed.min_ns),
                                       time(row.elapsed.max_ns),
                                       time(row.elapsed.stddev_ns),
                                       fmt::format("{:.3f}%", 100 * row.error_rate),
                                       fmt::format("{:.5f}", row.rps),
                                       fmt::format("{:.2f}", row.received_kib_per_s),
                                       fmt::format("{:.2f}", row.sent_kib_per_s),
                                       fmt::format("{:.1f}", row.average_bytes)};
  return fmt::format("{}\n", fmt::join(cells, ","));
}

}  // namespace

std::string csv(const Summary& summary) {
  std::string out =
      "Label,# Samples,Average,Median,90% Line,95% Line,99% Line,Min,Max,Std. Dev.,Error %,Throughput,"
      "Received KB/sec,Sent KB/sec,Avg. Bytes\n";
  for (const Row& row : summary.labels) out += line(row);
  return out + line(summary.total);
}

}  // namespace loadgen::report
