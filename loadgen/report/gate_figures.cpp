#include "report/gate_figures.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "stats/sight.hpp"

namespace loadgen::report {

using config::Threshold;
using stats::Sight;

namespace {

/// What a target does by itself, however late or disturbed the generator is. A time-out may be the generator's, which
/// did not read what had come.
constexpr std::array<ErrorKind, 21> kByTarget{ErrorKind::connect_refused,
                                              ErrorKind::connect_unreachable,
                                              ErrorKind::tls,
                                              ErrorKind::certificate_expired,
                                              ErrorKind::certificate_name,
                                              ErrorKind::certificate_self_signed,
                                              ErrorKind::certificate_untrusted,
                                              ErrorKind::reset,
                                              ErrorKind::no_http2,
                                              ErrorKind::stream_reset,
                                              ErrorKind::stream_refused,
                                              ErrorKind::closed_before_response,
                                              ErrorKind::closed_mid_body,
                                              ErrorKind::malformed_response,
                                              ErrorKind::response_too_large,
                                              ErrorKind::too_many_redirects,
                                              ErrorKind::redirect_elsewhere,
                                              ErrorKind::redirect_unusable,
                                              ErrorKind::digest_unsupported,
                                              ErrorKind::status,
                                              ErrorKind::expectation};

std::uint64_t failed_by_target(const stats::Outcomes& outcomes) {
  std::uint64_t sum = 0;
  for (const ErrorKind kind : kByTarget) sum += outcomes.failed_by_kind[static_cast<std::size_t>(kind)];
  return sum;
}

/// Takes so many from the parts, from each in proportion to what it has, and rounds what is left down.
void take_from(std::vector<stats::Part>& parts, std::uint64_t taken) {
  std::uint64_t all = 0;
  for (const stats::Part& part : parts) all += part.part;
  if (taken == 0 || all == 0) return;
  const double left = static_cast<double>(all - std::min(taken, all)) / static_cast<double>(all);
  for (stats::Part& part : parts) part.part = static_cast<std::uint64_t>(static_cast<double>(part.part) * left);
}

}  // namespace

Sight GateFigures::of(const Threshold& threshold, stats::CellRange range) const {
  Sight sight = figure_of(threshold, range);
  if (sight.figure.resolution == stats::Resolution::too_short) add_parts(threshold, range, sight);
  return sight;
}

/// Without enough independent batches: the same figure of six parts.
void GateFigures::add_parts(const Threshold& threshold, stats::CellRange range, Sight& sight) const {
  const std::uint32_t cells = range.last - range.first;
  if (cells < stats::kParts) return;
  std::array<stats::Estimate, stats::kParts> parts;
  for (std::uint32_t i = 0; i < stats::kParts; ++i)
    parts[i] =
        figure_of(threshold, {range.first + i * cells / stats::kParts, range.first + (i + 1) * cells / stats::kParts})
            .figure;
  stats::hold_against(parts, sight);
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
  return stats::sight_of(stats::BatchMeans(std::move(stretches)), config::time_figure_of(threshold));
}

/// Failed, timed out or unfinished, of all that were due in the range; of one label of all that were sent.
Sight GateFigures::errors_of(const Threshold& threshold, stats::CellRange range) const {
  std::vector<stats::Part> parts;
  if (const auto label = label_of(threshold)) {
    const stats::Outcomes& outcomes = e_.record.recorder.labels()[*label].outcomes;
    parts.push_back({outcomes.failed() + outcomes.unfinished, outcomes.sent()});
  } else {
    parts = parts_of(range, [](const stats::Cell& cell) { return cell.failed + cell.cut_off; });
  }
  return stats::share_of(parts, threshold.limit);
}

Sight GateFigures::by_target(const Threshold& threshold, stats::CellRange range) const {
  std::vector<stats::Part> parts;
  if (const auto label = label_of(threshold)) {
    const stats::Outcomes& outcomes = e_.record.recorder.labels()[*label].outcomes;
    parts.push_back({failed_by_target(outcomes), outcomes.sent()});
  } else {
    parts = parts_of(range, [](const stats::Cell& cell) { return cell.failed; });
    const stats::Outcomes all = e_.record.recorder.total().outcomes;
    take_from(parts, all.failed() - (all.cut_off() - all.unfinished) - failed_by_target(all));
  }
  return stats::share_of(parts, threshold.limit);
}

std::uint64_t GateFigures::requests_of(const Threshold& threshold, stats::CellRange range) const {
  const auto& recorder = e_.record.recorder;
  if (const auto label = label_of(threshold)) return recorder.labels()[*label].outcomes.sent();
  std::uint64_t due = 0;
  for (std::uint32_t i = range.first; i < std::min<std::size_t>(range.last, recorder.cells().size()); ++i)
    due += recorder.cells()[i].due;
  return due;
}

/// What was due in the range by batch, and how many of it count as failures.
std::vector<stats::Part> GateFigures::parts_of(stats::CellRange range,
                                               std::uint64_t (*failures)(const stats::Cell&)) const {
  const Batches batches(range, e_.measured.extent);
  std::vector<stats::Part> parts(batches.count());
  const auto& cells = e_.record.recorder.cells();
  for (std::uint32_t i = range.first; i < std::min<std::size_t>(range.last, cells.size()); ++i) {
    const stats::Cell& cell = cells[i];
    if (const auto batch = batches.of(i)) {
      parts[*batch].part += failures(cell);
      parts[*batch].whole += cell.succeeded + cell.failed + cell.cut_off;
    }
  }
  return parts;
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
  return stats::rate_of(counts, even.length);
}

/// What the report calls achieved, with the interval of the rate that it is made of. A ramp of users is one event of a
/// known size, and so is a closed loop, of which the ledger tells how much was sent: they have no interval.
Sight GateFigures::delivered_of(stats::CellRange range) const {
  const stats::Ledger& ledger = e_.record.ledger;
  const bool of_rate = e_.plan.has_arrivals() && e_.measured.rate.value > 0;
  if (!of_rate) {
    const double sent = static_cast<double>(ledger.sent) / std::max(1.0, static_cast<double>(ledger.planned));
    return stats::exact(e_.achieved > 0 ? e_.achieved : sent, ledger.planned);
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
