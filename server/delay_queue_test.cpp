#include "server/delay_queue.hpp"

#include <random>

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

TEST(DelayQueue, NothingLeavesBeforeItsTime) {
  DelayQueue<int> queue;
  EXPECT_FALSE(queue.next_due());
  queue.push(TimePoint{2ms}, 1);
  EXPECT_EQ(queue.next_due(), TimePoint{2ms});
  EXPECT_FALSE(queue.pop(TimePoint{2ms - 1ns}));
  EXPECT_EQ(queue.pop(TimePoint{2ms}), 1);
  EXPECT_TRUE(queue.empty());
}

TEST(DelayQueue, EqualDelaysLeaveInTheOrderTheyCame) {
  DelayQueue<int> queue;
  for (int i = 0; i < 5; ++i) queue.push(TimePoint{3ms}, i);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(queue.pop(TimePoint{3ms}), i);
}

TEST(DelayQueue, MixedDelaysLeaveSorted) {
  DelayQueue<int> queue;
  std::mt19937 random(7);
  for (int i = 0; i < 2000; ++i) {
    const int due = static_cast<int>(random() % 1000);
    queue.push(TimePoint{Nanos{due}}, due);
  }
  int last = -1;
  int taken = 0;
  while (const auto item = queue.pop(TimePoint{1s})) {
    EXPECT_GE(*item, last);
    last = *item;
    ++taken;
  }
  EXPECT_EQ(taken, 2000);
}

}  // namespace
}  // namespace loadgen_server
