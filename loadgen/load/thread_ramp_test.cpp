#include "load/thread_ramp.hpp"

#include <gtest/gtest.h>

namespace loadgen::load {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(ThreadRamp, ExactIsLinearToTheNanosecond) {
  const ThreadRamp ramp = ThreadRamp::exact(6000, seconds(2));
  EXPECT_EQ(ramp.start_of(0), nanoseconds(0));
  EXPECT_EQ(ramp.start_of(1), nanoseconds(333'333));
  EXPECT_EQ(ramp.start_of(3), nanoseconds(1'000'000));
  EXPECT_EQ(ramp.start_of(3000), seconds(1));
  EXPECT_EQ(ramp.start_of(5999), nanoseconds(1'999'666'666));
}

TEST(ThreadRamp, ExactDoesNotOverflow) {
  const ThreadRamp ramp = ThreadRamp::exact(4'000'000'000u, hours(24));
  EXPECT_EQ(ramp.start_of(2'000'000'000u), hours(12));
  EXPECT_EQ(ThreadRamp::exact(5, seconds(0)).start_of(4), nanoseconds(0));
}

struct JMeterRow {
  std::uint32_t users;
  seconds ramp_up;
  milliseconds step;  ///< round(1000 * ramp_up / users), worked out by hand
};

TEST(ThreadRamp, JMetersNormalModeRoundsTheStepToWholeMilliseconds) {
  for (const JMeterRow& row : {JMeterRow{6000, seconds(2), milliseconds(0)},
                               {4001, seconds(2), milliseconds(0)},
                               {4000, seconds(2), milliseconds(1)},
                               {3000, seconds(2), milliseconds(1)},
                               {1500, seconds(2), milliseconds(1)},
                               {6000, seconds(10), milliseconds(2)},
                               {10000, seconds(60), milliseconds(6)}}) {
    const ThreadRamp ramp = ThreadRamp::jmeter(row.users, row.ramp_up);
    EXPECT_EQ(ramp.start_of(1), row.step) << row.users;
    EXPECT_EQ(ramp.start_of(row.users - 1), row.step * (row.users - 1)) << row.users;
  }
}

TEST(ThreadRamp, JMetersDelayedModeBeginsWithABurstAndEndsOnTime) {
  const ThreadRamp ramp = ThreadRamp::jmeter_delayed(6000, seconds(2));
  EXPECT_EQ(ramp.start_of(1999), milliseconds(0)) << "the first 2,000 at once: their pauses round to 0";
  const auto started_by = [&](milliseconds t) {
    std::uint32_t n = 0;
    while (n < 6000 && ramp.start_of(n) <= t) ++n;
    return n;
  };
  EXPECT_NEAR(started_by(milliseconds(500)), 3000, 5);
  EXPECT_NEAR(started_by(milliseconds(1000)), 4000, 5);
  EXPECT_NEAR(started_by(milliseconds(1500)), 5000, 5);
  EXPECT_EQ(started_by(milliseconds(2000)), 6000u);
  EXPECT_GE(ramp.start_of(5999), milliseconds(1998));
}

TEST(ThreadRamp, OneUserStartsAtOnce) {
  EXPECT_EQ(ThreadRamp::exact(1, seconds(5)).start_of(0), nanoseconds(0));
  EXPECT_EQ(ThreadRamp::jmeter(1, seconds(5)).start_of(0), nanoseconds(0));
  EXPECT_EQ(ThreadRamp::jmeter_delayed(1, seconds(5)).start_of(0), nanoseconds(0));
}

}  // namespace
}  // namespace loadgen::load
