#include "config/until.hpp"

#include <gtest/gtest.h>

namespace loadgen::config {
namespace {

using Metric = Until::Metric;

TEST(Until, ReadsWhatPeopleType) {
  struct Case {
    const char* text;
    Until expected;
  };
  const Case cases[] = {
      {"p99 ± 2%", {Metric::percentile, 0.99, 0.02}},
      {"p99 +- 2%", {Metric::percentile, 0.99, 0.02}},
      {"p99 +/- 2 %", {Metric::percentile, 0.99, 0.02}},
      {"p99 2%", {Metric::percentile, 0.99, 0.02}},
      {"  p50±10%  ", {Metric::percentile, 0.5, 0.1}},
      {"p95+-5%", {Metric::percentile, 0.95, 0.05}},
      {"p75 12.5%", {Metric::percentile, 0.75, 0.125}},
      {"mean 1%", {Metric::mean, 0, 0.01}},
      {"rate ± 1%", {Metric::rate, 0, 0.01}},
      {"rate 50%", {Metric::rate, 0, 0.5}},
  };
  for (const Case& c : cases) {
    const Result<Until> got = parse_until(c.text);
    ASSERT_TRUE(got.ok()) << c.text << ": " << got.error();
    EXPECT_EQ(got->metric, c.expected.metric) << c.text;
    EXPECT_DOUBLE_EQ(got->p, c.expected.p) << c.text;
    EXPECT_DOUBLE_EQ(got->half_width, c.expected.half_width) << c.text;
  }
}

TEST(Until, MistakesSayWhatToWrite) {
  struct Case {
    const char* text;
    const char* why;
  };
  const Case cases[] = {
      {"", "names no figure"},          {"2%", "names no figure"},           {"p 2%", "names no figure"},
      {"p0 2%", "names no figure"},     {"p100 2%", "names no figure"},      {"p999 2%", "names no figure"},
      {"pp99 2%", "names no figure"},   {"p9.9.9 2%", "names no figure"},    {"median 2%", "names no figure"},
      {"p99", "how many per cent"},     {"p99 2", "how many per cent"},      {"p99 ±", "how many per cent"},
      {"p99 0%", "has no width above"}, {"p99 -2%", "has no width above"},   {"p99 51%", "has no width above"},
      {"p99 %", "has no width above"},  {"mean two%", "has no width above"}, {"p99 ± ± 2%", "has no width above"},
  };
  for (const Case& c : cases) {
    const Result<Until> got = parse_until(c.text);
    ASSERT_FALSE(got.ok()) << c.text;
    EXPECT_NE(got.error().find(c.why), std::string::npos) << got.error();
    EXPECT_NE(got.error().find("write it as 'p99 ± 2%'"), std::string::npos) << got.error();
  }
}

TEST(Until, IsSpeltSoThatItComesBack) {
  EXPECT_EQ(to_string(*parse_until("p99.9 +- 2.5 %")), "p99.9 ± 2.5%");
  for (const char* text : {"p50 ± 10%", "p99 ± 2%", "p99.99 ± 5%", "mean ± 1%", "rate ± 0.5%"})
    EXPECT_EQ(to_string(*parse_until(text)), text);
}

}  // namespace
}  // namespace loadgen::config
