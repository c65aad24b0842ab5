#include "stats/record_merge.hpp"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace loadgen::stats {
namespace {

using namespace std::chrono_literals;

/// A request by offsets, so that it can be of a run with any t0.
struct Offset {
  Duration due, service;
  std::uint16_t label;
  bool failed;
};

std::vector<Offset> requests(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<Offset> out(n);
  for (Offset& o : out)
    o = {Duration(random() % 70'000'000'000), Duration(random() % 400'000'000),
         static_cast<std::uint16_t>(random() % 2), random() % 7 == 0};
  return out;
}

RunRecord run_of(const std::vector<Offset>& requests, TimePoint start) {
  RunRecord record;
  record.labels = {"a", "b"};
  record.engine = "native";
  record.recorder = Recorder(2, {0, 1}, start, 80s);
  for (const Offset& o : requests) {
    Sample s{};
    s.due = start + o.due;
    s.started = s.due + 10us;
    s.first_byte = s.started + o.service / 2;
    s.finished = s.started + o.service;
    s.request = o.label;
    s.status = o.failed ? 500 : 200;
    s.error = o.failed ? ErrorKind::status : ErrorKind::none;
    s.bytes_in = 7;
    record.recorder.record(s);
  }
  record.recorder.finish();
  record.ledger.planned = record.ledger.sent = requests.size();
  record.ledger.outcomes = record.recorder.total().outcomes;
  record.start = start;
  record.end = start + 71s;
  return record;
}

void expect_same(const Histogram& got, const Histogram& expected) {
  EXPECT_TRUE(std::ranges::equal(got.counts(), expected.counts())) << "bucket for bucket";
  EXPECT_EQ(got.sum(), expected.sum());
  EXPECT_EQ(got.min(), expected.min());
  EXPECT_EQ(got.max(), expected.max());
}

TEST(RecordMerge, IsTheRecordOfAllRequests) {
  const std::vector<Offset> first = requests(2'000, 1);
  const std::vector<Offset> second = requests(3'000, 2);
  std::vector<Offset> all = first;
  all.insert(all.end(), second.begin(), second.end());
  const RunRecord both = run_of(all, TimePoint(5s));
  const Result<RunRecord> merged = merge(run_of(first, TimePoint(5s)), run_of(second, TimePoint(9'000s)));
  ASSERT_TRUE(merged) << merged.error();
  for (std::size_t i = 0; i < 2; ++i) {
    const LabelRecord& got = merged->recorder.labels()[i];
    const LabelRecord& expected = both.recorder.labels()[i];
    expect_same(got.succeeded.response, expected.succeeded.response);
    expect_same(got.succeeded.download, expected.succeeded.download);
    expect_same(got.failed->service, expected.failed->service);
    EXPECT_EQ(got.outcomes.by_status, expected.outcomes.by_status);
    EXPECT_EQ(got.first_start, expected.first_start) << "since the t0 of each";
    EXPECT_EQ(got.last_end, expected.last_end);
  }
  for (const Series series : {Series::response, Series::service, Series::send_lag})
    for (const CellRange range : {CellRange{}, CellRange{100, 305}})
      expect_same(merged->recorder.intervals().sum(series, range), both.recorder.intervals().sum(series, range));
  ASSERT_EQ(merged->recorder.cells().size(), both.recorder.cells().size());
  for (std::size_t i = 0; i < both.recorder.cells().size(); ++i) {
    EXPECT_EQ(merged->recorder.cells()[i].due, both.recorder.cells()[i].due);
    EXPECT_EQ(merged->recorder.cells()[i].in_flight_ns, both.recorder.cells()[i].in_flight_ns);
  }
  EXPECT_EQ(merged->ledger.sent, 5'000U);
  EXPECT_TRUE(merged->ledger.balanced());
}

TEST(RecordMerge, MachinesStandSideBySide) {
  RunRecord a = run_of(requests(10, 1), TimePoint(5s));
  RunRecord b = run_of(requests(10, 2), TimePoint(6s));
  a.threads = 2;
  b.threads = 1;
  a.generator.stalls = {{.at = 1s, .length = 7ms, .run_queue_wait = {}, .cpu = {}, .shard = 1}};
  b.generator.stalls = {{.at = 1s, .length = 9ms, .run_queue_wait = {}, .cpu = {}, .shard = 0}};
  a.generator.seconds.resize(1);
  a.generator.seconds[0].shards.resize(2);
  b.generator.seconds.resize(2);
  for (HealthSecond& second : b.generator.seconds) second.shards = {ShardSecond{.released = 5}};
  a.generator.host.steal = 0.25;
  b.generator.host.steal = 0.5;
  b.generator.host.retransmits = 3;
  a.generator.cpu_user = 1s;
  b.generator.cpu_user = 2s;
  a.generator.not_checked = {"PSI"};
  b.generator.not_checked = {"PSI", "steal"};
  const Result<RunRecord> merged = merge(std::move(a), std::move(b));
  ASSERT_TRUE(merged);
  const GeneratorHealth& health = merged->generator;
  EXPECT_EQ(merged->threads, 3U);
  ASSERT_EQ(health.stalls.size(), 2U);
  EXPECT_EQ(health.stalls[0].length, 9ms) << "the longest first";
  EXPECT_EQ(health.stalls[0].shard, 2U) << "behind the two of the first run";
  ASSERT_EQ(health.seconds.size(), 2U);
  for (const HealthSecond& second : health.seconds) {
    ASSERT_EQ(second.shards.size(), 3U);
    EXPECT_EQ(second.shards[2].released, 5U);
  }
  EXPECT_EQ(health.host.steal, 0.5);
  EXPECT_EQ(health.host.retransmits, 3U);
  EXPECT_EQ(health.cpu_user, 3s);
  EXPECT_EQ(health.not_checked, (std::vector<std::string>{"PSI", "steal"}));
}

TEST(RecordMerge, RemembersItsParts) {
  const auto at = [](int s) { return std::chrono::system_clock::time_point(std::chrono::seconds(s)); };
  std::vector<RunRecord> runs;
  for (int i = 0; i < 3; ++i) {
    runs.push_back(run_of(requests(5, 1), TimePoint(5s)));
    runs.back().wall_start = at(100 - i);
    runs.back().end = runs.back().start + std::chrono::seconds(10 + i);
  }
  Result<RunRecord> merged = merge(std::move(runs[0]), std::move(runs[1]));
  merged = merge(std::move(*merged), std::move(runs[2]));
  ASSERT_EQ(merged->parts.size(), 3U);
  EXPECT_EQ(merged->parts[2].wall_start, at(98));
  EXPECT_EQ(merged->parts[2].length, 12s);
  EXPECT_EQ(merged->wall_start, at(98));
  EXPECT_EQ(merged->end - merged->start, 12s);
}

TEST(RecordMerge, IsStoppedByWhatStoppedOneOfThem) {
  const auto run = [](const char* threshold) {
    RunRecord record = run_of(requests(5, 1), TimePoint(5s));
    record.stopped_by = {.threshold = threshold, .at = 3s, .value = 1};
    if (*threshold != '\0') record.stop = StopReason::threshold;
    return record;
  };
  for (const auto& [first, second] : {std::pair{"", "a"}, std::pair{"a", ""}, std::pair{"a", "b"}}) {
    const Result<RunRecord> merged = merge(run(first), run(second));
    EXPECT_EQ(merged->stop, StopReason::threshold);
    EXPECT_EQ(merged->stopped_by.threshold, "a");
  }
}

TEST(RecordMerge, RefusesWhatIsNoOneRun) {
  const auto refusal = [](RunRecord b) {
    const Result<RunRecord> merged = merge(run_of(requests(5, 1), TimePoint(5s)), std::move(b));
    return merged ? "" : merged.error();
  };
  RunRecord other = run_of(requests(5, 1), TimePoint(5s));
  other.engine = "uring";
  EXPECT_EQ(refusal(std::move(other)), "was sent by the engine uring and not by native");
  other = run_of(requests(5, 1), TimePoint(5s));
  other.labels[1] = "c";
  EXPECT_EQ(refusal(std::move(other)), "has other request names");
}

}  // namespace
}  // namespace loadgen::stats
