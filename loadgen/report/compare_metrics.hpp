#pragma once
// The figures that targets are compared by.

#include <array>
#include <cstdint>
#include <string_view>

#include "report/summary.hpp"

namespace loadgen::report {

/// What a figure is made of, and so how it is compared and what spoils it.
enum class FigureKind : std::uint8_t {
  time,        ///< response times where a schedule says when requests go out, service times in a closed loop
  rate,        ///< how much was done: more is better
  share,       ///< compared by its difference: a ratio to a share of 0 says nothing
  server_cpu,  ///< by the target's own clock: a generator that is late or disturbed does not touch it
};

/// To add one: a row in kCompareMetrics.
struct CompareMetric {
  std::string_view name;  ///< as in `--metric NAME`
  std::string_view unit;
  FigureKind kind = FigureKind::time;
  double delta = 0.05;                        ///< margin when none is given, a fraction: relative; of a share, absolute
  double (*value)(const Summary&) = nullptr;  ///< in the unit; NaN: this run has none
  std::string_view description;
};

/// A percentile of the measured window in ms; NaN with fewer than ten values beyond it.
template <std::size_t index>
double percentile_ms(const Summary& summary);
double mean_ms(const Summary& summary);
double rate_of(const Summary& summary);
double error_percent(const Summary& summary);
/// NaN: not the generator's to know. Who starts the target reads its clock.
double server_cpu_unknown(const Summary& summary);

inline constexpr std::array<CompareMetric, 9> kCompareMetrics{{
    {"rps", "1/s", FigureKind::rate, 0.05, &rate_of, "completed requests a second of the measured window"},
    {"p50", "ms", FigureKind::time, 0.05, &percentile_ms<0>, "median"},
    {"p90", "ms", FigureKind::time, 0.10, &percentile_ms<1>, "90th percentile"},
    {"p95", "ms", FigureKind::time, 0.10, &percentile_ms<2>, "95th percentile"},
    {"p99", "ms", FigureKind::time, 0.10, &percentile_ms<3>, "99th percentile"},
    {"p99.9", "ms", FigureKind::time, 0.20, &percentile_ms<4>, "99.9th percentile"},
    {"mean", "ms", FigureKind::time, 0.10, &mean_ms, "mean of the successes"},
    {"error_rate", "%", FigureKind::share, 0.001, &error_percent, "failed over completed, of the whole slice"},
    {"server_cpu", "us", FigureKind::server_cpu, 0.05, &server_cpu_unknown, "CPU time of the target a request"},
}};

/// The row of that name; nullptr when there is none.
constexpr const CompareMetric* find_compare_metric(std::string_view name) {
  for (const CompareMetric& metric : kCompareMetrics)
    if (metric.name == name) return &metric;
  return nullptr;
}

/// A schedule says when requests go out, and response times count; in a closed loop it is service times.
bool by_schedule(const Summary& summary);

}  // namespace loadgen::report
