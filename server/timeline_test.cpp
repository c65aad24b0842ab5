#include "server/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "server/distribution.hpp"

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint start{100s};

TEST(Timeline, FreezesCountFromTheFirstRequest) {
  Timeline timeline(Freeze{100ms, 1s});
  timeline.came(start);
  timeline.came(start + 30ms);
  EXPECT_EQ(timeline.thawed(start), start + 100ms);
  EXPECT_EQ(timeline.thawed(start + 130ms), start + 130ms);
  EXPECT_EQ(timeline.thawed(start + 1030ms), start + 1100ms);
}

TEST(Timeline, AWaitFallsLinearlyThroughAFreeze) {
  // W(u) = X - u for what is served side by side, whatever comes in between.
  Timeline timeline(Freeze{100ms, 1s});
  timeline.came(start);
  for (int u = 0; u < 100; ++u) EXPECT_EQ(timeline.thawed(start + u * 1ms) - (start + u * 1ms), (100 - u) * 1ms);
}

TEST(Timeline, OneAfterAnotherInTheOrderTheyCame) {
  Timeline timeline(Freeze{});
  EXPECT_EQ(timeline.served(7, start, 5ms), start + 5ms);
  EXPECT_EQ(timeline.served(7, start + 1ms, 5ms), start + 10ms);
  EXPECT_EQ(timeline.served(8, start + 1ms, 5ms), start + 6ms) << "another path has a server of its own";
  EXPECT_EQ(timeline.served(7, start + 30ms, 5ms), start + 35ms) << "after an idle time it begins at once";
}

TEST(Timeline, AFrozenQueueIsWorkedOffAfterwards) {
  // Measured from the end of the freeze: half of the capacity is taken by new arrivals, so the wait of the arrival at u
  // is X - (1 - rho) u with rho = 1/2.
  Timeline timeline(Freeze{100ms, 1s});
  timeline.came(start);
  for (int k = 0; k < 190; ++k) {
    const TimePoint arrived = start + k * 1ms;
    const Nanos wait = timeline.served(3, arrived, 500us) - arrived - 500us;
    EXPECT_EQ(wait, 100ms - k * 500us) << k;
  }
}

TEST(Timeline, PoissonArrivalsAndStratifiedServiceMakeMM1) {
  // Response times of M/M/1 are exponential with mean 1/(mu - lambda): here 2 ms, sojourn p50 2 ms * ln 2. The batch
  // means' half-width at rho = 0.5 and n = 100,000 is 4.2 % for p99; twice that is allowed.
  constexpr int n = 100'000;
  Timeline timeline(Freeze{});
  const auto service = *parse_distribution("exp(1ms)");
  const auto gap = *parse_distribution("exp(2ms)");
  TimePoint arrived = start;
  std::vector<double> ms;
  for (std::uint64_t i = 0; i < n; ++i) {
    arrived += gap.at(unit_value(11, i, 0));
    const Nanos response = timeline.served(0, arrived, service.at(unit_value(12, i, n))) - arrived;
    ms.push_back(static_cast<double>(response.count()) / 1e6);
  }
  std::sort(ms.begin(), ms.end());
  EXPECT_NEAR(ms[n / 2], 2 * std::log(2.0), 0.084 * 2 * std::log(2.0));
  EXPECT_NEAR(ms[n * 99 / 100], 2 * std::log(100.0), 0.084 * 2 * std::log(100.0));
}

}  // namespace
}  // namespace loadgen_server
