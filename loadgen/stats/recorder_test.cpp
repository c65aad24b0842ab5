#include "stats/recorder.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "tests/support/allocations.hpp"

namespace loadgen::stats {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1'000s};

/// A success of request 0: due 10 ms after the start, sent 1 ms late, connected 1 ms, first byte 3 ms and done 4 ms
/// after.
Sample success() {
  Sample s;
  s.due = kStart + 10ms;
  s.started = kStart + 11ms;
  s.connected = kStart + 12ms;
  s.first_byte = kStart + 14ms;
  s.finished = kStart + 15ms;
  s.bytes_in = 120;
  s.bytes_out = 70;
  s.status = 200;
  s.new_connection = true;
  return s;
}

Sample failure(ErrorKind kind) {
  Sample s = success();
  s.error = kind;
  s.finished = kStart + 2s + 20ms;
  s.status = 503;
  return s;
}

Sample unfinished() {
  Sample s = success();
  s.error = ErrorKind::unfinished;
  s.started = kStart + 10ms;
  s.finished = kStart + 60s;
  s.status = 0;
  return s;
}

Recorder one_label() {
  return Recorder(1, {0}, kStart, 10s);
}

const LabelRecord& only_label(const Recorder& recorder) {
  return recorder.labels().at(0);
}

/// Durations are compared exactly: one value is its own minimum and maximum.
void expect_one(const Histogram& h, Duration value) {
  EXPECT_EQ(h.count(), 1U);
  EXPECT_EQ(h.min(), value);
  EXPECT_EQ(h.max(), value);
}

TEST(Recorder, ASuccessFillsEverySeriesButTheFailed) {
  Recorder recorder = one_label();
  recorder.record(success());
  const LabelRecord& label = only_label(recorder);
  EXPECT_EQ(label.outcomes.succeeded, 1U);
  EXPECT_EQ(label.outcomes.failed(), 0U);
  EXPECT_EQ(label.outcomes.by_status[200], 1U);
  expect_one(label.response, 5ms);
  expect_one(label.service, 4ms);
  expect_one(label.send_lag, 1ms);
  expect_one(label.connect, 1ms);
  expect_one(label.first_byte, 3ms);
  EXPECT_EQ(label.failed_response.count(), 0U);
  EXPECT_EQ(label.elapsed.count, 1U);
  EXPECT_EQ(label.elapsed.sum_ns, Duration(4ms).count());
  EXPECT_EQ(label.bytes_in, 120U);
  EXPECT_EQ(label.bytes_out, 70U);
  EXPECT_EQ(label.connections_opened, 1U);
  EXPECT_EQ(label.connections_reopened, 0U);
  EXPECT_EQ(label.first_start, kStart + 11ms);
  EXPECT_EQ(label.last_end, kStart + 15ms);
}

TEST(Recorder, AFailureStaysOutOfTheSuccessesPercentiles) {
  Recorder recorder = one_label();
  recorder.record(failure(ErrorKind::status));
  const LabelRecord& label = only_label(recorder);
  EXPECT_EQ(label.outcomes.succeeded, 0U);
  EXPECT_EQ(label.outcomes.failed_by_kind[static_cast<std::size_t>(ErrorKind::status)], 1U);
  EXPECT_EQ(label.outcomes.failed(), 1U);
  EXPECT_EQ(label.outcomes.by_status[503], 1U);
  EXPECT_EQ(label.response.count(), 0U);
  EXPECT_EQ(label.service.count(), 0U);
  EXPECT_EQ(label.first_byte.count(), 0U);
  expect_one(label.failed_response, 2010ms);
  expect_one(label.send_lag, 1ms);
  expect_one(label.connect, 1ms);
  EXPECT_EQ(label.elapsed.count, 1U) << "JMeter's columns hold failures too";
  EXPECT_EQ(label.elapsed.max_ns, Duration(2009ms).count());
  EXPECT_EQ(label.bytes_in, 120U);
  EXPECT_EQ(label.last_end, kStart + 2020ms);
}

TEST(Recorder, AnUnfinishedRequestIsCountedButNotTimed) {
  Recorder recorder = one_label();
  recorder.record(unfinished());
  const LabelRecord& label = only_label(recorder);
  EXPECT_EQ(label.outcomes.unfinished, 1U);
  EXPECT_EQ(label.outcomes.completed(), 0U);
  EXPECT_EQ(label.outcomes.sent(), 1U);
  EXPECT_EQ(label.send_lag.count(), 1U);
  EXPECT_EQ(label.bytes_out, 70U);
  EXPECT_EQ(label.first_start, kStart + 10ms);
  EXPECT_EQ(label.bytes_in, 0U);
  EXPECT_EQ(label.elapsed.count, 0U);
  EXPECT_EQ(label.response.count() + label.service.count() + label.failed_response.count(), 0U);
  EXPECT_EQ(label.connect.count() + label.first_byte.count(), 0U);
  EXPECT_EQ(std::accumulate(label.outcomes.by_status.begin(), label.outcomes.by_status.end(), 0ULL), 0U);
  EXPECT_EQ(label.connections_opened, 0U);
  EXPECT_EQ(label.last_end, kUnset);
  EXPECT_TRUE(recorder.per_second().empty());
}

TEST(Recorder, OutcomesAddUpToTheRequestsSent) {
  Recorder recorder = one_label();
  std::uint64_t recorded = 0;
  for (const ErrorKindInfo& kind : kErrorKinds) {
    Sample s = failure(kind.kind);
    for (std::size_t i = 0; i <= static_cast<std::size_t>(kind.kind); ++i, ++recorded) recorder.record(s);
  }
  const Outcomes& outcomes = only_label(recorder).outcomes;
  EXPECT_EQ(outcomes.succeeded, 1U);
  for (const ErrorKindInfo& kind : kErrorKinds) {
    const auto i = static_cast<std::size_t>(kind.kind);
    const bool a_failure = kind.kind != ErrorKind::none && kind.kind != ErrorKind::unfinished;
    EXPECT_EQ(outcomes.failed_by_kind[i], a_failure ? i + 1 : 0U) << kind.key;
  }
  EXPECT_EQ(outcomes.unfinished, static_cast<std::size_t>(ErrorKind::unfinished) + 1);
  EXPECT_EQ(outcomes.succeeded + outcomes.failed() + outcomes.unfinished, recorded);
  EXPECT_EQ(outcomes.sent(), recorded);
}

TEST(Recorder, ConnectionsAreCountedWhenTheyCameToBe) {
  Recorder recorder = one_label();
  Sample reused = success();
  reused.new_connection = false;
  reused.connected = kUnset;
  recorder.record(reused);
  Sample refused = failure(ErrorKind::connect_refused);
  refused.connected = kUnset;
  refused.status = 0;
  recorder.record(refused);
  EXPECT_EQ(only_label(recorder).connections_opened, 0U);
  EXPECT_EQ(only_label(recorder).connect.count(), 0U);
  Sample again = success();
  again.reopened = true;
  recorder.record(again);
  EXPECT_EQ(only_label(recorder).connections_opened, 1U);
  EXPECT_EQ(only_label(recorder).connections_reopened, 1U);
}

TEST(Recorder, StatusesOutsideTheTableShareItsFirstRow) {
  Recorder recorder = one_label();
  for (const std::uint16_t status : {0, 599, 600, 999}) {
    Sample s = failure(ErrorKind::status);
    s.status = status;
    recorder.record(s);
  }
  const Outcomes& outcomes = only_label(recorder).outcomes;
  EXPECT_EQ(outcomes.by_status[0], 3U);
  EXPECT_EQ(outcomes.by_status[599], 1U);
}

TEST(Recorder, RequestsGoToTheirLabel) {
  Recorder recorder(2, {0, 1, 1}, kStart, 1s);
  for (const std::uint16_t request : {0, 1, 2}) {
    Sample s = success();
    s.request = request;
    recorder.record(s);
  }
  EXPECT_EQ(recorder.labels()[0].outcomes.succeeded, 1U);
  EXPECT_EQ(recorder.labels()[1].outcomes.succeeded, 2U);
  const LabelRecord total = recorder.total();
  EXPECT_EQ(total.outcomes.succeeded, 3U);
  EXPECT_EQ(total.response.count(), 3U);
  EXPECT_EQ(total.bytes_out, 210U);
}

TEST(Recorder, SecondsAreThoseInWhichRequestsEnded) {
  Recorder recorder = one_label();
  Sample s = success();
  for (const Duration end : {Duration(999'999'999), Duration(1s), Duration(1s + 500ms)}) {
    s.finished = kStart + end;
    recorder.record(s);
  }
  recorder.record(failure(ErrorKind::reset));
  const std::vector<Tally>& seconds = recorder.per_second();
  ASSERT_EQ(seconds.size(), 3U);
  EXPECT_EQ(seconds[0].completed, 1U);
  EXPECT_EQ(seconds[1].completed, 2U);
  EXPECT_EQ(seconds[1].elapsed_min, 1s - 11ms);
  EXPECT_EQ(seconds[1].elapsed_max, 1500ms - 11ms);
  EXPECT_EQ(seconds[1].elapsed_sum, 2500ms - 22ms);
  EXPECT_EQ(seconds[1].failed, 0U);
  EXPECT_EQ(seconds[2].completed, 1U);
  EXPECT_EQ(seconds[2].failed, 1U);
}

TEST(Recorder, MergeIsTheRecorderOfAllSamples) {
  Recorder a(2, {0, 1}, kStart, 10s), b(2, {0, 1}, kStart, 10s), both(2, {0, 1}, kStart, 10s);
  const auto put = [&both](Recorder& to, Sample s, std::uint16_t request) {
    s.request = request;
    to.record(s);
    both.record(s);
  };
  put(a, success(), 0);
  put(a, unfinished(), 1);
  put(b, failure(ErrorKind::response_timeout), 0);
  put(b, success(), 1);
  a.merge(b);
  ASSERT_EQ(a.per_second().size(), both.per_second().size());
  for (std::size_t i = 0; i < a.per_second().size(); ++i) {
    EXPECT_EQ(a.per_second()[i].completed, both.per_second()[i].completed);
    EXPECT_EQ(a.per_second()[i].elapsed_min, both.per_second()[i].elapsed_min);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    const LabelRecord& got = a.labels()[i];
    const LabelRecord& expected = both.labels()[i];
    EXPECT_EQ(got.outcomes.succeeded, expected.outcomes.succeeded);
    EXPECT_EQ(got.outcomes.unfinished, expected.outcomes.unfinished);
    EXPECT_EQ(got.outcomes.failed_by_kind, expected.outcomes.failed_by_kind);
    EXPECT_EQ(got.outcomes.by_status, expected.outcomes.by_status);
    EXPECT_EQ(got.elapsed.sum_ns, expected.elapsed.sum_ns);
    EXPECT_EQ(got.response.sum(), expected.response.sum());
    EXPECT_EQ(got.service.sum(), expected.service.sum());
    EXPECT_EQ(got.failed_response.sum(), expected.failed_response.sum());
    EXPECT_EQ(got.send_lag.sum(), expected.send_lag.sum());
    EXPECT_EQ(got.connect.sum(), expected.connect.sum());
    EXPECT_EQ(got.first_byte.sum(), expected.first_byte.sum());
    EXPECT_EQ(got.bytes_in, expected.bytes_in);
    EXPECT_EQ(got.bytes_out, expected.bytes_out);
    EXPECT_EQ(got.connections_opened, expected.connections_opened);
    EXPECT_EQ(got.first_start, expected.first_start);
    EXPECT_EQ(got.last_end, expected.last_end);
  }
}

TEST(Recorder, DoesNotAllocateWhileTheSeriesFitsItsReserve) {
  Recorder recorder(1, {0}, kStart, 100s);
  const std::uint64_t before = support::allocations();
  for (int second = 0; second < 100; ++second) {
    Sample s = second % 3 == 0 ? failure(ErrorKind::reset) : success();
    s.finished = kStart + std::chrono::seconds(second) + 20ms;
    recorder.record(s);
  }
  EXPECT_EQ(support::allocations() - before, 0U);
  EXPECT_EQ(recorder.per_second().size(), 100U);

  Sample late = success();
  late.finished = kStart + 1h;
  recorder.record(late);
  EXPECT_GT(support::allocations() - before, 0U) << "the counter counts";
  EXPECT_EQ(recorder.per_second().size(), 3601U);
}

TEST(Recorder, AnEndlessPlanReservesWithinReason) {
  const Recorder recorder(1, {0}, kStart, Duration::max());
  EXPECT_LE(recorder.per_second().capacity(), 100'000U);
  EXPECT_GE(recorder.per_second().capacity(), 86'400U);
}

}  // namespace
}  // namespace loadgen::stats
