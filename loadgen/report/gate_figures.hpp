#pragma once
// The figures that thresholds are about, of any range of the measured window.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/threshold.hpp"
#include "report/batches.hpp"
#include "report/gates.hpp"
#include "stats/limit.hpp"

namespace loadgen::report {

class GateFigures {
 public:
  explicit GateFigures(const GateEvidence& evidence) : e_(evidence), index_(evidence.record.recorder) {}

  /// Figures that are known for the whole run only are the same of every range.
  stats::Sight of(const config::Threshold& threshold, stats::CellRange range) const;
  /// Of the measured window.
  stats::Sight of(const config::Threshold& threshold) const { return of(threshold, window().cells); }

  /// error_rate with only those failures counted that the target made by itself, whatever the generator's machine did:
  /// what it answered, refused and broke off. Time-outs are not among them, nor a lack of local ports. Failures are
  /// counted by kind for the whole run only: as many as were not the target's are taken from those of the range.
  stats::Sight by_target(const config::Threshold& threshold, stats::CellRange range) const;

  /// How many requests it is about were due in the range; of one label, how many were sent in the whole run.
  std::uint64_t requests_of(const config::Threshold& threshold, stats::CellRange range) const;

  /// The cells of [begin, end) since t0.
  static stats::CellRange cells_of(Span span) { return {stats::cell_of(span.begin), stats::cell_of(span.end)}; }

 private:
  stats::Sight figure_of(const config::Threshold& threshold, stats::CellRange range) const;
  void add_parts(const config::Threshold& threshold, stats::CellRange range, stats::Sight& sight) const;
  const Window& window() const { return e_.measured.timeline.window; }
  stats::Sight time_of(const config::Threshold& threshold, stats::CellRange range) const;
  stats::Sight errors_of(const config::Threshold& threshold, stats::CellRange range) const;
  std::vector<stats::Part> parts_of(stats::CellRange range, std::uint64_t (*failures)(const stats::Cell&)) const;
  stats::Sight rate_of(stats::CellRange range) const;
  stats::Sight delivered_of(stats::CellRange range) const;
  std::optional<std::size_t> label_of(const config::Threshold& threshold) const;

  const GateEvidence& e_;
  SeriesIndex index_;
};

}  // namespace loadgen::report
