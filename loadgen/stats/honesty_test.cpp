// Interval honesty: of the 95 % intervals of many simulated runs, about 95 % must hold the true value. The runs are
// M/M/1 queues, whose response times depend on one another (a request waits behind those before it) and whose quantiles
// are known: response times are exponential with rate mu - lambda.

#include <cmath>
#include <cstdio>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "stats/confidence.hpp"

namespace loadgen::stats {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
constexpr int kRuns = 60;  // slow builds: two standard errors of a coverage are then 6 % and not 3 %
constexpr double kLeastCoverage = 0.85, kMostCoverage = 1.0;
#else
constexpr int kRuns = 300;
constexpr double kLeastCoverage = 0.88, kMostCoverage = 0.98;
#endif

constexpr double kLambda = 500, kMu = 1000;  // 1/s: half busy
constexpr std::uint32_t kCells = 200;        // of a second: 100,000 requests
constexpr double kNsPerSecond = 1e9;

double exponential(std::uint64_t run, std::uint64_t stream, std::uint64_t k) {
  return -std::log(random_unit(run, stream, k));
}

struct SimulatedRun {
  std::vector<Stretch> batches{batch_count(kCells)};
  std::vector<std::uint64_t> counts = std::vector<std::uint64_t>(kCells);
};

/// Lindley's recursion: a request waits for what its predecessor had left to wait and be served, less the time between
/// the two.
SimulatedRun simulate(std::uint64_t run) {
  SimulatedRun result;
  double due = 0, wait = 0, service = 0;
  for (std::uint64_t k = 0;; ++k) {
    const double gap = exponential(run, 0, k) / kLambda;
    due += gap;
    if (due >= kCells) return result;
    wait = std::max(wait + service - gap, 0.0);
    service = exponential(run, 1, k) / kMu;
    const auto cell = static_cast<std::uint32_t>(due);
    ++result.counts[cell];
    const auto response = static_cast<std::int64_t>((wait + service) * kNsPerSecond);
    result.batches[batch_of(cell, kCells)].values.record(Duration(response));
  }
}

/// How often an interval held the true value, of the runs that gave one.
class Coverage {
 public:
  Coverage(const char* name, double truth) : name_(name), truth_(truth) {}
  void add(const Estimate& e) {
    if (e.resolution == Resolution::resolved) add(e.low, e.high);
  }
  void add(double low, double high) {
    ++intervals_;
    if (low <= truth_ && truth_ <= high) ++covered_;
    half_widths_ += (high - low) / 2 / truth_;
  }
  double share() const { return static_cast<double>(covered_) / intervals_; }
  double half_width() const { return half_widths_ / intervals_; }
  int intervals() const { return intervals_; }
  bool honest() const { return share() >= kLeastCoverage && share() <= kMostCoverage; }
  void print() const {
    std::printf("%-22s of %d intervals (+- %.1f %%): expected 95 %%, measured %5.1f %%, tolerated %.0f to %.0f %%\n",
                name_, intervals_, 100 * half_width(), 100 * share(), 100 * kLeastCoverage, 100 * kMostCoverage);
  }

 private:
  const char* name_;
  double truth_;
  int intervals_ = 0;
  int covered_ = 0;
  double half_widths_ = 0;
};

/// The interval for INDEPENDENT values, by the ranks that the binomial distribution's normal approximation gives.
void add_order_statistics(Coverage& coverage, const Histogram& values, double p) {
  const auto n = static_cast<double>(values.count());
  const double spread = 1.96 * std::sqrt(n * p * (1 - p));
  const Duration low = values.at_rank(static_cast<std::uint64_t>(std::floor(n * p - spread)));
  const Duration high = values.at_rank(static_cast<std::uint64_t>(std::ceil(n * p + spread)) + 1);
  coverage.add(static_cast<double>(low.count()), static_cast<double>(high.count()));
}

TEST(IntervalHonesty, OfDependentLatencies) {
  const double mean_ns = kNsPerSecond / (kMu - kLambda);
  Coverage p50("p50, batch means", std::log(2) * mean_ns);
  Coverage p99("p99, batch means", std::log(100) * mean_ns);
  Coverage independent("p99, as if independent", std::log(100) * mean_ns);
  Coverage mean("mean, batch means", mean_ns);
  Coverage completed("rate, batch means", kLambda);
  for (int run = 0; run < kRuns; ++run) {
    SimulatedRun simulated = simulate(static_cast<std::uint64_t>(run));
    completed.add(rate(simulated.counts, std::chrono::seconds(1)));
    const BatchMeans batches(std::move(simulated.batches));
    p99.add(batches.percentile(0.99));
    p50.add(batches.percentile(0.5));
    mean.add(batches.mean());
    add_order_statistics(independent, batches.pooled().values, 0.99);
  }
  for (const Coverage& coverage : {p50, p99, mean, completed}) {
    coverage.print();
    EXPECT_TRUE(coverage.honest());
    EXPECT_GE(coverage.intervals(), kRuns * 97 / 100) << "chance makes batches look dependent now and then, not often";
  }
  EXPECT_NEAR(p99.half_width(), 0.042, 0.006) << "an interval that is right because it is wide says nothing";

  // What this test guards against: the same data, the same check, the interval of the textbook.
  independent.print();
  EXPECT_FALSE(independent.honest()) << "the check would not notice an interval that is too narrow";
  EXPECT_NEAR(independent.share(), 0.52, 0.12);
}

}  // namespace
}  // namespace loadgen::stats
