#include "base/letters.hpp"

#include <gtest/gtest.h>

namespace loadgen {
namespace {

static_assert(same_word("Content-Type", "content-TYPE") && same_word("", ""));
static_assert(!same_word("Content-Type", "Content-Typ") && !same_word("a", "b"));
static_assert(begins_with_word("Expect: x", "expect:") && begins_with_word("expect", ""));
static_assert(!begins_with_word("Expec", "expect") && !begins_with_word("X-Expect", "expect"));

TEST(Letters, OnlyThoseOfAsciiHaveTwoCases) {
  EXPECT_EQ(lower("AZaz09-_[@`{\xC4\xE4"), "azaz09-_[@`{\xC4\xE4");
  EXPECT_FALSE(same_word("[", "{")) << "they differ by the same bit as letters do";
  EXPECT_FALSE(same_word("\xC4", "\xE4"));
}

}  // namespace
}  // namespace loadgen
