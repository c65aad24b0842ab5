#include "stats/confidence.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <utility>

#include <boost/math/distributions/students_t.hpp>

namespace loadgen::stats {
namespace {

constexpr std::uint32_t kFewBatches = 20;
constexpr std::uint32_t kCellsToABatch = 10;  ///< with so many, more batches cost no independence
constexpr double kDependent = 0.3;            ///< lag-1 correlation of batches that are too short
constexpr double kLeastBeyond = 10;           ///< values beyond a percentile that is worth printing

/// What a batch adds to the two sums of a ratio.
struct Tally {
  double y = 0;
  double n = 0;
};

/// A ratio of sums over batches and its standard error; with too few batches for an interval that says little.
struct Ratio {
  double value = 0;
  double error = 0;
  std::uint32_t batches = 0;
  bool resolved() const { return batches >= kLeastBatches; }
  double half_width() const { return student_t((1 + kConfidence) / 2, batches - 1.0) * error; }
};

double ratio_of(std::span<const Tally> batches) {
  Tally sum;
  for (const Tally& batch : batches) sum = {sum.y + batch.y, sum.n + batch.n};
  return sum.n > 0 ? sum.y / sum.n : 0;
}

/// Lag-1 autocorrelation of the residuals, which add up to 0; 0 when there is nothing to correlate.
double lag_one_correlation(std::span<const Tally> batches, double ratio) {
  double products = 0, squares = 0, before = 0;
  for (const Tally& batch : batches) {
    const double residual = batch.y - ratio * batch.n;
    products += residual * before;
    squares += residual * residual;
    before = residual;
  }
  return squares > 0 ? products / squares : 0;
}

/// The correlation of n independent values is about normal, with mean -1/n and deviation 1/sqrt(n) (Bartlett 1946): of
/// few, even 0.3 is chance. What one set in twenty exceeds is the least that says anything.
bool dependent(std::span<const Tally> batches, double ratio) {
  const auto n = static_cast<double>(batches.size());
  return lag_one_correlation(batches, ratio) > std::max(kDependent, 1.645 / std::sqrt(n) - 1 / n);
}

/// Neighbours added up by pairs; the last of an odd number joins the pair before it.
std::vector<Tally> joined(std::span<const Tally> batches) {
  std::vector<Tally> pairs(batches.size() / 2);
  for (std::size_t i = 0; i < batches.size(); ++i) {
    Tally& pair = pairs[std::min(i / 2, pairs.size() - 1)];
    pair = {pair.y + batches[i].y, pair.n + batches[i].n};
  }
  return pairs;
}

Ratio estimate_ratio(std::vector<Tally> batches) {
  // An empty batch says nothing, and counting it would make few values look like many batches that agree.
  std::erase_if(batches, [](const Tally& batch) { return batch.n <= 0; });
  Ratio ratio{.value = ratio_of(batches)};
  while (batches.size() >= kLeastBatches && dependent(batches, ratio.value)) batches = joined(batches);
  ratio.batches = static_cast<std::uint32_t>(batches.size());
  if (ratio.batches < 2) return ratio;
  double squares = 0, n = 0;
  for (const Tally& batch : batches) {
    squares += std::pow(batch.y - ratio.value * batch.n, 2);
    n += batch.n;
  }
  const auto count = static_cast<double>(batches.size());
  ratio.error = std::sqrt(count / (count - 1) * squares) / n;
  return ratio;
}

/// The batches that are missing, as a factor of the run's length.
double run_longer_for_batches(std::uint32_t batches) {
  return batches == 0 ? 0 : static_cast<double>(kLeastBatches) / batches;
}

/// Means and rates: value +- half width, in the unit that scale turns the ratio into.
Estimate symmetric(const Ratio& ratio, double scale, std::uint64_t n) {
  Estimate estimate{.value = ratio.value * scale, .n = n, .batches = ratio.batches};
  if (!ratio.resolved()) {
    estimate.resolution = Resolution::too_short;
    estimate.run_longer = run_longer_for_batches(ratio.batches);
    return estimate;
  }
  const double half = ratio.half_width() * scale;
  estimate.resolution = Resolution::resolved;
  estimate.low = std::max(estimate.value - half, 0.0);
  estimate.high = estimate.value + half;
  return estimate;
}

double ns_of(Duration value) {
  return static_cast<double>(value.count());
}

std::size_t bucket_of(Duration value) {
  return Histogram::index_of(std::min(value.count(), Histogram::kHighest));
}

/// A value may lie anywhere in its bucket, and at_rank() names the bucket's upper end: the lower one, for a low end.
double low_end(const Histogram& values, Duration value) {
  return std::max(static_cast<double>(Histogram::lowest_of(bucket_of(value))), ns_of(values.min()));
}

std::uint64_t all_of(const Stretch& stretch) {
  return stretch.values.count() + stretch.cut_off.count() + stretch.lost;
}

std::vector<Stretch> batched(std::vector<Stretch> cells) {
  const auto n = static_cast<std::uint32_t>(cells.size());
  if (batch_count(n) == n) return cells;
  std::vector<Stretch> batches(batch_count(n));
  for (std::uint32_t i = 0; i < n; ++i) batches[batch_of(i, n)].merge(cells[i]);
  return batches;
}

/// The p-quantile of all when each cut-off value ended right at its bound: none can be smaller than this.
Duration least_quantile(const Stretch& pooled, const Histogram& bounds, std::uint64_t rank) {
  const Duration value = rank <= bounds.count() ? bounds.at_rank(rank) : bounds.max();
  // A bucket's upper end may lie above the time-out that most of its values are.
  const bool same_bucket = pooled.cut_off.count() > 0 && bucket_of(value) == bucket_of(pooled.cut_off.max());
  return same_bucket ? std::min(value, pooled.cut_off.max()) : value;
}

}  // namespace

void Stretch::merge(const Stretch& other) {
  values.merge(other.values);
  cut_off.merge(other.cut_off);
  lost += other.lost;
}

double Estimate::relative_half_width() const {
  if (resolution != Resolution::resolved || value <= 0) return std::numeric_limits<double>::infinity();
  return (high - low) / 2 / value;
}

std::uint32_t batch_count(std::uint32_t cells) {
  if (cells <= kMostBatches) return cells;
  return cells < kMostBatches * kCellsToABatch ? kFewBatches : kMostBatches;
}

std::uint32_t batch_of(std::uint32_t cell, std::uint32_t cells) {
  assert(cell < cells);
  return static_cast<std::uint32_t>(std::uint64_t{cell} * batch_count(cells) / cells);
}

BatchMeans::BatchMeans(std::vector<Stretch> cells) : batches_(batched(std::move(cells))) {
  for (const Stretch& batch : batches_) pooled_.merge(batch);
  bounds_ = pooled_.values;
  bounds_.merge(pooled_.cut_off);
}

Estimate BatchMeans::percentile(double p) const {
  assert(p > 0 && p < 1);
  Estimate estimate{.n = all_of(pooled_)};
  if (estimate.n == 0) return estimate;
  const auto n = static_cast<double>(estimate.n);
  const std::uint64_t rank = Histogram::rank_of(p, estimate.n);
  const Duration least = least_quantile(pooled_, bounds_, rank);
  const bool reached = rank <= pooled_.values.count();
  const Duration most = reached ? pooled_.values.at_rank(rank) : Duration::max();
  estimate.at_least = !reached || bucket_of(most) > bucket_of(least) + 1;
  estimate.value = ns_of(estimate.at_least ? least : most);
  const double beyond = n * (1 - p);
  if (beyond < kLeastBeyond * (1 - 1e-9)) {  // 1000 * (1 - 0.99) is ten, but for rounding
    estimate.resolution = Resolution::too_few;
    estimate.run_longer = kLeastBeyond / beyond;
    return estimate;
  }
  if (!estimate.at_least) return woodruff(estimate, p);
  estimate.resolution = Resolution::upper_open;
  estimate.low = estimate.value;
  return estimate;
}

/// The interval of an estimate whose value is known.
Estimate BatchMeans::woodruff(Estimate estimate, double p) const {
  const Histogram& values = pooled_.values;
  const Duration quantile(static_cast<std::int64_t>(estimate.value));
  std::vector<Tally> exceedances;
  for (const Stretch& batch : batches_) {
    const auto n = static_cast<double>(all_of(batch));
    exceedances.push_back({n - static_cast<double>(batch.values.count_up_to(quantile)), n});
  }
  // Not 1 - p: a bucket that holds many values lifts the share at or below it above p.
  const Ratio beyond = estimate_ratio(std::move(exceedances));
  estimate.batches = beyond.batches;
  if (!beyond.resolved()) {
    estimate.resolution = Resolution::too_short;
    estimate.run_longer = run_longer_for_batches(beyond.batches);
    return estimate;
  }
  if (beyond.error > 0) estimate.n_effective = beyond.value * (1 - beyond.value) / (beyond.error * beyond.error);
  const double h = beyond.half_width();
  estimate.low = p > h ? low_end(values, values.at_rank(Histogram::rank_of(p - h, estimate.n))) : ns_of(values.min());
  // The quantile function is known up to the last value but one, and up to the first cut-off one.
  const auto n = static_cast<double>(estimate.n);
  const double room = std::min(1 - 1 / n, static_cast<double>(values.count()) / n) - p;
  if (h >= room) {
    estimate.resolution = Resolution::upper_open;
    // h shrinks with the square root of the run's length, and must come below the room.
    if (room > 0) estimate.run_longer = std::pow(h / room, 2);
    return estimate;
  }
  estimate.resolution = Resolution::resolved;
  estimate.high = ns_of(values.at_rank(Histogram::rank_of(p + h, estimate.n)));
  return estimate;
}

Estimate BatchMeans::mean() const {
  const Histogram& values = pooled_.values;
  if (values.count() == 0) return {};
  std::vector<Tally> sums;
  for (const Stretch& batch : batches_)
    sums.push_back({ns_of(batch.values.sum()), static_cast<double>(batch.values.count())});
  const Ratio ratio = estimate_ratio(std::move(sums));
  Estimate estimate = symmetric(ratio, 1, values.count());
  if (values.count() < kLeastBatches) estimate.resolution = Resolution::too_few;
  if (ratio.resolved() && ratio.error > 0) estimate.n_effective = std::pow(values.stddev_ns() / ratio.error, 2);
  return estimate;
}

Estimate rate(std::span<const std::uint64_t> counts, Duration cell) {
  const auto cells = static_cast<std::uint32_t>(counts.size());
  std::vector<Tally> batches(batch_count(cells));
  std::uint64_t n = 0;
  for (std::uint32_t i = 0; i < cells; ++i) {
    Tally& batch = batches[batch_of(i, cells)];
    batch = {batch.y + static_cast<double>(counts[i]), batch.n + 1};
    n += counts[i];
  }
  if (n == 0) return {};
  return symmetric(estimate_ratio(std::move(batches)), 1 / seconds(cell), n);
}

Estimate share(std::span<const Part> cells) {
  const auto count = static_cast<std::uint32_t>(cells.size());
  std::vector<Tally> batches(batch_count(count));
  Estimate estimate;
  for (std::uint32_t i = 0; i < count; ++i) {
    Tally& batch = batches[batch_of(i, count)];
    batch = {batch.y + static_cast<double>(cells[i].part), batch.n + static_cast<double>(cells[i].whole)};
    estimate.n += cells[i].whole;
  }
  if (estimate.n == 0) return {};
  const Ratio ratio = estimate_ratio(std::move(batches));
  const double r = ratio.value;
  auto n = static_cast<double>(estimate.n);
  double t = kNormalQuantile;
  if (ratio.error > 0) {
    n = std::min(n, r * (1 - r) / (ratio.error * ratio.error));
    t = student_t((1 + kConfidence) / 2, ratio.batches - 1.0);
  }
  const double middle = (r + t * t / (2 * n)) / (1 + t * t / n);
  const double half = t / (1 + t * t / n) * std::sqrt(r * (1 - r) / n + t * t / (4 * n * n));
  estimate.value = r;
  estimate.low = r <= 0 ? 0 : std::max(0.0, middle - half);
  estimate.high = r >= 1 ? 1 : std::min(1.0, middle + half);
  estimate.resolution = Resolution::resolved;
  estimate.n_effective = n;
  estimate.batches = ratio.batches;
  return estimate;
}

double student_t(double p, double df) {
  return boost::math::quantile(boost::math::students_t_distribution<double>(df), p);
}

std::uint64_t least_values(double p) {
  assert(p > 0 && p < 1);
  return static_cast<std::uint64_t>(std::ceil(std::log(1 - kConfidence) / std::log(p)));
}

}  // namespace loadgen::stats
