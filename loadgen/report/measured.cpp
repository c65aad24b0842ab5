#include "report/measured.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "report/limits.hpp"

namespace loadgen::report {
namespace {

using stats::Cell;
using stats::CellRange;
using stats::RunRecord;
using stats::Series;

template <class Visit>
void for_cells(const stats::Recorder& recorder, CellRange range, Visit visit) {
  const auto last = std::min<std::size_t>(range.last, recorder.cells().size());
  for (std::size_t cell = range.first; cell < last; ++cell) visit(recorder.cells()[cell]);
}

/// Requests dropped or never sent that belong to a range of cells. When a request was lost is not recorded, only how
/// many were: a range that lacks requests which the plan has in it is taken to have lost them.
std::uint64_t lost_in(const RunRecord& record, double expected, std::uint64_t due, bool all_of_it) {
  const std::uint64_t lost = record.ledger.dropped + record.ledger.never_sent;
  if (all_of_it || lost == 0) return lost;
  const double missing = std::round(expected) - static_cast<double>(due);
  return missing > 0 ? std::min(lost, static_cast<std::uint64_t>(missing)) : 0;
}

ThreeSeries times_of(const SeriesIndex& index, const Batches& batches, std::uint64_t lost) {
  const auto figures = [&](Series series, std::uint64_t missing) {
    return figures_of(index.stretches(series, batches), missing);
  };
  // What was never sent has no service time and no send lag at all.
  return {figures(Series::response, lost), figures(Series::service, 0), figures(Series::send_lag, 0)};
}

struct WindowTimes {
  ThreeSeries total;
  std::vector<ThreeSeries> labels;
  std::vector<stats::Stretch> responses;  ///< of all labels, one a batch
};

/// Reads every piece once: the times of all labels are the sum of theirs.
WindowTimes window_times(const SeriesIndex& index, const Batches& batches, std::size_t labels, std::uint64_t lost) {
  WindowTimes out;
  out.labels.resize(labels);
  const auto read = [&](Series series, SeriesFigures ThreeSeries::*figures) {
    std::vector<stats::Stretch> sum(batches.count());
    for (std::size_t label = 0; label < labels; ++label) {
      std::vector<stats::Stretch> part = index.stretches(series, batches, static_cast<int>(label));
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i].merge(part[i]);
      // Of which label a lost request would have been is not recorded.
      out.labels[label].*figures = figures_of(std::move(part), 0);
    }
    return sum;
  };
  out.total.service = figures_of(read(Series::service, &ThreeSeries::service), 0);
  out.total.send_lag = figures_of(read(Series::send_lag, &ThreeSeries::send_lag), 0);
  out.responses = read(Series::response, &ThreeSeries::response);
  out.total.response = figures_of(out.responses, lost);
  return out;
}

stats::Estimate rate_of(const stats::Recorder& recorder, const EvenCells& even) {
  std::vector<std::uint64_t> counts;
  for (const CellRange& cells : even.cells) {
    std::uint64_t completed = 0;
    for_cells(recorder, cells, [&](const Cell& cell) { completed += cell.ended.completed; });
    counts.push_back(completed);
  }
  return stats::rate(counts, even.length);
}

StageFigures stage_of(const RunRecord& record, const SeriesIndex& index, const Stage& stage, const Measured& measured) {
  StageFigures out;
  out.stage = stage;
  for_cells(record.recorder, stage.cells, [&](const Cell& cell) {
    out.due += cell.due;
    out.succeeded += cell.succeeded;
    out.failed += cell.failed;
    out.cut_off += cell.cut_off;
  });
  const Batches batches(stage.cells, measured.extent);
  out.rate = rate_of(record.recorder, batches.even());
  if (!stage.measured()) return out;
  const bool only_one = measured.timeline.stages.size() == 1;
  const std::uint64_t lost = lost_in(record, stage.expected, out.due, only_one);
  // The only stage that is measured is most often the window, and its times are read already.
  const bool is_window = stage.cells == measured.timeline.window.cells && lost == measured.total.response.lost;
  out.times = is_window ? measured.total : times_of(index, batches, lost);
  return out;
}

/// Requests in flight at the begin of a cell: started before it and not ended.
double in_flight_at(const stats::Recorder& recorder, std::uint32_t at) {
  double in_flight = 0;
  for_cells(recorder, {0, at}, [&](const Cell& cell) {
    in_flight += static_cast<double>(cell.started) - static_cast<double>(cell.ended.completed);
  });
  return in_flight;
}

std::int64_t service_of(const stats::LabelRecord& total) {
  std::int64_t sum = 0;
  for (const auto outcome :
       {stats::OutcomeClass::succeeded, stats::OutcomeClass::failed, stats::OutcomeClass::cut_off}) {
    if (const stats::Times* times = total.times(outcome)) sum += times->service.sum().count();
  }
  return sum;
}

LittlesLaw littles_law_of(const RunRecord& record, const stats::LabelRecord& total, CellRange range, Span span) {
  const stats::Recorder& recorder = record.recorder;
  LittlesLaw law;
  law.requests_ns = service_of(total);
  double in_flight_ns = 0;
  stats::Tally ended;
  std::uint32_t cell_number = 0;
  for_cells(recorder, {}, [&](const Cell& cell) {
    law.cells_ns += cell.in_flight_ns;
    if (range.contains(cell_number++)) {
      in_flight_ns += static_cast<double>(cell.in_flight_ns);
      ended.merge(cell.ended);
    }
  });
  const double length_ns = static_cast<double>((stats::cell_begin(range.last) - span.begin).count());
  if (range.first >= range.last || in_flight_ns <= 0) return law;
  law.in_flight = in_flight_ns / length_ns;
  law.rate = 1e9 * static_cast<double>(ended.completed) / length_ns;
  const auto service_ns = static_cast<double>(ended.elapsed_sum.count());
  if (ended.completed > 0) law.service_s = service_ns / 1e9 / static_cast<double>(ended.completed);
  law.error = service_ns / in_flight_ns - 1;
  // A request in flight at an edge counts whole on one side and in part on the other: at most its whole service time.
  Duration longest{};
  for (const auto outcome :
       {stats::OutcomeClass::succeeded, stats::OutcomeClass::failed, stats::OutcomeClass::cut_off}) {
    if (const stats::Times* times = total.times(outcome)) longest = std::max(longest, times->service.max());
  }
  const double straddling = in_flight_at(recorder, range.first) + in_flight_at(recorder, range.last);
  law.edges = straddling * static_cast<double>(longest.count()) / in_flight_ns;
  return law;
}

std::vector<LateSecond> late_of(const stats::Recorder& recorder) {
  const std::size_t late_from = stats::Histogram::index_of(static_cast<std::int64_t>(kAddedFailedNs)) + 1;
  std::vector<LateSecond> out;
  stats::IntervalLog::Reader reader(recorder.intervals());
  for (stats::IntervalLog::Piece piece; reader.next(piece);) {
    if (piece.series != Series::send_lag) continue;
    const auto second = static_cast<std::size_t>(stats::cell_begin(piece.cell) / std::chrono::seconds(1));
    if (second >= out.size()) out.resize(second + 1);
    out[second].values += piece.exact.count;
    if (piece.exact.max_ns < stats::Histogram::lowest_of(late_from)) continue;
    stats::IntervalLog::for_each_count(piece, [&](std::size_t index, std::uint64_t count) {
      if (index < late_from) return;
      out[second].late += count;
      out[second].late_sum += static_cast<std::int64_t>(count) * Duration(stats::Histogram::highest_of(index));
    });
  }
  return out;
}

}  // namespace

