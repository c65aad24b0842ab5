#include "base/units.hpp"

#include <limits>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace loadgen {
namespace {

using namespace std::chrono_literals;

TEST(Units, DurationsAreReadExactly) {
  struct Case {
    const char* text;
    Duration expected;
  };
  const Case cases[] = {
      {"0s", 0s},
      {"2s", 2s},
      {"250ms", 250ms},
      {"7us", 7us},
      {"1ns", 1ns},
      {"1m30s", 90s},
      {"1.5h", 90min},
      {"0.25s", 250ms},
      {"1.500000000s", 1500ms},
      {"0.0000001s", 100ns},
      {"1h1m1s1ms1us1ns", 1h + 1min + 1s + 1ms + 1us + 1ns},
      {"9223372036854775807ns", Duration::max()},
  };
  for (const Case& c : cases) {
    const Result<Duration> got = parse_duration(c.text);
    ASSERT_TRUE(got.ok()) << c.text << ": " << got.error();
    EXPECT_EQ(*got, c.expected) << c.text;
  }
}

TEST(Units, MistakesInDurationsSayWhatToWrite) {
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {"2", R"("2" has no unit; write "2s")"},
      {"1m30", R"("1m30" has no unit; write "1m30s")"},
      {"", R"(is empty; write a duration such as "2s", "250ms" or "1m30s")"},
      {"-2s", R"("-2s" is negative; write a duration such as "2s", "250ms" or "1m30s")"},
      {"soon", R"("soon" is not a duration; write a duration such as "2s", "250ms" or "1m30s")"},
      {"s", R"("s" is not a duration; write a duration such as "2s", "250ms" or "1m30s")"},
      {".5s", R"(".5s" is not a duration; write a duration such as "2s", "250ms" or "1m30s")"},
      {"1.s", R"("1.s" has no digit after the point; write a duration such as "2s", "250ms" or "1m30s")"},
      {"2 s", R"("2 s" has the unknown unit " s"; units are ns, us, ms, s, m and h, written right after the number)"},
      {"1d", R"("1d" has the unknown unit "d"; units are ns, us, ms, s, m and h, written right after the number)"},
      {"0.5ns", R"("0.5ns" is finer than a nanosecond; write a duration such as "2s", "250ms" or "1m30s")"},
      {"9223372036854775808ns",
       R"("9223372036854775808ns" is too large; write a duration such as "2s", "250ms" or "1m30s")"},
      {"99999999999999999999h",
       R"("99999999999999999999h" is too large; write a duration such as "2s", "250ms" or "1m30s")"},
      {"999999999999999999999999999999999999999999s",
       "\"999999999999999999999999999999999999999999s\" is too large; write a duration such as \"2s\", \"250ms\" or "
       "\"1m30s\""},
      {"0.0000000000000000001h",
       "\"0.0000000000000000001h\" has too many digits after the point; write a duration such as \"2s\", \"250ms\" or "
       "\"1m30s\""},
  };
  for (const Case& c : cases) {
    const Result<Duration> got = parse_duration(c.text);
    ASSERT_FALSE(got.ok()) << c.text;
    EXPECT_EQ(got.error(), c.message);
  }
}

TEST(Units, DurationsAreSpeltOneWay) {
  struct Case {
    Duration d;
    const char* expected;
  };
  const Case cases[] = {
      {0s, "0s"},
      {2s, "2s"},
      {250ms, "250ms"},
      {90s, "1m30s"},
      {90min, "1h30m"},
      {1500ms, "1.5s"},
      {1500us, "1.5ms"},
      {1500ns, "1.5us"},
      {1ns, "1ns"},
      {999999999ns, "999.999999ms"},
      {1h + 2ms, "1h0.002s"},
      {720h, "720h"},
      {1000000001ns, "1.000000001s"},
      {-250ms, "-250ms"},
  };
  for (const Case& c : cases) EXPECT_EQ(to_string(c.d), c.expected);
}

