// The loop under a fake engine and a manual clock: when things start, what on_error does, how a run ends.

#include <map>

#include "tests/support/shard_trial.hpp"

namespace loadgen::run {
namespace {

TEST(RunShard, UsersStartOnTheRampToTheNanosecond) {
  const Trial trial = run(plan_of(6000, seconds(2), {step("a")}), answers_after(milliseconds(2)));
  ASSERT_EQ(trial.started.size(), 6000u);
  for (std::uint32_t n = 0; n < 6000; ++n)
    ASSERT_EQ(trial.started[n].at, kT0 + Duration(std::int64_t{n} * 2'000'000'000 / 6000)) << n;
  EXPECT_EQ(trial.counts.users_started, 6000u);
  EXPECT_EQ(trial.outcomes().succeeded, 6000u);
  EXPECT_EQ(trial.labels()[0].succeeded.send_lag.max(), Duration::zero());
  EXPECT_EQ(trial.labels()[0].succeeded.response.max(), milliseconds(2));
}

TEST(RunShard, ShardsDealOneGlobalSchedule) {
  const config::Plan plan = plan_of(100, seconds(1), {step("a")});
  std::vector<TimePoint> together;
  for (std::uint32_t k = 0; k < 3; ++k)
    for (const auto& s : run(plan, answers_after(milliseconds(1)), {k, 3}).started) together.push_back(s.at);
  std::sort(together.begin(), together.end());
  std::vector<TimePoint> alone;
  for (const auto& s : run(plan, answers_after(milliseconds(1))).started) alone.push_back(s.at);
  EXPECT_EQ(together, alone);
}

TEST(RunShard, AClosedLoopGoesOnAtTheResponsesEnd) {
  config::Plan plan = plan_of(1, {}, {step("a"), step("b", milliseconds(5))});
  plan.thread_groups[0].loops = 2;
  const Trial trial = run(plan, answers_after(milliseconds(10)));
  const std::vector<Duration> expected = {milliseconds(0), milliseconds(15), milliseconds(25), milliseconds(40)};
  ASSERT_EQ(trial.started.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(trial.started[i].at - kT0, expected[i]) << i;
  EXPECT_EQ(trial.labels()[0].outcomes.succeeded, 2u);
  EXPECT_EQ(trial.labels()[1].outcomes.succeeded, 2u);
}

TEST(RunShard, DurationEndsAForeverLoopAndLetsTheLastRequestFinish) {
  config::Plan plan = plan_of(2, {}, {step("a")});
  plan.thread_groups[0].loops.reset();
  plan.thread_groups[0].duration = milliseconds(95);
  const Trial trial = run(plan, answers_after(milliseconds(10)));
  EXPECT_EQ(trial.started.size(), 20u) << "at 0, 10, … 90 ms by both users";
  EXPECT_EQ(trial.outcomes().succeeded, 20u);
  EXPECT_EQ(trial.counts.not_started, 0u);
  EXPECT_EQ(trial.end, kT0 + milliseconds(100));
}

TEST(RunShard, IterationsAreDealtOverTheUsers) {
  config::Plan plan = plan_of(4, {}, {step("a")});
  plan.thread_groups[0].loops.reset();
  plan.thread_groups[0].iterations = 10;
  const Trial trial = run(plan, answers_after(milliseconds(1)));
  EXPECT_EQ(trial.started.size(), 10u);
  EXPECT_EQ(trial.counts.planned, 10u);
}

TEST(RunShard, StartupDelayMovesTheWholeGroup) {
  config::Plan plan = plan_of(2, milliseconds(20), {step("a")});
  plan.thread_groups[0].startup_delay = seconds(3);
  const Trial trial = run(plan, answers_after(milliseconds(1)));
  EXPECT_EQ(trial.started[0].at, kT0 + seconds(3));
  EXPECT_EQ(trial.started[1].at, kT0 + seconds(3) + milliseconds(10));
}

struct OnErrorRow {
  config::OnError on_error;
  std::size_t sent;  ///< of 2 users x 2 loops x 2 steps, when user 0's first request fails
  std::uint64_t not_started;
};

TEST(RunShard, OnErrorDecidesWhatIsSkipped) {
  using config::OnError;
  for (const OnErrorRow& row : {OnErrorRow{OnError::continue_, 8, 0},
                                {OnError::start_next_loop, 7, 1},
                                {OnError::stop_user, 5, 3},
                                {OnError::stop_test, 2, 6},
                                {OnError::stop_test_now, 2, 6}}) {
    config::Plan plan = plan_of(2, {}, {step("a"), step("b")});
    plan.thread_groups[0].loops = 2;
    plan.thread_groups[0].on_error = row.on_error;
    const Trial trial = run(plan, [](const test::Started& s) {
      const bool fails = s.slot == 0 && s.index == 0;
      return test::Reply{milliseconds(fails ? 5 : 10), fails ? ErrorKind::status : ErrorKind::none};
    });
    EXPECT_EQ(trial.started.size(), row.sent) << static_cast<int>(row.on_error);
    EXPECT_EQ(trial.counts.planned, 8u);
    EXPECT_EQ(trial.counts.not_started, row.not_started) << static_cast<int>(row.on_error);
    EXPECT_EQ(trial.outcomes().unfinished, row.on_error == OnError::stop_test_now ? 1u : 0u);
  }
}

TEST(RunShard, AGracefulStopDrainsAndThenGivesUp) {
  config::Plan plan = plan_of(10, milliseconds(1000), {step("a")});
  const auto stop_at_500ms = [](TimePoint now, RunControl& control) {
    if (now >= kT0 + milliseconds(500)) control.raise(Stop::graceful);
  };
  const Trial drained = run(plan, answers_after(milliseconds(300)), {}, stop_at_500ms);
  EXPECT_EQ(drained.outcomes().unfinished, 0u);
  EXPECT_GT(drained.counts.not_started, 3u);

  const Trial given_up = run(plan, answers_after(seconds(60)), {}, stop_at_500ms);
  EXPECT_EQ(given_up.outcomes().unfinished, given_up.started.size());
  EXPECT_LE(given_up.end, kT0 + milliseconds(500) + plan.grace + kStopCheck * 2);
}

TEST(RunShard, AStopNowAborts) {
  const Trial trial =
      run(plan_of(4, {}, {step("a")}), answers_after(seconds(60)), {}, [](TimePoint now, RunControl& control) {
        if (now >= kT0 + milliseconds(100)) control.raise(Stop::now);
      });
  EXPECT_EQ(trial.outcomes().unfinished, 4u);
  EXPECT_LE(trial.end, kT0 + milliseconds(100) + kStopCheck * 2);
}

TEST(RunShard, ConnectionsCloseWhenAUserEndsOrComesBackAsAnother) {
  config::Plan plan = plan_of(1, {}, {step("a"), step("b")});
  plan.thread_groups[0].loops = 3;
  EXPECT_EQ(run(plan, answers_after(milliseconds(1))).released_slots.size(), 1u);
  plan.thread_groups[0].same_user_on_next_iteration = false;
  EXPECT_EQ(run(plan, answers_after(milliseconds(1))).released_slots.size(), 3u);
}

TEST(RunShard, NoUsersNoRequests) {
  config::Plan plan = plan_of(3, {}, {step("a")});
  plan.thread_groups[0].loops = 0;
  const Trial trial = run(plan, answers_after(milliseconds(1)));
  EXPECT_TRUE(trial.started.empty());
  EXPECT_EQ(trial.end, kT0);
}

TEST(RunShard, AThinkTimePastTheDurationEndsTheUserAtOnce) {
  config::Plan plan = plan_of(1, {}, {step("a", seconds(10))});
  plan.thread_groups[0].loops.reset();
  plan.thread_groups[0].duration = seconds(15);
  const Trial trial = run(plan, answers_after(milliseconds(10)));
  ASSERT_EQ(trial.started.size(), 1u);
  EXPECT_EQ(trial.started[0].at, kT0 + seconds(10));
  EXPECT_EQ(trial.end, kT0 + seconds(10) + milliseconds(10));
}

TEST(RunShard, WritesWhatItRecordedForOthersToReadEachSecond) {
  config::Plan plan = plan_of(1, {}, {step("a", milliseconds(100))});
  plan.thread_groups[0].loops.reset();
  plan.thread_groups[0].duration = milliseconds(2'950);
  const Program program = *compile(plan);
  Shard shard{.pacer = Pacer(plan, program, schedule(plan), {}, kT0),
              .recorder = stats::Recorder(1, program.label_of, kT0, seconds(3)),
              .pacing = Pacing(stats::PaceRecord{}),
              .watch = ShardWatch(kT0, seconds(3)),
              .progress = {},
              .publishes = kT0 + milliseconds(750)};
  stats::IntervalLog::Reader reader(shard.recorder.intervals());
  std::uint64_t seen = 0;
  std::map<std::int64_t, std::uint64_t> seen_by;  // by the quarter of a second
  ManualClock clock(kT0);
  FakeEngine engine(clock, answers_after(milliseconds(1)), [&](TimePoint now) {
    for (stats::IntervalLog::Piece piece; reader.next(piece);)
      if (piece.series == stats::Series::response) seen += piece.exact.count;
    seen_by[(now - kT0) / milliseconds(250)] = seen;
  });
  RunControl control;
  Mailbox mailbox;
  run_shard(shard, engine, clock, control, mailbox);
  // A request each 101 ms, from 100 ms on; by itself the log keeps the newest four cells of 200 ms to itself.
  EXPECT_EQ(seen_by[2], 0u);
  EXPECT_EQ(seen_by[3], 7u) << "all by 750 ms";
  EXPECT_EQ(seen_by[7], 17u) << "all by 1,750 ms";
  EXPECT_EQ(seen_by[11], 27u);
}

}  // namespace
}  // namespace loadgen::run
