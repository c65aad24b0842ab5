#pragma once
// Whether the measured window shows one state of affairs: three series over its batches, each looked at for a trend and
// for thirds that differ. And where a warm-up that is to be found ends.

#include <optional>
#include <string>
#include <vector>

#include "report/batches.hpp"
#include "report/window.hpp"
#include "stats/recorder.hpp"
#include "stats/stationarity.hpp"

namespace loadgen::report {

struct Drift {
  std::string series;  ///< "throughput", "p50", "p99"
  double z = 0;        ///< Mann-Kendall
  double p = 1;
  double relative_change = 0;  ///< over the window, by Theil and Sen
  double first_third = 0;      ///< means; requests a second, or ns
  double last_third = 0;
  bool stationary = true;
};

struct Steadiness {
  std::string not_checked;  ///< why not; empty: it was
  std::vector<Drift> series;
  double correlation = 0;  ///< Spearman's, of a batch's p50 with the next one's: how far batches depend on one another
};

/// responses: of the window's batches.
Steadiness steadiness_of(const stats::Recorder& recorder, const Window& window, const Batches& batches,
                         const std::vector<stats::Stretch>& responses);

/// What grows when a target is asked for more than it can do.
struct Growth {
  std::string not_checked;
  stats::TrendTest in_flight;  ///< requests in flight, by batch
  double in_flight_first = 0;  ///< means of the first and last third
  double in_flight_last = 0;
  stats::TrendTest response;  ///< p50 of response time, ns
  double response_first = 0;
  double response_last = 0;
};
Growth growth_of(const stats::Recorder& recorder, const Window& window, const Batches& batches,
                 const std::vector<stats::Stretch>& responses);

/// Where the warm-up ended, by MSER on points of a second for throughput, p50 and p99: the latest of the three.
struct WarmUpFound {
  bool automatic = false;
  Duration time{};     ///< since t0
  bool ended = true;   ///< false: the best place to cut is the middle of the run, so it may have gone on after that
  bool found = false;  ///< automatic and there was enough of the run to look at
};
WarmUpFound find_warm_up(const config::Plan& plan, const stats::RunRecord& record, const Extent& extent,
                         const SeriesIndex& index);

}  // namespace loadgen::report
