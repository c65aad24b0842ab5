#include "cli/arrivals_table.hpp"

#include <gtest/gtest.h>

#include "load/arrivals.hpp"

namespace loadgen::cli {
namespace {

using namespace std::chrono_literals;

config::Plan plan_of(std::vector<load::Segment> segments) {
  config::Plan plan;
  plan.thread_groups.resize(1);
  plan.thread_groups[0].name = "visitors";
  plan.thread_groups[0].users = 0;
  plan.thread_groups[0].arrivals = std::move(segments);
  return plan;
}

TEST(ArrivalsTable, IsNothingWithoutArrivals) {
  config::Plan plan;
  plan.thread_groups.resize(2);
  EXPECT_EQ(arrivals_table(plan), "");
}

TEST(ArrivalsTable, ShowsSegmentsSecondsAndTheFirstArrivals) {
  // r = 2t for 2 s: L = t²; then 2/s for 1.5 s. Arrival i comes at L = i - 1/2: sqrt(0.5), sqrt(1.5), sqrt(2.5),
  // sqrt(3.5), then 2 s + (0.5, 1.5, 2.5) / 2.
  config::Plan plan = plan_of({{.duration = 2s, .from = 0, .to = 4}, {.duration = 1500ms, .from = 2, .to = 2}});
  plan.thread_groups[0].connections = 3;
  plan.thread_groups[0].startup_delay = 5s;
  EXPECT_EQ(arrivals_table(plan), R"(
Arrivals of visitors: 7.0 expected in 3.5s, 7 scheduled; uniform spacing
  10,000 in flight at most, then an arrival waits; 3 connections opened before the start
  times count from the startup delay of 5s
        from         for  rate                                    expected    scheduled
          0s          2s  0/s to 4/s                                   4.0            4
          2s        1.5s  2/s                                          3.0            3
      second        expected    scheduled
           0             1.0            1
           1             3.0            3
           2             2.0            2
           3             1.0            1
     arrival                 due
           1       0.707106781 s
           2       1.224744871 s
           3       1.581138830 s
           4       1.870828693 s
           5       2.250000000 s
           6       2.750000000 s
           7       3.250000000 s
)");
}

TEST(ArrivalsTable, CountsTheScheduleThatTheRunFollows) {
  config::Plan plan = plan_of({{.duration = 3s, .from = 1000, .to = 1000}});
  plan.thread_groups.insert(plan.thread_groups.begin(), config::ThreadGroup{});  // so that the index is 1
  plan.thread_groups[1].spacing = load::Spacing::poisson;
  plan.thread_groups[1].at_limit = config::AtLimit::drop;
  plan.seed = 42;
  std::uint64_t in_first_second = 0, all = 0;
  const load::LoadProfile profile(plan.thread_groups[1].arrivals);
  for (load::Arrivals a(profile, load::Spacing::poisson, 42, 1, 0, 1); a.due() != Duration::max(); a.advance()) {
    in_first_second += a.due() < 1s;
    ++all;
  }
  const std::string text = arrivals_table(plan);
  EXPECT_NE(text.find("poisson spacing, seed 42"), std::string::npos) << text;
  EXPECT_NE(text.find("then an arrival is dropped"), std::string::npos) << text;
  EXPECT_NE(text.find("           0          1000.0  "), std::string::npos) << text;
  const auto grouped = [](std::uint64_t n) {
    return n < 1000 ? std::to_string(n) : "1," + std::to_string(n).substr(1);
  };
  EXPECT_NE(text.find("           0          1000.0  " + std::string(11 - grouped(in_first_second).size(), ' ') +
                      grouped(in_first_second) + "\n"),
            std::string::npos)
      << in_first_second << text;
  EXPECT_NE(in_first_second, 1000U) << "a seed that proves nothing";
  EXPECT_NE(all, 3000U);
}

TEST(ArrivalsTable, OfALongPlanShowsTheBeginning) {
  const std::string text = arrivals_table(plan_of({{.duration = 1h, .from = 100, .to = 100}}));
  EXPECT_NE(text.find("           9           100.0          100\n           …\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("          10           100.0"), std::string::npos) << text;
}

TEST(ArrivalsTable, DoesNotCountForMinutes) {
  const std::string text = arrivals_table(plan_of({{.duration = 24h, .from = 1e6, .to = 1e6}}));
  EXPECT_NE(text.find("86400000000.0 expected in 24h; uniform"), std::string::npos) << text;
  EXPECT_NE(text.find("           0       1000000.0            -\n"), std::string::npos) << text;
  EXPECT_NE(text.find("          10       0.000009500 s\n"), std::string::npos) << text;
}

TEST(ArrivalsTable, SpellsWaves) {
  const std::string text =
      arrivals_table(plan_of({{.duration = 8s, .from = 10, .to = 10, .amplitude = 5, .period = 4s}}));
  EXPECT_NE(text.find("10/s ± 5/s, every 4s"), std::string::npos) << text;
}

}  // namespace
}  // namespace loadgen::cli
