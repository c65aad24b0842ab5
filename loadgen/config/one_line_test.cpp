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
  options.follow_redirects = true;
  options.cookies = Cookies::iteration;
  const auto result = one_line_plan(options);
  ASSERT_TRUE(std::holds_alternative<Plan>(result)) << std::get<Problems>(result).front().message;
  const Plan& plan = std::get<Plan>(result);
  EXPECT_EQ(plan.name, "http://localhost:3000/async?n=1");
  EXPECT_EQ(plan.target, "http://localhost:3000");
  EXPECT_FALSE(plan.http.keep_alive);
  EXPECT_TRUE(plan.http.follow_redirects);
  EXPECT_EQ(plan.http.cookies, Cookies::iteration);
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
      "command line: the number of requests 0 is out of range; it must be 1 to 1000000000000\n"
      "command line: the duration 0s is out of range; it must be 1ns to 8760h\n"
      "command line: the timeout 0s is out of range; it must be 1ns to 8760h\n"
      "command line: the number of users 0 is out of range; it must be 1 to 1000000\n"
      "command line: the ramp-up -1s is out of range; it must be 0s to 8760h\n");
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

/// A valid open run, to be changed.
OneLine open_run(double rate) {
  OneLine options;
  options.url = "http://h/";
  options.arrivals.emplace().rate = rate;
  return options;
}

ThreadGroup group_of(const OneLine& options) {
  const auto result = one_line_plan(options);
  if (const auto* problems = std::get_if<Problems>(&result)) {
    ADD_FAILURE() << to_string(*problems, "", "");
    return {};
  }
  return std::get<Plan>(result).thread_groups.at(0);
}

TEST(OneLineArrivals, AreOneSegmentOfConstantRate) {
  const ThreadGroup group = group_of(open_run(3000));
  EXPECT_EQ(group.arrivals, (std::vector<load::Segment>{{.duration = 10s, .from = 3000, .to = 3000}}));
  EXPECT_EQ(group.users, 0U);
  EXPECT_EQ(group.spacing, load::Spacing::uniform);
  EXPECT_EQ(group.max_in_flight, 10'000U);
  EXPECT_FALSE(group.max_in_flight_given);
  EXPECT_EQ(group.connections, 0U);
}

TEST(OneLineArrivals, EndByDurationOrNumberWhicheverIsFirst) {
  struct Case {
    std::optional<std::uint64_t> requests;
    std::optional<Duration> duration;
    Duration expected;
  };
  const Case cases[] = {
      {std::nullopt, 5s, 5s}, {600, std::nullopt, 2s}, {600, 1s, 1s}, {600, 5s, 2s}, {1, std::nullopt, 3'333'333ns}};
  for (const Case& c : cases) {
    OneLine options = open_run(300);
    options.iterations = c.requests;
    options.duration = c.duration;
    EXPECT_EQ(group_of(options).arrivals.at(0).duration, c.expected);
  }
}

TEST(OneLineArrivals, OfANumberAreExactlyThatNumber) {
  for (const double rate : {0.3, 7.0, 333.33, 1e6}) {
    for (const std::uint64_t n : {1ULL, 7ULL, 6'000ULL, 1'000'019ULL}) {
      OneLine options = open_run(rate);
      options.iterations = n;
      const load::LoadProfile profile(group_of(options).arrivals);
      EXPECT_EQ(load::Arrivals(profile, load::Spacing::uniform, 1, 0, 0, 1).planned(), n) << rate;
    }
  }
}

TEST(OneLineArrivals, CarryTheirOptions) {
  OneLine options = open_run(5);
  options.arrivals->spacing = load::Spacing::poisson;
  options.arrivals->max_in_flight = 50;
  options.arrivals->at_limit = AtLimit::drop;
  options.arrivals->connections = 20;
  options.warm_up = WarmUp{.automatic = true};
  options.seed = 99;
  const Plan plan = std::get<Plan>(one_line_plan(options));
  const ThreadGroup& group = plan.thread_groups.at(0);
  EXPECT_EQ(group.spacing, load::Spacing::poisson);
  EXPECT_EQ(group.max_in_flight, 50U);
  EXPECT_TRUE(group.max_in_flight_given);
  EXPECT_EQ(group.at_limit, AtLimit::drop);
  EXPECT_EQ(group.connections, 20U);
  EXPECT_TRUE(plan.warm_up.automatic);
  EXPECT_EQ(plan.seed, 99U);
}

TEST(OneLineArrivals, MistakesAreTold) {
  const auto problems_of = [](const OneLine& options) {
    const auto result = one_line_plan(options);
    const auto* problems = std::get_if<Problems>(&result);
    return problems == nullptr ? "no problem" : to_string(*problems, "", "");
  };
  EXPECT_EQ(problems_of(open_run(0)),
            "command line: the rate 0/s is out of range; it must be above 0/s and at most 10000000/s\n");
  EXPECT_EQ(problems_of(open_run(2e9)),
            "command line: the rate 2000000000/s is out of range; it must be above 0/s and at most 10000000/s\n");
  EXPECT_EQ(problems_of(open_run(0.01)),
            "command line: nobody arrives within 10s at 0.01/s; raise the rate or the duration\n");
  OneLine options = open_run(5);
  options.arrivals->max_in_flight = 5;
  options.arrivals->connections = 6;
  EXPECT_EQ(problems_of(options),
            "command line: 6 connections, of which --max-in-flight lets 5 be used; open no more than that\n");
  options = open_run(1.0 / 3600);
  options.iterations = 10'000;
  EXPECT_EQ(problems_of(options), "command line: 10000 requests at 1/h take longer than a year; raise the rate\n");
  options.duration = 1h;
  EXPECT_EQ(problems_of(options), "no problem") << "the duration ends it";
}

}  // namespace
}  // namespace loadgen::config
