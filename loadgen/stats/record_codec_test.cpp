#include "stats/record_codec.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace loadgen::stats {
namespace {

using namespace std::chrono_literals;

constexpr TimePoint kStart{1'000s};

/// Requests of all outcomes over 70 s, across the border from fine cells to coarse ones; some past what histograms
/// hold.
Recorder recorder_of(std::size_t samples, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto up_to = [&](Duration most) { return Duration(static_cast<std::int64_t>(random() % (most.count() + 1))); };
  constexpr std::array kinds{ErrorKind::none,  ErrorKind::none,   ErrorKind::none,
                             ErrorKind::reset, ErrorKind::status, ErrorKind::response_timeout,
                             ErrorKind::none,  ErrorKind::none,   ErrorKind::unfinished};
  Recorder recorder(3, {0, 1, 1, 2}, kStart, 80s);
  for (std::size_t i = 0; i < samples; ++i) {
    Sample s{};
    s.error = kinds[random() % kinds.size()];
    s.due = kStart + up_to(70s);
    s.waited = random() % 4 == 0 ? up_to(2s) : 0s;
    s.started = s.due + s.waited + up_to(3ms);
    s.new_connection = random() % 2 == 0;
    if (s.new_connection) s.connected = s.started + up_to(10ms);
    if (s.new_connection && random() % 2 == 0) s.secured = s.connected + up_to(20ms);
    s.resumed = s.secured != kUnset && random() % 2 == 0;
    s.redirects = static_cast<std::uint8_t>(random() % 3);
    s.challenges = static_cast<std::uint8_t>(random() % 2);
    s.resent = random() % 5 == 0;
    s.first_byte = std::max({s.started, s.connected, s.secured}) + up_to(50ms);
    s.finished = s.first_byte + (i == 0 ? Duration(2h) : up_to(1s));
    s.request = static_cast<std::uint16_t>(random() % 3);  // the last label has none
    s.status = s.error == ErrorKind::status ? 503 : 200;
    s.bytes_in = random() % 1000;
    s.bytes_decoded = static_cast<std::uint32_t>(random() % 1000);
    s.bytes_out = 100;
    s.receive_lag_ns = random() % 8 == 0 ? 20'000 : kNoReceiveLag;
    recorder.record(s);
  }
  recorder.finish();
  return recorder;
}

/// Every field other than its default.
RunRecord full_record(std::size_t samples = 3'000) {
  RunRecord record;
  record.labels = {"GET /", "login", std::string("\0\xff", 2)};
  record.recorder = recorder_of(samples, 1);
  record.recorder.merge(recorder_of(samples / 6, 2));  // as of a second shard: its pieces come after the first's
  record.ledger = {
      .planned = 4'000, .not_started = 400, .dropped = 100, .never_sent = 7, .sent = 3'500, .outcomes = {}};
  record.ledger.outcomes = record.recorder.total().outcomes;
  record.ramp = {.users_planned = 10, .users_started = 9, .planned = 2s, .achieved = 2001ms};
  record.opening = {.asked = 5, .opened = 4, .took = 3ms, .connect = {}};
  record.opening.connect.record(90us);
  record.arrivals = {.arrived = 3'500, .waited = 11, .most_under_way = 12};
  GeneratorHealth& health = record.generator;
  health.cpu_user = 1s;
  health.cpu_system = 2s;
  health.wall = 72s;
  health.max_rss_bytes = 18'000'000;
  health.busiest_thread = 0.1;
  health.productive_share = 1.0 / 3;
  health.run_queue_wait = 14ms;
  health.longest_turn = 15ms;
  health.stalls = {{.at = 16s, .length = 17ms, .run_queue_wait = 18us, .cpu = 19us, .held_up = 1us, .shard = 1}};
  health.seconds = {{.shards = {{.released = 20,
                                 .longest_stall = 21us,
                                 .polling = 22us,
                                 .cpu = 23us,
                                 .run_queue_wait = 24us,
                                 .held_up = 25us,
                                 .stopped = true},
                                {}},
                     .host = {.steal = 0.25,
                              .cpu_pressure = {},
                              .throttled = 26ms,
                              .retransmits = {},
                              .listen_drops = 28,
                              .network_drops = {}}},
                    {}};
  health.host = {
      .steal = {}, .cpu_pressure = 0.5, .throttled = {}, .retransmits = 31, .listen_drops = {}, .network_drops = 33};
  health.retransmits = 34;
  health.connections_asked = 35;
  health.pace = {.pace = Pace::spin, .reason = "asked for", .guard = 36us, .most_guard = 37us};
  health.not_checked = {"steal", "PSI"};
  record.threads = 2;
  record.engine = "uring";
  record.start = kStart;
  record.end = kStart + 72s;
  record.wall_start = std::chrono::system_clock::time_point(std::chrono::nanoseconds(1'700'000'000'123'456'789));
  record.stop = StopReason::threshold;
  record.until = "p99 ± 2%";
  record.parts = {{.wall_start = record.wall_start, .length = 71s}};
  record.stopped_by = {.threshold = "p99 < 1s abort", .at = 38s, .value = 1.5e9};
  record.rows = RowsRecord{.written = 3'400, .lost = 100, .one_in = 10};
  record.addresses = {.targets = 2, .used = 5, .refused = 1, .sources = 3};
  return record;
}

void expect_same(const Histogram& got, const Histogram& expected) {
  EXPECT_TRUE(std::ranges::equal(got.counts(), expected.counts()));
  EXPECT_EQ(got.overflow(), expected.overflow());
  EXPECT_EQ(got.exact().count, expected.exact().count);
  EXPECT_EQ(got.exact().sum_ns, expected.exact().sum_ns);
  EXPECT_EQ(got.exact().sum_of_squares, expected.exact().sum_of_squares) << "to the last bit";
  EXPECT_EQ(got.min(), expected.min());
  EXPECT_EQ(got.max(), expected.max());
}

RunRecord there_and_back(const RunRecord& record) {
  Result<RunRecord> read = decode(encode(record));
  EXPECT_TRUE(read) << read.error();
  return read ? std::move(*read) : RunRecord{};
}

TEST(RecordCodec, GivesBackWhatWasRecorded) {
  const RunRecord record = full_record();
  const RunRecord read = there_and_back(record);
  EXPECT_EQ(read.labels, record.labels);
  ASSERT_EQ(read.recorder.labels().size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const LabelRecord& got = read.recorder.labels()[i];
    const LabelRecord& expected = record.recorder.labels()[i];
    EXPECT_EQ(got.outcomes.failed_by_kind, expected.outcomes.failed_by_kind);
    EXPECT_EQ(got.outcomes.by_status, expected.outcomes.by_status);
    EXPECT_EQ(got.first_start, expected.first_start);
    EXPECT_EQ(got.last_end, expected.last_end);
    expect_same(got.succeeded.response, expected.succeeded.response);
    expect_same(got.succeeded.connect, expected.succeeded.connect);
    expect_same(got.receive_lag, expected.receive_lag);
    ASSERT_EQ(got.cut_off == nullptr, i == 2) << "the last label has no requests";
    ASSERT_EQ(got.failed == nullptr, i == 2);
    if (got.failed) expect_same(got.failed->download, expected.failed->download);
  }
  EXPECT_GT(record.recorder.total().succeeded.response.overflow() + record.recorder.total().outcomes.failed(), 0U);
  for (const Series series : {Series::response, Series::service, Series::send_lag})
    for (const CellRange range : {CellRange{}, CellRange{100, 305}}) {
      expect_same(read.recorder.intervals().sum(series, range), record.recorder.intervals().sum(series, range));
      expect_same(read.recorder.cut_offs().sum(series, range), record.recorder.cut_offs().sum(series, range));
    }
  EXPECT_EQ(read.recorder.cells().size(), record.recorder.cells().size());
  EXPECT_EQ(read.recorder.intervals().cells(), record.recorder.intervals().cells());
}

TEST(RecordCodec, GivesBackWhatTheGeneratorWas) {
  const RunRecord record = full_record();
  const RunRecord read = there_and_back(record);
  const GeneratorHealth& got = read.generator;
  EXPECT_EQ(got.productive_share, 1.0 / 3);
  ASSERT_EQ(got.stalls.size(), 1U);
  EXPECT_EQ(got.stalls[0].run_queue_wait, 18us);
  ASSERT_EQ(got.seconds.size(), 2U);
  ASSERT_EQ(got.seconds[0].shards.size(), 2U);
  EXPECT_EQ(got.seconds[0].shards[0].polling, 22us);
  EXPECT_EQ(got.seconds[0].host.steal, 0.25);
  EXPECT_EQ(got.seconds[0].host.cpu_pressure, std::nullopt);
  EXPECT_EQ(got.seconds[0].host.throttled, 26ms);
  EXPECT_EQ(got.host.network_drops, 33U);
  EXPECT_EQ(got.pace.reason, "asked for");
  EXPECT_EQ(got.not_checked, record.generator.not_checked);
  EXPECT_EQ(read.stop, StopReason::threshold);
  EXPECT_EQ(read.stopped_by, record.stopped_by);
  EXPECT_EQ(read.until, "p99 ± 2%");
  EXPECT_EQ(read.wall_start, record.wall_start);
  EXPECT_EQ(read.rows, record.rows);
  EXPECT_EQ(read.addresses, record.addresses);
  ASSERT_EQ(read.parts.size(), 1U);
  EXPECT_EQ(read.parts[0].length, 71s);
  EXPECT_TRUE(read.ledger.balanced());
}

TEST(RecordCodec, IsTheSameBytesAgain) {
  const std::string bytes = encode(full_record());
  EXPECT_EQ(encode(*decode(bytes)), bytes);
  const std::string of_nothing = encode(RunRecord{});
  EXPECT_EQ(encode(*decode(of_nothing)), of_nothing);
}

TEST(RecordCodec, RefusesAnotherVersionAndSaysSo) {
  std::string bytes = encode(full_record());
  bytes[0] = 1;
  const Result<RunRecord> read = decode(bytes);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().find("of version 1, and this loadgen reads version 5"), std::string::npos) << read.error();
}

TEST(RecordCodec, TheFuzzersStartFromRecordsOfThisVersion) {
  for (const char* name : {"closed", "open", "refused"}) {
    std::ifstream file(std::string(LOADGEN_RECORDS) + "/" + name, std::ios::binary);
    const Result<RunRecord> read = decode(std::string(std::istreambuf_iterator<char>(file), {}));
    EXPECT_TRUE(read) << name << ": " << (read ? "" : read.error());
  }
}

TEST(RecordCodec, RefusesWhatIsCutShortOrTooLong) {
  const std::string bytes = encode(full_record(60));
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 20)
    EXPECT_FALSE(decode(std::string_view(bytes).substr(0, size))) << size;
  EXPECT_FALSE(decode(bytes + '\0'));
}

/// Whatever byte is another: read as something or refused, and what was read can be worked with.
TEST(RecordCodec, SurvivesEveryDamage) {
#if defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a record that claims thousands of labels: there each histogram is a mapping of its own, and the "
                  "kernel has 65,530 for a process";
#endif
  const std::string bytes = encode(full_record(60));
  std::mt19937_64 random(3);
  int refused = 0;
  for (int i = 0; i < 500; ++i) {
    std::string damaged = bytes;
    damaged[random() % (i % 2 == 0 ? damaged.size() : 200)] = static_cast<char>(random());
    const Result<RunRecord> read = decode(damaged);
    refused += read ? 0 : 1;
    if (!read) continue;
    EXPECT_EQ(read->labels.size(), read->recorder.labels().size());
    const Histogram responses = read->recorder.intervals().sum(Series::response);
    EXPECT_LE(responses.percentile(0.99), responses.max());
  }
  EXPECT_GT(refused, 100);
}

TEST(RecordCodec, AClaimOfMuchTakesLittle) {
  std::string bytes = encode(RunRecord{});
  ASSERT_EQ(bytes[1], 0) << "the number of labels";
  bytes.replace(1, 1, "\xff\xff\xff\xff\xff\x7f");
  const Result<RunRecord> read = decode(bytes);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().find("longer than what is left"), std::string::npos) << read.error();
}

TEST(RecordCodec, RefusesAPieceOfALabelThatIsNot) {
  RunRecord record = full_record();
  record.labels.pop_back();
  EXPECT_FALSE(decode(encode(record))) << "two names for three labels";
}

}  // namespace
}  // namespace loadgen::stats
