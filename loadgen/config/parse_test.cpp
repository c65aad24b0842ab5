#include "config/parse.hpp"

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>

#include "config/resolve.hpp"
#include "config/test_plans.hpp"

namespace loadgen::config {
namespace {

using namespace std::chrono_literals;

TEST(ParsePlan, EveryKeyArrives) {
  const Plan plan = plan_of(R"({
    "$schema": "plan.schema.json", "name": "all", "target": "http://localhost:3000", "grace": "3s",
    "variables": {"v": "x"},
    "thread_groups": [{
      "name": "g", "users": 7, "ramp_up": "2s", "ramp": "jmeter", "loops": 3, "duration": "1m", "startup_delay": "5s",
      "delayed_start": true, "on_error": "stop_test_now", "same_user_on_next_iteration": false,
      "steps": [{
        "name": "s", "post": "/p?q=1", "headers": {"X-A": "${v}"}, "body": "b", "think_time": "40ms",
        "expect": {"status": [201, "3xx"], "body_equals": "e", "body_contains": "c", "headers": {"Content-Length": "1"}}
      }]
    }],
    "http": {"keep_alive": false, "follow_redirects": false, "cookies": "user", "connect_timeout": "1s", "response_timeout": "2s",
             "max_response": "1MiB", "max_response_header": "4KiB", "user_agent": "u",
             "accept_encoding": ["deflate", "gzip"]}
  })");
  EXPECT_EQ(plan.name, "all");
  EXPECT_EQ(plan.target, "http://localhost:3000");
  EXPECT_EQ(plan.grace, 3s);
  ASSERT_EQ(plan.thread_groups.size(), 1U);
  const ThreadGroup& group = plan.thread_groups[0];
  EXPECT_EQ(group.name, "g");
  EXPECT_EQ(group.users, 7U);
  EXPECT_EQ(group.ramp_up, 2s);
  EXPECT_EQ(group.ramp, Ramp::jmeter);
  EXPECT_EQ(group.loops, 3U);
  EXPECT_EQ(group.iterations, std::nullopt);
  EXPECT_EQ(group.duration, 60s);
  EXPECT_EQ(group.startup_delay, 5s);
  EXPECT_TRUE(group.delayed_start);
  EXPECT_EQ(group.on_error, OnError::stop_test_now);
  EXPECT_FALSE(group.same_user_on_next_iteration);
  ASSERT_EQ(group.steps.size(), 1U);
  const Step& step = group.steps[0];
  EXPECT_EQ(step.name, "s");
  EXPECT_EQ(step.method, "POST");
  EXPECT_EQ(step.url, (Url{"localhost", 3000, "/p?q=1"}));
  EXPECT_EQ(step.headers, (std::vector<http::Header>{{"X-A", "x"}}));
  EXPECT_EQ(step.body, "b");
  EXPECT_EQ(step.think_time, 40ms);
  EXPECT_EQ(step.expect.status.to_string(), "201, 300-399");
  EXPECT_EQ(step.expect.body_equals, "e");
  EXPECT_EQ(step.expect.body_contains, "c");
  EXPECT_EQ(step.expect.headers, (std::vector<http::Header>{{"Content-Length", "1"}}));
  EXPECT_FALSE(plan.http.keep_alive);
  EXPECT_EQ(plan.http.cookies, Cookies::user);
  EXPECT_EQ(plan.http.connect_timeout, 1s);
  EXPECT_EQ(plan.http.response_timeout, 2s);
  EXPECT_EQ(plan.http.max_response, 1ULL << 20);
  EXPECT_EQ(plan.http.max_response_header, 4096U);
  EXPECT_EQ(plan.http.user_agent, "u");
  EXPECT_EQ(plan.http.accept_encoding.to_string(), "gzip, deflate");
}

TEST(ParsePlan, ShortPlansGetTheDefaults) {
  const Plan plan = plan_of(R"({"target": "http://h:1", "thread_groups": [{"steps": [{"get": "/a"}]}]})");
  EXPECT_EQ(plan.name, "http://h:1");
  EXPECT_EQ(plan.grace, 10s);
  EXPECT_EQ(plan.http.user_agent, default_user_agent());
  EXPECT_FALSE(plan.http.accept_encoding.any());
  EXPECT_TRUE(plan.http.keep_alive);
  const ThreadGroup& group = plan.thread_groups.at(0);
  EXPECT_EQ(group.name, "Thread Group");
  EXPECT_EQ(group.users, 1U);
  EXPECT_EQ(group.loops, 1U);
  EXPECT_EQ(group.on_error, OnError::continue_);
  const Step& step = group.steps.at(0);
  EXPECT_EQ(step.name, "GET /a");
  EXPECT_EQ(step.think_time, 0s);
  EXPECT_EQ(step.expect, Expect{});
}

TEST(ParsePlan, StepsInheritFromGroupAndPlan) {
  const Plan plan = plan_of(R"({
    "target": "http://h/base/", "think_time": "1s", "headers": {"A": "plan", "B": "plan", "C": "plan"},
    "thread_groups": [
      {"headers": {"b": "group", "C": "group"}, "think_time": "2s", "steps": [
        {"get": "/x", "headers": {"c": "step"}, "think_time": "3s"},
        {"put": "http://other:9/y", "json": {"k": [1.50, null, "a\"b"], "e": {}, "f": []}},
        {"put": "/z", "json": "s", "headers": {"content-TYPE": "text/plain"}}]},
      {"steps": [{"delete": "/"}]}
    ]
  })");
  const auto& steps = plan.thread_groups.at(0).steps;
  EXPECT_EQ(steps.at(0).headers, (std::vector<http::Header>{{"A", "plan"}, {"b", "group"}, {"c", "step"}}));
  EXPECT_EQ(steps[0].think_time, 3s);
  EXPECT_EQ(steps[0].url, (Url{"h", 80, "/base/x"}));
  EXPECT_EQ(steps.at(1).think_time, 2s);
  EXPECT_EQ(steps[1].url, (Url{"other", 9, "/y"}));
  EXPECT_EQ(steps[1].body, R"({"k":[1.50,null,"a\"b"],"e":{},"f":[]})");
  EXPECT_EQ(steps[1].headers.back(), (http::Header{"Content-Type", "application/json"}));
  EXPECT_EQ(steps.at(2).body, "\"s\"");
  EXPECT_EQ(steps[2].headers.back(), (http::Header{"content-TYPE", "text/plain"}));
  const ThreadGroup& second = plan.thread_groups.at(1);
  EXPECT_EQ(second.name, "Thread Group 2");
  EXPECT_EQ(second.steps.at(0).think_time, 1s);
  EXPECT_EQ(second.steps[0].url.path_and_query, "/base/");
}

