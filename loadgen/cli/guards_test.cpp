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

/// A plan of one open group; max_in_flight 0: the default.
config::Plan open_plan(double rate, std::uint32_t max_in_flight, std::uint32_t connections, bool keep_alive = true) {
  config::Plan plan = plan_of(0, keep_alive, 1);
  config::ThreadGroup& group = plan.thread_groups[0];
  group.arrivals = {{.duration = std::chrono::seconds(30), .from = rate, .to = rate}};
  group.max_in_flight_given = max_in_flight != 0;
  if (max_in_flight != 0) group.max_in_flight = max_in_flight;
  group.connections = connections;
  return plan;
}

/// What fit_to_descriptors says, "" for nothing.
std::string fitted(config::Plan& plan, double of_a_user, std::uint64_t limit) {
  const auto result = fit_to_descriptors(plan, of_a_user, limit);
  return result ? result->value_or("") : "error: " + result.error();
}

TEST(Guards, APlanThatCannotFitNamesTheNumberItNeeds) {
  config::Plan plan = plan_of(2'000, true, 1);
  EXPECT_EQ(fitted(plan, 1, 2'064), "");
  EXPECT_EQ(fitted(plan, 1, 2'063).find("error: the plan needs 2064 file descriptors (2000 users at the same time, 1 "),
            0);
  EXPECT_NE(fitted(plan, 3, 2'064).find("needs 6064 file descriptors"), std::string::npos) << "one to each target";
  EXPECT_NE(fitted(plan, 3, 2'064).find("plan for 666 users"), std::string::npos);
  EXPECT_NE(fitted(plan, 1.125, 2'300).find("needs 2314 file descriptors (2000 users at the same time, 1.12 for each"),
            std::string::npos)
      << "an engine's own among them";
  EXPECT_EQ(fitted(plan, 1.125, 2'314), "");
  EXPECT_EQ(fitted(plan, 1, 10).find("error"), 0);
}

TEST(Guards, FilesThatAreSentStayOpen) {
  config::Plan plan = plan_of(2'000, true, 1);
  config::Step step;
  step.body_file = "a";
  plan.thread_groups[0].steps.push_back(step);
  step = {};
  step.multipart = {{.name = "b", .file = "b"}, {.name = "c", .value = "c"}, {.name = "d", .file = "d"}};
  plan.thread_groups[0].steps.push_back(step);
  EXPECT_EQ(fitted(plan, 1, 2'067), "");
  EXPECT_NE(fitted(plan, 1, 2'066).find("needs 2067 file descriptors (2000 users at the same time, 1 for each, 67 of "),
            std::string::npos);
}

TEST(Guards, ThisMachinesLimitIsRaisedAndUsed) {
  config::Plan small = plan_of(10, true, 1);
  EXPECT_TRUE(fit_to_descriptors(small, 1).ok());
  config::Plan large = plan_of(2'000'000'000, true, 1);
  EXPECT_FALSE(fit_to_descriptors(large, 1).ok());
}

TEST(Guards, OnlyADefaultOfMaxInFlightIsLowered) {
  config::Plan plan = open_plan(100, 0, 0);
  EXPECT_EQ(fitted(plan, 1, 10'064), "");
  EXPECT_EQ(plan.thread_groups[0].max_in_flight, 10'000U);
  EXPECT_EQ(fitted(plan, 1, 1'064).find("max_in_flight is lowered from its default 10000 to 1000"), 0);
  EXPECT_EQ(plan.thread_groups[0].max_in_flight, 1'000U);

  plan = open_plan(100, 2'000, 0);
  EXPECT_EQ(fitted(plan, 1, 1'064).find("error: the plan needs 2064 file descriptors"), 0);
  EXPECT_EQ(plan.thread_groups[0].max_in_flight, 2'000U);

  plan = open_plan(100, 0, 1'001);
  EXPECT_EQ(fitted(plan, 1, 1'064).find("error: the plan needs 1065 file descriptors"), 0) << "all are to be opened";
}

TEST(Guards, GroupsShareWhatIsLeft) {
  config::Plan plan = plan_of(400, true, 1);
  plan.thread_groups.push_back(open_plan(100, 0, 0).thread_groups[0]);
  plan.thread_groups.push_back(open_plan(100, 100, 0).thread_groups[0]);
  plan.thread_groups.push_back(open_plan(100, 0, 0).thread_groups[0]);
  EXPECT_EQ(fitted(plan, 1, 1'064).find("max_in_flight is lowered from its default 10000 to 250"), 0);
  EXPECT_EQ(plan.thread_groups[0].users, 400U);
  EXPECT_EQ(plan.thread_groups[1].max_in_flight, 250U);
  EXPECT_EQ(plan.thread_groups[2].max_in_flight, 100U);
  EXPECT_EQ(plan.thread_groups[3].max_in_flight, 250U);
}

TEST(Guards, PortsOfArrivals) {
  EXPECT_FALSE(port_warning(open_plan(5'000, 0, 100), 1, LocalPorts{28'232, false})) << "kept connections";
  EXPECT_TRUE(port_warning(open_plan(5'000, 0, 30'000), 1, LocalPorts{28'232, true})) << "more connections than ports";
  EXPECT_TRUE(port_warning(open_plan(1'000, 0, 0, false), 1, LocalPorts{28'232, false})) << "30,000 in its 30 s";
  EXPECT_FALSE(port_warning(open_plan(900, 0, 0, false), 1, LocalPorts{28'232, false})) << "27,000 in its 30 s";
}

TEST(Guards, PortsAreWarnedOfOnlyWhenThePlanMustExhaustThem) {
  EXPECT_FALSE(port_warning(plan_of(6'000, true, 1), 1, LocalPorts{28'232, false}));
  EXPECT_FALSE(port_warning(plan_of(6'000, true, 1'000), 1, LocalPorts{28'232, false})) << "kept connections";
  EXPECT_TRUE(port_warning(plan_of(30'000, true, 1), 1, LocalPorts{28'232, true})) << "more users than ports";
  EXPECT_TRUE(port_warning(plan_of(100, false, 1'000), 1, LocalPorts{28'232, false})) << "100,000 new connections";
  EXPECT_FALSE(port_warning(plan_of(100, false, 1'000), 1, LocalPorts{28'232, true}));
  EXPECT_FALSE(port_warning(plan_of(100, false, 1'000), 4, LocalPorts{28'232, false})) << "dealt over four targets";
  EXPECT_FALSE(port_warning(plan_of(100, false, 1'000), 1, {28'232, false, 4}))
      << "dealt among four pairs of addresses";
  EXPECT_TRUE(port_warning(plan_of(100, false, 1'000), 1, {28'232, false, 3})) << "84,696 ports";
  EXPECT_FALSE(port_warning(plan_of(100'000, true, 1), 1, {28'232, false, 0})) << "unix sockets have none";
}

}  // namespace
}  // namespace loadgen::cli
