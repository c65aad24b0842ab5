#pragma once
// What the record says about the measured window: the figures that the report prints and the checks judge.

#include <cstdint>
#include <vector>

#include "config/plan.hpp"
#include "report/batches.hpp"
#include "report/steadiness.hpp"
#include "report/window.hpp"
#include "stats/confidence.hpp"
#include "stats/run_record.hpp"

namespace loadgen::report {

/// The three series that are kept by cell.
struct ThreeSeries {
  SeriesFigures response;
  SeriesFigures service;
  SeriesFigures send_lag;
};

struct StageFigures {
  Stage stage;
  std::uint64_t due = 0;  ///< requests sent that were due in it
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;  ///< time-outs are cut off, not failed
  std::uint64_t cut_off = 0;
  stats::Estimate rate;  ///< completed requests a second that ended in it
  ThreeSeries times;
};

/// Little's law over the window: requests in flight = completed per second x mean service time, but for those that
/// straddle an edge.
struct LittlesLaw {
  double in_flight = 0;  ///< time average of requests in flight
  double rate = 0;       ///< completed per second that ended in it
  double service_s = 0;  ///< their mean service time
  double error = 0;      ///< rate * service / in_flight - 1
  double edges = 0;      ///< the error that requests in flight at the window's edges can make up
  /// Over the whole run, exact: request-time of all cells against the sum of all service times.
  std::int64_t cells_ns = 0;
  std::int64_t requests_ns = 0;
};

/// Requests late and what the machine took, one second of the run.
struct LateSecond {
  std::uint64_t values = 0;  ///< successes due in it
  std::uint64_t late = 0;    ///< of them with a send lag above kAddedFailedNs
  Duration late_sum{};       ///< those send lags together
};

struct Measured {
  Extent extent;
  WarmUpFound warm_up;
  Timeline timeline;
  std::uint64_t due = 0;      ///< of the window: requests sent that were due in it
  std::uint64_t started = 0;  ///< of the window: requests started in it
  ThreeSeries total;
  stats::Histogram responses;  ///< of the window's successes
  std::vector<ThreeSeries> labels;
  std::vector<StageFigures> stages;
  stats::Estimate rate;  ///< completed requests a second that ended in the window
  Steadiness steadiness;
  Growth growth;
  LittlesLaw littles_law;
  std::vector<LateSecond> late;  ///< by second since t0
};

Measured measure(const config::Plan& plan, const stats::RunRecord& record);

}  // namespace loadgen::report
