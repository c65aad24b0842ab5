#include "config/threshold.hpp"

#include <gtest/gtest.h>

namespace loadgen::config {
namespace {

using namespace std::chrono_literals;
using Metric = Threshold::Metric;
using Series = Threshold::Series;
using Comparison = Threshold::Comparison;

Threshold time_of(double p, Comparison comparison, Duration limit) {
  return {.metric = Metric::percentile, .p = p, .comparison = comparison, .limit = static_cast<double>(limit.count())};
}

Threshold with(Threshold threshold, auto change) {
  change(threshold);
  return threshold;
}

TEST(Threshold, ReadsWhatPeopleType) {
  struct Case {
    const char* text;
    Threshold expected;
  };
  const Threshold p99 = time_of(0.99, Comparison::less_or_equal, 250ms);
  const auto of = [](Metric metric, Comparison comparison, double limit) {
    return Threshold{.metric = metric, .comparison = comparison, .limit = limit};
  };
  const Case cases[] = {
      {"p99 <= 250ms", p99},
      {"  p99<=250ms ", p99},
      {"p99 ≤ 250ms", p99},
      {"p99.9 < 1m30s", time_of(0.999, Comparison::less, 90s)},
      {"p50>1us", time_of(0.5, Comparison::greater, 1us)},
      {"med >= 1.5s", time_of(0.5, Comparison::greater_or_equal, 1500ms)},
      {"avg < 2ms", of(Metric::mean, Comparison::less, 2e6)},
      {"mean < 2ms", of(Metric::mean, Comparison::less, 2e6)},
      {"min >= 0s", of(Metric::min, Comparison::greater_or_equal, 0)},
      {"max<1h", of(Metric::max, Comparison::less, 3.6e12)},
      {"error_rate < 0.1%", of(Metric::error_rate, Comparison::less, 0.001)},
      {"error_rate < 0.1 %", of(Metric::error_rate, Comparison::less, 0.001)},
      {"error_rate < 0.001", of(Metric::error_rate, Comparison::less, 0.001)},
      {"error_rate <= 0", of(Metric::error_rate, Comparison::less_or_equal, 0)},
      {"delivered >= 99.9%", of(Metric::delivered, Comparison::greater_or_equal, 0.999)},
      {"delivered >= 100%", of(Metric::delivered, Comparison::greater_or_equal, 1)},
      {"rps >= 2900", of(Metric::rps, Comparison::greater_or_equal, 2900)},
      {"rps >= 2900/s", of(Metric::rps, Comparison::greater_or_equal, 2900)},
      {"rps >= 2.9k", of(Metric::rps, Comparison::greater_or_equal, 2900)},
      {"rps > 90/m", of(Metric::rps, Comparison::greater, 1.5)},
      {"service.p99 <= 250ms", with(p99, [](Threshold& t) { t.series = Series::service; })},
      {"send_lag.p99 <= 250ms", with(p99, [](Threshold& t) { t.series = Series::send_lag; })},
      {"response.p99 <= 250ms", p99},
      {"p99{Login} <= 250ms", with(p99, [](Threshold& t) { t.label = "Login"; })},
      {"p99 { Log in } <= 250ms", with(p99, [](Threshold& t) { t.label = " Log in "; })},
      {"p99{GET /users/{id}} <= 250ms", with(p99, [](Threshold& t) { t.label = "GET /users/{id}"; })},
      {R"(p99{a\}b} <= 250ms)", with(p99, [](Threshold& t) { t.label = "a}b"; })},
      {R"(p99{\\d < 5} <= 250ms)", with(p99, [](Threshold& t) { t.label = R"(\d < 5)"; })},
      {"p99 <= 250ms over 10s", with(p99, [](Threshold& t) { t.over = 10s; })},
      {"p99 <= 250ms abort", with(p99, [](Threshold& t) { t.abort_after = 0s; })},
      {"p99 <= 250ms over 5s abort after 30s", with(p99,
                                                    [](Threshold& t) {
                                                      t.over = 5s;
                                                      t.abort_after = 30s;
                                                    })},
  };
  for (const Case& c : cases) {
    const Result<Threshold> got = parse_threshold(c.text);
    ASSERT_TRUE(got.ok()) << c.text << ": " << got.error();
    EXPECT_EQ(*got, c.expected) << c.text << " came out as " << to_string(*got);
  }
}

TEST(Threshold, MistakesSayWhereAndWhatToWrite) {
  struct Case {
    const char* text;
    const char* error;  ///< its end
  };
  const Case cases[] = {
      {"", "character 1: a figure is missing, such as p99, error_rate or rps; write 'p99 <= 250ms'"},
      {"< 5ms", "character 1: a figure is missing, such as p99, error_rate or rps; write 'p99 <= 250ms'"},
      {"latency < 5ms",
       "character 1: there is no figure \"latency\"; there are p50 to p99.99, mean, min, max, error_rate, delivered "
       "and "
       "rps"},
      {" eror_rate < 5%", "character 2: there is no figure \"eror_rate\"; did you mean \"error_rate\"?"},
      {"P99 < 5ms", "character 1: there is no figure \"P99\"; did you mean \"p99\"?"},
      {"p9x < 5ms", "character 1: there is no figure \"p9x\"; did you mean \"p99\"?"},
      {"p100 < 5ms", "character 1: a percentile is above p0 and below p100; for the largest value write max"},
      {"p0 < 5ms", "character 1: a percentile is above p0 and below p100; for the largest value write max"},
      {"servise.p99 < 5ms",
       "character 1: there is no series \"servise\"; did you mean \"service\"?; there are \"response\", \"service\" "
       "and "
       "\"send_lag\""},
      {"service.p9q < 5ms", "character 9: there is no figure \"p9q\"; did you mean \"p99\"?"},
      {"service.rps < 5", "character 9: rps is no time, and only times have a series"},
      {"p99{Login < 5ms",
       "character 4: the label is not closed; write \"p99{Login} < 1s\", and a brace of its own as \"\\{\" or \"\\}\""},
      {"p99{} < 5ms", "character 4: the label is empty; for all requests leave the braces away"},
      {"rps{Login} > 5", "character 4: rps is of all requests; take the label away"},
      {"p99 5ms", "character 5: expected <, <=, > or >="},
      {"p99 = 5ms", "character 5: expected <, <=, > or >="},
      {"p99{ü} 5ms", "character 8: expected <, <=, > or >="},
      {"p99 <", "character 6: the limit is missing"},
      {"p99 < 250", "character 7: 250 has no unit; write \"250ms\""},
      {"p99 < 2 s", "character 7: 2 has no unit; write \"2ms\""},
      {"p99 < 5%",
       "character 7: \"5%\" has the unknown unit \"%\"; units are ns, us, ms, s, m and h, written right "
       "after the number"},
      {"p99 < 0s", "character 7: no p99 is below 0; write <="},
      {"p99 < 10000h", "character 7: \"10000h\" is longer than a year"},
      {"error_rate < 5ms", "character 14: \"5ms\" is no share; write it as \"0.1%\" or 0.001"},
      {"error_rate < -1%", "character 14: \"-1\" is no share; write it as \"0.1%\" or 0.001"},
      {"error_rate < 1", "character 14: 1 could be 1 % or 1 in 1; write \"1%\""},
      {"error_rate < 150%", "character 14: 150% is more than all of it"},
      {"error_rate > 100%", "character 14: no error_rate is above 100 %; write >="},
      {"rps > 5ms", "character 7: \"5ms\" is no rate; write requests a second, as 2900 or 2900/s"},
      {"p99 < 5ms over", "after \"over\": is empty; write a duration such as \"2s\", \"250ms\" or \"1m30s\""},
      {"p99 < 5ms over 10", "character 16: after \"over\": \"10\" has no unit; write \"10s\""},
      {"p99 < 5ms over 100ms", "character 16: after \"over\": it must be 1s to 8760h"},
      {"p99 < 5ms over 1.5s", "character 16: after \"over\": write whole seconds"},
      {"p99 < 5ms abort after soon",
       "character 23: after \"abort after\": \"soon\" is not a duration; write a duration such as \"2s\", \"250ms\" or "
       "\"1m30s\""},
      {"p99 < 5ms or else",
       "character 11: \"or else\" is not understood; after the limit may follow \"over 10s\" and \"abort after 10s\""},
      {"delivered > 99% over 5s", "delivered is known for the whole run only; take \"over\" away"},
      {"error_rate{a} < 1% abort",
       "error_rate{a} is not known while the run lasts, so it cannot stop it; take \"abort\" away, or watch "
       "error_rate"},
      {"error_rate{a} < 1% over 5s", "error_rate{a} is known for the whole run only; take \"over\" away"},
  };
  for (const Case& c : cases) {
    const Result<Threshold> got = parse_threshold(c.text);
    ASSERT_FALSE(got.ok()) << c.text;
    EXPECT_TRUE(got.error().ends_with(c.error)) << got.error() << "\n" << c.error;
  }
}

TEST(Threshold, IsSpeltSoThatItComesBack) {
  EXPECT_EQ(to_string(*parse_threshold(" avg<1.500s ")), "mean < 1.5s");
  EXPECT_EQ(to_string(*parse_threshold("med ≥ 1ms abort after 0s")), "p50 >= 1ms abort");
  EXPECT_EQ(to_string(*parse_threshold("error_rate < 0.001")), "error_rate < 0.1%");
  EXPECT_EQ(to_string(*parse_threshold("rps < 2.9k")), "rps < 2900/s");
  for (const char* text :
       {"p99 <= 250ms", "p99.9 < 1m30s", "p0.5 > 1ns", "service.p95{Login} < 1s", "send_lag.max <= 5us", "min > 0s",
        "error_rate <= 0%", "error_rate{a\\\\b} < 0.1%", "error_rate < 0.00001%", "delivered >= 99.95%",
        "delivered >= 100%", "rps >= 2900/s", "p99{GET /users/{id}} < 1s", R"(p99{a\}\{b} < 1s)", "p99 < 1s over 10s",
        "p99 < 1s abort", "p99 < 1s over 1m abort after 30s"}) {
    const Result<Threshold> got = parse_threshold(text);
    ASSERT_TRUE(got.ok()) << got.error();
    EXPECT_EQ(to_string(*got), text);
  }
  EXPECT_EQ(figure_of(*parse_threshold("service.p95{Login} < 1s over 10s")), "service.p95{Login}");
}

TEST(Threshold, HoldsOnItsOwnSideOfTheLimit) {
  struct Case {
    const char* text;
    bool below, at, above;
  };
  for (const Case& c : {Case{"rps < 100", true, false, false},
                        {"rps <= 100", true, true, false},
                        {"rps > 100", false, false, true},
                        {"rps >= 100", false, true, true}}) {
    const Threshold threshold = *parse_threshold(c.text);
    const Threshold turned = opposite(threshold);
    EXPECT_EQ(holds(threshold, 99.9), c.below) << c.text;
    EXPECT_EQ(holds(threshold, 100), c.at) << c.text;
    EXPECT_EQ(holds(threshold, 100.1), c.above) << c.text;
    for (const double value : {99.9, 100.0, 100.1}) EXPECT_NE(holds(turned, value), holds(threshold, value)) << c.text;
    EXPECT_EQ(opposite(turned), threshold);
  }
}

TEST(Threshold, IsWrittenAsItWasRead) {
  const Threshold turned = opposite(*parse_threshold("p99{a} > 250ms over 5s"));
  EXPECT_EQ(to_string(turned), "fail if p99{a} > 250ms over 5s");
  EXPECT_EQ(turned.comparison, Threshold::Comparison::less_or_equal);
  EXPECT_EQ(*parse_threshold(" fail  if p99{a}>250ms over 5s"), turned);
  EXPECT_EQ(to_string(*parse_threshold("fail if rps <= 5")), "fail if rps <= 5/s");
  EXPECT_FALSE(parse_threshold("fail p99 > 1s").ok());
  EXPECT_FALSE(parse_threshold("fail if fail if p99 > 1s").ok());
  const auto list = parse_thresholds("fail if p99 > 1s, p50 < 1s");
  ASSERT_TRUE(list.ok()) << list.error();
  EXPECT_EQ(to_string((*list)[0]), "fail if p99 > 1s");
  EXPECT_EQ(to_string((*list)[1]), "p50 < 1s");
}

TEST(Threshold, ThatFailsForWhatIsGoodIsProbablyTurnedRound) {
  struct Case {
    const char *text, *warning;
  };
  for (const Case& c : {
           Case{
               "fail if p99 < 250ms",
               "\"fail if p99 < 250ms\" fails the run when p99 is below 250ms; did you mean \"fail if p99 >= 250ms\"?"},
           Case{"fail if rps > 5",
                "\"fail if rps > 5/s\" fails the run when rps is above 5/s; did you mean \"fail if "
                "rps <= 5/s\"?"},
           Case{
               "error_rate > 1%",
               "\"error_rate > 1%\" fails the run when error_rate is not above 1%; did you mean \"error_rate <= 1%\"?"},
           Case{
               "delivered < 99%",
               "\"delivered < 99%\" fails the run when delivered is not below 99%; did you mean \"delivered >= 99%\"?"},
       })
    EXPECT_EQ(wrong_way(*parse_threshold(c.text)), c.warning);
  for (const char* text : {"p99 <= 250ms", "fail if p99 > 250ms", "service.max < 1s", "error_rate < 1%",
                           "fail if error_rate >= 1%", "rps >= 5", "fail if rps < 5", "delivered > 99%"})
    EXPECT_EQ(wrong_way(*parse_threshold(text)), std::nullopt) << text;
}

TEST(Threshold, SeveralStandWithCommasBetweenThem) {
  const auto all = parse_thresholds("p99<50ms, error_rate < 0.1 % ,p50{a, b} < 1s over 5s");
  ASSERT_TRUE(all.ok()) << all.error();
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ(to_string((*all)[0]), "p99 < 50ms");
  EXPECT_EQ(to_string((*all)[1]), "error_rate < 0.1%");
  EXPECT_EQ(to_string((*all)[2]), "p50{a, b} < 1s over 5s");
  EXPECT_TRUE(parse_thresholds("rps > 5").ok());

  const auto mistake = parse_thresholds("p99<50ms,rsp>5");
  ASSERT_FALSE(mistake.ok());
  EXPECT_TRUE(mistake.error().ends_with("character 10: there is no figure \"rsp\"; did you mean \"rps\"?"))
      << mistake.error();
  const auto no_comma = parse_thresholds("p99<50ms rps>5");
  ASSERT_FALSE(no_comma.ok());
  EXPECT_TRUE(
      no_comma.error().ends_with("character 10: \"rps>5\" is not understood; write a comma between two thresholds"))
      << no_comma.error();
  for (const char* text : {"", ",", "p99<50ms,", "p99<50ms,,rps>5"}) EXPECT_FALSE(parse_thresholds(text).ok()) << text;
}

}  // namespace
}  // namespace loadgen::config
