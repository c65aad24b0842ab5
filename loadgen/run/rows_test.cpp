// The rows of single requests that leave the loop: one for each, with its user and how many users were under way.

#include <set>
#include <string>

#include <fmt/format.h>

#include "tests/support/shard_trial.hpp"

namespace loadgen::run {
namespace {

/// "user number@end in ms: users active in the group/in all groups", and a mark where the user left.
std::vector<std::string> told(const Trial& trial) {
  std::vector<std::string> lines;
  for (const stats::SampleRow& row : trial.rows)
    lines.push_back(fmt::format("{}@{}: {}/{}{}", row.user, (row.finished - kT0) / milliseconds(1), row.active_in_group,
                                row.active, row.user_left ? " left" : ""));
  return lines;
}

using Lines = std::vector<std::string>;

TEST(Rows, EveryRequestHasOneWithItsStamps) {
  config::Plan plan = plan_of(3, milliseconds(30), {step("a"), step("b")});
  plan.thread_groups[0].loops = 2;
  const Trial trial = run(plan, [](const test::Started& s) {
    return test::Reply{milliseconds(5), s.index == 1 ? ErrorKind::reset : ErrorKind::none};
  });
  ASSERT_EQ(trial.rows.size(), 12u);
  std::multiset<std::pair<TimePoint, std::uint16_t>> started, told;
  for (const test::Started& s : trial.started) started.insert({s.at, s.request});
  for (const stats::SampleRow& row : trial.rows) {
    told.insert({row.started, row.request});
    EXPECT_EQ(row.finished - row.started, milliseconds(5));
  }
  EXPECT_EQ(told, started);
  EXPECT_EQ(std::ranges::count(trial.rows, ErrorKind::reset, &stats::SampleRow::error), 3);
}

TEST(Rows, UsersAreActiveFromTheirFirstRequestToTheEndOfTheirLast) {
  // Starts at 0, 10 and 20 ms, each 25 ms long.
  EXPECT_EQ(told(run(plan_of(3, milliseconds(30), {step("a")}), answers_after(milliseconds(25)))),
            (Lines{"0@25: 2/2 left", "1@35: 1/1 left", "2@45: 0/0 left"}));
  // A user who thinks between two requests is there; one who thinks before the first has not come.
  config::Plan plan = plan_of(2, {}, {step("a", milliseconds(10)), step("b", milliseconds(10))});
  plan.thread_groups[0].ramp_up = milliseconds(10);  // starts at 0 and 5 ms, first requests at 10 and 15 ms
  EXPECT_EQ(told(run(plan, answers_after(milliseconds(2)))),
            (Lines{"0@12: 1/1", "1@17: 2/2", "0@24: 1/1 left", "1@29: 0/0 left"}));
}

TEST(Rows, GroupsAreCountedApartAndTogether) {
  config::Plan plan = plan_of(1, {}, {step("a")});
  plan.thread_groups[0].loops = 2;
  plan.thread_groups.push_back(plan.thread_groups[0]);
  plan.thread_groups[1].startup_delay = milliseconds(1);
  EXPECT_EQ(told(run(plan, answers_after(milliseconds(10)))),
            (Lines{"0@10: 1/2", "0@11: 1/2", "0@20: 0/1 left", "0@21: 0/0 left"}));
}

TEST(Rows, AnArrivalIsNumberedByItsPlace) {
  config::Plan plan = plan_of(0, {}, {step("a")});
  plan.thread_groups[0].arrivals = {{.duration = milliseconds(40), .from = 100, .to = 100}};  // at 5, 15, 25, 35 ms
  EXPECT_EQ(told(run(plan, answers_after(milliseconds(15)))),
            (Lines{"0@20: 1/1 left", "1@30: 1/1 left", "0@40: 1/1 left", "1@50: 0/0 left"}));
}

TEST(Rows, UsersOfAllShardsHaveNumbersOfTheirOwn) {
  const auto numbers = [](const config::Plan& plan) {
    std::multiset<std::uint32_t> all;
    for (std::uint32_t k = 0; k < 3; ++k)
      for (const stats::SampleRow& row : run(plan, answers_after(milliseconds(50)), {k, 3}).rows) all.insert(row.user);
    return all;
  };
  EXPECT_EQ(numbers(plan_of(7, milliseconds(70), {step("a")})), (std::multiset<std::uint32_t>{0, 1, 2, 3, 4, 5, 6}));
  config::Plan open = plan_of(0, {}, {step("a")});
  open.thread_groups[0].arrivals = {{.duration = milliseconds(9), .from = 1'000, .to = 1'000}};
  EXPECT_EQ(numbers(open), (std::multiset<std::uint32_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
}

TEST(Rows, WhatIsGivenUpAtTheEndHasARowToo) {
  config::Plan plan = plan_of(2, {}, {step("a")});
  plan.thread_groups[0].duration = milliseconds(100);
  plan.grace = milliseconds(200);
  const Trial trial = run(plan, answers_after(seconds(30)));
  ASSERT_EQ(trial.rows.size(), 2u);
  for (const stats::SampleRow& row : trial.rows) EXPECT_EQ(row.error, ErrorKind::unfinished);
  EXPECT_EQ(trial.outcomes().unfinished, 2u);
}

}  // namespace
}  // namespace loadgen::run