TEST(ParsePlan, EndingsOfAGroup) {
  struct Case {
    const char* keys;
    std::optional<std::uint64_t> loops;
    std::optional<std::uint64_t> iterations;
    bool for_ever;
  };
  const Case cases[] = {
      {"", 1, {}, false},
      {R"("loops": 5,)", 5, {}, false},
      {R"("loops": "forever",)", {}, {}, true},
      {R"("loops": "forever", "duration": "1s",)", {}, {}, true},
      {R"("duration": "1s",)", {}, {}, true},
      {R"("loops": 5, "duration": "1s",)", 5, {}, false},
      {R"("iterations": 8,)", {}, 8, false},
      {R"("iterations": 8, "duration": "1s",)", {}, 8, false},
  };
  for (const Case& c : cases) {
    const Plan plan = plan_of(with_group(c.keys));
    ASSERT_EQ(plan.thread_groups.size(), 1U) << c.keys;
    EXPECT_EQ(plan.thread_groups[0].loops, c.loops) << c.keys;
    EXPECT_EQ(plan.thread_groups[0].iterations, c.iterations) << c.keys;
    EXPECT_EQ(plan.thread_groups[0].for_ever(), c.for_ever) << c.keys;
  }
}

TEST(ParsePlan, OverridesBeatThePlan) {
  Overrides overrides;
  overrides.target = "http://elsewhere:81/";
  overrides.users = 9;
  overrides.ramp_up = 1s;
  overrides.loops = 4;
  overrides.duration = 7s;
  const Plan plan = plan_of(R"({"thread_groups": [
    {"users": 2, "iterations": 100, "steps": [{"get": "/a"}]},
    {"duration": "1h", "steps": [{"get": "http://whole/b"}]}]})",
                            overrides);
  EXPECT_EQ(plan.target, "http://elsewhere:81/");
  for (const ThreadGroup& group : plan.thread_groups) {
    EXPECT_EQ(group.users, 9U);
    EXPECT_EQ(group.ramp_up, 1s);
    EXPECT_EQ(group.loops, 4U);
    EXPECT_EQ(group.iterations, std::nullopt);
    EXPECT_EQ(group.duration, 7s);
  }
  EXPECT_EQ(plan.thread_groups.at(0).steps.at(0).url, (Url{"elsewhere", 81, "/a"}));
  EXPECT_EQ(plan.thread_groups.at(1).steps.at(0).url, (Url{"whole", 80, "/b"}));

  Overrides only_duration;
  only_duration.duration = 7s;
  EXPECT_TRUE(plan_of(with_group(""), only_duration).thread_groups.at(0).for_ever());
  EXPECT_EQ(plan_of(with_group(R"("loops": 3,)"), only_duration).thread_groups.at(0).loops, 3U);
  EXPECT_EQ(plan_of(with_group(R"("iterations": 3,)"), only_duration).thread_groups.at(0).iterations, 3U);
}

