// Open load in plans: segments, their mistakes, what does not go with them, and what the command line may change.

#include <gtest/gtest.h>

#include "config/describe.hpp"
#include "config/test_plans.hpp"

namespace loadgen::config {
namespace {

using namespace std::chrono_literals;
using load::Segment;
using Segments = std::vector<Segment>;

/// A plan of one thread group with these keys and one step, each on a line of its own.
std::string with(const std::string& group_keys, const std::string& plan_keys = "") {
  return R"({"target": "http://h", )" + plan_keys + "\n\"thread_groups\": [{\n" + group_keys +
         ",\n\"steps\": [{\"get\": \"/\"}]}]}";
}

std::string arrivals(const std::string& segments) {
  return with("\"arrivals\": [" + segments + "]");
}

ThreadGroup group_of(const std::string& text, const Overrides& overrides = {}) {
  return plan_of(text, overrides).thread_groups.at(0);
}

TEST(Arrivals, EveryKindOfSegmentIsExpanded) {
  struct Case {
    const char* text;
    Segments expected;
  };
  const Case cases[] = {
      {R"({"rate": "0.5/s", "for": "5m"})", {{.duration = 5min, .from = 0.5, .to = 0.5}}},
      {R"({"from": "0/s", "to": "5k/s", "over": "30s"})", {{.duration = 30s, .from = 0, .to = 5000}}},
      {R"({"from": "60/m", "to": "60/m", "over": "1s"})", {{.duration = 1s, .from = 1, .to = 1}}},
      {R"({"from": "1000/s", "to": "400/s", "steps": 4, "each": "10s"})",
       {{.duration = 10s, .from = 1000, .to = 1000},
        {.duration = 10s, .from = 800, .to = 800},
        {.duration = 10s, .from = 600, .to = 600},
        {.duration = 10s, .from = 400, .to = 400}}},
      {R"({"spike": "10000/s", "base": "1000/s", "before": "10s", "for": "5s", "after": "20s"})",
       {{.duration = 10s, .from = 1000, .to = 1000},
        {.duration = 5s, .from = 10000, .to = 10000},
        {.duration = 20s, .from = 1000, .to = 1000}}},
      {R"({"spike": "9/s", "base": "1/s", "before": "0s", "rise": "1s", "for": "5s", "fall": "2s", "after": "0s"})",
       {{.duration = 1s, .from = 1, .to = 9},
        {.duration = 5s, .from = 9, .to = 9},
        {.duration = 2s, .from = 9, .to = 1}}},
      {R"({"mean": "1000/s", "amplitude": "500/s", "period": "60s", "for": "5m"})",
       {{.duration = 5min, .from = 1000, .to = 1000, .amplitude = 500, .period = 60s}}},
      {R"({"mean": "7/s", "amplitude": "0/s", "period": "60s", "for": "5m"})",
       {{.duration = 5min, .from = 7, .to = 7}}},
  };
  for (const Case& c : cases) {
    const ThreadGroup group = group_of(arrivals(c.text));
    EXPECT_EQ(group.arrivals, c.expected) << c.text;
    EXPECT_TRUE(group.open());
    EXPECT_EQ(group.users, 0U);
    EXPECT_FALSE(group.for_ever());
  }
}

TEST(Arrivals, SegmentsFollowEachOther) {
  const ThreadGroup group = group_of(arrivals(
      R"({"from": "0/s", "to": "10/s", "over": "1s"}, {"rate": "10/s", "for": "2s"}, {"rate": "0/s", "for": "3s"})"));
  EXPECT_EQ(
      group.arrivals,
      (Segments{{.duration = 1s, .from = 0, .to = 10}, {.duration = 2s, .from = 10, .to = 10}, {.duration = 3s}}));
}

TEST(Arrivals, OptionsOfAnOpenGroup) {
  const std::string segment = R"("arrivals": [{"rate": "10/s", "for": "1s"}])";
  const ThreadGroup defaults = group_of(with(segment));
  EXPECT_EQ(defaults.spacing, load::Spacing::uniform);
  EXPECT_EQ(defaults.max_in_flight, 10'000U);
  EXPECT_FALSE(defaults.max_in_flight_given);
  EXPECT_EQ(defaults.at_limit, AtLimit::wait);
  EXPECT_EQ(defaults.connections, 0U);
  const ThreadGroup group = group_of(with(segment + R"(, "spacing": "poisson", "max_in_flight": 70, "at_limit": "drop",
      "connections": 50, "startup_delay": "3s", "on_error": "stop_test")"));
  EXPECT_EQ(group.spacing, load::Spacing::poisson);
  EXPECT_EQ(group.max_in_flight, 70U);
  EXPECT_TRUE(group.max_in_flight_given);
  EXPECT_EQ(group.at_limit, AtLimit::drop);
  EXPECT_EQ(group.connections, 50U);
  EXPECT_EQ(group.startup_delay, 3s);
}

TEST(Arrivals, WarmUpAndSeedAreThePlans) {
  const std::string group = R"("users": 1)";
  EXPECT_EQ(plan_of(with(group)).warm_up, WarmUp{});
  EXPECT_EQ(plan_of(with(group)).seed, 1U);
  const Plan plan = plan_of(with(group, R"("warm_up": "5s", "seed": 42,)"));
  EXPECT_EQ(plan.warm_up, (WarmUp{.automatic = false, .time = 5s}));
  EXPECT_EQ(plan.seed, 42U);
  EXPECT_EQ(plan_of(with(group, R"("warm_up": "auto",)")).warm_up, (WarmUp{.automatic = true}));
  EXPECT_EQ(plan_of(with(group, R"("variables": {"w": "2s"}, "warm_up": "${w}",)")).warm_up, (WarmUp{.time = 2s}));
}

struct Mistake {
  std::string text;
  const char* problem;
};

void expect_problems(const std::vector<Mistake>& mistakes) {
  for (const Mistake& m : mistakes)
    EXPECT_NE(problems_of(m.text).find(m.problem), std::string::npos) << problems_of(m.text);
}

TEST(Arrivals, MistakesInSegmentsSayWhatToWrite) {
  expect_problems({
      {arrivals(""), "3:13 /thread_groups/0/arrivals: the list is empty"},
      {arrivals("{}"), R"(3:14 /thread_groups/0/arrivals/0: a segment of arrivals is one of { "rate": "500/s")"},
      {arrivals(R"({"rate": "5/s"})"),
       R"(3:14 /thread_groups/0/arrivals/0: a constant rate needs "for"; write { "rate")"},
      {arrivals(R"({"rate": "5/s", "foor": "5s"})"),
       R"(3:30 /thread_groups/0/arrivals/0/foor: unknown key "foor"; did you mean "for"?)"},
      {arrivals(R"({"rate": "5/s", "for": "5s", "over": "1s"})"),
       R"(3:43 /thread_groups/0/arrivals/0/over: a constant rate has no "over"; write { "rate": "500/s", "for": "5m" })"},
      {arrivals(R"({"from": "5/s", "to": "6/s"})"), R"(a ramp needs "over")"},
      {arrivals(R"({"from": "5/s", "to": "6/s", "for": "5s"})"), R"("for"; write { "from")"},
      {arrivals(R"({"from": "5/s", "to": "6/s", "steps": 3})"), R"(a row of steps needs "each")"},
      {arrivals(R"({"spike": "5/s", "for": "5s"})"), R"(a spike needs "base", "before" and "after")"},
      {arrivals(R"({"mean": "5/s", "for": "5s"})"), R"(a wave needs "amplitude" and "period")"},
      {arrivals(R"({"rate": 5, "for": "5s"})"),
       R"(3:23 /thread_groups/0/arrivals/0/rate: "5" has no unit; write "5/s")"},
      {arrivals(R"({"rate": "-5/s", "for": "5s"})"), R"("-5/s" is negative)"},
      {arrivals(R"({"rate": "2G/s", "for": "5s"})"), R"("2G/s" is out of range; it must be 0/s to 10000000/s)"},
      {arrivals(R"({"rate": "5/s", "for": "0s"})"), R"("0s" is out of range; it must be 1ns to)"},
      {arrivals(R"({"from": "1/s", "to": "5/s", "over": "0s"})"), R"("0s" is out of range)"},
      {arrivals(R"({"from": "1/s", "to": "5/s", "steps": 1, "each": "1s"})"),
       "1 is out of range; it must be 2 to 1000"},
      {arrivals(R"({"mean": "5/s", "amplitude": "6/s", "period": "1s", "for": "5s"})"),
       "an amplitude of 6/s around a mean of 5/s would make the rate negative; it can be 5/s at most"},
      {arrivals(R"({"mean": "5/s", "amplitude": "5/s", "period": "0s", "for": "5s"})"), R"("0s" is out of range)"},
      {arrivals(R"({"rate": "0/s", "for": "5s"})"), "3:13 /thread_groups/0/arrivals: 0 users arrive in all"},
      {arrivals(R"({"rate": "0.4/s", "for": "1s"})"), "0.4 users arrive in all, which is none"},
      {arrivals(R"({"rate": "1/s", "for": "5000h"}, {"rate": "1/s", "for": "5000h"})"), "the arrivals last 417 days"},
      {arrivals("5"), "expected an object, found 5"},
      {with(R"("arrivals": {"rate": "5/s", "for": "5s"})"), "expected an array"},
  });
  EXPECT_EQ(group_of(with(R"("spacing": "poisson", "arrivals": [{"rate": "0.4/s", "for": "1s"}])")).arrivals.size(), 1U)
      << "at random, one may come";
}

TEST(Arrivals, TotalsThatWouldOverflowAreRefused) {
  std::string years;
  for (int i = 0; i < 1'000; ++i) years += std::string(i == 0 ? "" : ",") + R"({"rate": "1/s", "for": "8760h"})";
  EXPECT_NE(problems_of(arrivals(years)).find("the arrivals last 365000 days"), std::string::npos);
}

TEST(Arrivals, SegmentsAreBounded) {
  std::string many;
  for (int i = 0; i < 11; ++i)
    many += std::string(i == 0 ? "" : ",") + R"({"from": "1/s", "to": "2/s", "steps": 1000, "each": "1s"})";
  EXPECT_EQ(
      problems_of(arrivals(many)),
      "3:594 /thread_groups/0/arrivals/10: more than 10000 segments, steps and spikes counted out; write fewer\n");
}

TEST(Arrivals, WhatDoesNotGoTogetherSaysWhy) {
  const std::string open = R"("arrivals": [{"rate": "5/s", "for": "5s"}],)";
  expect_problems({
      {with(open + R"("users": 5)"),
       R"(/thread_groups/0/users: "users" does not go with "arrivals": each arrival is a)"},
      {with(open + R"("ramp_up": "5s")"), R"("ramp_up" does not go with "arrivals": it says how users start)"},
      {with(open + R"("ramp": "exact")"), R"("ramp" does not go with "arrivals")"},
      {with(open + R"("delayed_start": true)"), R"("delayed_start" does not go with "arrivals")"},
      {with(open + R"("loops": 5)"), R"("loops" does not go with "arrivals": each arrival runs the steps once)"},
      {with(open + R"("iterations": 5)"), R"("iterations" does not go with "arrivals")"},
      {with(open + R"("duration": "5s")"), R"("duration" does not go with "arrivals": the group ends with its last)"},
      {with(open + R"("same_user_on_next_iteration": false)"), R"("same_user_on_next_iteration" does not go with)"},
      {with(R"("users": 5, "spacing": "poisson")"), R"("spacing" needs "arrivals")"},
      {with(R"("users": 5, "max_in_flight": 5)"), R"("max_in_flight" needs "arrivals")"},
      {with(R"("users": 5, "at_limit": "drop")"), R"("at_limit" needs "arrivals")"},
      {with(R"("users": 5, "connections": 5)"), R"("connections" needs "arrivals")"},
      {with(open + R"("spacing": "poison")"), R"("poison" is not one of "uniform" and "poisson"; did you mean)"},
      {with(open + R"("at_limit": "queue")"), R"("queue" is not one of "wait" and "drop")"},
      {with(open + R"("max_in_flight": 0)"), "0 is out of range; it must be 1 to 1000000"},
      {with(open + R"("max_in_flight": 5, "connections": 6)"), "6 connections, of which max_in_flight lets 5 be used"},
      {with(R"("users": 5)", R"("warm_up": "soon",)"), R"("soon" is not a duration)"},
      {with(R"("users": 5)", R"("warm_up": "Auto",)"), R"("Auto" is not a duration; did you mean "auto"?)"},
      {with(R"("users": 5)", R"("warm_up": 5,)"), R"("5" has no unit)"},
      {with(R"("users": 5)", R"("seed": -1,)"), "-1 is not a whole number"},
      {with(R"("users": 5)", R"("seed": 9007199254740992,)"), "is out of range"},
  });
}

TEST(Arrivals, AreShownAsTheyWouldBeWritten) {
  const std::string text = with(R"("arrivals": [
      {"from": "0/s", "to": "10/h", "over": "30m"}, {"rate": "0.1/s", "for": "1m30s"},
      {"from": "10/s", "to": "20/s", "steps": 7, "each": "3s"},
      {"spike": "10k/s", "base": "33.3/s", "before": "1s", "rise": "5ms", "for": "1s", "after": "1s"},
      {"mean": "1000/s", "amplitude": "333.3/s", "period": "7s", "for": "1m"}],
      "spacing": "poisson", "max_in_flight": 70, "at_limit": "drop", "connections": 5)",
                                R"("warm_up": "auto", "seed": 7,)");
  const Plan plan = plan_of(text);
  const std::string shown = to_json(plan);
  for (const char* part :
       {R"("to": "10/h")", R"("for": "1m30s")", R"("rate": "11.666666666666666/s")", R"("amplitude": "333.3/s")",
        R"("spacing": "poisson")", R"("at_limit": "drop")", R"("warm_up": "auto")", R"("seed": 7)"})
    EXPECT_NE(shown.find(part), std::string::npos) << part << " is not in\n" << shown;
  for (const char* part : {"users", "loops", "ramp_up", "same_user", "\"steps\": 7"})
    EXPECT_EQ(shown.find(part), std::string::npos) << part << " is in\n" << shown;

  const Plan again = plan_of(shown);
  const ThreadGroup& group = again.thread_groups.at(0);
  EXPECT_EQ(group.arrivals, plan.thread_groups.at(0).arrivals);
  EXPECT_EQ(group.spacing, load::Spacing::poisson);
  EXPECT_EQ(group.max_in_flight, 70U);
  EXPECT_EQ(group.at_limit, AtLimit::drop);
  EXPECT_EQ(group.connections, 5U);
  EXPECT_EQ(again.warm_up, plan.warm_up);
  EXPECT_EQ(again.seed, 7U);
  EXPECT_EQ(to_json(again), shown);
  EXPECT_NE(describe(plan).find("arrivals 1 of 14\n"), std::string::npos) << describe(plan);
}

TEST(Arrivals, AClosedGroupShowsNothingOfThem) {
  const std::string shown = to_json(plan_of(with(R"("users": 2)")));
  for (const char* part : {"arrivals", "spacing", "max_in_flight", "at_limit", "\"connections\""})
    EXPECT_EQ(shown.find(part), std::string::npos) << part << " is in\n" << shown;
}

/// Overrides of which only one is given.
template <class T>
Overrides only(std::optional<T> Overrides::*member, T value) {
  Overrides overrides;
  overrides.*member = value;
  return overrides;
}

TEST(Arrivals, TheCommandLineChangesWhatItCan) {
  const std::string one = arrivals(R"({"rate": "10/s", "for": "1s"})");
  EXPECT_EQ(group_of(one, only<Duration>(&Overrides::duration, 1min)).arrivals,
            (Segments{{.duration = 1min, .from = 10, .to = 10}}));
  EXPECT_EQ(plan_of(one, only(&Overrides::warm_up, WarmUp{.time = 2s})).warm_up, (WarmUp{.time = 2s}));
  EXPECT_EQ(plan_of(one, only<std::uint64_t>(&Overrides::seed, 9)).seed, 9U);

  struct Case {
    std::string text;
    Overrides overrides;
    const char* problem;
  };
  const std::string two = arrivals(R"({"rate": "10/s", "for": "1s"}, {"rate": "20/s", "for": "1s"})");
  const Case cases[] = {
      {two, only<Duration>(&Overrides::duration, 1min), "0:0 : --duration cannot say which of several segments"},
      {arrivals(R"({"from": "1/s", "to": "2/s", "over": "1s"})"), only<Duration>(&Overrides::duration, 1min),
       "--duration cannot say which"},
      {one, only<std::uint32_t>(&Overrides::users, 5),
       "--users is for thread groups with users, and this plan has arrivals only"},
      {one, only<Duration>(&Overrides::ramp_up, 5s), "--ramp-up is for thread groups with users"},
      {one, only<std::uint64_t>(&Overrides::loops, 5), "--loops is for thread groups with users"},
      {one, only<std::uint64_t>(&Overrides::seed, 1ULL << 53), "--seed 9007199254740992 is out of range"},
      {one, only(&Overrides::warm_up, WarmUp{.time = 24h * 400}), "--warm-up 9600h is out of range"},
  };
  for (const Case& c : cases)
    EXPECT_NE(problems_of(c.text, c.overrides).find(c.problem), std::string::npos) << problems_of(c.text, c.overrides);
}

TEST(Arrivals, OptionsAboutUsersGoToTheGroupsThatHaveSome) {
  const std::string mixed = R"({"target": "http://h", "thread_groups": [
      {"arrivals": [{"rate": "10/s", "for": "1s"}], "steps": [{"get": "/"}]},
      {"users": 3, "steps": [{"get": "/"}]}]})";
  Overrides overrides;
  overrides.users = 8;
  overrides.loops = 4;
  const Plan plan = plan_of(mixed, overrides);
  EXPECT_EQ(plan.thread_groups.at(0).users, 0U);
  EXPECT_EQ(plan.thread_groups.at(1).users, 8U);
  EXPECT_EQ(plan.thread_groups.at(1).loops, 4U);
  EXPECT_TRUE(plan.has_arrivals());
  EXPECT_EQ(plan.users(), 8U);
}

}  // namespace
}  // namespace loadgen::config