Measured measure(const config::Plan& plan, const RunRecord& record) {
  const SeriesIndex index(record.recorder);
  Measured out;
  out.extent = extent_of(plan, record);
  out.warm_up = find_warm_up(plan, record, out.extent, index);
  out.timeline = timeline_of(plan, out.extent, out.warm_up.time);
  const Window& window = out.timeline.window;
  for_cells(record.recorder, window.cells, [&](const Cell& cell) {
    out.due += cell.due;
    out.started += cell.started;
  });
  const Batches batches(window.cells, out.extent);
  const std::uint64_t lost = lost_in(record, window.expected, out.due, window.excluded.empty());
  WindowTimes times = window_times(index, batches, record.labels.size(), lost);
  out.total = times.total;
  out.labels = std::move(times.labels);
  for (const Stage& stage : out.timeline.stages) out.stages.push_back(stage_of(record, index, stage, out));
  out.rate = rate_of(record.recorder, batches.even());
  for (const stats::Stretch& batch : times.responses) out.responses.merge(batch.values);
  out.steadiness = steadiness_of(record.recorder, window, batches, times.responses);
  out.growth = growth_of(record.recorder, window, batches, times.responses);
  out.littles_law = littles_law_of(record, record.recorder.total(), window.cells, window.span);
  out.late = late_of(record.recorder);
  return out;
}

}  // namespace loadgen::report