TEST(ParsePlan, MistakesInOverridesHaveNoPlace) {
  Overrides overrides;
  overrides.target = "ftp://h";
  overrides.users = 0;
  overrides.ramp_up = -1s;
  overrides.loops = 0;
  overrides.duration = 0s;
  EXPECT_EQ(problems_of(with_group(""), overrides),
            "0:0 : --users 0 is out of range; it must be 1 to 1000000\n"
            "0:0 : --ramp-up -1s is out of range; it must be 0s to 8760h\n"
            "0:0 : --loops 0 is out of range; it must be 1 to 1000000000000\n"
            "0:0 : --duration 0s is out of range; it must be 1ns to 8760h\n"
            "0:0 : --target has the scheme \"ftp\"; http and https are supported\n");
  overrides = {};
  overrides.target = "";
  EXPECT_EQ(problems_of(with_group(""), overrides),
            "0:0 : --target is empty; write a URL such as http://localhost:3000\n"
            "1:61 /thread_groups/0/steps/0/get: a path needs a target; add one "
            "such as \"target\": \"http://localhost:3000\" to the plan, or write "
            "a whole URL here\n");
}

TEST(ParsePlan, VariablesStandInAnyString) {
  setenv("LOADGEN_TEST_PATH", "pfad", 1);
  Overrides overrides;
  overrides.variables = {{"users", "12"}, {"mode", "jmeter"}};
  const Plan plan = plan_of(R"({
    "target": "http://${host}:${port}",
    "variables": {"host": "example", "port": 81, "url": "/${host}/${env:LOADGEN_TEST_PATH}", "users": 3, "keep": false},
    "thread_groups": [{
      "users": "${users}", "ramp_up": "${__P(ramp,4)}s", "ramp": "${mode}", "loops": "${__P(loops,2)}",
      "steps": [
        {"get": "${url}", "body": "\\${host}", "expect": {"status": "${__P(s,204)}"}},
        {"post": "/", "json": {"a": ["${host}"]}}
      ]
    }],
    "http": {"keep_alive": "${keep}", "max_response": "${__P(size,2)}MiB"}
  })",
                            overrides);
  unsetenv("LOADGEN_TEST_PATH");
  const ThreadGroup& group = plan.thread_groups.at(0);
  EXPECT_EQ(group.users, 12U);
  EXPECT_EQ(group.ramp_up, 4s);
  EXPECT_EQ(group.ramp, Ramp::jmeter);
  EXPECT_EQ(group.loops, 2U);
  const Step& step = group.steps.at(0);
  EXPECT_EQ(step.url, (Url{"example", 81, "/example/pfad"}));
  EXPECT_EQ(step.name, "GET /example/${env:LOADGEN_TEST_PATH}");  // labels are printed, so no environment in them
  EXPECT_EQ(step.body, "${host}");
  EXPECT_EQ(step.expect.status.to_string(), "204");
  EXPECT_EQ(group.steps.at(1).body, R"({"a":["example"]})");
  EXPECT_FALSE(plan.http.keep_alive);
  EXPECT_EQ(plan.http.max_response, 2ULL << 20);
  EXPECT_EQ(plan.secrets, std::vector<std::string>{"pfad"});
}

