#include "server/freeze.hpp"

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

TEST(Freeze, WhatIsDueInAWindowGoesOutAtItsEnd) {
  const Freeze freeze{100ms, 1s};
  EXPECT_EQ(freeze.release(0ms), 100ms);
  EXPECT_EQ(freeze.release(99ms), 100ms);
  EXPECT_EQ(freeze.release(100ms), 100ms);
  EXPECT_EQ(freeze.release(999ms), 999ms);
  EXPECT_EQ(freeze.release(1000ms), 1100ms);
  EXPECT_EQ(freeze.release(7050ms), 7100ms);
}

TEST(Freeze, OnceIsOnce) {
  const Freeze freeze{1s, 0s, 5s};
  EXPECT_EQ(freeze.release(0s), 0s);
  EXPECT_EQ(freeze.release(4999ms), 4999ms);
  EXPECT_EQ(freeze.release(5s), 6s);
  EXPECT_EQ(freeze.release(5999ms), 6s);
  EXPECT_EQ(freeze.release(6s), 6s);
  EXPECT_EQ(freeze.release(11s), 11s);
}

TEST(Freeze, WithoutAWindowNothingWaits) {
  EXPECT_FALSE(Freeze{}.active());
  EXPECT_EQ(Freeze{}.release(0ms), 0ms);
  EXPECT_EQ(Freeze{}.release(5ms), 5ms);
  EXPECT_EQ(Freeze{}.done(5ms, 3ms), 8ms);
}

TEST(Freeze, WorkStandsStillInAWindow) {
  const Freeze freeze{100ms, 1s};
  EXPECT_EQ(freeze.done(50ms, 10ms), 110ms) << "begun in a window";
  EXPECT_EQ(freeze.done(500ms, 499ms), 999ms);
  EXPECT_EQ(freeze.done(500ms, 500ms), 1100ms) << "would end as the window begins";
  EXPECT_EQ(freeze.done(990ms, 30ms), 1120ms);
  EXPECT_EQ(freeze.done(100ms, 900ms + 900ms + 7ms), 2107ms) << "over two windows";

  const Freeze once{1s, 0s, 5s};
  EXPECT_EQ(once.done(4s, 999ms), 4999ms);
  EXPECT_EQ(once.done(4s, 3s), 8s);
  EXPECT_EQ(once.done(7s, 3s), 10s);
}

}  // namespace
}  // namespace loadgen_server
