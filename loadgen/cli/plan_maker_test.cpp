#include "cli/plan_maker.hpp"

#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

namespace loadgen::cli {
namespace {

using namespace std::chrono_literals;

PlanSource one_line() {
  PlanSource source;
  source.one_line.emplace();
  source.one_line->url = "http://nobody";
  source.one_line->users = 3;
  return source;
}

std::string path_of(const std::optional<config::Plan>& plan) {
  return plan ? plan->thread_groups.at(0).steps.at(0).url.path_and_query : "no plan";
}

TEST(PlanMaker, AOneLineRunHasItsPathBelowEachTarget) {
  const auto plans = PlanMaker::read(one_line(), "/async?x=1");
  ASSERT_TRUE(plans);
  EXPECT_EQ(path_of(plans->plan({.url = "http://h:1"})), "/async?x=1");
  EXPECT_EQ(path_of(plans->plan({.url = "http://h:1/"})), "/async?x=1");
  EXPECT_EQ(path_of(plans->plan({.url = "http://h:1/v2/"})), "/v2/async?x=1");
  EXPECT_EQ(plans->plan({.url = "http://h:7"})->thread_groups[0].steps[0].url.port, 7);
}

TEST(PlanMaker, WithoutAPathTheTargetsOwnIsAskedFor) {
  const auto plans = PlanMaker::read(one_line(), std::nullopt);
  ASSERT_TRUE(plans);
  EXPECT_EQ(path_of(plans->plan({.url = "http://h:1/health?full"})), "/health?full");
  EXPECT_EQ(path_of(plans->plan({.url = "http://h:1"})), "/");
}

TEST(PlanMaker, SeedAndWarmUpBeatThePlan) {
  const auto plans = PlanMaker::read(one_line(), "/");
  const auto plan = plans->plan({.url = "http://h", .seed = 77, .warm_up = 3s});
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->seed, 77U);
  EXPECT_EQ(plan->warm_up, config::WarmUp{.time = 3s});
  EXPECT_EQ(plan->users(), 3U);
}

TEST(PlanMaker, APlanIsReadOnceAndAimedAnywhere) {
  const std::string file = testing::TempDir() + "plan_maker_test.json";
  std::ofstream(file) << R"({"target": "http://plans-own:1", "warm_up": "auto", "seed": 4,
                             "thread_groups": [{"steps": [{"get": "/a"}, {"get": "http://elsewhere:9/b"}]}]})";
  PlanSource source;
  source.file = file;
  const auto plans = PlanMaker::read(source, std::nullopt);
  std::remove(file.c_str());
  ASSERT_TRUE(plans);
  const auto plan = plans->plan({.url = "http://h:5/api"});
  ASSERT_TRUE(plan);
  EXPECT_EQ(path_of(plan), "/api/a");
  EXPECT_EQ(plan->thread_groups[0].steps[1].url.host, "elsewhere") << "a whole URL in a step stays";
  EXPECT_TRUE(plan->warm_up.automatic);
  EXPECT_EQ(plan->seed, 4U);
  testing::internal::CaptureStderr();
  EXPECT_FALSE(plans->plan({.url = "ftp://h"}));
  EXPECT_NE(testing::internal::GetCapturedStderr().find("\"ftp\""), std::string::npos);
}

}  // namespace
}  // namespace loadgen::cli
