#include "report/json_calibration.hpp"

#include <gtest/gtest.h>

namespace loadgen::report {
namespace {

CalibrationRecord record() {
  CalibrationRecord r;
  r.figures = {.rtt_p50_ns = 41'000, .rtt_p99_9_ns = 350'000, .rate_per_core = 150'000.5, .open_connections = 9'900};
  r.wake_up_ns = 62'000;
  r.engine = "native";
  r.tool_version = "1.2.3";
  r.taken = "2026-01-02T03:04:05Z";
  r.host.cpu_model = "A \"fast\" one";
  r.host.usable_cores = 2;
  r.host.kernel = "6.1";
  return r;
}

TEST(CalibrationFile, ComesBackAsItWas) {
  const auto read = calibration_from_json(calibration_to_json(record()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->figures, record().figures);
  EXPECT_EQ(read->wake_up_ns, record().wake_up_ns);
  EXPECT_EQ(read->taken, record().taken);
  EXPECT_TRUE(applies(*read, record().host, "native", "1.2.3"));
}

TEST(CalibrationFile, SaysNothingAboutAnotherHostEngineOrVersion) {
  HostFacts other = record().host;
  other.usable_cores = 1;
  EXPECT_FALSE(applies(record(), other, "native", "1.2.3"));
  other = record().host;
  other.kernel = "6.2";
  EXPECT_FALSE(applies(record(), other, "native", "1.2.3"));
  EXPECT_FALSE(applies(record(), record().host, "uring", "1.2.3"));
  EXPECT_FALSE(applies(record(), record().host, "native", "1.2.4"));
}

TEST(CalibrationFile, WhatIsNoneIsRefused) {
  std::string text = calibration_to_json(record());
  EXPECT_FALSE(calibration_from_json(text.substr(0, text.size() / 2)));
  EXPECT_FALSE(calibration_from_json("{}"));
  EXPECT_FALSE(calibration_from_json("[1, 2]"));
  text.replace(text.find("\"rate_per_core\": "), 17, "\"rate_per_core\": \"x\", \"y\": ");
  EXPECT_FALSE(calibration_from_json(text));
}

}  // namespace
}  // namespace loadgen::report
