#include "cli/compare_budget.hpp"

#include <gtest/gtest.h>

#include "config/parse.hpp"

namespace loadgen::cli {
namespace {

using namespace std::chrono_literals;

config::Plan plan_of(std::string_view group) {
  auto outcome = config::parse_plan(
      "{\"target\": \"http://h\", \"thread_groups\": [{\"steps\": [{\"get\": \"/\"}], " + std::string(group) + "}]}",
      {});
  return std::get<config::Plan>(std::move(outcome));
}

TEST(CompareBudget, AddsUpStartsWarmUpsAndSlices) {
  const Outline restarted{.targets = 2, .commands = 2, .blocks = 10, .passes = 2, .slice = 5s, .warming = 2s};
  EXPECT_EQ(block_length(restarted), 2 * 1s + 2 * 2s + 4 * (5s + kSettle));
  EXPECT_EQ(whole_length(restarted), 10 * block_length(restarted));
  const Outline running{.targets = 3, .blocks = 4, .passes = 1, .restarts = false, .slice = 5s, .warming = 2s};
  EXPECT_EQ(block_length(running), 3 * (5s + kSettle));
  EXPECT_EQ(whole_length(running), 3 * 2s + 4 * block_length(running)) << "warmed once";
}

TEST(CompareBudget, IsToldInWords) {
  EXPECT_EQ(budget_text({.targets = 2, .commands = 2, .blocks = 12, .passes = 2, .slice = 5s, .warming = 2s}),
            "12 blocks of 2 starts, 2 warmings of 2s, 4 slices of 5s: about 5 min 22 s");
  EXPECT_EQ(budget_text({.targets = 1, .blocks = 1, .passes = 1, .restarts = false, .slice = 1500ms}),
            "1 block of 1 slice of 1.5s: about 2 s");
}

TEST(CompareBudget, KnowsTheLengthOfASlice) {
  EXPECT_EQ(slice_length(plan_of(R"("users": 9, "loops": "forever", "duration": "7s", "startup_delay": "1s")")), 8s);
  EXPECT_EQ(slice_length(plan_of(R"("arrivals": [{"rate": "10/s", "for": "3s"}, {"rate": "20/s", "for": "4s"}])")), 7s);
  EXPECT_EQ(slice_length(plan_of(R"("users": 6000, "ramp_up": "2s", "loops": 1)")), 2s);
}

TEST(CompareBudget, ChangesThatAreFoundGrowWithTheMargin) {
  report::CompareDesign design;
  design.blocks = 8;
  design.metrics = {{"rps", false, 0.05}, {"p50", true, 0.05}, {"error_rate", true, 0.1}, {"p99", true, 0.10}};
  // k of 8 blocks at 5 % is 0.99: 1.05 * exp(0.99 * 0.03) is 1.082, and 1.10 * exp(…) is 1.133.
  EXPECT_EQ(detectable_text(design),
            "if blocks differ by 3 %, changes found in four of five comparisons: p50 8 %, p99 13 %");
  design.metrics.clear();
  EXPECT_EQ(detectable_text(design), "");
}

TEST(CompareBudget, TimesAreRough) {
  EXPECT_EQ(rough(400ms), "0 s");
  EXPECT_EQ(rough(59s), "59 s");
  EXPECT_EQ(rough(100s), "1 min 40 s");
  EXPECT_EQ(rough(3h + 5min), "3 h 5 min");
}

}  // namespace
}  // namespace loadgen::cli
