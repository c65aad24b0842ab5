#include "run/precision.hpp"

#include <algorithm>

#include "run/schedule.hpp"

namespace loadgen::run {
namespace {

using stats::cell_begin;
using std::chrono::seconds;

std::uint32_t second_of(std::uint32_t cell) {
  return static_cast<std::uint32_t>(cell_begin(cell) / seconds(1));
}

}  // namespace

Precision::Precision(config::Until goal, const config::Plan& plan, std::size_t logs)
    : goal_(std::move(goal)), skipped_(seconds_to_skip(plan)), written_(logs) {}

void Precision::see(std::size_t log, const stats::IntervalLog::Piece& piece) {
  if (piece.series != stats::Series::response) return;
  const std::uint32_t second = second_of(piece.cell);
  // Cells are written in order, so that one written piece tells that all seconds before its own are complete.
  written_[log] = std::max(written_[log], second);
  if (second >= skipped_) add(piece, second - skipped_);
}

void Precision::add(const stats::IntervalLog::Piece& piece, std::uint32_t second) {
  while (second / stretch_seconds_ >= kMostStretches) join_pairs();
  const std::size_t index = second / stretch_seconds_;
  while (stretches_.size() <= index) stretches_.emplace_back();
  piece.add_to(stretches_[index].values);
}

/// So that memory and work stay bounded however long the run is.
void Precision::join_pairs() {
  for (std::size_t i = 1; i < stretches_.size(); i += 2) stretches_[i - 1].values.merge(stretches_[i].values);
  std::vector<stats::Stretch> joined;
  for (std::size_t i = 0; i < stretches_.size(); i += 2) joined.push_back(std::move(stretches_[i]));
  stretches_ = std::move(joined);
  stretch_seconds_ *= 2;
}

stats::Estimate Precision::estimate() const {
  const auto [slowest, fastest] = std::minmax_element(written_.begin(), written_.end());
  // A shard that has had nothing to write for long holds nobody up.
  const std::uint32_t complete = std::max(*slowest, *fastest > kPatience ? *fastest - kPatience : 0);
  const std::size_t whole = complete > skipped_ ? (complete - skipped_) / stretch_seconds_ : 0;
  if (whole < kLeastStretches) return {};
  const auto end = stretches_.begin() + static_cast<std::ptrdiff_t>(std::min(whole, stretches_.size()));
  if (goal_.metric == config::Until::Metric::rate) {
    std::vector<std::uint64_t> counts;
    for (auto it = stretches_.begin(); it != end; ++it) counts.push_back(it->values.count());
    return stats::rate(counts, seconds(stretch_seconds_));
  }
  const stats::BatchMeans batches(std::vector<stats::Stretch>(stretches_.begin(), end));
  return goal_.metric == config::Until::Metric::mean ? batches.mean() : batches.percentile(goal_.p);
}

bool Precision::reached() const {
  return estimate().relative_half_width() <= goal_.half_width;
}

}  // namespace loadgen::run
