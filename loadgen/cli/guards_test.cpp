#include "cli/guards.hpp"

#include <gtest/gtest.h>

namespace loadgen::cli {
namespace {

config::Plan plan_of(std::uint32_t users, bool keep_alive, std::uint64_t loops) {
  config::Plan plan;
  plan.http.keep_alive = keep_alive;
  plan.thread_groups.resize(1);
  plan.thread_groups[0].users = users;
  plan.thread_groups[0].loops = loops;
  plan.thread_groups[0].steps.resize(1);
  return plan;
}

TEST(Guards, APlanThatCannotFitNamesTheNumberItNeeds) {
  const auto refused = ensure_descriptors(plan_of(2'000'000'000, true, 1), 1);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().find("2000000064 file descriptors"), std::string::npos) << refused.error();
  EXPECT_TRUE(ensure_descriptors(plan_of(10, true, 1), 1).ok());
  EXPECT_FALSE(ensure_descriptors(plan_of(1'000'000, true, 1), 2'000).ok()) << "a connection to each target";
}

TEST(Guards, PortsAreWarnedOfOnlyWhenThePlanMustExhaustThem) {
  EXPECT_FALSE(port_warning(plan_of(6'000, true, 1), 1, 28'232, false));
  EXPECT_FALSE(port_warning(plan_of(6'000, true, 1'000), 1, 28'232, false)) << "kept connections";
  EXPECT_TRUE(port_warning(plan_of(30'000, true, 1), 1, 28'232, true)) << "more users than ports";
  EXPECT_TRUE(port_warning(plan_of(100, false, 1'000), 1, 28'232, false)) << "100,000 new connections";
  EXPECT_FALSE(port_warning(plan_of(100, false, 1'000), 1, 28'232, true));
  EXPECT_FALSE(port_warning(plan_of(100, false, 1'000), 4, 28'232, false)) << "dealt over four targets";
}

}  // namespace
}  // namespace loadgen::cli
