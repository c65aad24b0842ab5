#include "http/base64.hpp"

#include <array>
#include <string_view>

#include <gtest/gtest.h>

namespace loadgen::http {
namespace {

TEST(Base64, IsThatOfRfc4648) {
  struct Pair {
    std::string_view bytes, text;
  };
  // Section 10.
  for (const auto& [bytes, text] : std::array<Pair, 7>{{{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {"fooba", "Zm9vYmE="},
                                                        {"foobar", "Zm9vYmFy"}}}) {
    EXPECT_EQ(base64(bytes), text);
    const auto read = bytes_of_base64(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, bytes);
  }
  EXPECT_EQ(base64("\xfb\xff\xbf"), "+/+/");
  EXPECT_EQ(*bytes_of_base64("+/+/"), "\xfb\xff\xbf");
}

TEST(Base64, WhatIsNoneIsRefused) {
  for (const std::string_view text :
       {"Zg", "Zg=", "Z===", "====", "Zm9v====", "!m9vZm9v", "Zm9vZm9\n", "Zg==Zg==", "Zm9vZ\xe4==", "Zm9=Zm9v"})
    EXPECT_FALSE(bytes_of_base64(text)) << text;
}

}  // namespace
}  // namespace loadgen::http
