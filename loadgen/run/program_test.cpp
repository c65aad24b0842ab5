#include "run/program.hpp"

#include <gtest/gtest.h>

namespace loadgen::run {
namespace {

TEST(Compile, StepsBecomeOpsRequestsAndLabels) {
  config::Plan plan;
  plan.http.user_agent = "ua";
  plan.thread_groups.resize(2);
  const auto add = [&](std::size_t group, const char* name, const char* host, Duration think_time) {
    config::Step step;
    step.name = name;
    step.method = "GET";
    step.url = {.host = host, .port = 80, .path_and_query = "/x"};
    step.think_time = think_time;
    plan.thread_groups[group].steps.push_back(step);
  };
  add(0, "a", "one", {});
  add(0, "b", "two", std::chrono::seconds(1));
  add(1, "a", "one", {});

  const Program program = compile(plan);
  EXPECT_EQ(program.labels, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(program.label_of, (std::vector<std::uint16_t>{0, 1, 0}));
  ASSERT_EQ(program.targets.size(), 2u);
  EXPECT_EQ(program.requests[1].target, 1);
  ASSERT_EQ(program.groups[0].size(), 3u);
  EXPECT_EQ(program.groups[0][1].kind, OpKind::pause);
  EXPECT_EQ(program.groups[0][1].pause, std::chrono::seconds(1));
  EXPECT_EQ(program.groups[0][2].request, 1);
  EXPECT_EQ(program.groups[1][0].request, 2);
  EXPECT_NE(program.requests[0].bytes.find("GET /x HTTP/1.1\r\nHost: one\r\n"), std::string::npos);
}

TEST(Compile, HttpAndHttpsAtOnePortAreTwoTargets) {
  config::Plan plan;
  plan.thread_groups.resize(1);
  const auto add = [&](std::uint16_t port, bool tls) {
    config::Step step;
    step.method = "GET";
    step.url = {.host = "h", .port = port, .path_and_query = "/", .tls = tls};
    plan.thread_groups[0].steps.push_back(step);
  };
  add(8443, false);
  add(8443, true);
  add(8443, true);
  add(443, true);
  add(443, false);
  const Program program = compile(plan);
  EXPECT_EQ(program.targets,
            (std::vector<HostAndPort>{{"h", 8443, false}, {"h", 8443, true}, {"h", 443, true}, {"h", 443, false}}));
  EXPECT_EQ(program.requests[2].target, 1);
  const auto host_of = [&](std::size_t i) {
    const std::string& bytes = program.requests[i].bytes;
    const std::size_t begin = bytes.find("Host: ") + 6;
    return bytes.substr(begin, bytes.find('\r', begin) - begin);
  };
  EXPECT_EQ(host_of(1), "h:8443");
  EXPECT_EQ(host_of(3), "h") << "the scheme's own port is left out";
  EXPECT_EQ(host_of(4), "h:443");
}

}  // namespace
}  // namespace loadgen::run
