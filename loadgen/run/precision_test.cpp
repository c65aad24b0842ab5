#include "run/precision.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "tests/support/shard_trial.hpp"

namespace loadgen::run {
namespace {

using stats::IntervalLog;

/// Exponential response times with a mean of 1 ms, so many in each of so many seconds.
void record(IntervalLog& log, std::uint32_t seconds_long, std::uint32_t a_second, std::uint64_t stream) {
  for (std::uint32_t i = 0; i < seconds_long * a_second; ++i) {
    const Duration due = i * (Duration(seconds(1)) / a_second);
    const double ms = -std::log(random_unit(1, stream, i));
    const Duration response(static_cast<std::int64_t>(1e6 * ms));
    log.record(stats::cell_of(due), 0, {response, response, Duration::zero()});
  }
}

config::Until p99_within(double half_width) {
  return {.metric = config::Until::Metric::percentile, .p = 0.99, .half_width = half_width};
}

/// What a log has gained since the reader's last time.
void read(Precision& precision, std::size_t log, IntervalLog::Reader& reader) {
  for (IntervalLog::Piece piece; reader.next(piece);) precision.see(log, piece);
}

TEST(Precision, IsReachedWithEnoughValuesAndNotBefore) {
  // Independent exponential values: p99 within 5 % takes about 7,200 of them, within 1 % about 179,000.
  IntervalLog log(1);
  record(log, 40, 1'000, 0);
  log.finish();
  IntervalLog::Reader reader(log);
  Precision wide(p99_within(0.10), plan_of(1, {}, {step("a")}), 1);
  read(wide, 0, reader);
  EXPECT_TRUE(wide.reached());
  EXPECT_NEAR(wide.estimate().value, std::log(100) * 1e6, 0.05e6 * std::log(100));

  IntervalLog::Reader again(log);
  Precision narrow(p99_within(0.01), plan_of(1, {}, {step("a")}), 1);
  read(narrow, 0, again);
  EXPECT_FALSE(narrow.reached());
}

TEST(Precision, WaitsForEveryShardAndForEnoughSeconds) {
  IntervalLog first(1), second(1);
  record(first, 18, 1'000, 0);
  record(second, 10, 1'000, 1);
  first.finish();
  second.finish();
  Precision precision(p99_within(0.5), plan_of(1, {}, {step("a")}), 2);
  IntervalLog::Reader of_first(first), of_second(second);
  read(precision, 0, of_first);
  EXPECT_FALSE(precision.reached()) << "nothing of the other shard yet";
  read(precision, 1, of_second);
  EXPECT_FALSE(precision.reached()) << "nine whole seconds are too few";
}

TEST(Precision, AShardWithNothingToWriteHoldsNobodyUp) {
  IntervalLog busy(1), idle(1);
  record(busy, 60, 1'000, 0);
  record(idle, 2, 10, 1);
  busy.finish();
  idle.finish();
  Precision precision(p99_within(0.2), plan_of(1, {}, {step("a")}), 2);
  IntervalLog::Reader of_busy(busy), of_idle(idle);
  read(precision, 0, of_busy);
  read(precision, 1, of_idle);
  EXPECT_TRUE(precision.reached());
}

TEST(Precision, LeavesTheRampOut) {
  // Slow during a ramp of 20 s, then fast: with the ramp the mean would be about 4 ms.
  IntervalLog log(1);
  for (std::uint32_t i = 0; i < 60'000; ++i) {
    const Duration due = i * milliseconds(1);
    const Duration response = due < seconds(20) ? milliseconds(10) : milliseconds(1);
    log.record(stats::cell_of(due), 0, {response, response, Duration::zero()});
  }
  log.finish();
  IntervalLog::Reader reader(log);
  Precision precision({.metric = config::Until::Metric::mean, .p = 0, .half_width = 0.01},
                      plan_of(10, seconds(20), {step("a")}), 1);
  read(precision, 0, reader);
  EXPECT_DOUBLE_EQ(precision.estimate().value, 1e6);
}

TEST(Precision, StaysBoundedInALongRun) {
  IntervalLog log(1);
  record(log, 500, 50, 0);
  log.finish();
  IntervalLog::Reader reader(log);
  Precision precision({.metric = config::Until::Metric::rate, .p = 0, .half_width = 0.001}, plan_of(1, {}, {step("a")}),
                      1);
  read(precision, 0, reader);
  EXPECT_TRUE(precision.reached()) << "the same count each second";
  EXPECT_DOUBLE_EQ(precision.estimate().value, 50);
}

}  // namespace
}  // namespace loadgen::run
