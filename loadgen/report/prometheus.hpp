#pragma once
// Prometheus's text exposition format, version 0.0.4: of a finished run, and of one that goes on. What both tell has
// the same names. Times are seconds.

#include <string>
#include <vector>

#include "report/summary.hpp"
#include "report/time_buckets.hpp"
#include "stats/interval_log.hpp"
#include "stats/progress.hpp"

namespace loadgen::report {

inline constexpr const char* kPrometheusType = "text/plain; version=0.0.4; charset=utf-8";

/// A run as the main thread sees it while it goes on. Counters are of now; times are of successes whose cell of due
/// time has been written, up to a few seconds ago.
class LiveRun {
 public:
  explicit LiveRun(const std::vector<std::string>& labels);

  void tick(const stats::Progress& progress);
  void see(const stats::IntervalLog::Piece& piece);

 private:
  friend std::string prometheus(const LiveRun& run);

  struct Label {
    std::string name;
    TimeBuckets response;
    TimeBuckets service;
  };
  stats::Progress progress_;
  Duration worst_send_lag_{};
  std::vector<Label> labels_;
};

std::string prometheus(const LiveRun& run);
std::string prometheus(const Summary& summary);

}  // namespace loadgen::report
