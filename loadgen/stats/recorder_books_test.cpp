// What the recorder keeps over many samples: seconds, cells, sums; and that records add up.

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "stats/recorder.hpp"
#include "stats/test_samples.hpp"
#include "tests/support/allocations.hpp"

namespace loadgen::stats {
namespace {

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
