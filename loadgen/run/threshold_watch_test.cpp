#include "run/threshold_watch.hpp"

#include <gtest/gtest.h>

#include "tests/support/shard_trial.hpp"

namespace loadgen::run {
namespace {

using stats::IntervalLog;
using stats::OutcomeClass;

/// What came back in a second, and how many requests were sent in it.
struct Second {
  std::uint32_t sent = 0;
  std::uint32_t succeeded = 0;
  Duration response = milliseconds(10);
  std::uint32_t failed = 0;
  std::uint32_t timed_out = 0;  ///< with `response` as their bound; failed, too
  std::uint16_t label = 0;
};

constexpr Second kFast{.sent = 200, .succeeded = 200};
constexpr Second kSlow{.sent = 200, .succeeded = 200, .response = milliseconds(500)};
constexpr Second kNothing{};

/// A closed loop without end, unless a test says otherwise.
config::Plan plan_with(const std::vector<std::string>& thresholds) {
  config::Plan plan = plan_of(1, {}, {step("a"), step("b")});
  plan.thread_groups[0].loops.reset();
  plan.thread_groups[0].duration = std::chrono::hours(1);
  for (const std::string& text : thresholds) plan.thresholds.push_back(*config::parse_threshold(text));
  return plan;
}

/// Feeds a watch second by second, as run_plan does.
class Feed {
 public:
  explicit Feed(const config::Plan& plan) : watch_(plan, {"a", "b"}) {
    progress_.planned_length = std::chrono::hours(1);
  }

  /// The look at the second's end, `late` after it.
  std::optional<stats::StoppedBy> add(const Second& second, Duration late = {}) {
    const std::uint32_t cell = stats::cell_of(seconds(second_));
    for (std::uint32_t i = 0; i < second.succeeded; ++i)
      values_.record(cell, second.label, {second.response, second.response, {}});
    for (std::uint32_t i = 0; i < second.timed_out; ++i)
      cut_offs_.record(cell, second.label, {second.response, second.response, {}});
    values_.publish();
    cut_offs_.publish();
    for (IntervalLog::Piece piece; of_values_.next(piece);) watch_.see(OutcomeClass::succeeded, piece);
    for (IntervalLog::Piece piece; of_cut_offs_.next(piece);) watch_.see(OutcomeClass::cut_off, piece);
    progress_.sent += second.sent;
    progress_.total.completed += second.succeeded + second.failed + second.timed_out;
    progress_.total.failed += second.failed + second.timed_out;
    progress_.elapsed = seconds(++second_) + late;
    return watch_.look(progress_);
  }

  /// So many such seconds: the elapsed one at whose end the run was stopped; 0: it was not.
  std::uint32_t add(std::uint32_t count, const Second& second) {
    for (std::uint32_t i = 0; i < count; ++i)
      if ((stopped_ = add(second))) return second_;
    return 0;
  }
  const std::optional<stats::StoppedBy>& stopped() const { return stopped_; }
  stats::Progress& progress() { return progress_; }

