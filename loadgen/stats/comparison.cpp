#include "stats/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include <boost/math/distributions/non_central_t.hpp>
#include <boost/math/distributions/students_t.hpp>

#include "stats/confidence.hpp"
#include "stats/signed_rank.hpp"

namespace loadgen::stats {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kPower = 0.8;        ///< how often a change of the detectable size is found
constexpr double kOrderAlpha = 0.01;  ///< two-sided, of an order effect

struct Sample {
  double n = 0;
  double mean = 0;
  double squares = 0;  ///< sum of squared residuals
  double spread() const { return n > 1 ? std::sqrt(squares / (n - 1)) : 0; }
};

Sample sample_of(std::span<const double> values) {
  Sample sample{.n = static_cast<double>(values.size())};
  if (values.empty()) return sample;
  sample.mean = std::accumulate(values.begin(), values.end(), 0.0) / sample.n;
  for (const double value : values) sample.squares += (value - sample.mean) * (value - sample.mean);
  return sample;
}

Decision by_bounds(double low, double high, double delta) {
  if (low > delta) return Decision::regression;
  if (high < -delta) return Decision::improved;
  return high <= delta ? Decision::pass : Decision::inconclusive;
}

/// Better and not worse agree in that it is not worse.
Decision agreed(Decision a, Decision b) {
  if (a == b) return a;
  const bool neither_worse = std::max(a, b) <= Decision::improved;
  return neither_worse ? Decision::pass : Decision::inconclusive;
}

/// Mean, bounds, p and decision from Student's t with n - 1 degrees of freedom.
Comparison by_student(const Sample& sample, double error, Margin margin) {
  const double df = sample.n - 1;
  const double half = student_t(1 - margin.alpha, df) * error;
  Comparison result{.blocks = static_cast<std::uint32_t>(sample.n),
                    .mean = sample.mean,
                    .low = sample.mean - half,
                    .high = sample.mean + half,
                    .spread = sample.spread()};
  const double beyond = sample.mean - margin.delta;
  if (error > 0)
    result.p = boost::math::cdf(boost::math::complement(boost::math::students_t(df), beyond / error));
  else
    result.p = beyond > 0 ? 0 : 1;
  result.decision = by_bounds(result.low, result.high, margin.delta);
  if (result.decision == Decision::inconclusive) result.doubt = Doubt::wide;
  return result;
}

void doubt(Comparison& comparison, Doubt why) {
  comparison.decision = Decision::inconclusive;
  comparison.doubt = why;
}

void ask_the_ranks(Comparison& comparison, std::span<const double> values, Margin margin) {
  if (values.size() < kRankedBlocks) return;
  const PseudoMedian median = hodges_lehmann(values, margin.alpha);
  comparison.ranked = std::isfinite(median.low);
  comparison.hodges_lehmann = median.value;
  if (!comparison.ranked) return;
  comparison.hl_low = median.low;
  comparison.hl_high = median.high;
  const Decision decision = agreed(comparison.decision, by_bounds(median.low, median.high, margin.delta));
  if (decision == Decision::inconclusive && comparison.decision != decision)
    doubt(comparison, Doubt::disagreement);
  else
    comparison.decision = decision;
}

/// A difference between few blocks that began so and few that began otherwise exceeds the margin now and then by chance
/// alone; it must also be more than that.
void ask_for_the_order(Comparison& comparison, std::span<const BlockDifference> blocks, Margin margin) {
  std::array<std::vector<double>, 2> groups;
  for (const BlockDifference& block : blocks) groups[block.candidate_first ? 1 : 0].push_back(block.d);
  const Sample base_first = sample_of(groups[0]), candidate_first = sample_of(groups[1]);
  if (base_first.n < 2 || candidate_first.n < 2) return;
  comparison.order_difference = candidate_first.mean - base_first.mean;
  const double df = base_first.n + candidate_first.n - 2;
  const double error =
      std::sqrt((base_first.squares + candidate_first.squares) / df * (1 / base_first.n + 1 / candidate_first.n));
  const double chance = student_t(1 - kOrderAlpha / 2, df) * error;
  if (std::abs(comparison.order_difference) > std::max(margin.delta, chance)) doubt(comparison, Doubt::order_effect);
}

/// No interval at all.
Comparison undecided(std::size_t blocks, double mean, Doubt why) {
  return {.blocks = static_cast<std::uint32_t>(blocks),
          .mean = mean,
          .low = -kInfinity,
          .high = kInfinity,
          .detectable = kInfinity,
          .doubt = why};
}

}  // namespace

