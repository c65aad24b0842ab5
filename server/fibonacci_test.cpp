#include "server/fibonacci.hpp"

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

TEST(Fibonacci, ThirtyNineNumbersUpToAHundredMillion) {
  Fibonacci fibonacci(100'000'000);
  EXPECT_EQ(fibonacci.compute().size(), 39U);
  const auto& numbers = fibonacci.compute();
  ASSERT_EQ(numbers.size(), 39U) << "the second run starts afresh";
  EXPECT_EQ(numbers.front(), 1);
  EXPECT_EQ(numbers[1], 1);
  EXPECT_EQ(numbers.back(), 63'245'986);
  for (std::size_t i = 2; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], numbers[i - 1] + numbers[i - 2]);
}

}  // namespace
}  // namespace loadgen_server
