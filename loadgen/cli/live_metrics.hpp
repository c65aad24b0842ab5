#pragma once
// What `--listen` serves: the run as it goes on, then its summary until the process ends. For the main thread.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "cli/metrics_endpoint.hpp"
#include "report/prometheus.hpp"
#include "report/summary.hpp"
#include "run/run_plan.hpp"
#include "stats/progress.hpp"

namespace loadgen::cli {

class LiveMetrics {
 public:
  /// nullopt: nothing was asked for. Error: why there can be no page.
  static Result<std::optional<LiveMetrics>> open(const std::optional<ListenAddress>& address);

  const std::string& url() const { return endpoint_.url(); }
  /// With the names of the requests, before the run; returns what is to see the run, and must not outlive this.
  run::See begin(const std::vector<std::string>& labels);
  void tick(const stats::Progress& progress);  ///< publishes once a second
  void finish(const report::Summary& summary);

 private:
  explicit LiveMetrics(MetricsEndpoint endpoint) : endpoint_(std::move(endpoint)) {}
  void publish();

  MetricsEndpoint endpoint_;
  report::LiveRun run_{{}};
  Duration published_{};  ///< the progress that is to be seen
};

}  // namespace loadgen::cli
