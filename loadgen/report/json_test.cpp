#include "report/json.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/reporter.hpp"
#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

using Json = nlohmann::ordered_json;

Json parsed(const test::Run& run) {
  return Json::parse(json(run.summary()));
}

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> out;
  for (const auto& item : object.items()) out.push_back(item.key());
  return out;
}

TEST(RunJson, HasItsKeysInOrder) {
  EXPECT_EQ(keys(parsed(test::all_succeeded())), (std::vector<std::string>{"schema",
                                                                           "verdict",
                                                                           "tool",
                                                                           "name",
                                                                           "target",
                                                                           "started",
                                                                           "started_epoch_s",
                                                                           "ended",
                                                                           "ended_epoch_s",
                                                                           "wall_s",
                                                                           "stop",
                                                                           "strict",
                                                                           "until",
                                                                           "thresholds",
                                                                           "totals",
                                                                           "offered",
                                                                           "ramp",
                                                                           "opening",
                                                                           "arrivals",
                                                                           "window",
                                                                           "response_ns",
                                                                           "service_ns",
                                                                           "send_lag_ns",
                                                                           "connection_wait_ns",
                                                                           "connect_ns",
                                                                           "tls_ns",
                                                                           "first_byte_ns",
                                                                           "follow_ups_ns",
                                                                           "download_ns",
                                                                           "failed_response_ns",
                                                                           "cut_off_response_ns",
                                                                           "receive_lag_ns",
                                                                           "response_buckets_ns",
                                                                           "service_buckets_ns",
                                                                           "rate",
                                                                           "stages",
                                                                           "stationarity",
                                                                           "growth",
                                                                           "littles_law",
                                                                           "labels",
                                                                           "generator",
                                                                           "addresses",
                                                                           "per_second",
                                                                           "intervals",
                                                                           "response_histogram",
                                                                           "host",
                                                                           "plan",
                                                                           "record"}));
}

TEST(RunJson, TotalsAreTheLedgersAndTheRows) {
  const test::Run run = test::many_errors();
  const Summary summary = run.summary();
  const Json out = parsed(run);
  EXPECT_EQ(out["schema"], "loadgen/run/v1");
  const Json& totals = out["totals"];
  EXPECT_EQ(totals["planned"], 3012);
  EXPECT_EQ(totals["sent"], 3000);
  EXPECT_EQ(totals["not_started"], 12);
  EXPECT_EQ(totals["dropped"], 0);
  EXPECT_EQ(totals["succeeded"], 2630);
  EXPECT_EQ(totals["failed"], 366);
  EXPECT_EQ(totals["unfinished"], 4);
  EXPECT_EQ(totals["errors_by_kind"],
            Json::parse(R"({"status": 300, "reset": 30, "closed_mid_body": 30, "response_timeout": 6})"));
  EXPECT_EQ(totals["by_status"], Json::parse(R"({"none": 36, "200": 2660, "500": 150, "503": 150})"));
  EXPECT_DOUBLE_EQ(totals["error_rate"], 366.0 / 2996);
  EXPECT_DOUBLE_EQ(totals["rps"], summary.total.rps);
  EXPECT_EQ(totals["connections_opened"], summary.total.connections_opened);
  EXPECT_EQ(out["stop"], "on_error");
  EXPECT_DOUBLE_EQ(out["ramp"]["achieved_s"], 0.991);
  ASSERT_EQ(out["labels"].size(), 3U);
  EXPECT_EQ(out["labels"][1]["label"], "login");
  EXPECT_EQ(out["verdict"]["name"], "ERRORS");
  EXPECT_EQ(out["plan"], Json::parse(summary.plan_json));
}

