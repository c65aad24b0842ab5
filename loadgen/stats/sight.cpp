#include "stats/sight.hpp"

#include <algorithm>
#include <limits>

namespace loadgen::stats {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLeastBeyond = 10;  ///< values beyond a percentile, so that it is one
/// With more unknown times than this the mean of the others is a bound only.
constexpr double kMostUnknown = 0.01;

double ns_of(Duration time) {
  return static_cast<double>(time.count());
}

/// The highest percentile below p that so many values allow, at its low end: p lies above that too.
double below(const BatchMeans& batches, double p, std::uint64_t n) {
  const double highest = 1 - kLeastBeyond / static_cast<double>(n);
  if (highest <= 0 || highest >= p) return 0;
  const Estimate estimate = batches.percentile(highest);
  const bool known = estimate.resolution == Resolution::resolved || estimate.resolution == Resolution::upper_open;
  return known ? estimate.low : 0;
}

/// The longest of all; what was cut off or never sent took at least its bound.
Sight longest(const Stretch& pooled) {
  const Duration value = std::max(pooled.values.max(), pooled.cut_off.max());
  const std::uint64_t unknown = pooled.cut_off.count() + pooled.lost;
  Sight sight = exact(ns_of(value), pooled.values.count() + unknown);
  if (unknown == 0 || sight.figure.n == 0) return sight;
  sight.figure.at_least = true;
  sight.figure.resolution = Resolution::upper_open;
  sight.largest = kInfinity;
  return sight;
}

}  // namespace

Sight exact(double value, std::uint64_t n) {
  return {.figure = {.value = value,
                     .low = value,
                     .high = value,
                     .resolution = n > 0 ? Resolution::resolved : Resolution::empty,
                     .n = n},
          .smallest = value,
          .largest = value};
}

Sight sight_of(const BatchMeans& batches, const TimeFigure& figure) {
  const Stretch& pooled = batches.pooled();
  if (figure.kind == TimeFigure::Kind::max) return longest(pooled);
  if (figure.kind == TimeFigure::Kind::min) return exact(ns_of(pooled.values.min()), pooled.values.count());
  Sight sight;
  sight.smallest = ns_of(pooled.values.min());
  if (pooled.cut_off.count() > 0)
    sight.smallest = std::min(pooled.values.count() > 0 ? sight.smallest : kInfinity, ns_of(pooled.cut_off.min()));
  sight.largest = pooled.cut_off.count() + pooled.lost > 0 ? kInfinity : ns_of(pooled.values.max());
  if (figure.kind == TimeFigure::Kind::mean) {
    sight.figure = mean_of(batches);
    return sight;
  }
  sight.figure = batches.percentile(figure.p);
  if (sight.figure.resolution == Resolution::too_few) sight.beyond = below(batches, figure.p, sight.figure.n);
  return sight;
}

Estimate mean_of(const BatchMeans& batches) {
  const Stretch& pooled = batches.pooled();
  Estimate mean = batches.mean();
  // The mean of the successes says little of the rest, which took longer or for ever.
  const std::uint64_t unknown = pooled.cut_off.count() + pooled.lost;
  const std::uint64_t all = pooled.values.count() + unknown;
  if (pooled.values.count() > 0 && static_cast<double>(unknown) > kMostUnknown * static_cast<double>(all)) {
    mean.at_least = true;
    mean.resolution = Resolution::upper_open;
    mean.low = mean.value;
  }
  return mean;
}

Sight share_of(std::span<const Part> cells, double limit) {
  Sight sight{.figure = share(cells)};
  if (limit == 0 || limit == 1) sight = exact(sight.figure.value, sight.figure.n);
  return sight;
}

Sight rate_of(std::span<const std::uint64_t> counts, Duration cell) {
  Sight sight{.figure = rate(counts, cell)};
  if (counts.empty()) return sight;
  if (sight.figure.resolution == Resolution::empty) sight.figure.resolution = Resolution::resolved;
  const auto [least, most] = std::ranges::minmax(counts);
  sight.smallest = static_cast<double>(least) / seconds(cell);
  sight.largest = static_cast<double>(most) / seconds(cell);
  return sight;
}

void hold_against(std::span<const Estimate> parts, Sight& sight) {
  double smallest = kInfinity;
  double largest = 0;
  for (const Estimate& part : parts) {
    if (part.resolution == Resolution::empty) return;
    smallest = std::min(smallest, part.value);
    largest = std::max(largest, part.at_least ? kInfinity : part.value);
  }
  sight.smallest = smallest;
  sight.largest = largest;
}

}  // namespace loadgen::stats
