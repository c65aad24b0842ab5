#include "report/batches.hpp"

#include <utility>

#include "stats/sight.hpp"

namespace loadgen::report {

Batches::Batches(stats::CellRange range, const Extent& extent) : range_(range) {
  if (range.first >= range.last) return;
  even_ = even_cells(range, extent);
  const auto n = static_cast<std::uint32_t>(even_.cells.size());
  count_ = n > 0 ? stats::batch_count(n) : 1;
  batch_of_cell_.assign(range.last - range.first, count_ - 1);
  for (std::uint32_t i = 0; i < n; ++i) {
    for (std::uint32_t cell = even_.cells[i].first; cell < even_.cells[i].last; ++cell)
      batch_of_cell_[cell - range.first] = stats::batch_of(i, n);
  }
}

std::optional<std::uint32_t> Batches::of(std::uint32_t cell) const {
  if (!range_.contains(cell) || batch_of_cell_.empty()) return std::nullopt;
  return batch_of_cell_[cell - range_.first];
}

SeriesIndex::SeriesIndex(const stats::Recorder& recorder) : labels_(recorder.labels().size()) {
  const auto sort = [this](const stats::IntervalLog& log, auto member) {
    stats::IntervalLog::Reader reader(log);
    for (stats::IntervalLog::Piece piece; reader.next(piece);)
      (labels_[piece.label].*member)[static_cast<std::size_t>(piece.series)].push_back(piece);
  };
  sort(recorder.intervals(), &Label::values);
  sort(recorder.cut_offs(), &Label::cut_off);
}

std::vector<stats::Stretch> SeriesIndex::stretches(stats::Series series, const Batches& batches, int label) const {
  std::vector<stats::Stretch> out(batches.count());
  const auto add = [&](const Pieces& pieces, stats::Histogram stats::Stretch::*histogram) {
    for (const stats::IntervalLog::Piece& piece : pieces) {
      if (const auto batch = batches.of(piece.cell)) piece.add_to(out[*batch].*histogram);
    }
  };
  const auto index = static_cast<std::size_t>(series);
  const std::size_t first = label == kAllLabels ? 0 : static_cast<std::size_t>(label);
  const std::size_t last = label == kAllLabels ? labels_.size() : first + 1;
  for (std::size_t i = first; i < last; ++i) {
    add(labels_[i].values[index], &stats::Stretch::values);
    // When a request was sent is known exactly, whatever came of it.
    add(labels_[i].cut_off[index],
        series == stats::Series::send_lag ? &stats::Stretch::values : &stats::Stretch::cut_off);
  }
  return out;
}

SeriesFigures figures_of(std::vector<stats::Stretch> batches, std::uint64_t lost) {
  if (batches.empty()) return {};
  batches.back().lost += lost;
  const stats::BatchMeans means(std::move(batches));
  SeriesFigures figures;
  figures.values = distribution_of(means.pooled().values);
  figures.cut_off = means.pooled().cut_off.count();
  figures.cut_off_max_ns = means.pooled().cut_off.max().count();
  figures.lost = means.pooled().lost;
  figures.mean = stats::mean_of(means);
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) figures.percentiles[i] = means.percentile(kPercentiles[i].p);
  return figures;
}

}  // namespace loadgen::report