 private:
  IntervalLog values_{2};
  IntervalLog cut_offs_{2};
  IntervalLog::Reader of_values_{values_};
  IntervalLog::Reader of_cut_offs_{cut_offs_};
  ThresholdWatch watch_;
  stats::Progress progress_;
  std::uint32_t second_ = 0;
  std::optional<stats::StoppedBy> stopped_;
};

TEST(ThresholdWatch, NineFailingSecondsAreNotTen) {
  Feed feed(plan_with({"p50 < 100ms abort after 10s"}));
  EXPECT_EQ(feed.add(5, kFast), 0u);
  EXPECT_EQ(feed.add(9, kSlow), 0u);
  EXPECT_EQ(feed.add(1, kFast), 0u) << "one good second begins the count anew";
  EXPECT_EQ(feed.add(30, kSlow), 25u) << "seconds 15 to 24";
  EXPECT_EQ(feed.stopped()->threshold, "p50 < 100ms abort after 10s");
  EXPECT_EQ(feed.stopped()->at, seconds(25));
  EXPECT_NEAR(feed.stopped()->value, 500e6, 0.5e6);
}

TEST(ThresholdWatch, LooksThatComeLateCountTheSameSeconds) {
  Feed feed(plan_with({"p50 < 100ms abort after 10s"}));
  for (std::uint32_t second = 1; second < 10; ++second)
    EXPECT_FALSE(feed.add(kSlow, milliseconds(second % 2 == 0 ? 5 : 95))) << second;
  EXPECT_TRUE(feed.add(kSlow, milliseconds(5)));
}

TEST(ThresholdWatch, AWindowIsLookedAtAsAWhole) {
  // The slow second 8 is in seven windows of 7 s: at 9 to 15.
  Feed seven(plan_with({"max < 100ms over 7s abort after 7s"}));
  EXPECT_EQ(seven.add(8, kFast) + seven.add(1, kSlow), 0u);
  EXPECT_EQ(seven.add(20, kFast), 15u);
  Feed eight(plan_with({"max < 100ms over 7s abort after 8s"}));
  EXPECT_EQ(eight.add(8, kFast) + eight.add(1, kSlow) + eight.add(20, kFast), 0u);
  Feed at_once(plan_with({"max < 100ms over 7s abort"}));
  EXPECT_EQ(at_once.add(20, kSlow), 12u) << "six looks; before 7 there is no window";
}

TEST(ThresholdWatch, WarmUpAndRampsAreLeftOut) {
  config::Plan plan = plan_with({"p50 < 100ms abort after 7s"});
  plan.warm_up.time = seconds(5);
  Feed recovers(plan);
  EXPECT_EQ(recovers.add(5, kSlow) + recovers.add(9, kFast), 0u);
  Feed stays(plan);
  EXPECT_EQ(stays.add(20, kSlow), 12u);
  plan.thread_groups[0].ramp_up = seconds(6);
  Feed ramps(plan);
  EXPECT_EQ(ramps.add(20, kSlow), 13u);
}

TEST(ThresholdWatch, SomeFailuresStopWhenTheyAreSure) {
  const Second tenth{.sent = 100, .succeeded = 90, .failed = 10};
  Feed many(plan_with({"error_rate < 5% abort after 7s"}));
  EXPECT_EQ(many.add(20, tenth), 7u) << "70 of 700: 8 % at least";
  EXPECT_DOUBLE_EQ(many.stopped()->value, 0.1);
  // 6 % of n: Wilson's low end passes 5 % where 0.01 > 1.96 sqrt(0.05 * 0.95 / n), with n = 1,825.
  const Second few{.sent = 100, .succeeded = 94, .failed = 6};
  Feed unsure(plan_with({"error_rate < 5% abort after 3s"}));
  EXPECT_EQ(unsure.add(40, few), 19u);
}

TEST(ThresholdWatch, SecondsWithoutARequestChangeNothing) {
  const Second failing{.sent = 100, .succeeded = 50, .failed = 50};
  Feed feed(plan_with({"error_rate < 5% abort after 6s"}));
  EXPECT_EQ(feed.add(2, failing) + feed.add(3, kNothing), 0u);
  EXPECT_EQ(feed.add(20, failing), 9u) << "the sixth that failed";
  Feed never(plan_with({"error_rate < 5% abort", "p99 < 1s abort"}));
  EXPECT_EQ(never.add(30, kNothing), 0u);
}

TEST(ThresholdWatch, AFewRequestsAreNoFailing) {
  // 1 of 1, and 2 of 10, are more than 5 % by their interval: but they were chosen for having failed.
  Feed one(plan_with({"error_rate < 5% abort", "p99 < 1s abort"}));
  EXPECT_EQ(one.add(1, {.sent = 1, .failed = 1}) + one.add(30, kNothing), 0u);
  Feed two(plan_with({"error_rate < 5% abort"}));
  EXPECT_EQ(two.add(2, {.sent = 5, .succeeded = 4, .failed = 1}) + two.add(30, {.sent = 5, .succeeded = 5}), 0u);
  Feed all(plan_with({"error_rate < 5% abort"}));
  EXPECT_EQ(all.add(30, {.sent = 1, .failed = 1}), 6u);
}

TEST(ThresholdWatch, RatesTakeSixSecondsToBeSure) {
  const Second half{.sent = 50, .succeeded = 50};
  Feed at_once(plan_with({"rps >= 90 abort"}));
  EXPECT_EQ(at_once.add(3, kFast), 0u);
  EXPECT_EQ(at_once.add(20, half), 9u);
  EXPECT_DOUBLE_EQ(at_once.stopped()->value, 50);
  Feed later(plan_with({"rps >= 90 abort after 8s"}));
  EXPECT_EQ(later.add(7, half) + later.add(1, kFast), 0u);
  EXPECT_EQ(later.add(20, half), 16u);
}

TEST(ThresholdWatch, DeliveredIsOfWhatTheScheduleOffers) {
  config::Plan plan = plan_with({"delivered >= 90% abort"});
  plan.thread_groups[0].arrivals = {{.duration = seconds(10), .from = 0, .to = 100},
                                    {.duration = seconds(60), .from = 100, .to = 100}};
  Feed feed(plan);  // two steps an arrival: 200 requests a second
  EXPECT_EQ(feed.add(10, kNothing), 0u) << "a ramp";
  EXPECT_EQ(feed.add(5, {.sent = 200, .succeeded = 190}), 0u);
  EXPECT_EQ(feed.add(20, {.sent = 200, .succeeded = 150}), 21u);
  EXPECT_DOUBLE_EQ(feed.stopped()->value, 0.75);
}

TEST(ThresholdWatch, AServerThatAnswersNothingIsNoticed) {
  // 50 users send once more in second 5 and hear nothing from then on.
  const Second last{.sent = 250, .succeeded = 200};
  const auto stops_at = [&](const char* threshold) {
    Feed feed(plan_with({threshold}));
    EXPECT_EQ(feed.add(5, kFast) + feed.add(1, last), 0u);
    return feed.add(30, kNothing);
  };
  EXPECT_EQ(stops_at("p99 < 2s abort after 8s"), 15u) << "sent by 6, they are too old at 8: in the second from 7 on";
  for (const char* threshold : {"p99 < 2s abort after 3s", "max < 2s abort", "mean < 2s abort after 3s"})
    EXPECT_EQ(stops_at(threshold), 13u) << threshold;
  EXPECT_EQ(stops_at("error_rate < 5% abort after 3s"), 12u) << "no answer in any of the seconds 6 to 11";
  EXPECT_EQ(stops_at("rps >= 100 abort after 3s"), 12u);
  EXPECT_EQ(stops_at("p99 < 1m abort after 3s"), 0u) << "they may still come in time";
  EXPECT_EQ(stops_at("p99 > 1ms abort after 3s"), 0u) << "they are longer than that";
}

TEST(ThresholdWatch, InFlightForAWhileIsNotOverdue) {
  // 200 a second of which each takes 3 s: 600 in flight, none longer than 4 s.
  Feed feed(plan_with({"p99 < 4s abort"}));
  EXPECT_EQ(feed.add(3, {.sent = 200}), 0u);
  EXPECT_EQ(feed.add(40, {.sent = 200, .succeeded = 200, .response = seconds(3)}), 0u);
}

TEST(ThresholdWatch, TimeOutsAreLongerThanTheirBound) {
  const Second timing_out{.sent = 200, .response = seconds(1), .timed_out = 200};
  Feed feed(plan_with({"p99 < 500ms abort after 2s"}));
  EXPECT_EQ(feed.add(5, kFast), 0u);
  EXPECT_EQ(feed.add(9, timing_out), 11u);
  EXPECT_EQ(feed.stopped()->value, 1e9);
  Feed above(plan_with({"p99 < 2s abort after 2s"}));
  EXPECT_EQ(above.add(30, timing_out), 0u) << "that they are longer than 1 s says nothing of 2 s";
}

TEST(ThresholdWatch, WhereAllRequestsFailThereAreNoTimes) {
  Feed feed(plan_with({"p99 < 1s abort after 2s"}));
  EXPECT_EQ(feed.add(20, {.sent = 50, .failed = 50}), 6u);
  EXPECT_LT(feed.stopped()->value, 0);
  Feed few(plan_with({"p99 < 1s abort after 2s"}));
  EXPECT_EQ(few.add(30, {.sent = 51, .succeeded = 1, .failed = 50}), 0u) << "the times of successes are what it is of";
}

TEST(ThresholdWatch, ALabelsRequestsAreItsOwn) {
  Second slow_b = kSlow;
  slow_b.label = 1;
  Feed a(plan_with({"p50{a} < 100ms abort"})), b(plan_with({"p50{b} < 100ms abort"}));
  EXPECT_EQ(a.add(9, slow_b), 0u);
  EXPECT_EQ(b.add(9, slow_b), 6u);
}

TEST(ThresholdWatch, WhatIsNotDecidedStopsNothing) {
  // One slow second in ten: the p95 of a minute lies beyond the limit in some looks only.
  Feed feed(plan_with({"p95 < 100ms abort after 2s"}));
  for (int i = 0; i < 6; ++i) EXPECT_EQ(feed.add(9, kFast) + feed.add(1, kSlow), 0u);
}

TEST(ThresholdWatch, TheFirstThatFailedIsTold) {
  Feed feed(plan_with({"p50 < 1s abort", "p50 < 100ms", "error_rate < 5% abort", "p90 < 100ms abort after 4s"}));
  EXPECT_EQ(feed.add(9, kSlow), 6u);
  EXPECT_EQ(feed.stopped()->threshold, "p90 < 100ms abort after 4s") << "the one before it stops nothing";
}

TEST(ThresholdWatch, TheEndOfTheLoadIsNoFailure) {
  Feed by_time(plan_with({"rps >= 100 abort"}));
  by_time.progress().planned_length = seconds(5);
  EXPECT_EQ(by_time.add(5, kFast) + by_time.add(20, kNothing), 0u);

  config::Plan plan = plan_with({"rps >= 100 abort"});
  plan.thread_groups[0].duration.reset();
  plan.thread_groups[0].loops = 500;
  Feed by_loops(plan);
  by_loops.progress().planned_length = {};
  by_loops.progress().planned = 1'000;
  EXPECT_EQ(by_loops.add(5, kFast) + by_loops.add(20, kNothing), 0u);
}

}  // namespace
}  // namespace loadgen::run
