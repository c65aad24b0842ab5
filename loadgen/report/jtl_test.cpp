#include "report/jtl.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace loadgen::report {
namespace {

using namespace std::chrono_literals;

/// The wall clock shows this where the steady clock shows zero: half a millisecond past a whole one.
constexpr Duration kEpoch = 1'700'000'000'000ms + 500us;

config::Step step(const char* name, const char* path) {
  config::Step s;
  s.name = name;
  s.method = "GET";
  s.url = {.host = "h", .port = 3000, .path_and_query = path};
  return s;
}

/// Requests 0 and 1 are of the first group, request 2 of the second.
config::Plan plan() {
  config::Plan plan;
  plan.thread_groups.resize(2);
  plan.thread_groups[0].name = "browsers";
  plan.thread_groups[0].steps = {step("home", "/"), step("list", "/list?page=1")};
  plan.thread_groups[1].name = "buyers";
  plan.thread_groups[1].steps = {step("order", "/order")};
  return plan;
}

/// Begins at 10 ms of the steady clock, ends 25.7 ms later; of the first group's user 17.
stats::SampleRow row() {
  stats::SampleRow r;
  r.started = TimePoint(10ms);
  r.connected = TimePoint(10ms + 400us);
  r.first_byte = TimePoint(35ms + 300us);
  r.finished = TimePoint(35ms + 700us);
  r.bytes_in = 123;
  r.bytes_out = 45;
  r.user = 16;
  r.active_in_group = 3;
  r.active = 5;
  r.status = 200;
  return r;
}

std::string line(const stats::SampleRow& r, const config::Plan& p = plan()) {
  std::string out;
  JtlLines(p, 1, kEpoch).add(0, r, out);
  return out;
}

TEST(Jtl, TheHeaderHasJMetersColumns) {
  EXPECT_EQ(kJtlHeader,
            "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,"
            "sentBytes,grpThreads,allThreads,URL,Latency,IdleTime,Connect\n");
}

TEST(Jtl, ASuccessHasAllColumns) {
  // Epoch clock: 10.5 ms, 10.9 ms, 35.8 ms, 36.2 ms: whole milliseconds 10, 10, 35, 36.
  EXPECT_EQ(line(row()), "1700000000010,26,home,200,OK,browsers 1-17,text,true,,123,45,3,5,http://h:3000/,25,0,0\n");
}

TEST(Jtl, RequestsAreNamedByTheirStepAndGroup) {
  stats::SampleRow r = row();
  r.request = 1;
  EXPECT_NE(line(r).find(",list,200,OK,browsers 1-17,"), std::string::npos) << line(r);
  EXPECT_NE(line(r).find(",http://h:3000/list?page=1,"), std::string::npos) << line(r);
  r.request = 2;
  EXPECT_NE(line(r).find(",order,200,OK,buyers 2-17,"), std::string::npos) << line(r);
}

TEST(Jtl, AKeptConnectionHasNoConnectTime) {
  stats::SampleRow r = row();
  r.connected = kUnset;
  EXPECT_TRUE(line(r).ends_with(",25,0,0\n")) << line(r);
  r.connected = TimePoint(13ms);
  EXPECT_TRUE(line(r).ends_with(",25,0,3\n")) << line(r);
}

TEST(Jtl, TheMeanOfShortTimesIsKept) {
  // 1,000 requests of 300 us, begun 37 us apart: rounded each by itself they would take no time at all.
  JtlLines lines(plan(), 1, kEpoch);
  std::int64_t sum = 0;
  for (int i = 0; i < 1'000; ++i) {
    stats::SampleRow r = row();
    r.started = TimePoint(10ms + i * 37us);
    r.finished = r.started + 300us;
    std::string out;
    lines.add(0, r, out);
    const std::size_t comma = out.find(',');
    sum += std::stoll(out.substr(comma + 1));
  }
  EXPECT_EQ(sum, 300);
}

/// responseCode to failureMessage, without threadName and dataType.
std::string outcome(ErrorKind error, std::uint16_t status = 0, std::uint16_t system_error = 0) {
  stats::SampleRow r = row();
  r.error = error;
  r.status = status;
  r.system_error = system_error;
  const std::string text = line(r);
  const std::size_t code = text.find(",home,") + 6, thread = text.find(",browsers"), success = text.find(",text,") + 6;
  return text.substr(code, thread - code) + " | " + text.substr(success, text.find(",123,") - success);
}

TEST(Jtl, FailuresWithAResponseKeepItsStatus) {
  EXPECT_EQ(outcome(ErrorKind::status, 503), "503,Service Unavailable | false,status outside the expected ones");
  EXPECT_EQ(outcome(ErrorKind::status, 299), "299, | false,status outside the expected ones");
  EXPECT_EQ(outcome(ErrorKind::digest_unsupported, 401),
            "401,Unauthorized | false,401 without a Digest challenge that is understood");
  EXPECT_EQ(outcome(ErrorKind::proxy, 407), "407,Proxy Authentication Required | false,");
  EXPECT_EQ(outcome(ErrorKind::expectation, 200), "200,OK | false,body or header is not what the plan expects");
}

TEST(Jtl, FailuresWithoutAResponseAreJMetersExceptions) {
  EXPECT_EQ(outcome(ErrorKind::connect_refused),
            "Non HTTP response code: org.apache.http.conn.HttpHostConnectException,"
            "Non HTTP response message: Connection refused | false,");
  EXPECT_EQ(outcome(ErrorKind::response_timeout),
            "Non HTTP response code: java.net.SocketTimeoutException,Non HTTP response message: Read timed out "
            "| false,");
  EXPECT_EQ(outcome(ErrorKind::upload),
            "Non HTTP response code: java.io.IOException,Non HTTP response message: "
            "a file of the request's body could not be read or has become shorter | false,");
  EXPECT_EQ(outcome(ErrorKind::closed_mid_body, 200).substr(0, 23), "Non HTTP response code:");
  EXPECT_EQ(outcome(ErrorKind::other, 0, 103),
            "Non HTTP response code: java.io.IOException,Non HTTP response message: Software caused connection abort "
            "| false,");
  EXPECT_EQ(outcome(ErrorKind::unfinished),
            "Non HTTP response code: java.net.SocketException,Non HTTP response message: Socket closed "
            "| false,still in flight when the run ended");
}

TEST(Jtl, EveryKindOfErrorIsAFailureOfSeventeenColumns) {
  for (const ErrorKindInfo& kind : kErrorKinds) {
    stats::SampleRow r = row();
    r.error = kind.kind;
    const std::string text = line(r);
    EXPECT_EQ(std::ranges::count(text, ','), 16) << text;
    EXPECT_EQ(text.find(kind.kind == ErrorKind::none ? ",true," : ",false,") != std::string::npos, true) << text;
  }
}

TEST(Jtl, AConnectThatFailedHasTakenTheWholeTime) {
  stats::SampleRow r = row();
  r.error = ErrorKind::connect_timeout;
  r.connected = r.first_byte = kUnset;
  EXPECT_TRUE(line(r).ends_with(",0,0,26\n")) << line(r);
}

TEST(Jtl, HostileNamesStayInTheirFieldAndOnTheirLine) {
  config::Plan p = plan();
  p.thread_groups[0].name = "a,\"b\"\n";
  p.thread_groups[0].steps[0].name = "x\r\ny,\"z\"\x1b[31m";
  EXPECT_EQ(
      line(row(), p),
      "1700000000010,26,\"x\\x0d\\x0ay,\"\"z\"\"\\x1b[31m\",200,OK,\"a,\"\"b\"\"\\x0a 1-17\",text,true,,123,45,3,5,"
      "http://h:3000/,25,0,0\n");
}

TEST(Jtl, SecretsAreHidden) {
  config::Plan p = plan();
  p.secrets = {"hunter22"};
  p.thread_groups[0].steps[0].url.path_and_query = "/?token=hunter22";
  EXPECT_NE(line(row(), p).find(",http://h:3000/?token=***,"), std::string::npos) << line(row(), p);
}

TEST(Jtl, WhatBecameOfTheRowsIsToldWithWhatToDo) {
  EXPECT_EQ(rows_text({.written = 6'000}), "6,000 rows, one for each request");
  EXPECT_EQ(rows_text({.written = 60, .lost = 0, .one_in = 100}), "60 rows, for one request in 100");
  EXPECT_EQ(rows_text({.written = 5, .lost = 1'000}),
            "5 rows, one for each request; 1,000 more are lost, which came faster than they could be written or found "
            "the disk full: --jtl-sample 1/100 writes fewer");
}

/// grpThreads,allThreads of each row that several shards tell.
struct Told {
  std::uint32_t shard;
  std::uint16_t request;
  std::uint32_t in_group;
  std::uint32_t all;
  bool left = false;
};
std::vector<std::string> users(const std::vector<Told>& rows) {
  JtlLines lines(plan(), 2, kEpoch);
  std::vector<std::string> counts;
  for (const Told& told : rows) {
    stats::SampleRow r = row();
    r.request = told.request;
    r.active_in_group = told.in_group;
    r.active = told.all;
    r.user_left = told.left;
    std::string out;
    lines.add(told.shard, r, out);
    const std::size_t begin = out.find(",123,45,") + 8;
    counts.push_back(out.substr(begin, out.find(",http") - begin));
  }
  return counts;
}

TEST(Jtl, UsersAreCountedOverAllShards) {
  EXPECT_EQ(users({{0, 0, 3, 3}, {1, 0, 2, 4}, {1, 2, 2, 4}, {0, 0, 2, 2}}),
            (std::vector<std::string>{"3,3", "5,7", "2,7", "4,6"}));
}

TEST(Jtl, AUserIsCountedInItsLastRowAndNotAfterwards) {
  EXPECT_EQ(users({{0, 0, 1, 1}, {1, 0, 0, 0, true}, {0, 0, 1, 1}, {0, 0, 0, 0, true}}),
            (std::vector<std::string>{"1,1", "2,2", "1,1", "1,1"}));
}

}  // namespace
}  // namespace loadgen::report
