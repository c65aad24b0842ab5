#include "server/behaviour.hpp"

#include <gtest/gtest.h>

namespace loadgen_server {
namespace {

using namespace std::chrono_literals;

Script script_of(std::string_view query, std::uint64_t index = 0) {
  Rules rules;
  std::string problem;
  EXPECT_TRUE(parse_rules(query, rules, problem)) << query << ": " << problem;
  return script_for(rules, index);
}

std::string problem_of(std::string_view query) {
  Rules rules;
  std::string problem;
  EXPECT_FALSE(parse_rules(query, rules, problem)) << query;
  return problem;
}

TEST(Behaviour, RowsStandInTheOrderOfTheEnumeration) {
  ASSERT_EQ(behaviour_rows().size(), behaviour_count);
  EXPECT_EQ(behaviour_rows()[static_cast<std::size_t>(Behaviour::delay)].name, "delay");
  EXPECT_EQ(behaviour_rows()[static_cast<std::size_t>(Behaviour::serve)].name, "serve");
  EXPECT_EQ(behaviour_rows()[static_cast<std::size_t>(Behaviour::trickle)].name, "trickle");
  EXPECT_EQ(behaviour_rows()[static_cast<std::size_t>(Behaviour::pause)].name, "pause");
  EXPECT_EQ(behaviour_rows()[static_cast<std::size_t>(Behaviour::reset)].name, "reset");
  EXPECT_EQ(behaviour_rows()[static_cast<std::size_t>(Behaviour::never)].name, "never");
}

TEST(Behaviour, EveryRuleHasItsEffect) {
  EXPECT_EQ(script_of("delay=5ms").delay, 5ms);
  EXPECT_EQ(script_of("status=503").status, 503);
  EXPECT_EQ(script_of("size=1000").size, 1000U);
  EXPECT_EQ(script_of("serve=2ms").serve, Nanos(2ms));
  EXPECT_EQ(script_of("trickle=10ms").trickle, Nanos(10ms));
  EXPECT_EQ(script_of("pause=20ms").pause, Nanos(20ms));
  EXPECT_EQ(script_of("truncate=7").truncate, 7U);
  EXPECT_TRUE(script_of("truncate").has(Behaviour::truncate));
  EXPECT_FALSE(script_of("truncate").truncate);
  EXPECT_TRUE(script_of("close=1").has(Behaviour::close));
  EXPECT_TRUE(script_of("reset").has(Behaviour::reset));
  EXPECT_TRUE(script_of("malformed").has(Behaviour::malformed));
  EXPECT_TRUE(script_of("never&chunked").has(Behaviour::chunked));
  EXPECT_TRUE(script_of("never&chunked").has(Behaviour::never));
}

TEST(Behaviour, ASelectorPicksByIndex) {
  constexpr std::string_view query = "status=500@3/10&reset@7/100&truncate=1@11/100";
  int failed = 0;
  int reset = 0;
  int truncated = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Script script = script_of(query, i);
    EXPECT_EQ(script.status.has_value(), i % 10 == 3);
    EXPECT_EQ(script.has(Behaviour::reset), i % 100 == 7);
    EXPECT_EQ(script.has(Behaviour::truncate), i % 100 == 11);
    failed += script.status ? 1 : 0;
    reset += script.has(Behaviour::reset) ? 1 : 0;
    truncated += script.has(Behaviour::truncate) ? 1 : 0;
  }
  EXPECT_EQ(failed, 100);
  EXPECT_EQ(reset, 10);
  EXPECT_EQ(truncated, 10);
}

TEST(Behaviour, AmongRulesOfOneKindTheLastThatStrikesCounts) {
  EXPECT_EQ(script_of("delay=1ms&delay=9ms@1/2", 0).delay, 1ms);
  EXPECT_EQ(script_of("delay=1ms&delay=9ms@1/2", 1).delay, 9ms);
}

TEST(Behaviour, DelaysFollowSeedAndStrata) {
  EXPECT_EQ(script_of("delay=exp(5ms)&seed=4", 9).delay, parse_distribution("exp(5ms)")->at(unit_value(4, 9, 0)));
  EXPECT_EQ(script_of("strata=8&delay=exp(5ms)", 9).delay, parse_distribution("exp(5ms)")->at(unit_value(0, 9, 8)));
  EXPECT_EQ(script_of("strata=8&serve=exp(5ms)", 9).serve, parse_distribution("exp(5ms)")->at(unit_value(0, 9, 8)));
}

TEST(Behaviour, PercentEncodedIsTheSame) {
  EXPECT_EQ(script_of("delay=uniform%281ms%2C1ms%29%400%2f1").delay, 1ms);
}

TEST(Behaviour, OtherParametersAreIgnored) {
  Rules rules;
  std::string problem;
  EXPECT_TRUE(parse_rules("user=7&&q=a=b&x@y&delays=5&hold=1", rules, problem)) << problem;
  EXPECT_EQ(rules.count, 0U);
  EXPECT_TRUE(rules.hold);
}

TEST(Behaviour, MistakesAreExplained) {
  EXPECT_NE(problem_of("delay=5").find("5ms"), std::string::npos);
  EXPECT_NE(problem_of("status=99").find("200..599"), std::string::npos);
  EXPECT_NE(problem_of("reset@3").find("K/N"), std::string::npos);
  for (const char* query :
       {"size=-1", "size=2000000000", "truncate=x", "close=0", "trickle=exp(5ms)", "status", "reset@3/3", "reset@1/0",
        "reset@", "hold=yes", "seed=", "strata=0", "delay=%zz", "delay=%1"})
    EXPECT_NE(problem_of(query), "") << query;
  std::string many;
  for (int i = 0; i < 17; ++i) many += "close&";
  EXPECT_NE(problem_of(many).find("16"), std::string::npos);
}

}  // namespace
}  // namespace loadgen_server
