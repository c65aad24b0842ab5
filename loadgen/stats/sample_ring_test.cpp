#include "stats/sample_ring.hpp"

#include <array>
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/allocations.hpp"

namespace loadgen::stats {
namespace {

SampleRow row(std::uint64_t number) {
  SampleRow r;
  r.bytes_in = number;
  r.finished = TimePoint(Duration(static_cast<std::int64_t>(number)));
  return r;
}

std::vector<std::uint64_t> taken(SampleRing& ring) {
  std::vector<std::uint64_t> numbers;
  std::array<SampleRow, 3> some;
  while (const std::size_t count = ring.take(some))
    for (std::size_t i = 0; i < count; ++i) numbers.push_back(some[i].bytes_in);
  return numbers;
}

TEST(SampleRing, GivesBackWhatWasOfferedInThatOrder) {
  SampleRing ring(8, {});
  EXPECT_EQ(taken(ring), std::vector<std::uint64_t>{}) << "what it was touched with is gone";
  for (std::uint64_t lap = 0; lap < 5; ++lap) {  // over the end of the ring
    for (std::uint64_t i = 0; i < 7; ++i) ring.offer(row(10 * lap + i));
    EXPECT_EQ(taken(ring), (std::vector<std::uint64_t>{10 * lap, 10 * lap + 1, 10 * lap + 2, 10 * lap + 3, 10 * lap + 4,
                                                       10 * lap + 5, 10 * lap + 6}));
  }
  EXPECT_EQ(ring.lost(), 0u);
}

TEST(SampleRing, CountsWhatFoundNoRoom) {
  SampleRing ring(4, {});
  for (std::uint64_t i = 0; i < 10; ++i) ring.offer(row(i));
  EXPECT_EQ(ring.lost(), 6u);
  EXPECT_EQ(taken(ring), (std::vector<std::uint64_t>{0, 1, 2, 3})) << "the newest are lost, what is there stays";
  ring.offer(row(10));
  EXPECT_EQ(taken(ring), std::vector<std::uint64_t>{10});
  EXPECT_EQ(ring.lost(), 6u);
}

TEST(SampleRing, AllocatesNothingAfterConstruction) {
  SampleRing ring(64, {.one_in = 3});
  std::array<SampleRow, 8> some;
  const std::uint64_t before = support::allocations();
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    if (ring.wants_next()) ring.offer(row(i));
    if (i % 10 == 0) ring.take(some);
  }
  EXPECT_EQ(support::allocations(), before);
}

TEST(SampleRing, EveryRequestIsWantedUnlessAskedOtherwise) {
  SampleRing ring(1, {});
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(ring.wants_next());
}

std::vector<int> wanted(const Sampling& sampling, int requests) {
  SampleRing ring(1, sampling);
  std::vector<int> numbers;
  for (int i = 0; i < requests; ++i)
    if (ring.wants_next()) numbers.push_back(i);
  return numbers;
}

TEST(SampleRing, OneOfEachBlockIsWanted) {
  const std::vector<int> chosen = wanted({.one_in = 100, .seed = 7}, 5'000);
  ASSERT_EQ(chosen.size(), 50u);
  for (int block = 0; block < 50; ++block) EXPECT_EQ(chosen[static_cast<std::size_t>(block)] / 100, block);
}

TEST(SampleRing, StepsThatTakeTurnsAreAllMet) {
  // Four steps in turn: a stride of 100 would see the first of them only.
  std::array<int, 4> met{};
  for (const int number : wanted({.one_in = 100}, 400'000)) ++met[static_cast<std::size_t>(number % 4)];
  // 4,000 draws: 1,000 each, standard deviation 27.
  for (const int count : met) EXPECT_NEAR(count, 1'000, 140);
}

TEST(SampleRing, TheSameSeedChoosesTheSame) {
  const Sampling sampling{.one_in = 10, .seed = 3, .shard = 1};
  EXPECT_EQ(wanted(sampling, 1'000), wanted(sampling, 1'000));
  EXPECT_NE(wanted(sampling, 1'000), wanted({.one_in = 10, .seed = 4, .shard = 1}, 1'000));
  EXPECT_NE(wanted(sampling, 1'000), wanted({.one_in = 10, .seed = 3, .shard = 0}, 1'000));
}

TEST(SampleRing, PassesRowsFromOneThreadToAnother) {
  constexpr std::uint64_t kRows = 200'000;
  SampleRing ring(256, {});
  std::uint64_t got = 0, last = 0;
  bool ordered = true, whole = true;
  std::atomic<bool> done = false;
  std::thread shard([&] {
    for (std::uint64_t i = 1; i <= kRows; ++i) {
      ring.offer(row(i));
      if (i % 64 == 0) std::this_thread::yield();
    }
    done.store(true, std::memory_order_release);
  });
  std::array<SampleRow, 100> some;
  for (;;) {
    const bool last_look = done.load(std::memory_order_acquire);
    const std::size_t count = ring.take(some);
    for (std::size_t i = 0; i < count; ++i) {
      ordered = ordered && some[i].bytes_in > last;
      whole = whole && some[i].finished == row(some[i].bytes_in).finished;
      last = some[i].bytes_in;
    }
    got += count;
    if (count == 0 && last_look) break;
  }
  shard.join();
  EXPECT_TRUE(ordered);
  EXPECT_TRUE(whole) << "a row is seen when all of it is there";
  EXPECT_EQ(got + ring.lost(), kRows);
  EXPECT_GT(got, 0u);
}

}  // namespace
}  // namespace loadgen::stats
