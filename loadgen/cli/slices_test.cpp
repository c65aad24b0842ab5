#include "cli/slices.hpp"

#include <gtest/gtest.h>

#include "config/parse.hpp"

namespace loadgen::cli {
namespace {

using namespace std::chrono_literals;

config::Plan plan_of(std::string_view text) {
  auto outcome = config::parse_plan(text, {});
  return std::get<config::Plan>(std::move(outcome));
}

TEST(Slices, TheQuestionIsThePlansFirstRequestOnce) {
  const config::Plan plan = plan_of(R"({"target": "http://h:1/api", "warm_up": "3s", "thread_groups": [
    {"users": 70, "loops": 9, "think_time": "2s",
     "steps": [{"post": "/a", "body": "x", "expect": {"status": 200}}, {"get": "/b"}]},
    {"users": 5, "steps": [{"get": "/c"}]}]})");
  const config::Plan one = ready_plan(plan, "");
  ASSERT_EQ(one.thread_groups.size(), 1U);
  EXPECT_EQ(one.users(), 1U);
  EXPECT_EQ(one.thread_groups[0].iterations_of(0), 1U);
  ASSERT_EQ(one.thread_groups[0].steps.size(), 1U);
  const config::Step& step = one.thread_groups[0].steps[0];
  EXPECT_EQ(step.method, "POST");
  EXPECT_EQ(step.url.path_and_query, "/api/a");
  EXPECT_EQ(step.body, "x");
  EXPECT_EQ(step.think_time, 0s);
  for (const int status : {100, 200, 404, 503}) EXPECT_TRUE(step.expect.status.contains(status)) << status;
  EXPECT_EQ(one.warm_up.time, 0s);
}

TEST(Slices, AReadyPathIsAskedForWithGet) {
  const config::Plan plan =
      plan_of(R"({"target": "http://h:1/api", "thread_groups": [{"steps": [{"post": "/a", "body": "x"}]}]})");
  const config::Plan one = ready_plan(plan, "/health");
  const config::Step& step = one.thread_groups.at(0).steps.at(0);
  EXPECT_EQ(step.method, "GET");
  EXPECT_EQ(step.url.path_and_query, "/health");
  EXPECT_EQ(step.body, "");
}

TEST(Slices, TheMachineTellsWhatDisturbedIt) {
  report::Summary summary;
  summary.generator.wall_s = 5;
  EXPECT_EQ(disturbance_of(summary), "") << "nothing is known";
  summary.generator.host.steal = 0.04;
  summary.generator.host.throttled = 40ms;
  EXPECT_EQ(disturbance_of(summary), "");
  summary.generator.host.throttled = 60ms;
  EXPECT_EQ(disturbance_of(summary), "CPU throttled for 60 ms");
  summary.generator.host.steal = 0.07;
  EXPECT_EQ(disturbance_of(summary), "steal time 7.0 %");
}

/// One request that ends at each of `ends`.
stats::Recorder recorder_of(std::initializer_list<Duration> ends) {
  const TimePoint start = TimePoint(100s);
  stats::Recorder recorder(1, {0}, start, 10s);
  for (const Duration end : ends) {
    Sample sample;
    sample.due = sample.started = start + end - 1ms;
    sample.first_byte = sample.finished = start + end;
    sample.status = 200;
    recorder.record(sample);
  }
  recorder.finish();
  return recorder;
}

TEST(Slices, RequestsAfterAMomentAreCountedByCells) {
  const auto recorder = recorder_of({50ms, 150ms, 250ms, 350ms, 950ms});
  EXPECT_DOUBLE_EQ(completed_after(recorder, 0s), 5);
  EXPECT_DOUBLE_EQ(completed_after(recorder, 200ms), 3) << "a cell is 200 ms";
  EXPECT_DOUBLE_EQ(completed_after(recorder, 250ms), 2.5) << "three quarters of the second cell's two, and one more";
  EXPECT_DOUBLE_EQ(completed_after(recorder, 1s), 0);
}

}  // namespace
}  // namespace loadgen::cli