TEST(RunJson, DistributionsAreInNanoseconds) {
  const Json service = parsed(test::generator_bound())["service_ns"];
  EXPECT_EQ(keys(service),
            (std::vector<std::string>{"count", "overflow", "min", "mean", "stddev", "p50", "p90", "p95", "p99", "p99_9",
                                      "max", "cut_off", "cut_off_max", "lost", "intervals"}));
  EXPECT_EQ(service["count"], 2000);
  EXPECT_EQ(service["min"], 2'000'000);
  EXPECT_EQ(service["max"], 2'000'000);
  EXPECT_EQ(service["p99_9"], 2'000'000);
  EXPECT_EQ(keys(service["intervals"]), (std::vector<std::string>{"mean", "p50", "p90", "p95", "p99", "p99_9"}));
  const Json& p99 = service["intervals"]["p99"];
  EXPECT_EQ(keys(p99), (std::vector<std::string>{"value", "low", "high", "resolution", "at_least", "n", "n_effective",
                                                 "batches", "run_longer"}));
  EXPECT_EQ(p99["n"], 2000);
  EXPECT_EQ(p99["batches"], 10);  // two seconds of cells of 200 ms
  EXPECT_EQ(service["intervals"]["p99_9"]["resolution"], "too_few");
}

TEST(RunJson, TimesAreUtc) {
  const Json out = parsed(test::generator_bound());
  EXPECT_EQ(out["started"], "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(out["ended"], "2023-11-14T22:13:22.011Z");
  EXPECT_DOUBLE_EQ(out["started_epoch_s"], 1'700'000'000);
  EXPECT_NEAR(out["wall_s"].get<double>(), 2.011, 1e-9);
}

TEST(RunJson, SecondsAddUpToTheCompleted) {
  const Json out = parsed(test::many_errors());
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  for (const Json& second : out["per_second"]) {
    completed += second["completed"].get<std::uint64_t>();
    failed += second["failed"].get<std::uint64_t>();
  }
  EXPECT_EQ(completed, 2996U);
  EXPECT_EQ(failed, 366U);
}

TEST(RunJson, TellsWhichThresholdStoppedTheRun) {
  EXPECT_FALSE(parsed(test::all_succeeded()).contains("stopped_by"));
  test::Run run = test::all_succeeded();
  run.record.stop = stats::StopReason::threshold;
  run.record.stopped_by = {.threshold = "p99 < 1s abort", .at = std::chrono::milliseconds(4'500), .value = 2e9};
  const Json stopped = parsed(run);
  EXPECT_EQ(stopped["stop"], "threshold");
  EXPECT_EQ(stopped["stopped_by"], (Json{{"threshold", "p99 < 1s abort"}, {"at_s", 4.5}, {"value", 2e9}}));
  run.record.stopped_by.value = -1;
  EXPECT_TRUE(parsed(run)["stopped_by"]["value"].is_null());
}

TEST(RunJson, HostileNamesBecomeValidText) {
  const Json out = parsed(test::hostile_labels());
  EXPECT_EQ(out["labels"][0]["label"], "\x1b[2J\x1b]0;owned\x07red");  // escaped by JSON itself, nothing lost
  EXPECT_NE(out["labels"][3]["label"].get<std::string>().find("\xef\xbf\xbd"), std::string::npos);
}

TEST(RunJson, WhatIsUnknownIsNull) {
  const Json intervals = parsed(test::censored())["response_ns"]["intervals"];
  EXPECT_EQ(intervals["p90"]["resolution"], "upper_open");
  EXPECT_TRUE(intervals["p90"]["low"].is_number());
  EXPECT_TRUE(intervals["p90"]["high"].is_null());
  EXPECT_TRUE(intervals["p99_9"]["low"].is_null()) << "too few values";
  EXPECT_TRUE(intervals["mean"]["at_least"]);
}

TEST(RunJson, AnEmptyRunHasNumbersEverywhereButInEstimates) {
  Json out = parsed(test::empty());
  EXPECT_TRUE(out["rate"]["value"].is_null());
  for (const char* series : {"response_ns", "service_ns", "send_lag_ns"}) {
    out[series].erase("intervals");
    out["labels"][0][series].erase("intervals");
  }
  out.erase("rate");
  EXPECT_EQ(out.dump().find("null"), std::string::npos);  // what a NaN or an infinity would be written as
  EXPECT_EQ(out["totals"]["errors_by_kind"], Json::object());
}

TEST(Reporters, AreFoundByName) {
  const Summary summary = test::all_succeeded().summary();
  ASSERT_NE(find_reporter("text"), nullptr);
  EXPECT_EQ(find_reporter("text")->render(summary), text(summary, {}));
  EXPECT_EQ(find_reporter("json")->render(summary), json(summary));
  EXPECT_EQ(find_reporter("yaml"), nullptr);
}

}  // namespace
}  // namespace loadgen::report
