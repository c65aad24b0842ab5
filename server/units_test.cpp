#include "server/units.hpp"

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

TEST(Units, DurationsReadWithTheirUnit) {
  EXPECT_EQ(parse_duration("2ms"), 2ms);
  EXPECT_EQ(parse_duration("1.5s"), 1500ms);
  EXPECT_EQ(parse_duration("250us"), 250us);
  EXPECT_EQ(parse_duration("7ns"), 7ns);
  EXPECT_EQ(parse_duration("2m"), 120s);
  EXPECT_EQ(parse_duration("1h"), 3600s);
  EXPECT_EQ(parse_duration("0s"), 0s);
}

TEST(Units, DurationsThatAreNoneAreRefused) {
  for (const char* text : {"", "5", "ms", "-1ms", "1 ms", "1msx", "1..5s", ".", "1e3s", "99999999999h", "5MS"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Units, BytesReadWithTheirUnit) {
  EXPECT_EQ(parse_bytes("512B"), 512U);
  EXPECT_EQ(parse_bytes("10kB"), 10'000U);
  EXPECT_EQ(parse_bytes("1MiB"), 1'048'576U);
  EXPECT_FALSE(parse_bytes("1024"));
  EXPECT_FALSE(parse_bytes("1mib"));
}

TEST(Units, NumbersAreDigitsOnly) {
  EXPECT_EQ(parse_number("0"), 0U);
  EXPECT_EQ(parse_number("18446744073709551615"), 18446744073709551615U);
  for (const char* text : {"", "+1", "-1", " 1", "1 ", "0x1", "18446744073709551616"})
    EXPECT_FALSE(parse_number(text)) << text;
}

}  // namespace
}  // namespace loadgen_server
