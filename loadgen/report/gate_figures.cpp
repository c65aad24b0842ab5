#include "report/gate_figures.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace loadgen::report {
namespace {

using config::Threshold;
using stats::Sight;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLeastBeyond = 10;  ///< values beyond a percentile, so that it is one

double ns_of(Duration time) {
  return static_cast<double>(time.count());
}

/// A count, or an extreme: it is what it is.
Sight exact(double value, std::uint64_t n) {
  return {.figure = {.value = value,
                     .low = value,
                     .high = value,
                     .resolution = n > 0 ? stats::Resolution::resolved : stats::Resolution::empty,
                     .n = n},
          .smallest = value,
          .largest = value};
}

/// The highest percentile below p that so many values allow, at its low end: p lies above that too.
double below(const stats::BatchMeans& batches, double p, std::uint64_t n) {
  const double highest = 1 - kLeastBeyond / static_cast<double>(n);
  if (highest <= 0 || highest >= p) return 0;
  const stats::Estimate estimate = batches.percentile(highest);
  const bool known =
      estimate.resolution == stats::Resolution::resolved || estimate.resolution == stats::Resolution::upper_open;
  return known ? estimate.low : 0;
}

/// The longest of all; what was cut off or never sent took at least its bound.
Sight longest(const stats::Stretch& pooled) {
  const Duration value = std::max(pooled.values.max(), pooled.cut_off.max());
  const std::uint64_t unknown = pooled.cut_off.count() + pooled.lost;
  Sight sight = exact(ns_of(value), pooled.values.count() + unknown);
  if (unknown == 0 || sight.figure.n == 0) return sight;
  sight.figure.at_least = true;
  sight.figure.resolution = stats::Resolution::upper_open;
  sight.largest = kInfinity;
  return sight;
}

Sight sight_of(const stats::BatchMeans& batches, const Threshold& threshold) {
  const stats::Stretch& pooled = batches.pooled();
  if (threshold.metric == Threshold::Metric::max) return longest(pooled);
  if (threshold.metric == Threshold::Metric::min) return exact(ns_of(pooled.values.min()), pooled.values.count());
  Sight sight;
  sight.smallest = ns_of(pooled.values.min());
  if (pooled.cut_off.count() > 0)
    sight.smallest = std::min(pooled.values.count() > 0 ? sight.smallest : kInfinity, ns_of(pooled.cut_off.min()));
  sight.largest = pooled.cut_off.count() + pooled.lost > 0 ? kInfinity : ns_of(pooled.values.max());
  if (threshold.metric == Threshold::Metric::mean) {
    sight.figure = mean_of(batches);
    return sight;
  }
  sight.figure = batches.percentile(threshold.p);
  if (sight.figure.resolution == stats::Resolution::too_few) sight.beyond = below(batches, threshold.p, sight.figure.n);
  return sight;
}

}  // namespace

Sight GateFigures::of(const Threshold& threshold, stats::CellRange range) const {
  Sight sight = figure_of(threshold, range);
  if (sight.figure.resolution == stats::Resolution::too_short) add_parts(threshold, range, sight);
  return sight;
}

/// Without enough independent batches: the same figure of six parts. All of six independent ones lie on one side of
/// their true median in one case of 2^5, so that the smallest and the largest make an interval of 97 %.
void GateFigures::add_parts(const Threshold& threshold, stats::CellRange range, Sight& sight) const {
  constexpr std::uint32_t kParts = 6;
  const std::uint32_t cells = range.last - range.first;
  if (cells < kParts) return;
  double smallest = kInfinity;
  double largest = 0;
  for (std::uint32_t i = 0; i < kParts; ++i) {
    const Sight part = figure_of(threshold, {range.first + i * cells / kParts, range.first + (i + 1) * cells / kParts});
    if (part.figure.resolution == stats::Resolution::empty) return;
    smallest = std::min(smallest, part.figure.value);
    largest = std::max(largest, part.figure.at_least ? kInfinity : part.figure.value);
  }
  sight.smallest = smallest;
  sight.largest = largest;
}

Sight GateFigures::figure_of(const Threshold& threshold, stats::CellRange range) const {
  switch (threshold.metric) {
    case Threshold::Metric::percentile:
    case Threshold::Metric::mean:
    case Threshold::Metric::min:
    case Threshold::Metric::max:
      return time_of(threshold, range);
    case Threshold::Metric::error_rate:
      return errors_of(threshold, range);
    case Threshold::Metric::rps:
      return rate_of(range);
    case Threshold::Metric::delivered:
      return delivered_of(range);
  }
  return {};
}

