#include "server/input_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

void receive(InputBuffer& buffer, std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t capacity = 0;
    char* room = buffer.room(capacity);
    ASSERT_GT(capacity, 0U);
    const std::size_t part = std::min(capacity, bytes.size());
    std::memcpy(room, bytes.data(), part);
    buffer.received(part);
    bytes.remove_prefix(part);
  }
}

TEST(InputBuffer, GrowsAsNeededAndKeepsEveryByte) {
  InputBuffer buffer;
  std::string all;
  for (int i = 0; i < 300; ++i) {
    const std::string part(static_cast<std::size_t>(i), static_cast<char>('a' + i % 26));
    receive(buffer, part);
    all += part;
    if (i % 3 == 0) {
      const std::size_t taken = all.size() / 4;
      buffer.consume(taken);
      all.erase(0, taken);
    }
    ASSERT_EQ(buffer.view(), all);
  }
}

TEST(InputBuffer, GoesBackToItsSmallSelfWhenEmpty) {
  InputBuffer buffer;
  std::size_t small = 0;
  buffer.room(small);
  receive(buffer, std::string(5000, 'x'));
  buffer.consume(5000);
  std::size_t capacity = 0;
  buffer.room(capacity);
  EXPECT_EQ(capacity, small);
}

TEST(InputBuffer, CutsOutOfTheMiddle) {
  InputBuffer buffer;
  receive(buffer, "..head5;xbodyrest");
  buffer.consume(2);
  buffer.cut(4, 3);
  EXPECT_EQ(buffer.view(), "headbodyrest");
  buffer.cut(12, 0);
  EXPECT_EQ(buffer.view(), "headbodyrest");
  buffer.clear();
  EXPECT_EQ(buffer.size(), 0U);
}

}  // namespace
}  // namespace loadgen_server
