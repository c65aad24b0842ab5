#include "report/steadiness.hpp"

#include <algorithm>
#include <cmath>
#include <span>

#include <fmt/format.h>

#include "report/limits.hpp"

namespace loadgen::report {
namespace {

using stats::Series;
using stats::Stretch;

using Points = std::vector<double>;

/// A figure of every batch, per second of it; of whole cells only.
template <class Figure>
Points per_second(const stats::Recorder& recorder, const Batches& batches, Figure figure) {
  Points sums(batches.count());
  Points lengths(batches.count());
  for (const stats::CellRange& cells : batches.even().cells) {
    const std::uint32_t batch = *batches.of(cells.first);
    lengths[batch] += seconds(batches.even().length);
    for (std::uint32_t cell = cells.first; cell < cells.last && cell < recorder.cells().size(); ++cell)
      sums[batch] += static_cast<double>(figure(recorder.cells()[cell]));
  }
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] = lengths[i] > 0 ? sums[i] / lengths[i] : 0;
  return sums;
}

std::uint64_t completed_in(const stats::Cell& cell) {
  return cell.ended.completed;
}

/// The p-quantile of every batch, ns; batches without a value are left out.
Points quantiles(const std::vector<Stretch>& batches, double p) {
  Points points;
  for (const Stretch& batch : batches) {
    if (batch.values.count() > 0) points.push_back(static_cast<double>(batch.values.percentile(p).count()));
  }
  return points;
}

/// 1 + ln(x / median): a series around 1 whose relative changes are those of the logarithm's differences, so that a
/// single high p99 does not outweigh all others.
Points on_log_scale(const Points& points, double median) {
  Points out;
  for (const double x : points) out.push_back(1 + std::log(std::max(x, 1.0) / median));
  return out;
}

double median_of(Points points) {
  const auto middle = points.begin() + static_cast<std::ptrdiff_t>(points.size() / 2);
  std::nth_element(points.begin(), middle, points.end());
  return *middle;
}

double mean_of(std::span<const double> points) {
  double sum = 0;
  for (const double x : points) sum += x;
  return points.empty() ? 0 : sum / static_cast<double>(points.size());
}

/// A change that is no number, of a series whose median is 0, becomes one that run.json can hold.
double finite(double x) {
  return std::isfinite(x) ? x : std::copysign(1e9, x);
}

/// floor: the series' own unit; a smaller difference is what this machine's scheduler does by itself.
std::optional<Drift> drift_of(const char* name, const Points& points, const Points& tested, double floor) {
  const std::optional<stats::Stationarity> test = stats::stationarity(tested);
  if (!test) return std::nullopt;
  Drift drift{.series = name};
  drift.z = test->test.z;
  drift.p = test->test.p;
  drift.relative_change = finite(test->test.relative_change);
  const std::size_t third = points.size() / 3;
  drift.first_third = mean_of(std::span(points).first(third));
  drift.last_third = mean_of(std::span(points).last(third));
  drift.stationary = test->stationary || std::abs(drift.last_third - drift.first_third) < floor;
  return drift;
}

std::uint64_t fewest(const std::vector<Stretch>& batches) {
  std::uint64_t least = UINT64_MAX;
  for (const Stretch& batch : batches) least = std::min(least, batch.values.count());
  return batches.empty() ? 0 : least;
}

/// Cells as points of a second, from the window's begin on: what MSER looks at.
std::vector<stats::CellRange> points_of(const Window& window, const Extent& extent) {
  const EvenCells even = even_cells(window.cells, extent);
  const auto group = static_cast<std::size_t>(std::max<std::int64_t>(1, stats::kCoarseCell / even.length));
  std::vector<stats::CellRange> points;
  for (std::size_t i = 0; i + group <= even.cells.size(); i += group)
    points.push_back({even.cells[i].first, even.cells[i + group - 1].last});
  return points;
}

Span span_of(stats::CellRange cells) {
  return {stats::cell_begin(cells.first), stats::cell_begin(cells.last)};
}

/// The first stretch that would be measured: a warm-up is at the begin of a run.
Window first_stretch(const Timeline& timeline) {
  for (const Stage& stage : timeline.stages) {
    if (!stage.measured()) continue;
    Window window;
    window.cells = stage.cells;
    window.span = stage.span;
    return window;
  }
  return timeline.window;
}

}  // namespace