std::optional<std::size_t> GateFigures::label_of(const Threshold& threshold) const {
  const auto found = std::ranges::find(e_.record.labels, threshold.label);
  if (threshold.label.empty() || found == e_.record.labels.end()) return std::nullopt;
  return static_cast<std::size_t>(found - e_.record.labels.begin());
}

Sight GateFigures::time_of(const Threshold& threshold, stats::CellRange range) const {
  const auto label = label_of(threshold);
  const auto series = static_cast<stats::Series>(threshold.series);
  std::vector<stats::Stretch> stretches = index_.stretches(series, Batches(range, e_.measured.extent),
                                                           label ? static_cast<int>(*label) : SeriesIndex::kAllLabels);
  if (stretches.empty()) return {};
  // When a request was lost is not recorded, nor of which label it was: they count in the whole window's figures.
  const bool whole = range.first == window().cells.first && range.last == window().cells.last;
  if (whole && !label && series == stats::Series::response) stretches.back().lost += e_.measured.total.response.lost;
  return sight_of(stats::BatchMeans(std::move(stretches)), threshold);
}

/// Failed, timed out or unfinished, of all that were due in the range; of one label of all that were sent.
Sight GateFigures::errors_of(const Threshold& threshold, stats::CellRange range) const {
  std::vector<stats::Part> parts;
  if (const auto label = label_of(threshold)) {
    const stats::Outcomes& outcomes = e_.record.recorder.labels()[*label].outcomes;
    parts.push_back({outcomes.failed() + outcomes.unfinished, outcomes.sent()});
  } else {
    const Batches batches(range, e_.measured.extent);
    parts.resize(batches.count());
    const auto& cells = e_.record.recorder.cells();
    for (std::uint32_t cell = range.first; cell < std::min<std::size_t>(range.last, cells.size()); ++cell) {
      const std::uint64_t failed = cells[cell].failed + cells[cell].cut_off;
      if (const auto batch = batches.of(cell)) {
        parts[*batch].part += failed;
        parts[*batch].whole += failed + cells[cell].succeeded;
      }
    }
  }
  Sight sight{.figure = stats::share(parts)};
  // Whether there was any, or nothing else, is a matter of counting.
  if (threshold.limit == 0 || threshold.limit == 1) sight = exact(sight.figure.value, sight.figure.n);
  return sight;
}

Sight GateFigures::rate_of(stats::CellRange range) const {
  // Past the first minute cells are five times as long: what crosses it begins with a whole second.
  constexpr auto kPerSecond = static_cast<std::uint32_t>(stats::kCoarseCell / stats::kFineCell);
  if (range.first < stats::kFineCells && range.last > stats::kFineCells)
    range.first = (range.first + kPerSecond - 1) / kPerSecond * kPerSecond;
  const EvenCells even = even_cells(range, e_.measured.extent);
  std::vector<std::uint64_t> counts;
  const auto& cells = e_.record.recorder.cells();
  for (const stats::CellRange& stretch : even.cells) {
    std::uint64_t& count = counts.emplace_back();
    for (std::uint32_t cell = stretch.first; cell < std::min<std::size_t>(stretch.last, cells.size()); ++cell)
      count += cells[cell].ended.completed;
  }
  Sight sight{.figure = stats::rate(counts, even.length)};
  if (counts.empty()) return sight;
  if (sight.figure.resolution == stats::Resolution::empty)  // nothing came: that is a rate
    sight.figure.resolution = stats::Resolution::resolved;
  const auto [least, most] = std::ranges::minmax(counts);
  sight.smallest = static_cast<double>(least) / seconds(even.length);
  sight.largest = static_cast<double>(most) / seconds(even.length);
  return sight;
}

/// What the report calls achieved, with the interval of the rate that it is made of. A ramp of users is one event of a
/// known size, and so is a closed loop, of which the ledger tells how much was sent: they have no interval.
Sight GateFigures::delivered_of(stats::CellRange range) const {
  const stats::Ledger& ledger = e_.record.ledger;
  const bool of_rate = e_.plan.has_arrivals() && e_.measured.rate.value > 0;
  if (!of_rate) {
    const double sent = static_cast<double>(ledger.sent) / std::max(1.0, static_cast<double>(ledger.planned));
    return exact(e_.achieved > 0 ? e_.achieved : sent, ledger.planned);
  }
  Sight sight = rate_of(range);
  const double scale = e_.achieved / e_.measured.rate.value;
  sight.figure.value *= scale;
  sight.figure.low *= scale;
  sight.figure.high *= scale;
  sight.smallest *= scale;
  sight.largest *= scale;
  return sight;
}

}  // namespace loadgen::report
