#include "run/schedule.hpp"

#include <gtest/gtest.h>

#include "run/run_plan.hpp"

namespace loadgen::run {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

config::Plan two_groups() {
  config::Plan plan;
  plan.thread_groups.resize(2);
  plan.thread_groups[0].users = 2;
  plan.thread_groups[0].ramp_up = seconds(2);
  plan.thread_groups[1].users = 2;
  plan.thread_groups[1].startup_delay = milliseconds(500);
  for (auto& group : plan.thread_groups) group.steps.resize(1);
  return plan;
}

TEST(Schedule, GroupsInterleaveByStart) {
  const auto rows = schedule(two_groups());
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].offset, Duration::zero());
  EXPECT_EQ(rows[1].offset, milliseconds(500));
  EXPECT_EQ(rows[1].group, 1u);
  EXPECT_EQ(rows[2].number, 1u);
  EXPECT_EQ(rows[3].offset, seconds(1));
}

TEST(Schedule, JMetersRampIsChosenByDelayedStart) {
  config::Plan plan = two_groups();
  plan.thread_groups.resize(1);
  plan.thread_groups[0].users = 4000;
  plan.thread_groups[0].ramp = config::Ramp::jmeter;
  EXPECT_EQ(schedule(plan).back().offset, milliseconds(3999));
  plan.thread_groups[0].delayed_start = true;
  EXPECT_LE(schedule(plan).back().offset, seconds(2));
}

TEST(Threads, AsFewAsThePlanNeeds) {
  config::Plan plan = two_groups();
  EXPECT_EQ(threads_needed(plan, 8, true), 1u) << "two users in two seconds";
  plan.thread_groups[0].users = 100'000;
  EXPECT_EQ(threads_needed(plan, 8, true), 2u) << "50,000 a second";
  EXPECT_EQ(threads_needed(plan, 1, true), 1u);
  plan.thread_groups[0].loops.reset();
  EXPECT_EQ(threads_needed(plan, 8, false), 8u) << "a closed loop takes what it gets";
  EXPECT_EQ(threads_needed(plan, 8, true), 4u);
}

}  // namespace
}  // namespace loadgen::run
