#include "server/freeze.hpp"

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

TEST(Freeze, AnswersDueInTheWindowGoOutAtItsEnd) {
  const Freeze freeze{100ms, 1s};
  EXPECT_EQ(freeze.release(0ms), 100ms);
  EXPECT_EQ(freeze.release(99ms), 100ms);
  EXPECT_EQ(freeze.release(100ms), 100ms);
  EXPECT_EQ(freeze.release(999ms), 999ms);
  EXPECT_EQ(freeze.release(1000ms), 1100ms);
  EXPECT_EQ(freeze.release(7050ms), 7100ms);
}

TEST(Freeze, WithoutAPeriodNothingWaits) {
  EXPECT_FALSE(Freeze{}.active());
  EXPECT_EQ(Freeze{}.release(5ms), 5ms);
}

}  // namespace
}  // namespace loadgen_server
