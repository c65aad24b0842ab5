#include "report/summariser.hpp"

#include <string>

#include <gtest/gtest.h>

namespace loadgen::report {
namespace {

using stats::Tally;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

Tally tally(std::uint64_t completed, std::uint64_t failed, Duration sum, Duration min, Duration max) {
  return {completed, failed, sum, min, max};
}

TEST(SummaryLine, DeltaAsJMeterPrintsIt) {
  const Tally t = tally(1234, 0, milliseconds(12 * 1234), milliseconds(1), milliseconds(240));
  EXPECT_EQ(summary_delta(t, milliseconds(30'024), {10, 0}),
            "summary +   1234 in 00:00:30 =   41.1/s Avg:    12 Min:     1 Max:   240 Err:     0 (0.00%)"
            " Active: 10 Started: 10 Finished: 0");
}

TEST(SummaryLine, TotalAsJMeterPrintsIt) {
  const Tally t = tally(6000, 6000, milliseconds(318 * 6000), milliseconds(0), milliseconds(1728));
  EXPECT_EQ(summary_total(t, milliseconds(14'559)),
            "summary =   6000 in 00:00:15 =  412.1/s Avg:   318 Min:     0 Max:  1728 Err:  6000 (100.00%)");
}

TEST(SummaryLine, WithoutASample) {
  EXPECT_EQ(summary_total({}, Duration::zero()),
            "summary =      0 in 00:00:00 = ******/s Avg:     0 Min: 9223372036854775807 Max: -9223372036854775808"
            " Err:     0 (0.00%)");
}

TEST(SummaryLine, WiderValuesPushTheRestToTheRight) {
  const Tally t =
      tally(12'345'678, 123'456, milliseconds(100'000) * 12'345'678LL, milliseconds(100'000), milliseconds(1'234'567));
  EXPECT_EQ(summary_total(t, seconds(60)),
            "summary = 12345678 in 00:01:00 = 205761.3/s Avg: 100000 Min: 100000 Max: 1234567 Err: 123456 (1.00%)");
}

TEST(SummaryLine, TimeIsRoundedAndTheRateIsNot) {
  const Tally t = tally(1, 0, milliseconds(5), milliseconds(5), milliseconds(5));
  EXPECT_EQ(summary_total(t, milliseconds(499)).substr(0, 40), "summary =      1 in 00:00:00 =    2.0/s ");
  EXPECT_EQ(summary_total(t, milliseconds(500)).substr(0, 40), "summary =      1 in 00:00:01 =    2.0/s ");
  EXPECT_EQ(summary_total(t, hours(27) + milliseconds(59'500)).substr(17, 11), "in 27:01:00");
}

TEST(SummaryLine, BelowAMillisecondThereIsNoRate) {
  const Tally t = tally(1, 0, microseconds(900), microseconds(900), microseconds(900));
  EXPECT_EQ(summary_total(t, microseconds(999)).substr(0, 40), "summary =      1 in 00:00:00 = ******/s ");
}

TEST(SummaryLine, MillisecondsAreCutOffNotRounded) {
  const Tally t = tally(2, 1, microseconds(5'998), microseconds(1'999), microseconds(3'999));
  EXPECT_NE(summary_total(t, seconds(1)).find("Avg:     2 Min:     1 Max:     3 Err:     1 (50.00%)"),
            std::string::npos);
}

}  // namespace
}  // namespace loadgen::report
