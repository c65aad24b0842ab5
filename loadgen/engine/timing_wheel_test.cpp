#include "engine/timing_wheel.hpp"

#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace loadgen::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TimePoint at(Duration d) {
  return TimePoint(seconds(1000)) + d;
}

int expired_at(TimingWheel& wheel, TimePoint now) {
  int count = 0;
  wheel.advance(now, [&](WheelNode&) { ++count; });
  return count;
}

TEST(TimingWheel, StrikesWithinOneTickAfterTheDeadlineAndNotBefore) {
  TimingWheel wheel(at({}));
  WheelNode node;
  wheel.arm(node, at(milliseconds(100)));
  EXPECT_EQ(expired_at(wheel, at(milliseconds(99))), 0);
  EXPECT_EQ(expired_at(wheel, at(milliseconds(108))), 1);
  EXPECT_EQ(expired_at(wheel, at(seconds(100))), 0) << "once only";
}

TEST(TimingWheel, DisarmedNodesNeverStrike) {
  TimingWheel wheel(at({}));
  WheelNode node;
  wheel.arm(node, at(milliseconds(100)));
  TimingWheel::disarm(node);
  EXPECT_EQ(expired_at(wheel, at(seconds(10))), 0);
  EXPECT_EQ(wheel.next_look(), kNever);
}

TEST(TimingWheel, ALaterDeadlineCostsNoMoveAndAnEarlierOneIsMet) {
  TimingWheel wheel(at({}));
  WheelNode node;
  wheel.arm(node, at(milliseconds(100)));
  wheel.arm(node, at(milliseconds(500)));
  EXPECT_EQ(expired_at(wheel, at(milliseconds(300))), 0);
  wheel.arm(node, at(milliseconds(320)));
  EXPECT_EQ(expired_at(wheel, at(milliseconds(330))), 1);
}

TEST(TimingWheel, DeadlinesBeyondTheHorizonAreMet) {
  TimingWheel wheel(at({}));
  WheelNode node;
  wheel.arm(node, at(seconds(30)));
  for (int s = 0; s < 30; ++s) EXPECT_EQ(expired_at(wheel, at(seconds(s))), 0) << s;
  EXPECT_EQ(expired_at(wheel, at(seconds(30) + milliseconds(8))), 1);
}

TEST(TimingWheel, AgreesWithSortingOnRandomDeadlines) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int> when(0, 20'000);
  TimingWheel wheel(at({}));
  std::vector<WheelNode> nodes(500);
  int now_ms = 0;
  for (int step = 0; step < 20'000; step += 7) {
    WheelNode& node = nodes[static_cast<std::size_t>(step) % nodes.size()];
    wheel.arm(node, at(milliseconds(now_ms + when(random))));
    if (step % 3 == 0) TimingWheel::disarm(nodes[static_cast<std::size_t>(when(random)) % nodes.size()]);
    now_ms = step;
    int expected = 0;
    for (const WheelNode& n : nodes) expected += n.deadline < at(milliseconds(now_ms) - milliseconds(8));
    int struck = 0;
    wheel.advance(at(milliseconds(now_ms)), [&](WheelNode& n) {
      EXPECT_LE(n.deadline, at(milliseconds(now_ms)));
      n.deadline = kNever;
      ++struck;
    });
    EXPECT_GE(struck, expected);
    for (const WheelNode& n : nodes) EXPECT_GE(n.deadline, at(milliseconds(now_ms) - milliseconds(8)));
  }
}

TEST(TimingWheel, NextLookIsTheEarliestOccupiedBucket) {
  TimingWheel wheel(at({}));
  WheelNode late, early;
  wheel.arm(late, at(seconds(5)));
  wheel.arm(early, at(milliseconds(40)));
  EXPECT_LE(wheel.next_look(), at(milliseconds(48)));
  EXPECT_GT(wheel.next_look(), at(milliseconds(40)));
}

TEST(TimingWheel, SurvivesALongSleep) {
  TimingWheel wheel(at({}));
  std::vector<WheelNode> nodes(3);
  for (int i = 0; i < 3; ++i) wheel.arm(nodes[static_cast<std::size_t>(i)], at(seconds(i * 4)));
  EXPECT_EQ(expired_at(wheel, at(seconds(3600))), 3);
}

}  // namespace
}  // namespace loadgen::engine
