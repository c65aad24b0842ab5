#include "stats/stationarity.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

#include "stats/confidence.hpp"

namespace loadgen::stats {
namespace {

constexpr double kTrendP = 0.01;
constexpr double kLargeChange = 0.05;  ///< of the median

double sign(double x) {
  return static_cast<double>(x > 0) - static_cast<double>(x < 0);
}

/// The mean of the two middle values when there is no middle one; 0 when empty.
double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2;
}

/// change / |base|, where no change of nothing is none.
double relative(double change, double base) {
  if (change == 0) return 0;
  return base != 0 ? change / std::abs(base) : sign(change) * std::numeric_limits<double>::infinity();
}

/// The variance of Kendall's S when there is no trend: [n(n-1)(2n+5) - sum over ties t(t-1)(2t+5)] / 18.
double variance_of_s(std::span<const double> series) {
  const auto term = [](std::size_t count) {
    const auto n = static_cast<double>(count);
    return n * (n - 1) * (2 * n + 5);
  };
  std::vector<double> sorted(series.begin(), series.end());
  std::ranges::sort(sorted);
  double sum = term(sorted.size());
  for (auto from = sorted.begin(); from != sorted.end();) {
    const auto to = std::find_if(from, sorted.end(), [&](double x) { return x != *from; });
    sum -= term(static_cast<std::size_t>(to - from));
    from = to;
  }
  return sum / 18;
}

struct Third {
  double mean = 0;
  double half_width = 0;  ///< of the 95 % t interval of the mean
};

Third third(std::span<const double> part) {
  const auto n = static_cast<double>(part.size());
  const double mean = std::accumulate(part.begin(), part.end(), 0.0) / n;
  double squares = 0;
  for (const double x : part) squares += (x - mean) * (x - mean);
  return {mean, student_t((1 + kConfidence) / 2, n - 1) * std::sqrt(squares / (n - 1) / n)};
}

/// Means of so many neighbours; those that the last group lacks join it.
std::vector<double> averaged(std::span<const double> series, std::size_t neighbours) {
  const std::size_t groups = series.size() / neighbours;
  std::vector<double> means(groups);
  for (std::size_t g = 0; g < groups; ++g) {
    const std::size_t end = g + 1 == groups ? series.size() : (g + 1) * neighbours;
    const auto part = series.subspan(g * neighbours, end - g * neighbours);
    means[g] = std::accumulate(part.begin(), part.end(), 0.0) / static_cast<double>(part.size());
  }
  return means;
}

/// Ranks from 1; equal values share the mean of their ranks.
std::vector<double> ranks(std::span<const double> series) {
  std::vector<std::size_t> order(series.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return series[i]; });
  std::vector<double> result(series.size());
  for (std::size_t from = 0; from < order.size();) {
    std::size_t to = from;
    while (to < order.size() && series[order[to]] == series[order[from]]) ++to;
    for (std::size_t i = from; i < to; ++i) result[order[i]] = static_cast<double>(from + 1 + to) / 2;
    from = to;
  }
  return result;
}

}  // namespace

TrendTest trend(std::span<const double> series) {
  const std::size_t n = series.size();
  if (n < 2) return {};
  double s = 0;
  std::vector<double> slopes;
  slopes.reserve(n * (n - 1) / 2);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = i + 1; j < n; ++j) {
      s += sign(series[j] - series[i]);
      slopes.push_back((series[j] - series[i]) / static_cast<double>(j - i));
    }
  TrendTest test;
  // S moves in steps of two: one of them is taken back, as continuity correction.
  const double variance = variance_of_s(series);
  if (variance > 0) test.z = (s - sign(s)) / std::sqrt(variance);
  test.p = std::erfc(std::abs(test.z) / std::numbers::sqrt2);
  test.slope = median(std::move(slopes));
  test.relative_change = relative(test.slope * static_cast<double>(n - 1), median({series.begin(), series.end()}));
  return test;
}

std::optional<Stationarity> stationarity(std::span<const double> series) {
  if (series.size() < kLeastForTrend) return std::nullopt;
  const std::size_t neighbours = std::max<std::size_t>(series.size() / kPointsForTrend, 1);
  const std::vector<double> points = averaged(series, neighbours);
  Stationarity result{.test = trend(points)};
  result.test.slope /= static_cast<double>(neighbours);
  const std::span<const double> all(points);
  const Third first = third(all.first(points.size() / 3));
  const Third last = third(all.last(points.size() / 3));
  result.first_third = first.mean;
  result.last_third = last.mean;
  const bool trending = result.test.p < kTrendP && std::abs(result.test.relative_change) > kLargeChange;
  const double difference = std::abs(last.mean - first.mean);
  const bool apart = difference > first.half_width + last.half_width;
  const bool large = relative(difference, median(points)) > kLargeChange;
  result.stationary = !trending && !(apart && large);
  return result;
}

WarmUpEnd mser(std::span<const double> points) {
  const std::size_t n = points.size();
  WarmUpEnd end{.points = n / 2, .ended = false};
  double least = std::numeric_limits<double>::infinity();
  // From the back, so that mean and squares of what stays grow by one point at a time (Welford 1962).
  double mean = 0, squares = 0;
  for (std::size_t d = n; d-- > 0;) {
    const auto left = static_cast<double>(n - d);
    const double before = points[d] - mean;
    mean += before / left;
    squares += before * (points[d] - mean);
    const double error = squares / (left * left);
    if (d > n / 2 || error > least) continue;
    least = error;
    end.points = d;
  }
  end.ended = end.points < n / 2;
  return end;
}

std::optional<double> lag_one_rank_correlation(std::span<const double> series) {
  if (series.size() < kLeastForTrend) return std::nullopt;
  const std::size_t n = series.size() - 1;
  const std::vector<double> now = ranks(series.first(n));
  const std::vector<double> later = ranks(series.last(n));
  const double mean = static_cast<double>(n + 1) / 2;
  double products = 0, squares_now = 0, squares_later = 0;
  for (std::size_t i = 0; i < n; ++i) {
    products += (now[i] - mean) * (later[i] - mean);
    squares_now += (now[i] - mean) * (now[i] - mean);
    squares_later += (later[i] - mean) * (later[i] - mean);
  }
  if (squares_now == 0 || squares_later == 0) return std::nullopt;
  return products / std::sqrt(squares_now * squares_later);
}

}  // namespace loadgen::stats
