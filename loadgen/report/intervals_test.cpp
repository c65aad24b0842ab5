#include "report/intervals.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "report/hdr.hpp"
#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

using namespace std::chrono_literals;

TEST(Intervals, AreBySecondOfTheDueTimeAndByLabel) {
  // Due at 0.9 s and ended at 2.9 s: of the first second.
  Sample slow = test::sample_at(900ms, 0s, 2s);
  Sample other = test::sample_at(1100ms, 0s, 3ms);
  other.request = 1;
  const Summary summary =
      test::run_of({"a", "b"}, {test::sample_at(0s, 0s, 1ms), slow, other, test::sample_at(1500ms, 0s, 2ms)}).summary();
  const std::vector<HdrInterval> intervals = intervals_of(summary);
  ASSERT_EQ(intervals.size(), 3U);
  EXPECT_EQ(intervals[0].tag, "a");
  EXPECT_EQ(intervals[0].count, 2U);
  EXPECT_EQ(intervals[0].max, 2s);
  EXPECT_EQ(intervals[1].start, 1s);
  EXPECT_EQ(intervals[2].tag, "b");
  const auto read = histogram_of_hdr_base64(intervals[2].values);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->counts()[stats::Histogram::index_of(3'000'000)], 1U);
}

TEST(Intervals, TheLogHasTheTotalUntaggedAndLabelsOnlyWhereThereAreSeveral) {
  const std::string one = hlog(test::all_succeeded().summary());
  EXPECT_EQ(one.find("Tag="), std::string::npos);
  EXPECT_EQ(std::ranges::count(one, '\n'), 5 + 2) << "a header of five lines, and two seconds";
  const std::string three = hlog(test::many_errors().summary());
  EXPECT_NE(three.find("Tag=login,1.000,1.000,"), std::string::npos);
  EXPECT_EQ(std::ranges::count(three, '\n'), 5 + 3 * 4);
}

TEST(Intervals, LabelsThatDifferInABlankHaveTheirOwnLines) {
  Sample other = test::sample_at(0s, 0s, 3ms);
  other.request = 1;
  const std::string log = hlog(test::run_of({"a b", "a_b"}, {test::sample_at(0s, 0s, 1ms), other}).summary());
  EXPECT_NE(log.find("Tag=a_b_2,0.000,1.000,1.000,"), std::string::npos) << log;
  EXPECT_NE(log.find("Tag=a_b,0.000,1.000,3.000,"), std::string::npos) << log;
}

TEST(Intervals, TheTotalHoldsEveryLabel) {
  const std::string log = hlog(test::many_errors().summary());
  std::uint64_t total = 0;
  for (std::size_t at = log.find("\n0.000,"); at != std::string::npos;) {
    const std::size_t end = log.find('\n', at + 1);
    const std::string line = log.substr(at + 1, end - at - 1);
    if (!line.starts_with("Tag=")) total += histogram_of_hdr_base64(line.substr(line.rfind(',') + 1))->count();
    at = end + 1 < log.size() ? end : std::string::npos;
  }
  EXPECT_EQ(total, 2630U);
}

TEST(Intervals, ThePercentileFileIsOfTheWindow) {
  EXPECT_NE(hgrm(test::open_stages().summary()).find("Total count    =         6000]"), std::string::npos)
      << "6 s of 1,000/s, not the 9,750 of the run";
}

}  // namespace
}  // namespace loadgen::report
