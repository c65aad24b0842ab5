#include "report/compare_metrics.hpp"

#include <limits>

namespace loadgen::report {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr double kNsInMs = 1e6;

const SeriesFigures& times_of(const Summary& summary) {
  const ThreeSeries& times = summary.total.times;
  return by_schedule(summary) ? times.response : times.service;
}

/// Too short for an interval of its own is no reason to leave a value out: the blocks make the interval.
double in_ms(const stats::Estimate& estimate) {
  using stats::Resolution;
  const bool is_value = estimate.resolution != Resolution::empty && estimate.resolution != Resolution::too_few;
  return is_value ? estimate.value / kNsInMs : kUnknown;
}

}  // namespace

bool by_schedule(const Summary& summary) {
  return summary.offered.model != "closed";
}

template <std::size_t index>
double percentile_ms(const Summary& summary) {
  return in_ms(times_of(summary).percentiles[index]);
}
template double percentile_ms<0>(const Summary&);
template double percentile_ms<1>(const Summary&);
template double percentile_ms<2>(const Summary&);
template double percentile_ms<3>(const Summary&);
template double percentile_ms<4>(const Summary&);

double mean_ms(const Summary& summary) {
  return in_ms(times_of(summary).mean);
}

double rate_of(const Summary& summary) {
  return summary.rate.resolution == stats::Resolution::empty ? kUnknown : summary.rate.value;
}

double error_percent(const Summary& summary) {
  return summary.total.completed > 0 ? 100 * summary.total.error_rate : kUnknown;
}

double server_cpu_unknown(const Summary&) {
  return kUnknown;
}

}  // namespace loadgen::report
