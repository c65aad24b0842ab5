#include "stats/recorder.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "stats/test_samples.hpp"

namespace loadgen::stats {
namespace {

/// Durations are compared exactly: one value is its own minimum and maximum.
void expect_one(const Histogram& h, Duration value) {
  EXPECT_EQ(h.count(), 1U);
  EXPECT_EQ(h.min(), value);
  EXPECT_EQ(h.max(), value);
}

TEST(Recorder, ASuccessFillsItsSeriesAndPhases) {
  Sample s = success();
  s.receive_lag_ns = 7'000;
  const Recorder recorder = recorder_of({s});
  const LabelRecord& label = only_label(recorder);
  EXPECT_EQ(label.outcomes.succeeded, 1U);
  EXPECT_EQ(label.outcomes.failed(), 0U);
  EXPECT_EQ(label.outcomes.by_status[200], 1U);
  expect_one(label.succeeded.response, 5ms);
  expect_one(label.succeeded.service, 4ms);
  expect_one(label.succeeded.send_lag, 1ms);
  expect_one(label.succeeded.connect, 1ms);
  expect_one(label.succeeded.first_byte, 2ms);
  expect_one(label.succeeded.download, 1ms);
  EXPECT_EQ(label.succeeded.connection_wait.count(), 0U);
  expect_one(label.receive_lag, 7us);
  EXPECT_EQ(label.times(OutcomeClass::succeeded), &label.succeeded);
  EXPECT_EQ(label.times(OutcomeClass::failed), nullptr);
  EXPECT_EQ(label.times(OutcomeClass::cut_off), nullptr);
  EXPECT_EQ(label.elapsed.count, 1U);
  EXPECT_EQ(label.elapsed.sum_ns, Duration(4ms).count());
  EXPECT_EQ(label.bytes_in, 120U);
  EXPECT_EQ(label.bytes_out, 70U);
  EXPECT_EQ(label.connections_opened, 1U);
  EXPECT_EQ(label.connections_reopened, 0U);
  EXPECT_EQ(label.first_start, kStart + 11ms);
  EXPECT_EQ(label.last_end, kStart + 15ms);
}

TEST(Recorder, ATlsHandshakeIsAPhaseOfItsOwn) {
  Sample s = success();
  s.secured = kStart + 13ms;
  s.resumed = true;
  const Recorder recorder = recorder_of({s});
  const Times& times = only_label(recorder).succeeded;
  expect_one(times.connect, 1ms);
  expect_one(times.tls, 1ms);
  expect_one(times.first_byte, 1ms);
  EXPECT_TRUE(phases_add_up(times));
  EXPECT_EQ(only_label(recorder).handshakes_resumed, 1U);
}

TEST(Recorder, DecodedBytesAreThoseOfCompletedRequests) {
  Sample good = success();
  good.bytes_decoded = UINT32_MAX;
  Sample bad = failure(ErrorKind::expectation);
  bad.bytes_decoded = 3;
  Sample never = unfinished();
  never.bytes_decoded = 100;
  const Recorder recorder = recorder_of({good, bad, never, success()});
  EXPECT_EQ(only_label(recorder).bytes_decoded, (1ULL << 32) + 2);
  Recorder merged = recorder_of({bad});
  merged.merge(recorder_of({bad}));
  EXPECT_EQ(only_label(merged).bytes_decoded, 6U);
}

TEST(Recorder, FollowUpsAreAPhaseOfTheirOwn) {
  Sample s = success();
  s.redirects = 3;
  s.challenges = 2;
  s.following_up = 400us;
  s.connected_between = 2;
  const Recorder recorder = recorder_of({s, success()});
  const Times& times = only_label(recorder).succeeded;
  expect_one(times.follow_ups, 400us);
  EXPECT_EQ(times.download.sum(), 2 * (s.finished - s.first_byte) - 400us);
  EXPECT_TRUE(phases_add_up(times));
  EXPECT_EQ(only_label(recorder).redirects_followed, 3U);
  EXPECT_EQ(only_label(recorder).challenges_answered, 2U);
  EXPECT_EQ(only_label(recorder).connections_opened, 4U) << "each by its own first request, and two on the way";
}

TEST(Recorder, AHandshakeThatFailedHasNoTime) {
  Sample s = failure(ErrorKind::certificate_name);
  s.first_byte = kUnset;
  const Recorder recorder = recorder_of({s});
  EXPECT_EQ(only_label(recorder).failed->connect.count(), 1U);
  EXPECT_EQ(only_label(recorder).failed->tls.count(), 0U);
}

TEST(Recorder, TheWaitForAPlaceIsNotTheGeneratorsLag) {
  Sample s = success();
  s.waited = 800us;
  const Recorder recorder = recorder_of({s});
  const Times& times = only_label(recorder).succeeded;
  expect_one(times.response, 5ms);
  expect_one(times.connection_wait, 800us);
  expect_one(times.send_lag, 200us);
  EXPECT_TRUE(phases_add_up(times));
}

TEST(Recorder, AFailureHasTimesOfItsOwn) {
  const Recorder recorder = recorder_of({failure(ErrorKind::status)});
  const LabelRecord& label = only_label(recorder);
  EXPECT_EQ(label.outcomes.succeeded, 0U);
  EXPECT_EQ(label.outcomes.failed_by_kind[static_cast<std::size_t>(ErrorKind::status)], 1U);
  EXPECT_EQ(label.outcomes.failed(), 1U);
  EXPECT_EQ(label.outcomes.cut_off(), 0U);
  EXPECT_EQ(label.outcomes.by_status[503], 1U);
  const Times none;
  expect_same(&label.succeeded, &none);
  EXPECT_EQ(label.times(OutcomeClass::cut_off), nullptr);
  const Times* times = label.times(OutcomeClass::failed);
  ASSERT_NE(times, nullptr);
  expect_one(times->response, 2010ms);
  expect_one(times->service, 2009ms);
  expect_one(times->send_lag, 1ms);
  expect_one(times->connect, 1ms);
  expect_one(times->first_byte, 2ms);
  expect_one(times->download, 2006ms);
  EXPECT_EQ(label.elapsed.count, 1U) << "JMeter's columns hold failures too";
  EXPECT_EQ(label.elapsed.max_ns, Duration(2009ms).count());
  EXPECT_EQ(label.bytes_in, 120U);
  EXPECT_EQ(label.last_end, kStart + 2020ms);
}

TEST(Recorder, ATimeOutIsAFailureWhoseTimeIsCutOff) {
  for (const ErrorKind kind : {ErrorKind::response_timeout, ErrorKind::connect_timeout}) {
    const Recorder recorder = recorder_of({failure(kind)});
    const LabelRecord& label = only_label(recorder);
    EXPECT_EQ(label.outcomes.failed(), 1U);
    EXPECT_EQ(label.outcomes.cut_off(), 1U);
    EXPECT_EQ(label.elapsed.count, 1U);
    EXPECT_EQ(label.times(OutcomeClass::failed), nullptr);
    ASSERT_NE(label.times(OutcomeClass::cut_off), nullptr);
    expect_one(label.cut_off->response, 2010ms);
    EXPECT_EQ(recorder.cells()[0].failed, 0U);
    EXPECT_EQ(recorder.cells()[0].cut_off, 1U);
  }
}

TEST(Recorder, AnUnfinishedRequestHasLowerBoundsAndIsNotCompleted) {
  const Recorder recorder = recorder_of({unfinished()});
  const LabelRecord& label = only_label(recorder);
  EXPECT_EQ(label.outcomes.unfinished, 1U);
  EXPECT_EQ(label.outcomes.completed(), 0U);
  EXPECT_EQ(label.outcomes.sent(), 1U);
  EXPECT_EQ(label.outcomes.cut_off(), 1U);
  ASSERT_NE(label.times(OutcomeClass::cut_off), nullptr);
  expect_one(label.cut_off->response, 60s - 10ms);
  expect_one(label.cut_off->service, 60s - 10ms);
  expect_one(label.cut_off->send_lag, 0ms);
  expect_one(label.cut_off->connect, 2ms);
  EXPECT_EQ(label.cut_off->first_byte.count() + label.cut_off->download.count(), 0U);
  EXPECT_EQ(label.bytes_out, 70U);
  EXPECT_EQ(label.first_start, kStart + 10ms);
  EXPECT_EQ(label.bytes_in, 0U);
  EXPECT_EQ(label.elapsed.count, 0U);
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
  const Cell& cell = recorder.cells()[0];
  EXPECT_EQ(cell.due, recorded);
  EXPECT_EQ(cell.succeeded + cell.failed + cell.cut_off, recorded);
  EXPECT_EQ(cell.cut_off, outcomes.cut_off());
}

TEST(Recorder, ConnectionsAreCountedWhenTheyCameToBe) {
  Recorder recorder = one_label();
  Sample reused = success();
  reused.new_connection = false;
  reused.connected = kUnset;
  recorder.record(reused);
  Sample refused = failure(ErrorKind::connect_refused);
  refused.connected = refused.first_byte = kUnset;
  refused.status = 0;
  recorder.record(refused);
  EXPECT_EQ(only_label(recorder).connections_opened, 0U);
  EXPECT_EQ(only_label(recorder).succeeded.connect.count(), 0U);
  EXPECT_EQ(only_label(recorder).succeeded.first_byte.max(), 3ms) << "from the start, without a connect";
  EXPECT_EQ(only_label(recorder).failed->connect.count(), 0U);
  Sample again = success();
  again.reopened = true;
  again.resent = true;
  recorder.record(again);
  EXPECT_EQ(only_label(recorder).connections_opened, 1U);
  EXPECT_EQ(only_label(recorder).connections_reopened, 1U);
  EXPECT_EQ(only_label(recorder).requests_resent, 1U);
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
  recorder.finish();
  EXPECT_EQ(recorder.labels()[0].outcomes.succeeded, 1U);
  EXPECT_EQ(recorder.labels()[1].outcomes.succeeded, 2U);
  EXPECT_EQ(recorder.labels()[0].succeeded.response.count(), 1U);
  EXPECT_EQ(recorder.labels()[1].succeeded.response.count(), 2U);
  const LabelRecord total = recorder.total();
  EXPECT_EQ(total.outcomes.succeeded, 3U);
  EXPECT_EQ(total.succeeded.response.count(), 3U);
  EXPECT_EQ(total.bytes_out, 210U);
}

TEST(Recorder, SendLagsOfAllClassesCanBePutTogether) {
  const Recorder recorder = recorder_of({success(), failure(ErrorKind::reset), unfinished()});
  const Histogram lags = only_label(recorder).send_lag_of_all();
  EXPECT_EQ(lags.count(), 3U);
  EXPECT_EQ(lags.sum(), 2ms);
}

}  // namespace
}  // namespace loadgen::stats
