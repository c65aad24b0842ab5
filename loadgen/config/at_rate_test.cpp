#include "config/at_rate.hpp"

#include <gtest/gtest.h>

#include "config/describe.hpp"
#include "config/parse.hpp"

namespace loadgen::config {
namespace {

using std::chrono::seconds;

Plan parsed(std::string_view text) {
  auto outcome = parse_plan(text, {});
  EXPECT_TRUE(std::holds_alternative<Plan>(outcome));
  return std::get<Plan>(std::move(outcome));
}

TEST(AtRate, UsersBecomeArrivalsWithTheSameSteps) {
  const Plan closed = parsed(R"({"target": "http://h:1", "thread_groups": [{"users": 40, "ramp_up": "3s",
    "duration": "9s", "loops": "forever", "startup_delay": "1s", "steps": [{"get": "/a"}, {"get": "/b"}]}]})");
  const Plan open = at_rate(closed, {.rate = 250, .warm_up = seconds(2), .length = seconds(10)});
  const ThreadGroup& group = open.thread_groups.front();
  EXPECT_TRUE(group.open());
  EXPECT_EQ(open.users(), 0u);
  EXPECT_EQ(group.connections, 40u);
  ASSERT_EQ(group.arrivals.size(), 1u);
  EXPECT_EQ(group.arrivals[0].duration, seconds(12));
  EXPECT_EQ(group.arrivals[0].from, 250);
  EXPECT_EQ(group.arrivals[0].to, 250);
  EXPECT_EQ(open.warm_up.time, seconds(2));
  ASSERT_EQ(group.steps.size(), 2u);
  EXPECT_EQ(group.steps[1].url.path_and_query, "/b");
  // Still a plan, as run.json will hold it.
  const Plan again = parsed(to_json(open));
  EXPECT_EQ(to_json(again), to_json(open));
}

TEST(AtRate, KeepsWhatArrivalsAre) {
  const Plan plan = parsed(R"({"target": "http://h:1", "warm_up": "auto", "thread_groups": [{
    "arrivals": [{"rate": "77/s", "for": "1m"}], "spacing": "poisson", "connections": 9, "max_in_flight": 30,
    "at_limit": "drop", "steps": [{"get": "/"}]}]})");
  EXPECT_EQ(*rate_of(plan), 77);
  const Plan open = at_rate(plan, {.rate = 5, .warm_up = seconds(1), .length = seconds(4)});
  const ThreadGroup& group = open.thread_groups.front();
  EXPECT_EQ(group.spacing, load::Spacing::poisson);
  EXPECT_EQ(group.connections, 9u);
  EXPECT_EQ(group.max_in_flight, 30u);
  EXPECT_EQ(group.at_limit, AtLimit::drop);
  EXPECT_FALSE(open.warm_up.automatic);
}

TEST(AtRate, ARampHasNoRateAndTwoGroupsCannotShareOne) {
  EXPECT_EQ(*rate_of(parsed(R"({"target": "http://h:1", "thread_groups": [{
    "arrivals": [{"from": "1/s", "to": "9/s", "over": "1m"}], "steps": [{"get": "/"}]}]})")),
            0);
  const auto two = rate_of(parsed(R"({"target": "http://h:1", "thread_groups": [
    {"users": 1, "steps": [{"get": "/"}]}, {"users": 1, "steps": [{"get": "/"}]}]})"));
  ASSERT_FALSE(two);
  EXPECT_NE(two.error().find("2 thread groups"), std::string::npos);
}

}  // namespace
}  // namespace loadgen::config
