#include "stats/recorder.hpp"

#include <numeric>
#include <random>

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

/// Ends 2020 ms after the start, so 2009 ms after it was sent.
Sample failure(ErrorKind kind) {
  Sample s = success();
  s.error = kind;
  s.finished = kStart + 2s + 20ms;
  s.status = 503;
  return s;
}

/// Sent in time, connected, never answered, given up 60 s after the start.
Sample unfinished() {
  Sample s = success();
  s.error = ErrorKind::unfinished;
  s.started = kStart + 10ms;
  s.first_byte = kUnset;
  s.finished = kStart + 60s;
  s.status = 0;
  return s;
}

Recorder one_label() {
  return Recorder(1, {0}, kStart, 10s);
}

Recorder recorder_of(const std::vector<Sample>& samples) {
  Recorder recorder = one_label();
  for (const Sample& sample : samples) recorder.record(sample);
  recorder.finish();
  return recorder;
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

void expect_same(const Histogram& a, const Histogram& b) {
  EXPECT_TRUE(std::equal(a.counts().begin(), a.counts().end(), b.counts().begin()));
  EXPECT_EQ(a.count(), b.count());
  EXPECT_EQ(a.overflow(), b.overflow());
  EXPECT_EQ(a.sum(), b.sum());
  EXPECT_EQ(a.min(), b.min());
  EXPECT_EQ(a.max(), b.max());
}

void expect_same(const Times* a, const Times* b) {
  ASSERT_EQ(a == nullptr, b == nullptr);
  if (a == nullptr) return;
  for (Histogram Times::*const series : {&Times::response, &Times::service, &Times::connection_wait, &Times::send_lag,
                                         &Times::connect, &Times::first_byte, &Times::download})
    expect_same(a->*series, b->*series);
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

TEST(Recorder, SecondsAreThoseInWhichRequestsEnded) {
  Recorder recorder = one_label();
  Sample s = success();
  for (const Duration end : {Duration(999'999'999), Duration(1s), Duration(1s + 500ms), Duration(61s), Duration(62s)}) {
    s.finished = kStart + end;
    recorder.record(s);
  }
  recorder.record(failure(ErrorKind::reset));
  const std::vector<Tally> seconds = recorder.per_second();
  ASSERT_EQ(seconds.size(), 63U);
  EXPECT_EQ(seconds[0].completed, 1U);
  EXPECT_EQ(seconds[1].completed, 2U);
  EXPECT_EQ(seconds[1].elapsed_min, 1s - 11ms);
  EXPECT_EQ(seconds[1].elapsed_max, 1500ms - 11ms);
  EXPECT_EQ(seconds[1].elapsed_sum, 2500ms - 22ms);
  EXPECT_EQ(seconds[1].failed, 0U);
  EXPECT_EQ(seconds[2].completed, 1U);
  EXPECT_EQ(seconds[2].failed, 1U);
  EXPECT_EQ(seconds[61].completed, 1U);
  EXPECT_EQ(seconds[62].completed, 1U);
}

TEST(Recorder, ACellCountsWhatWasDueInItAndWhatHappenedInIt) {
  Sample s = success();
  s.due = kStart + 199ms;
  s.started = kStart + 450ms;
  s.first_byte = s.connected = kUnset;
  s.finished = kStart + 1'050ms;
  const Recorder recorder = recorder_of({s});
  ASSERT_EQ(recorder.cells().size(), 6U);
  const std::vector<Cell>& cells = recorder.cells();
  EXPECT_EQ(cells[0].due, 1U);
  EXPECT_EQ(cells[0].succeeded, 1U);
  EXPECT_EQ(cells[0].worst_send_lag, 251ms);
  EXPECT_EQ(cells[2].started, 1U);
  EXPECT_EQ(cells[5].ended.completed, 1U);
  EXPECT_EQ(cells[5].ended.elapsed_sum, 600ms);
  const std::vector<Duration> in_flight{0ms, 0ms, 150ms, 200ms, 200ms, 50ms};
  for (std::size_t i = 0; i < cells.size(); ++i) EXPECT_EQ(Duration(cells[i].in_flight_ns), in_flight[i]) << i;
  for (const Series series : {Series::response, Series::service, Series::send_lag})
    EXPECT_EQ(recorder.intervals().sum(series, {0, 1}).count(), 1U) << "by its due time";
}

/// Requests of all sorts over 70 s, across the border from fine cells to coarse ones.
std::vector<Sample> any_samples(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto up_to = [&](Duration most) { return Duration(static_cast<std::int64_t>(random() % (most.count() + 1))); };
  constexpr std::array kinds{
      ErrorKind::none,      ErrorKind::none, ErrorKind::none, ErrorKind::reset, ErrorKind::response_timeout,
      ErrorKind::unfinished};
  std::vector<Sample> samples(n);
  for (Sample& s : samples) {
    s.error = kinds[random() % kinds.size()];
    s.due = kStart + up_to(70s);
    s.waited = random() % 4 == 0 ? up_to(2s) : 0s;
    s.started = s.due + s.waited + up_to(3ms);
    s.new_connection = random() % 2 == 0;
    if (s.new_connection) s.connected = s.started + up_to(10ms);
    s.first_byte = (s.new_connection ? s.connected : s.started) + up_to(random() % 5 == 0 ? 9s : 50ms);
    s.finished = s.first_byte + up_to(1s);
    s.request = static_cast<std::uint16_t>(random() % 2);
    s.status = 200;
    s.bytes_in = random() % 1000;
    s.bytes_decoded = static_cast<std::uint32_t>(random() % 1000);
    s.bytes_out = 100;
  }
  return samples;
}

TEST(Recorder, PhasesOfSuccessesAddUpToTheNanosecond) {
  const Recorder recorder = recorder_of([] {
    std::vector<Sample> samples = any_samples(3'000, 5);
    for (Sample& s : samples) s.request = 0;
    return samples;
  }());
  const Times& times = only_label(recorder).succeeded;
  EXPECT_GT(times.connection_wait.count(), 100U);
  EXPECT_GT(times.connect.count(), 100U);
  EXPECT_TRUE(phases_add_up(times));
  Times off_by_one = times;
  off_by_one.download.record(Duration(1));
  EXPECT_FALSE(phases_add_up(off_by_one));
}

TEST(Recorder, InFlightIsTheIntegralOverTime) {
  const std::vector<Sample> samples = any_samples(500, 6);
  Recorder recorder(2, {0, 1}, kStart, 80s);
  for (const Sample& s : samples) recorder.record(s);
  for (std::uint32_t cell = 0; cell < recorder.cells().size(); ++cell) {
    const TimePoint begin = kStart + cell_begin(cell);
    const TimePoint end = begin + cell_length(cell);
    Duration sum{};
    std::uint64_t due = 0, started = 0, ended = 0;
    for (const Sample& s : samples) {
      sum += std::max(Duration::zero(), std::min(s.finished, end) - std::max(s.started, begin));
      due += s.due >= begin && s.due < end ? 1 : 0;
      started += s.started >= begin && s.started < end ? 1 : 0;
      ended += s.error != ErrorKind::unfinished && s.finished >= begin && s.finished < end ? 1 : 0;
    }
    ASSERT_EQ(Duration(recorder.cells()[cell].in_flight_ns), sum) << cell;
    ASSERT_EQ(recorder.cells()[cell].due, due) << cell;
    ASSERT_EQ(recorder.cells()[cell].started, started) << cell;
    ASSERT_EQ(recorder.cells()[cell].ended.completed, ended) << cell;
  }
}

void expect_same(const LabelRecord& got, const LabelRecord& expected) {
  EXPECT_EQ(got.outcomes.succeeded, expected.outcomes.succeeded);
  EXPECT_EQ(got.outcomes.unfinished, expected.outcomes.unfinished);
  EXPECT_EQ(got.outcomes.failed_by_kind, expected.outcomes.failed_by_kind);
  EXPECT_EQ(got.outcomes.by_status, expected.outcomes.by_status);
  EXPECT_EQ(got.elapsed.sum_ns, expected.elapsed.sum_ns);
  for (const OutcomeClass c : {OutcomeClass::succeeded, OutcomeClass::failed, OutcomeClass::cut_off})
    expect_same(got.times(c), expected.times(c));
  expect_same(got.receive_lag, expected.receive_lag);
  EXPECT_EQ(got.bytes_in, expected.bytes_in);
  EXPECT_EQ(got.bytes_decoded, expected.bytes_decoded);
  EXPECT_EQ(got.bytes_out, expected.bytes_out);
  EXPECT_EQ(got.connections_opened, expected.connections_opened);
  EXPECT_EQ(got.first_start, expected.first_start);
  EXPECT_EQ(got.last_end, expected.last_end);
}

void expect_same(const Cell& got, const Cell& expected) {
  EXPECT_EQ(got.due, expected.due);
  EXPECT_EQ(got.succeeded, expected.succeeded);
  EXPECT_EQ(got.failed, expected.failed);
  EXPECT_EQ(got.cut_off, expected.cut_off);
  EXPECT_EQ(got.worst_send_lag, expected.worst_send_lag);
  EXPECT_EQ(got.started, expected.started);
  EXPECT_EQ(got.ended.completed, expected.ended.completed);
  EXPECT_EQ(got.ended.failed, expected.ended.failed);
  EXPECT_EQ(got.ended.elapsed_min, expected.ended.elapsed_min);
  EXPECT_EQ(got.in_flight_ns, expected.in_flight_ns);
}

TEST(Recorder, MergeIsTheRecorderOfAllSamples) {
  Recorder a(2, {0, 1}, kStart, 10s), b(2, {0, 1}, kStart, 10s), both(2, {0, 1}, kStart, 10s);
  for (const Sample& s : any_samples(2'000, 7)) {
    (s.due < kStart + 30s && s.bytes_in % 3 == 0 ? a : b).record(s);
    both.record(s);
  }
  for (Recorder* recorder : {&a, &b, &both}) recorder->finish();
  ASSERT_LT(a.cells().size(), b.cells().size());
  a.merge(std::move(b));
  for (std::size_t i = 0; i < 2; ++i) expect_same(a.labels()[i], both.labels()[i]);
  ASSERT_EQ(a.cells().size(), both.cells().size());
  for (std::size_t i = 0; i < a.cells().size(); ++i) expect_same(a.cells()[i], both.cells()[i]);
  for (const CellRange range : {CellRange{}, CellRange{100, 305}})
    for (const Series series : {Series::response, Series::service, Series::send_lag})
      expect_same(a.intervals().sum(series, range), both.intervals().sum(series, range));
}

TEST(Recorder, DoesNotAllocateWhileTheCellsFitTheirReserve) {
  Recorder recorder(1, {0}, kStart, 100s);
  recorder.record(failure(ErrorKind::reset));  // makes the failures' histograms
  const std::uint64_t before = support::allocations();
  for (int second = 0; second < 100; ++second) {
    Sample s = second % 3 == 0 ? failure(ErrorKind::reset) : success();
    s.due = kStart + std::chrono::seconds(second);
    s.started = s.due + 1ms;
    s.connected = s.started + 1ms;
    s.first_byte = s.connected + 1ms;
    s.finished = s.first_byte + 17ms;
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
  EXPECT_LE(recorder.cells().capacity(), 100'000U);
  EXPECT_GE(recorder.cells().capacity(), 86'400U);
}

}  // namespace
}  // namespace loadgen::stats
