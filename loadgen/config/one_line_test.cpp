#include <gtest/gtest.h>

#include "config/parse.hpp"
#include "config/resolve.hpp"

namespace loadgen::config {
namespace {

using namespace std::chrono_literals;

TEST(OneLinePlan, IsAPlanOfOneStep) {
  OneLine options;
  options.url = "http://localhost:3000/async?n=1";
  options.users = 100;
  options.iterations = 6000;
  options.ramp_up = 1s;
  options.method = "post";
  options.headers = {"A: b", "X-Colons:  c:d ", "Empty:"};
  options.body = "x";
  options.timeout = 3s;
  options.keep_alive = false;
  const auto result = one_line_plan(options);
  ASSERT_TRUE(std::holds_alternative<Plan>(result)) << std::get<Problems>(result).front().message;
  const Plan& plan = std::get<Plan>(result);
  EXPECT_EQ(plan.name, "http://localhost:3000/async?n=1");
  EXPECT_EQ(plan.target, "http://localhost:3000");
  EXPECT_FALSE(plan.http.keep_alive);
  EXPECT_EQ(plan.http.response_timeout, 3s);
  EXPECT_EQ(plan.http.user_agent, default_user_agent());
  ASSERT_EQ(plan.thread_groups.size(), 1U);
  const ThreadGroup& group = plan.thread_groups[0];
  EXPECT_EQ(group.users, 100U);
  EXPECT_EQ(group.ramp_up, 1s);
  EXPECT_EQ(group.iterations, 6000U);
  EXPECT_EQ(group.duration, std::nullopt);
  EXPECT_FALSE(group.for_ever());
  ASSERT_EQ(group.steps.size(), 1U);
  const Step& step = group.steps[0];
  EXPECT_EQ(step.name, "POST /async?n=1");
  EXPECT_EQ(step.method, "POST");
  EXPECT_EQ(step.url, (Url{"localhost", 3000, "/async?n=1"}));
  EXPECT_EQ(step.headers, (std::vector<http::Header>{{"A", "b"}, {"X-Colons", "c:d"}, {"Empty", ""}}));
  EXPECT_EQ(step.body, "x");
}

TEST(OneLinePlan, EndsByWhatWasAskedFor) {
  struct Case {
    std::optional<std::uint64_t> iterations;
    std::optional<Duration> duration;
    std::optional<Duration> expected;
    bool for_ever;
  };
  const Case cases[] = {{{}, {}, 10s, true}, {{}, 3s, 3s, true}, {5, {}, {}, false}, {5, 3s, 3s, false}};
  for (const Case& c : cases) {
    OneLine options;
    options.url = "http://h";
    options.iterations = c.iterations;
    options.duration = c.duration;
    const auto result = one_line_plan(options);
    ASSERT_TRUE(std::holds_alternative<Plan>(result));
    const ThreadGroup& group = std::get<Plan>(result).thread_groups.at(0);
    EXPECT_EQ(group.duration, c.expected);
    EXPECT_EQ(group.iterations, c.iterations);
    EXPECT_EQ(group.for_ever(), c.for_ever);
    EXPECT_EQ(group.steps.at(0).name, "GET /");
  }
}

TEST(OneLinePlan, TellsEveryMistake) {
  OneLine options;
  options.url = "localhost:3000";
  options.users = 0;
  options.iterations = 0;
  options.duration = 0s;
  options.ramp_up = -1s;
  options.timeout = 0s;
  options.method = "GTE";
  options.headers = {"no colon", "Bad Name: x", "X: a\r\nY: b", "Content-Length: 3"};
  const auto result = one_line_plan(options);
  ASSERT_TRUE(std::holds_alternative<Problems>(result));
  EXPECT_EQ(
      to_string(std::get<Problems>(result), "", ""),
      "command line: the method \"GTE\" is not one of \"GET\", \"POST\", \"PUT\", \"DELETE\", \"PATCH\", \"HEAD\" "
      "and \"OPTIONS\"; did you mean \"GET\"?\n"
      "command line: the URL is not a whole URL; write one such as \"http://localhost:3000\"\n"
      "command line: the header \"no colon\" has no ':'; write it as \"Name: value\"\n"
      "command line: the header \"Bad Name\" has a character that may not stand in a header's name; letters, "
      "digits and '-' are safe\n"
      "command line: the header \"X\" has a line break or control character, which would split the "
      "request; take it away\n"
      "command line: the header \"Content-Length\" is written by loadgen from the body; take it away\n"
      "command line: the number of users 0 is out of range; it must be 1 to 1000000\n"
      "command line: the ramp-up -1s is out of range; it must be 0s to 8760h\n"
      "command line: the number of requests 0 is out of range; it must be 1 to 1000000000000\n"
      "command line: the duration 0s is out of range; it must be 1ns to 8760h\n"
      "command line: the timeout 0s is out of range; it must be 1ns to 8760h\n");
}

TEST(OneLine, UsersStartOneAfterAnother) {
  const auto ramp_of = [](OneLine options) { return std::get<Plan>(one_line_plan(options)).thread_groups[0].ramp_up; };
  OneLine options;
  options.url = "http://h/";
  options.users = 100;
  EXPECT_EQ(ramp_of(options), 10ms);
  options.duration = 20ms;
  EXPECT_EQ(ramp_of(options), 2ms) << "a tenth of the duration";
  options.ramp_up = 0s;
  EXPECT_EQ(ramp_of(options), 0s);
}

}  // namespace
}  // namespace loadgen::config