Steadiness steadiness_of(const stats::Recorder& recorder, const Window& window, const Batches& batches,
                         const std::vector<Stretch>& responses) {
  Steadiness out;
  if (window.empty()) {
    out.not_checked = "nothing is measured";
  } else if (!window.even) {
    out.not_checked = "the plan changes the load as it goes on";
  } else if (window.span.length() < kShortestSteady || batches.count() < stats::kLeastForTrend) {
    out.not_checked = fmt::format("the measured part lasts less than {:.0f} s", seconds(kShortestSteady));
  }
  if (!out.not_checked.empty()) return out;
  const auto note = [&](std::optional<Drift> drift) {
    if (drift) out.series.push_back(*std::move(drift));
  };
  const Points throughput = per_second(recorder, batches, completed_in);
  note(drift_of("throughput", throughput, throughput, 0));
  if (fewest(responses) >= kLeastForMedian) {
    const Points p50 = quantiles(responses, 0.5);
    note(drift_of("p50", p50, p50, kMedianDriftFloorNs));
    out.correlation = stats::lag_one_rank_correlation(p50).value_or(0);
  }
  if (fewest(responses) >= kLeastForTail) {
    const Points p99 = quantiles(responses, 0.99);
    note(drift_of("p99", p99, on_log_scale(p99, median_of(p99)), kTailDriftFloorNs));
  }
  return out;
}

Growth growth_of(const stats::Recorder& recorder, const Window& window, const Batches& batches,
                 const std::vector<Stretch>& responses) {
  Growth out;
  if (!window.even || batches.even().cells.size() < stats::kLeastForTrend) {
    out.not_checked = window.even ? "the measured part is too short" : "the plan changes the load as it goes on";
    return out;
  }
  const auto thirds = [](const Points& points, double& first, double& last) {
    first = mean_of(std::span(points).first(points.size() / 3));
    last = mean_of(std::span(points).last(points.size() / 3));
  };
  // Request-nanoseconds a second, over a second's nanoseconds: requests.
  Points in_flight = per_second(recorder, batches,
                                [](const stats::Cell& cell) { return static_cast<double>(cell.in_flight_ns) / 1e9; });
  out.in_flight = stats::trend(in_flight);
  out.in_flight.relative_change = finite(out.in_flight.relative_change);
  thirds(in_flight, out.in_flight_first, out.in_flight_last);
  const Points p50 = quantiles(responses, 0.5);
  if (p50.size() >= stats::kLeastForTrend) {
    out.response = stats::trend(p50);
    out.response.relative_change = finite(out.response.relative_change);
    thirds(p50, out.response_first, out.response_last);
  }
  return out;
}

WarmUpFound find_warm_up(const config::Plan& plan, const stats::RunRecord& record, const Extent& extent,
                         const SeriesIndex& index) {
  WarmUpFound out{.automatic = plan.warm_up.automatic, .time = plan.warm_up.time};
  if (!out.automatic) return out;
  const Window window = first_stretch(timeline_of(plan, extent, plan.warm_up.time));
  const std::vector<stats::CellRange> points = points_of(window, extent);
  if (points.size() < kLeastForWarmUp) return out;
  Points throughput, p50, p99;
  for (const stats::CellRange& point : points) {
    std::uint64_t completed = 0;
    for (std::uint32_t cell = point.first; cell < point.last && cell < record.recorder.cells().size(); ++cell)
      completed += completed_in(record.recorder.cells()[cell]);
    throughput.push_back(static_cast<double>(completed) / seconds(span_of(point).length()));
    const std::vector<Stretch> values = index.stretches(Series::response, Batches(point, extent));
    stats::Histogram all;
    for (const Stretch& value : values) all.merge(value.values);
    p50.push_back(static_cast<double>(all.percentile(0.50).count()));
    p99.push_back(static_cast<double>(all.percentile(0.99).count()));
  }
  out.found = true;
  for (const Points* series : {&throughput, &p50, &p99}) {
    const stats::WarmUpEnd end = stats::mser(*series);
    out.ended = out.ended && end.ended;
    if (end.points > 0) out.time = std::max(out.time, span_of(points[end.points - 1]).end);
  }
  return out;
}

}  // namespace loadgen::report
