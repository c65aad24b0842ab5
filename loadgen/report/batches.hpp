#pragma once
// The interval record put together again: any range of cells as the batches that intervals are made of.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "report/distribution.hpp"
#include "report/window.hpp"
#include "stats/confidence.hpp"
#include "stats/interval_log.hpp"
#include "stats/recorder.hpp"

namespace loadgen::report {

/// A range of cells cut into consecutive batches of nearly equal length. A cell that is no whole one, which only the
/// end of the run has, goes with the last batch.
class Batches {
 public:
  Batches(stats::CellRange range, const Extent& extent);

  std::uint32_t count() const { return count_; }
  stats::CellRange range() const { return range_; }
  /// The batch of a cell; nullopt outside of the range.
  std::optional<std::uint32_t> of(std::uint32_t cell) const;
  /// The whole cells of the range, of which figures per second are made; all of them are consecutive.
  const EvenCells& even() const { return even_; }

 private:
  stats::CellRange range_;
  EvenCells even_;
  std::vector<std::uint32_t> batch_of_cell_;  ///< from range_.first on
  std::uint32_t count_ = 0;
};

/// The pieces of the interval logs, sorted by series and label in one walk.
class SeriesIndex {
 public:
  static constexpr int kAllLabels = -1;

  explicit SeriesIndex(const stats::Recorder& recorder);

  /// One Stretch a batch: the successes' values, and the lower bounds of what was cut off (whose send lag is a value).
  std::vector<stats::Stretch> stretches(stats::Series series, const Batches& batches, int label = kAllLabels) const;

 private:
  using Pieces = std::vector<stats::IntervalLog::Piece>;
  struct Label {
    std::array<Pieces, stats::kSeriesCount> values;
    std::array<Pieces, stats::kSeriesCount> cut_off;
  };
  std::vector<Label> labels_;
};

/// One series of a stretch of time, with how sure its figures are.
struct SeriesFigures {
  Distribution values;        ///< of successes
  std::uint64_t cut_off = 0;  ///< values known only to be "at least this"
  std::int64_t cut_off_max_ns = 0;
  std::uint64_t lost = 0;  ///< values of which nothing is known: dropped, or never sent
  stats::Estimate mean;
  std::array<stats::Estimate, kPercentiles.size()> percentiles{};  ///< in the order of kPercentiles
};

/// lost: counted as beyond every percentile.
SeriesFigures figures_of(std::vector<stats::Stretch> batches, std::uint64_t lost);

}  // namespace loadgen::report
