#include "stats/signed_rank.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace loadgen::stats {
namespace {

std::vector<double> walsh_averages(std::span<const double> values) {
  std::vector<double> averages;
  averages.reserve(values.size() * (values.size() + 1) / 2);
  for (std::size_t i = 0; i < values.size(); ++i)
    for (std::size_t j = i; j < values.size(); ++j) averages.push_back((values[i] + values[j]) / 2);
  std::ranges::sort(averages);
  return averages;
}

}  // namespace

std::vector<double> signed_rank_distribution(std::uint32_t n) {
  std::vector<double> probability(std::size_t{n} * (n + 1) / 2 + 1, 0.0);
  probability[0] = 1;
  std::size_t reached = 0;
  for (std::size_t rank = 1; rank <= n; ++rank) {
    reached += rank;
    for (std::size_t w = reached; w < probability.size(); --w)
      probability[w] = (probability[w] + (w >= rank ? probability[w - rank] : 0)) / 2;
  }
  return probability;
}

std::optional<std::uint32_t> signed_rank_critical(std::uint32_t n, double alpha) {
  std::optional<std::uint32_t> critical;
  double sum = 0;
  for (const double probability : signed_rank_distribution(n)) {
    sum += probability;
    if (sum > alpha) return critical;
    critical = critical ? *critical + 1 : 0;
  }
  return critical;
}

PseudoMedian hodges_lehmann(std::span<const double> values, double alpha) {
  assert(!values.empty());
  const std::vector<double> averages = walsh_averages(values);
  const std::size_t n = averages.size();
  PseudoMedian median{.value = (averages[(n - 1) / 2] + averages[n / 2]) / 2,
                      .low = -std::numeric_limits<double>::infinity(),
                      .high = std::numeric_limits<double>::infinity()};
  if (const auto critical = signed_rank_critical(static_cast<std::uint32_t>(values.size()), alpha)) {
    median.low = averages[*critical];
    median.high = averages[n - 1 - *critical];
  }
  return median;
}

}  // namespace loadgen::stats