TEST(ParsePlan, MessagesNeverShowWhatAVariableStandsFor) {
  Overrides overrides;
  overrides.variables = {{"v", "geheim"}};
  const std::string problems = problems_of(R"({"target": "http://${v}:x/", "grace": "${v}", "thread_groups": [{
    "users": "${v}", "ramp": "${v}", "loops": "${v}",
    "steps": [{"get": "${v}", "headers": {"A": "${v}\n"}, "expect": {"status": "${v}"}}]}],
    "http": {"keep_alive": "${v}", "max_response": "${v}", "connect_timeout": "${v}"}})",
                                           overrides);
  EXPECT_EQ(problems.find("geheim"), std::string::npos) << problems;
  EXPECT_EQ(std::count(problems.begin(), problems.end(), '\n'), 11) << problems;
  EXPECT_NE(problems.find(R"("${v}" does not stand for a duration such as "2s" or "250ms")"), std::string::npos);
  EXPECT_NE(problems.find(R"("${v}" is not a whole number; it must be 1 to 1000000)"), std::string::npos);
}

TEST(ParsePlan, ThresholdsAreThePlansAndTheCommandLines) {
  const std::string text = R"({"variables": {"limit": "250ms"}, "thresholds": ["p99{a} <= ${limit}", "rps > 5"],
    "undecided": "pass", "thread_groups": [{"steps": [{"name": "a", "get": "http://h/"}]}]})";
  const Plan plan = plan_of(text);
  ASSERT_EQ(plan.thresholds.size(), 2U);
  EXPECT_EQ(to_string(plan.thresholds[0]), "p99{a} <= 250ms");
  EXPECT_EQ(to_string(plan.thresholds[1]), "rps > 5/s");
  EXPECT_EQ(plan.undecided, Undecided::pass);
  EXPECT_EQ(plan_of(with_group("")).undecided, Undecided::exit);

  Overrides overrides;
  overrides.thresholds = {*parse_threshold("max < 1s"), *parse_threshold("p50{b} < 1s")};
  overrides.undecided = Undecided::fail;
  const auto mistaken = parse_plan(text, overrides);
  ASSERT_TRUE(std::holds_alternative<Problems>(mistaken));
  const Problem& problem = std::get<Problems>(mistaken).at(0);
  EXPECT_EQ(problem.line, 0U) << "it has no place in the file";
  EXPECT_EQ(problem.message, "the threshold \"p50{b} < 1s\": no request is named \"b\"; there is \"a\"");
  overrides.thresholds.pop_back();
  const Plan overridden = plan_of(text, overrides);
  ASSERT_EQ(overridden.thresholds.size(), 3U) << "added to the plan's";
  EXPECT_EQ(to_string(overridden.thresholds[2]), "max < 1s");
  EXPECT_EQ(overridden.undecided, Undecided::fail);
}

}  // namespace
}  // namespace loadgen::config
