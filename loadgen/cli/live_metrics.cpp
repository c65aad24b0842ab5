#include "cli/live_metrics.hpp"

#include <utility>

namespace loadgen::cli {
namespace {

constexpr Duration kEvery = std::chrono::seconds(1);

}  // namespace

Result<std::optional<LiveMetrics>> LiveMetrics::open(const std::optional<ListenAddress>& address) {
  if (!address) return std::optional<LiveMetrics>();
  auto endpoint = MetricsEndpoint::open(*address);
  if (!endpoint) return Error{"--listen: " + endpoint.error()};
  LiveMetrics metrics(std::move(*endpoint));
  metrics.publish();
  return std::optional(std::move(metrics));
}

run::See LiveMetrics::begin(const std::vector<std::string>& labels) {
  run_ = report::LiveRun(labels);
  publish();
  return [this](const stats::IntervalLog::Piece& piece) { run_.see(piece); };
}

void LiveMetrics::tick(const stats::Progress& progress) {
  run_.tick(progress);
  if (progress.elapsed < published_ + kEvery) return;
  published_ = progress.elapsed;
  publish();
}

void LiveMetrics::finish(const report::Summary& summary) {
  endpoint_.publish(report::prometheus(summary), report::kPrometheusType);
}

void LiveMetrics::publish() {
  endpoint_.publish(report::prometheus(run_), report::kPrometheusType);
}

}  // namespace loadgen::cli
