#include "run/pacing.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "tests/support/shard_trial.hpp"

namespace loadgen::run {
namespace {

using stats::Pace;
using std::chrono::microseconds;

config::Plan open_at(double rate) {
  config::Plan plan = plan_of(0, {}, {step("a")});
  plan.thread_groups[0].arrivals = {{.duration = seconds(10), .from = rate, .to = rate}};
  return plan;
}

stats::PaceRecord paced(Pace pace, Duration guard = microseconds(80)) {
  return {.pace = pace, .reason = "", .guard = guard};
}

TEST(Guard, RestsAtTheNinetyNinthPercentile) {
  // Lateness uniform between 0 and 150 us: the 99th percentile is 148.5 us.
  Guard guard(microseconds(30));
  for (std::uint64_t i = 0; i < 20'000; ++i)
    guard.observe(Duration(static_cast<std::int64_t>(150e3 * random_unit(1, 0, i))));
  EXPECT_NEAR(static_cast<double>(guard.value().count()), 148.5e3, 10e3);
}

TEST(Guard, StaysWithinItsLimits) {
  Guard guard(microseconds(50));
  for (int i = 0; i < 1000; ++i) guard.observe(milliseconds(5));
  EXPECT_EQ(guard.value(), kMostGuard);
  for (int i = 0; i < 10'000; ++i) guard.observe(Duration::zero());
  EXPECT_EQ(guard.value(), kLeastGuard);
}

TEST(Pacing, SleepsToTheDueTimeOrToTheGuardBeforeIt) {
  const TimePoint now(seconds(1));
  const TimePoint due = now + milliseconds(1), limit = now + milliseconds(50);
  EXPECT_EQ(Pacing(paced(Pace::sleep)).sleep_until(now, due, limit), due);
  EXPECT_EQ(Pacing(paced(Pace::hybrid)).sleep_until(now, due, limit), due - microseconds(80));
  EXPECT_EQ(Pacing(paced(Pace::spin)).sleep_until(now, due, limit), kUnset);
  // Within the guard it polls; with nothing due it sleeps to the limit.
  EXPECT_EQ(Pacing(paced(Pace::hybrid)).sleep_until(now, now + microseconds(79), limit), kUnset);
  EXPECT_EQ(Pacing(paced(Pace::hybrid)).sleep_until(now, kNever, limit), limit);
  EXPECT_EQ(Pacing(paced(Pace::hybrid)).sleep_until(now, now + seconds(1), limit), limit);
}

TEST(Pacing, OnlySleepsTeachTheGuard) {
  Pacing pacing(paced(Pace::hybrid, microseconds(50)));
  const TimePoint t(seconds(1));
  pacing.slept(t, t - microseconds(1), t + milliseconds(1));  // a poll
  pacing.slept(t, t + milliseconds(2), t + milliseconds(1));  // ended early by something that arrived
  EXPECT_EQ(pacing.guard(), microseconds(50));
  pacing.slept(t, t + milliseconds(1), t + milliseconds(2));
  EXPECT_GT(pacing.guard(), microseconds(50));
}

TEST(ChoosePace, TakesHybridWhereACoreIsLeftAndPollingIsCheap) {
  const PaceFacts two_cores{.threads = 1, .cores = 2, .lateness = microseconds(60)};
  EXPECT_EQ(choose_pace("auto", open_at(1000), two_cores)->pace, Pace::hybrid) << "6 % of a core";
  EXPECT_EQ(choose_pace("auto", open_at(5000), two_cores)->pace, Pace::sleep) << "30 %";
  EXPECT_EQ(choose_pace("auto", open_at(1000), {.threads = 1, .cores = 1, .lateness = microseconds(60)})->pace,
            Pace::sleep);
  EXPECT_EQ(choose_pace("auto", plan_of(100, {}, {step("a")}), two_cores)->pace, Pace::sleep);
  EXPECT_EQ(choose_pace("auto", plan_of(100, seconds(1), {step("a")}), two_cores)->pace, Pace::hybrid);
  for (const char* name : {"auto", "sleep", "hybrid", "spin"})
    EXPECT_FALSE(choose_pace(name, open_at(1000), two_cores)->reason.empty());
}

TEST(ChoosePace, PollingStaysWithinATenthOfACoreWhateverTheWakeUpsBecome) {
  const auto chosen = choose_pace("auto", open_at(1000), {.threads = 1, .cores = 2, .lateness = microseconds(60)});
  Guard guard(chosen->guard, chosen->most_guard);
  for (int i = 0; i < 1000; ++i) guard.observe(milliseconds(5));
  EXPECT_EQ(guard.value(), microseconds(100));
}

TEST(ChoosePace, RefusesWhatCannotBe) {
  EXPECT_FALSE(choose_pace("fast", open_at(1), {}));
  EXPECT_FALSE(choose_pace("spin", open_at(1), {.threads = 2, .cores = 2, .lateness = {}}));
  EXPECT_FALSE(choose_pace("spin", open_at(1), {.threads = 3, .cores = 1, .lateness = {}}));
  EXPECT_TRUE(choose_pace("spin", open_at(1), {.threads = 1, .cores = 1, .lateness = {}})) << "a core of its own";
}

TEST(ChoosePace, TheDueRateIsThePeakOfAllGroups) {
  config::Plan plan = open_at(1000);
  plan.thread_groups[0].arrivals.push_back({.duration = seconds(1), .from = 1000, .to = 3000});
  plan.thread_groups.push_back(plan_of(500, seconds(2), {step("b")}).thread_groups[0]);
  EXPECT_DOUBLE_EQ(highest_due_rate(plan), 3250);
}

TEST(WakeUps, AreNeverEarly) {
  EXPECT_GT(measure_wake_up_lateness(), Duration::zero());
}

}  // namespace
}  // namespace loadgen::run