Comparison compare(std::span<const BlockDifference> blocks, Margin margin) {
  std::vector<double> values;
  for (const BlockDifference& block : blocks) values.push_back(block.d);
  if (!std::ranges::all_of(values, [](double d) { return std::isfinite(d); }))
    return undecided(values.size(), 0, Doubt::not_finite);
  const Sample sample = sample_of(values);
  if (values.size() < 2) return undecided(values.size(), sample.mean, Doubt::too_few);
  Comparison result = by_student(sample, sample.spread() / std::sqrt(sample.n), margin);
  result.detectable = margin.delta + detectable_factor(result.blocks, margin.alpha) * result.spread;
  ask_the_ranks(result, values, margin);
  ask_for_the_order(result, blocks, margin);
  if (values.size() < kLeastBlocks) doubt(result, Doubt::too_few);
  return result;
}

double detectable_factor(std::uint32_t blocks, double alpha) {
  if (blocks < 2) return kInfinity;
  const double df = blocks - 1.0;
  return (student_t(1 - alpha, df) + student_t(kPower, df)) / std::sqrt(blocks);
}

std::uint32_t blocks_needed(double room, double spread, double alpha) {
  // The factor falls with the number of blocks: the first that will do is found by halving.
  const auto enough = [=](std::uint32_t blocks) { return detectable_factor(blocks, alpha) * spread <= room; };
  if (!enough(kMostBlocks)) return 0;
  std::uint32_t low = kLeastBlocks, high = kMostBlocks;
  while (low < high) {
    const std::uint32_t middle = (low + high) / 2;
    if (enough(middle))
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

double regression_rate(double truth, double spread, std::uint32_t blocks, Margin margin) {
  if (blocks < 2) return 0;
  const double beyond = truth - margin.delta;
  if (spread <= 0) return beyond > 0 ? 1 : 0;
  const double df = blocks - 1.0;
  const double noncentrality = beyond / spread * std::sqrt(blocks);
  // Further out the probability is 0 or 1 to all digits, and the series that compute it do not converge.
  constexpr double kFar = 30;
  if (std::abs(noncentrality) > kFar) return beyond > 0 ? 1 : 0;
  return boost::math::cdf(
      boost::math::complement(boost::math::non_central_t(df, noncentrality), student_t(1 - margin.alpha, df)));
}

std::vector<bool> holm(std::span<const double> p, double alpha) {
  std::vector<std::size_t> order(p.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return std::isnan(p[i]) ? kInfinity : p[i]; });
  std::vector<bool> survives(p.size(), false);
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (!(p[order[i]] <= alpha / static_cast<double>(p.size() - i))) break;
    survives[order[i]] = true;
  }
  return survives;
}

Comparison compare_with_history(std::span<const double> earlier, double value, Margin margin) {
  const auto finite = [](double x) { return std::isfinite(x); };
  if (!std::ranges::all_of(earlier, finite) || !finite(value)) return undecided(earlier.size(), 0, Doubt::not_finite);
  Sample history = sample_of(earlier);
  const double difference = value - history.mean;
  if (earlier.size() < 2) return undecided(earlier.size(), earlier.empty() ? 0 : difference, Doubt::too_few);
  const double factor = std::sqrt(1 + 1 / history.n);
  history.mean = difference;
  Comparison result = by_student(history, history.spread() * factor, margin);
  const double df = history.n - 1;
  result.detectable =
      margin.delta + (student_t(1 - margin.alpha, df) + student_t(kPower, df)) * factor * history.spread();
  if (earlier.size() < kLeastJobs) doubt(result, Doubt::too_few);
  return result;
}

std::string_view to_string(Decision decision) {
  constexpr std::array<std::string_view, 4> names{"PASS", "IMPROVED", "INCONCLUSIVE", "REGRESSION"};
  return names[static_cast<std::size_t>(decision)];
}

}  // namespace loadgen::stats
