#include "report/summary.hpp"

#include <gtest/gtest.h>

#include "report/test_runs.hpp"
#include "report/text.hpp"

namespace loadgen::report {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Summary, ThroughputIsFromFirstStartToLastEnd) {
  // Two requests of 100 ms that start at 1.0 s and at 1.9 s: 2 in 1 s, though the run lasted 2 s.
  const Summary summary =
      test::run_of({"r"}, {test::sample_at(seconds(1), Duration::zero(), milliseconds(100)),
                           test::sample_at(milliseconds(1900), Duration::zero(), milliseconds(100))})
          .summary();
  EXPECT_DOUBLE_EQ(summary.total.window_s, 1);
  EXPECT_DOUBLE_EQ(summary.total.rps, 2);
  EXPECT_DOUBLE_EQ(summary.rps_wall, 1);
  EXPECT_DOUBLE_EQ(summary.total.received_kib_per_s, 2 * 123 / 1024.0);
  EXPECT_DOUBLE_EQ(summary.total.sent_kib_per_s, 2 * 95 / 1024.0);
  EXPECT_DOUBLE_EQ(summary.total.average_bytes, 123);
}

TEST(Summary, ColumnsCountFailuresAndPercentilesDoNot) {
  Sample failure = test::sample_at(Duration::zero(), milliseconds(1), milliseconds(30));
  failure.error = ErrorKind::reset;
  failure.status = 0;
  const Summary summary =
      test::run_of({"r"}, {failure, test::sample_at(seconds(1), milliseconds(1), milliseconds(10))}).summary();
  EXPECT_EQ(summary.total.completed, 2U);
  EXPECT_DOUBLE_EQ(summary.total.error_rate, 0.5);
  EXPECT_DOUBLE_EQ(summary.total.elapsed.mean_ns, 20e6);
  EXPECT_DOUBLE_EQ(summary.total.elapsed.stddev_ns, 10e6);
  EXPECT_EQ(summary.total.times.response.values.count, 1U);
  EXPECT_EQ(summary.total.times.response.values.max_ns, 11'000'000);
  EXPECT_EQ(summary.total.failed_response.max_ns, 31'000'000);
  ASSERT_EQ(summary.total.errors.size(), 1U);
  EXPECT_EQ(summary.total.errors[0].kind, ErrorKind::reset);
}

TEST(Summary, NothingIsDividedByNothing) {
  const Summary summary = test::empty().summary();
  EXPECT_EQ(summary.total.rps, 0);
  EXPECT_EQ(summary.rps_wall, 0);
  EXPECT_EQ(summary.total.error_rate, 0);
  EXPECT_EQ(summary.total.average_bytes, 0);
  EXPECT_EQ(summary.total.elapsed.min_ns, 0);
  EXPECT_EQ(summary.generator.cpu_us_per_request, 0);
  EXPECT_EQ(summary.generator.run_queue_share, 0);
}

OfferedLoad offered(const config::Plan& plan) {
  test::Run run = test::all_succeeded();
  run.plan = plan;
  return run.summary().offered;
}

config::ThreadGroup group(std::uint32_t users, Duration ramp_up) {
  config::ThreadGroup out;
  out.users = users;
  out.ramp_up = ramp_up;
  out.steps.resize(1);
  return out;
}

TEST(OfferedLoad, OneIterationEachOffersUsersOverRampUp) {
  config::Plan plan;
  plan.thread_groups = {group(6000, seconds(2))};
  EXPECT_EQ(offered(plan).model, "open");
  EXPECT_DOUBLE_EQ(offered(plan).rate, 3000);
  EXPECT_EQ(offered(plan).description, "6,000 users in 2s, one request each");
  EXPECT_NEAR(offered(plan).achieved, 0.998, 0.001);
  plan.thread_groups[0].loops.reset();
  plan.thread_groups[0].iterations = 6000;
  EXPECT_DOUBLE_EQ(offered(plan).rate, 3000);
}

TEST(OfferedLoad, GroupsAfterEachOtherOfferTheirSumOverTheWholeTime) {
  config::Plan plan;
  plan.thread_groups = {group(1000, seconds(2)), group(3000, seconds(2))};
  plan.thread_groups[1].startup_delay = seconds(2);
  EXPECT_DOUBLE_EQ(offered(plan).rate, 1000);
}

TEST(OfferedLoad, SeveralStepsOfferIterationsNotRequests) {
  config::Plan plan;
  plan.thread_groups = {group(6000, seconds(2))};
  plan.thread_groups[0].steps.resize(2);
  EXPECT_EQ(offered(plan).model, "partly open");
  EXPECT_DOUBLE_EQ(offered(plan).rate, 3000);
  EXPECT_EQ(offered(plan).achieved, 0);
}

TEST(OfferedLoad, AClosedLoopOffersNoRate) {
  config::Plan plan;
  plan.thread_groups = {group(100, seconds(2))};
  plan.thread_groups[0].loops = 2;
  EXPECT_EQ(offered(plan).model, "closed");
  EXPECT_EQ(offered(plan).rate, 0);
  EXPECT_EQ(offered(plan).description, "closed loop, 100 users");
  plan.thread_groups[0].loops.reset();
  EXPECT_EQ(offered(plan).model, "closed");
}

TEST(OfferedLoad, OfARunShorterThanACellTheWholeWasAchieved) {
  const test::Run run = test::open_run({{.duration = milliseconds(100), .from = 1000, .to = 1000}},
                                       [](Duration) { return test::Late{}; });
  EXPECT_DOUBLE_EQ(run.summary().offered.achieved, 1);
  EXPECT_EQ(run.summary().rate.resolution, stats::Resolution::empty);
  EXPECT_NE(text(run.summary(), {}).find("too short for a rate"), std::string::npos);
}

TEST(OfferedLoad, AllAtOnceHasNoRate) {
  config::Plan plan;
  plan.thread_groups = {group(1, Duration::zero())};
  EXPECT_EQ(offered(plan).rate, 0);
  EXPECT_EQ(offered(plan).description, "1 user at once, one request each");
}

TEST(WellSampled, TenValuesBeyond) {
  EXPECT_TRUE(well_sampled(1000, 0.99));
  EXPECT_FALSE(well_sampled(999, 0.99));
  EXPECT_TRUE(well_sampled(10'000, 0.999));
  EXPECT_FALSE(well_sampled(9'999, 0.999));
}

}  // namespace
}  // namespace loadgen::report