TEST(Units, DurationsSurviveTheRoundTrip) {
  for (std::int64_t ns = 1; ns > 0 && ns < Duration::max().count() / 7; ns = ns * 7 + 3) {
    const std::string text = to_string(Duration(ns));
    const Result<Duration> back = parse_duration(text);
    ASSERT_TRUE(back.ok()) << text << ": " << back.error();
    EXPECT_EQ(back->count(), ns) << text;
  }
  EXPECT_EQ(*parse_duration(to_string(Duration::max())), Duration::max());
}

TEST(Units, Bytes) {
  struct Case {
    const char* text;
    std::uint64_t expected;
    const char* shown;
  };
  const Case cases[] = {
      {"0B", 0, "0B"},
      {"512B", 512, "512B"},
      {"1500B", 1500, "1500B"},
      {"64KiB", 65536, "64KiB"},
      {"1.5KiB", 1536, "1536B"},
      {"64MiB", 64ULL << 20, "64MiB"},
      {"2GiB", 2ULL << 30, "2GiB"},
      {"10kB", 10'000, "10kB"},
      {"10MB", 10'000'000, "10MB"},
      {"3GB", 3'000'000'000, "3GB"},
  };
  for (const Case& c : cases) {
    const Result<std::uint64_t> got = parse_bytes(c.text);
    ASSERT_TRUE(got.ok()) << got.error();
    EXPECT_EQ(*got, c.expected);
    EXPECT_EQ(bytes_to_string(*got), c.shown);
    EXPECT_EQ(*parse_bytes(bytes_to_string(*got)), c.expected);
  }
  EXPECT_EQ(parse_bytes("64").error(), R"("64" has no unit; write "64B")");
  EXPECT_EQ(
      parse_bytes("64K").error(),
      R"("64K" has the unknown unit "K"; units are B, kB, MB, GB, KiB, MiB and GiB, written right after the number)");
  EXPECT_EQ(parse_bytes("1kB1B").error(),
            R"("1kB1B" is not a number of bytes; write a number of bytes such as "64KiB", "10MB" or "512B")");
  EXPECT_EQ(parse_bytes("1.5B").error(),
            R"("1.5B" is not a whole number of bytes; write a number of bytes such as "64KiB", "10MB" or "512B")");
  EXPECT_FALSE(parse_bytes("20000000000GB").ok());
}

TEST(Units, Counts) {
  EXPECT_EQ(*parse_count("6000"), 6000U);
  EXPECT_EQ(*parse_count("10k"), 10'000U);
  EXPECT_EQ(*parse_count("1.5M"), 1'500'000U);
  EXPECT_EQ(*parse_count("18446744073709551615"), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(parse_count("1.5").error(),
            R"("1.5" is not a whole number; write a count such as "6000", "10k" or "1.5M")");
  EXPECT_EQ(parse_count("many").error(), R"("many" is not a count; write a count such as "6000", "10k" or "1.5M")");
  EXPECT_FALSE(parse_count("18446744073709551616").ok());
  EXPECT_FALSE(parse_count("-1").ok());
  EXPECT_FALSE(parse_count("").ok());
}

TEST(Units, RatesAreReadToTheNearestDouble) {
  struct Case {
    const char* text;
    double expected;
  };
  const Case cases[] = {{"3000/s", 3000},      {"0.5/s", 0.5},        {"1.2k/s", 1200},  {"90/m", 1.5},
                        {"10/h", 10.0 / 3600}, {"3.3333k/s", 3333.3}, {"0/s", 0},        {"2M/m", 2e6 / 60},
                        {"0.07/s", 0.07},      {"1G/s", 1e9},         {"007.50/s", 7.5}, {"33.33/s", 33.33}};
  for (const Case& c : cases) {
    const Result<double> got = parse_rate(c.text);
    ASSERT_TRUE(got.ok()) << c.text << ": " << got.error();
    EXPECT_EQ(*got, c.expected) << c.text;
  }
}

TEST(Units, MistakesInRatesSayWhatToWrite) {
  struct Case {
    std::string text;
    const char* message;
  };
  const Case cases[] = {
      {"3000", R"("3000" has no unit; write "3000/s")"},
      {"1.2k", R"("1.2k" has no unit; write "1.2k/s")"},
      {"", R"(is empty; write a rate such as "3000/s", "0.5/s" or "90/m")"},
      {"-1/s", R"("-1/s" is negative; write a rate such as "3000/s", "0.5/s" or "90/m")"},
      {"fast", R"("fast" is not a rate; write a rate such as "3000/s", "0.5/s" or "90/m")"},
      {"/s", R"("/s" is not a rate; write a rate such as "3000/s", "0.5/s" or "90/m")"},
      {"1e3/s", R"("1e3/s" is not a rate; write a rate such as "3000/s", "0.5/s" or "90/m")"},
      {"nan/s", R"("nan/s" is not a rate; write a rate such as "3000/s", "0.5/s" or "90/m")"},
      {"5./s", R"("5./s" is not a rate; write a rate such as "3000/s", "0.5/s" or "90/m")"},
      {"5 /s", R"("5 /s" is not a rate; write a rate such as "3000/s", "0.5/s" or "90/m")"},
      {"5/d", R"("5/d" has the unknown unit "/d"; units are /s, /m and /h, written right after the number)"},
      {"5/", R"("5/" has the unknown unit "/"; units are /s, /m and /h, written right after the number)"},
      {"5/ms", R"("5/ms" has the unknown unit "/ms"; units are /s, /m and /h, written right after the number)"},
  };
  for (const Case& c : cases) {
    const Result<double> got = parse_rate(c.text);
    ASSERT_FALSE(got.ok()) << c.text;
    EXPECT_EQ(got.error(), c.message);
  }
  EXPECT_FALSE(parse_rate(std::string(400, '9') + "/s").ok()) << "infinite";
}

TEST(Units, RatesAreSpeltSoThatTheyComeBack) {
  EXPECT_EQ(rate_to_string(3000), "3000/s");
  EXPECT_EQ(rate_to_string(0), "0/s");
  EXPECT_EQ(rate_to_string(0.5), "0.5/s");
  EXPECT_EQ(rate_to_string(3333.3), "3333.3/s");
  EXPECT_EQ(rate_to_string(10.0 / 3600), "10/h");
  EXPECT_EQ(rate_to_string(1.0 / 60), "1/m");
  EXPECT_EQ(rate_to_string(1000.0 / 7), "142.85714285714286/s");
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const double rate = 1e6 * random_unit(1, 0, i) * random_unit(1, 1, i);
    ASSERT_EQ(*parse_rate(rate_to_string(rate)), rate) << rate_to_string(rate);
  }
  for (const double rate : {std::numeric_limits<double>::denorm_min(), 1e-300, 1e15, 123456789.123})
    EXPECT_EQ(*parse_rate(rate_to_string(rate)), rate);
}

TEST(ParseShare, NeedsItsUnit) {
  EXPECT_EQ(*parse_share("5%"), 0.05);
  EXPECT_EQ(*parse_share("0%"), 0);
  EXPECT_EQ(*parse_share("100%"), 1);
  EXPECT_DOUBLE_EQ(*parse_share("0.1%"), 0.001);
  EXPECT_EQ(parse_share("5").error(), "\"5\" has no unit; write \"5%\"");
  EXPECT_EQ(parse_share("101%").error(), "\"101%\" is more than all of it");
  for (const char* text : {"", "%", "x%", "-5%", "5 %", "5%%", "nan%", "inf%"})
    EXPECT_FALSE(parse_share(text).ok()) << text;
}

}  // namespace
}  // namespace loadgen
