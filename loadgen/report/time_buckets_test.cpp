#include "report/time_buckets.hpp"

#include <gtest/gtest.h>

namespace loadgen::report {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(TimeBuckets, CountsUpToEachLimit) {
  stats::Histogram times;
  for (const Duration time : {Duration(microseconds(40)), Duration(microseconds(100)), Duration(microseconds(101)),
                              Duration(milliseconds(1)), Duration(milliseconds(30)), Duration(seconds(61))})
    times.record(time);
  TimeBuckets buckets;
  buckets.add(times);
  std::array<std::uint64_t, kBucketLimits.size()> expected{};
  expected[0] = 2;  // up to 0.1 ms
  expected[1] = 1;  // 0.25 ms
  expected[3] = 1;  // 1 ms
  expected[8] = 1;  // 50 ms
  EXPECT_EQ(buckets.counts, expected);
  EXPECT_EQ(buckets.count, 6U);
  EXPECT_EQ(buckets.sum_ns, 61'031'241'000);
}

TEST(TimeBuckets, PiecesOfARunningLogAddUpToTheSame) {
  stats::IntervalLog log(1);
  stats::Histogram whole;
  for (std::uint32_t i = 0; i < 5000; ++i) {
    const Duration time = microseconds(17) * static_cast<int>(i);
    log.record(i / 100, 0, {time, time, Duration::zero()});
    whole.record(time);
  }
  log.finish();
  TimeBuckets from_pieces;
  stats::IntervalLog::Reader reader(log);
  for (stats::IntervalLog::Piece piece; reader.next(piece);)
    if (piece.series == stats::Series::response) from_pieces.add(piece);
  TimeBuckets from_whole;
  from_whole.add(whole);
  EXPECT_EQ(from_pieces.counts, from_whole.counts);
  EXPECT_EQ(from_pieces.count, 5000U);
  EXPECT_EQ(from_pieces.sum_ns, from_whole.sum_ns);
}

TEST(TimeBuckets, LimitsRise) {
  EXPECT_TRUE(std::ranges::is_sorted(kBucketLimits));
  EXPECT_LT(kBucketLimits.size(), 20U);
}

}  // namespace
}  // namespace loadgen::report
