// Open load in the loop: arrivals by a schedule, places, what happens at max_in_flight and at the end.

#include <algorithm>
#include <set>

#include "run/opening.hpp"
#include "tests/support/shard_trial.hpp"

namespace loadgen::run {
namespace {

config::Plan open_plan(double rate, Duration length, std::vector<config::Step> steps = {step("a")}) {
  config::Plan plan = plan_of(0, {}, std::move(steps));
  plan.thread_groups[0].arrivals = {{.duration = length, .from = rate, .to = rate}};
  return plan;
}

std::vector<Duration> starts_of(const Trial& trial) {
  std::vector<Duration> starts;
  for (const test::Started& s : trial.started) starts.push_back(s.at - kT0);
  return starts;
}

TEST(OpenLoad, ArrivalsStartByTheScheduleWhateverTheTargetDoes) {
  const Trial trial = run(open_plan(1000, seconds(2)), answers_after(milliseconds(300)));
  ASSERT_EQ(trial.started.size(), 2000u);
  for (std::size_t k = 0; k < 2000; ++k)
    ASSERT_EQ(trial.started[k].at - kT0, std::chrono::microseconds(500 + 1000 * k)) << k;
  EXPECT_EQ(trial.counts.planned, 2000u);
  EXPECT_EQ(trial.counts.arrived, 2000u);
  EXPECT_EQ(trial.counts.waited, 0u);
  EXPECT_EQ(trial.counts.most_under_way, 300u) << "a place for each of 300 ms of arrivals";
}

TEST(OpenLoad, ShardsDealOneSchedule) {
  for (const load::Spacing spacing : {load::Spacing::uniform, load::Spacing::poisson}) {
    config::Plan plan = open_plan(500, seconds(1));
    plan.thread_groups[0].spacing = spacing;
    std::vector<Duration> together;
    std::uint64_t planned = 0;
    for (std::uint32_t k = 0; k < 3; ++k) {
      const Trial trial = run(plan, answers_after(milliseconds(1)), {k, 3});
      for (const Duration start : starts_of(trial)) together.push_back(start);
      planned += trial.counts.planned;
    }
    std::sort(together.begin(), together.end());
    EXPECT_EQ(together, starts_of(run(plan, answers_after(milliseconds(1)))));
    EXPECT_EQ(planned, together.size());
  }
}

TEST(OpenLoad, ConnectionsAreUsedInTurnAndGrowOnlyAsNeeded) {
  config::Plan plan = open_plan(100, seconds(1));
  plan.thread_groups[0].connections = 5;
  const Trial trial = run(plan, answers_after(milliseconds(1)));
  for (std::size_t i = 0; i < trial.started.size(); ++i) ASSERT_EQ(trial.started[i].slot, i % 5) << i;

  plan.thread_groups[0].connections = 0;
  std::set<std::uint32_t> slots;
  for (const test::Started& s : run(plan, answers_after(milliseconds(25))).started) slots.insert(s.slot);
  EXPECT_EQ(slots.size(), 3u) << "25 ms of 10 ms between arrivals";
  EXPECT_TRUE(run(plan, answers_after(milliseconds(1))).released_slots.empty()) << "connections outlive their users";
}

TEST(OpenLoad, AtTheLimitAnArrivalWaitsAndItsDueTimeStays) {
  config::Plan plan = open_plan(100, milliseconds(100));  // due at 5, 15, … 95 ms
  plan.thread_groups[0].max_in_flight = 1;
  plan.grace = seconds(10);
  const Trial trial = run(plan, answers_after(milliseconds(30)));
  // One place, 30 ms each: started at 5, 35, 65, … the wait is part of the response time and nobody's lag.
  ASSERT_EQ(trial.started.size(), 10u);
  for (std::size_t k = 0; k < 10; ++k) EXPECT_EQ(trial.started[k].at - kT0, milliseconds(5 + 30 * k)) << k;
  EXPECT_EQ(trial.counts.waited, 9u);
  const stats::Times& times = trial.labels()[0].succeeded;
  EXPECT_EQ(times.send_lag.max(), Duration::zero());
  EXPECT_EQ(times.connection_wait.count(), 9u);
  EXPECT_EQ(times.connection_wait.max(), milliseconds(9 * 20));
  EXPECT_EQ(times.response.max(), milliseconds(9 * 20 + 30));
  EXPECT_EQ(times.service.max(), milliseconds(30));
}

TEST(OpenLoad, AtTheLimitAnArrivalMayBeDropped) {
  config::Plan plan = open_plan(100, milliseconds(100), {step("a"), step("b")});
  plan.thread_groups[0].max_in_flight = 1;
  plan.thread_groups[0].at_limit = config::AtLimit::drop;
  const Trial trial = run(plan, answers_after(milliseconds(15)));
  // A user is under way for 30 ms, so that every third arrival finds the place free: those of 5, 35, 65 and 95 ms.
  EXPECT_EQ(trial.counts.arrived, 4u);
  EXPECT_EQ(trial.counts.planned, 20u);
  EXPECT_EQ(trial.counts.dropped, 12u) << "both requests of six users";
  EXPECT_EQ(trial.outcomes().succeeded, 8u);
}

TEST(OpenLoad, ADroppedUserTakesAllItsRequestsAlongWhateverTheSpacing) {
  for (const load::Spacing spacing : {load::Spacing::uniform, load::Spacing::poisson}) {
    config::Plan plan = open_plan(100, seconds(2), {step("a"), step("b"), step("c")});
    plan.thread_groups[0].spacing = spacing;
    plan.thread_groups[0].max_in_flight = 1;
    plan.thread_groups[0].at_limit = config::AtLimit::drop;
    const Trial trial = run(plan, answers_after(milliseconds(15)));
    EXPECT_EQ(trial.counts.dropped, 3 * trial.counts.users_dropped);
    EXPECT_EQ(trial.counts.planned, 3 * (trial.counts.arrived + trial.counts.users_dropped));
    EXPECT_EQ(trial.counts.waited, 0u);
    EXPECT_GT(trial.counts.users_dropped, 10u);
  }
}

TEST(OpenLoad, ManyDropsDoNotKeepTheResponsesFromBeingRead) {
  config::Plan plan = open_plan(5e6, milliseconds(100));
  plan.thread_groups[0].max_in_flight = 1;
  plan.thread_groups[0].at_limit = config::AtLimit::drop;
  const Trial trial = run(plan, answers_after(milliseconds(10)));
  EXPECT_GE(trial.counts.arrived, 9u);
  EXPECT_EQ(trial.counts.arrived + trial.counts.users_dropped, 500'000u);
}

TEST(OpenLoad, AHopelessBacklogIsGivenUpAtOnce) {
  config::Plan plan = open_plan(1e9, std::chrono::hours(1));
  plan.thread_groups[0].max_in_flight = 1;
  const Trial trial = run(plan, answers_after(milliseconds(10)), {}, [](TimePoint now, RunControl& control) {
    if (now >= kT0 + seconds(20)) control.raise(Stop::now);
  });
  EXPECT_EQ(trial.counts.planned, 3'600'000'000'000u);
  EXPECT_NEAR(static_cast<double>(trial.counts.never_sent), 2e10, 2e8);
}

TEST(OpenLoad, AUserWhoStillThinksHasArrivedAndNotStarted) {
  config::Plan plan = open_plan(50, seconds(2), {step("a", seconds(3))});
  plan.thread_groups.push_back(plan_of(3, {}, {step("b")}).thread_groups[0]);
  const Trial trial = run(plan, answers_after(milliseconds(1)), {}, [](TimePoint now, RunControl& control) {
    if (now >= kT0 + seconds(1)) control.raise(Stop::graceful);
  });
  EXPECT_EQ(trial.counts.ramped_started, 3u);
  EXPECT_GT(trial.counts.arrived, trial.counts.users_started);
}

TEST(OpenLoad, WhatFoundNoPlaceByTheEndWasNeverSent) {
  config::Plan plan = open_plan(100, milliseconds(100));
  plan.thread_groups[0].max_in_flight = 1;
  plan.grace = milliseconds(100);
  const Trial trial = run(plan, answers_after(milliseconds(60)));
  // Started at 5, 65, 125 and 185 ms; the grace ends at 200 ms, in the midst of the fourth.
  EXPECT_EQ(trial.started.size(), 4u);
  EXPECT_EQ(trial.outcomes().succeeded, 3u);
  EXPECT_EQ(trial.outcomes().unfinished, 1u);
  EXPECT_EQ(trial.counts.never_sent, 6u);
  EXPECT_EQ(trial.counts.not_started, 6u);
}

TEST(OpenLoad, AStopLeavesTheRestNotStartedAndNotNeverSent) {
  const auto stop_at_500ms = [](TimePoint now, RunControl& control) {
    if (now >= kT0 + milliseconds(500)) control.raise(Stop::graceful);
  };
  const Trial uniform = run(open_plan(100, seconds(100)), answers_after(milliseconds(1)), {1, 4}, stop_at_500ms);
  EXPECT_EQ(uniform.counts.planned, 2500u);
  EXPECT_EQ(uniform.counts.never_sent, 0u);
  EXPECT_GT(uniform.counts.not_started, 2480u);

  config::Plan poisson = open_plan(100, seconds(100));
  poisson.thread_groups[0].spacing = load::Spacing::poisson;
  const Trial random = run(poisson, answers_after(milliseconds(1)), {}, stop_at_500ms);
  // Planned as they fall due: at most what fell due in the very turn of the stop is not started.
  EXPECT_LE(random.counts.not_started, 2u);
  EXPECT_EQ(random.counts.never_sent, 0u);
}

TEST(OpenLoad, AUserRunsItsStepsOnceAndThinksInBetween) {
  const Trial trial = run(open_plan(1, seconds(2), {step("a", milliseconds(100)), step("b", milliseconds(50))}),
                          answers_after(milliseconds(10)));
  const std::vector<Duration> expected = {milliseconds(600), milliseconds(660), milliseconds(1600), milliseconds(1660)};
  EXPECT_EQ(starts_of(trial), expected);
  EXPECT_EQ(trial.counts.users_finished, 2u);
}

TEST(OpenLoad, ClosedAndOpenGroupsRunSideBySide) {
  config::Plan plan = open_plan(10, seconds(1));
  plan.thread_groups.push_back(plan_of(2, {}, {step("b")}).thread_groups[0]);
  plan.thread_groups[1].loops = 3;
  const Trial trial = run(plan, answers_after(milliseconds(200)));
  EXPECT_EQ(trial.labels()[0].outcomes.succeeded, 10u);
  EXPECT_EQ(trial.labels()[1].outcomes.succeeded, 6u);
  EXPECT_EQ(trial.counts.first_user_start, kT0) << "of ramped users only";
  EXPECT_EQ(trial.counts.last_user_start, kT0);
}

TEST(OpenLoad, AFailedUserLeavesItsPlace) {
  config::Plan plan = open_plan(10, seconds(1), {step("a"), step("b")});
  plan.thread_groups[0].on_error = config::OnError::stop_user;
  const Trial trial = run(plan, [](const test::Started&) { return test::Reply{milliseconds(1), ErrorKind::status}; });
  EXPECT_EQ(trial.started.size(), 10u);
  EXPECT_EQ(trial.counts.not_started, 10u) << "each user's second step";
  EXPECT_EQ(trial.counts.most_under_way, 1u);
}

TEST(Places, DealTheShardsTheirShareAndAtLeastOne) {
  config::Plan plan = open_plan(10, seconds(1));
  plan.thread_groups[0].max_in_flight = 10;
  plan.thread_groups[0].connections = 5;
  std::uint32_t places = 0, opened = 0;
  for (std::uint32_t k = 0; k < 4; ++k) {
    const PlaceRange range = places_of(plan, 3, {k, 4}).at(0);
    EXPECT_EQ(range.first, k < 3 ? 1u : 0u) << "behind the shard's users";
    places += range.count;
    opened += range.opened;
  }
  EXPECT_EQ(places, 10u);
  EXPECT_EQ(opened, 5u);
}

TEST(Opening, AsksForAFewAtATimeAndCountsWhatStands) {
  ManualClock clock(kT0);
  FakeEngine engine(clock, answers_after({}), [](TimePoint) {});
  engine.on_connect([](const test::Connecting& c) {
    return test::Reply{milliseconds(1), c.slot % 10 == 0 ? ErrorKind::connect_refused : ErrorKind::none};
  });
  std::vector<Opening> wanted;
  for (std::uint32_t slot = 0; slot < 100; ++slot) wanted.push_back({slot, 0});
  RunControl control;
  const stats::OpeningRecord record = open_ahead(engine, wanted, clock, control);
  EXPECT_EQ(record.asked, 100u);
  EXPECT_EQ(record.opened, 90u);
  EXPECT_EQ(record.connect.count(), 90u);
  EXPECT_EQ(record.connect.max(), milliseconds(1));
  EXPECT_GE(record.took, milliseconds(4)) << "in at least four helpings of 32";
}

TEST(Opening, OneThatIsSharedCountsOnce) {
  ManualClock clock(kT0);
  FakeEngine engine(clock, answers_after({}), [](TimePoint) {});
  engine.on_connect([](const test::Connecting& c) {
    return test::Reply{.after = milliseconds(1),
                       .error = c.slot < 10 ? ErrorKind::connect_refused : ErrorKind::none,
                       .joined = c.slot % 10 != 0};
  });
  std::vector<Opening> wanted;
  for (std::uint32_t slot = 0; slot < 40; ++slot) wanted.push_back({slot, 0});
  RunControl control;
  const stats::OpeningRecord record = open_ahead(engine, wanted, clock, control);
  EXPECT_EQ(record.asked, 4u);
  EXPECT_EQ(record.opened, 3u);
  EXPECT_EQ(record.connect.count(), 3u);
}

}  // namespace
}  // namespace loadgen::run
