#include "report/run_file.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "config/describe.hpp"
#include "report/json.hpp"
#include "report/reporter.hpp"
#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

using Json = nlohmann::ordered_json;

/// Every format of the saved run is, byte for byte, the one made when the run ended.
void expect_same_reports(const test::Run& run) {
  const Summary live = run.summary();
  const Result<SavedRun> saved = read_run(json(live));
  ASSERT_TRUE(saved) << saved.error();
  const Summary again = summarize(*saved);
  for (const Reporter& reporter : kReporters)
    EXPECT_EQ(reporter.render(again), reporter.render(live)) << reporter.format.name;
}

TEST(RunFile, ASavedRunIsReportedAsTheLiveOneWas) {
  expect_same_reports(test::all_succeeded());
  expect_same_reports(test::many_errors());
  expect_same_reports(test::empty());
  expect_same_reports(test::generator_bound());
  expect_same_reports(test::open_stages());
  expect_same_reports(test::censored());
  expect_same_reports(test::disturbed());
}

TEST(RunFile, LabelsOfAnyBytesComeBack) {
  test::Run run = test::hostile_labels();
  run.plan.target = "http://localhost";  // no target of a plan has control characters
  expect_same_reports(run);
}

TEST(RunFile, CalibrationToolAndHostAreThoseOfTheRun) {
  const test::Run run = test::all_succeeded();
  Summary live = run.summary();
  live.calibration =
      Calibration{.rtt_p50_ns = 21'000.5, .rtt_p99_9_ns = 1e6 / 3, .rate_per_core = 0.1, .open_connections = 9};
  const Result<SavedRun> saved = read_run(json(live));
  ASSERT_TRUE(saved) << saved.error();
  EXPECT_EQ(saved->calibration, live.calibration);
  EXPECT_EQ(saved->tool.version, "1.2.3");
  EXPECT_EQ(saved->host.cpu_model, "Example CPU @ 2.00GHz");
  EXPECT_EQ(saved->host.memory_bytes, 8'000'000'000U);
}

std::string mistake(std::string_view text) {
  const Result<SavedRun> read = read_run(text);
  return read ? "none" : read.error();
}

/// A run.json with one member replaced.
std::string changed(const std::string& key, const Json& value) {
  Json out = Json::parse(json(test::empty().summary()));
  out[key] = value;
  return out.dump();
}

TEST(RunFile, WhatIsNoRunIsToldSo) {
  const std::string good = json(test::empty().summary());
  EXPECT_EQ(mistake(good), "none");
  EXPECT_EQ(mistake(""), "is empty");
  EXPECT_EQ(mistake(" \n"), "is empty");
  EXPECT_EQ(mistake("summary = 6000"), "is no JSON; run.json is what --out json=FILE writes");
  EXPECT_EQ(mistake(good.substr(0, good.size() / 2)), "is no whole JSON: cut short or damaged");
  EXPECT_EQ(mistake(config::to_json(test::all_succeeded().plan)),
            "is no run.json: it has no \"schema\": \"loadgen/run/v1\"; make one of a run with --out json=FILE");
  EXPECT_EQ(mistake("[]"), mistake("{}"));
  EXPECT_EQ(mistake(changed("schema", "loadgen/run/v2")),
            "is of \"loadgen/run/v2\", and this loadgen reads \"loadgen/run/v1\"");
  EXPECT_EQ(mistake(changed("record", "AAAA")), "is damaged: its compressed part is damaged");
  EXPECT_EQ(mistake(changed("record", "!")), "is damaged: its base64 has not groups of four");
  EXPECT_EQ(mistake(changed("record", 7)), "is damaged: its host, tool, plan or record is not what loadgen writes");
  EXPECT_EQ(mistake(changed("plan", Json::object({{"users", 1}}))).substr(0, 24), "has a plan that is none:");
  Json old = Json::parse(good);
  old.erase("record");
  EXPECT_NE(mistake(old.dump()).find("has no \"record\""), std::string::npos);
}

TEST(RunFile, ARecordIsNoLargerThanItsFileAllows) {
  const std::string zeros(std::size_t{65} << 20, '\0');  // a thousandth of it when compressed
  EXPECT_FALSE(record_bytes(record_text(zeros)));
  const std::string fewer(std::size_t{1} << 20, '\0');
  const Result<std::string> back = record_bytes(record_text(fewer));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, fewer);
}

}  // namespace
}  // namespace loadgen::report
