#include "run/program.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>

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

  const Program program = *compile(plan);
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
  const Program program = *compile(plan);
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

/// A plan of one group whose steps are these.
config::Plan plan_of(std::vector<config::Step> steps) {
  config::Plan plan;
  plan.thread_groups.resize(1);
  plan.thread_groups[0].steps = std::move(steps);
  for (config::Step& step : plan.thread_groups[0].steps) step.method = "POST";
  return plan;
}

std::string file_with(const std::string& text) {
  const std::string name = testing::TempDir() + "loadgen_program_test";
  std::ofstream(name) << text;
  return name;
}

/// All that is sent.
std::string whole(const http::PreparedRequest& request) {
  std::string out(request.size() + 1, '?');
  const ssize_t size = request.read(0, out);
  out.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return out;
}

std::string value_of(const std::string& request, const std::string& header) {
  const std::size_t at = request.find("\r\n" + header + ": ");
  if (at == std::string::npos) return "";
  const std::size_t begin = at + header.size() + 4;
  return request.substr(begin, request.find('\r', begin) - begin);
}

TEST(Compile, ABodyFileFollowsTheHeader) {
  config::Step step;
  step.body_file = file_with("what the file holds");
  step.headers = {{"Expect", "100-continue"}};
  config::Step text;
  text.body = "a text";
  const Program program = *compile(plan_of({step, text}));
  ASSERT_NE(program.requests[0].upload, nullptr);
  const std::string sent = whole(program.requests[0]);
  EXPECT_EQ(value_of(sent, "Content-Length"), "19");
  EXPECT_TRUE(sent.ends_with("\r\n\r\nwhat the file holds")) << sent;
  EXPECT_EQ(value_of(sent, "Content-Type"), "");
  EXPECT_TRUE(program.requests[0].awaits_continue);
  EXPECT_EQ(program.headers[0], step.headers);
  EXPECT_EQ(program.requests[1].upload, nullptr);
  EXPECT_TRUE(whole(program.requests[1]).ends_with("\r\n\r\na text"));
}

TEST(Compile, AFormHasABoundaryOfItsOwn) {
  config::Step step;
  step.headers = {{"X-Own", "1"}};
  step.multipart = {{.name = "a", .value = "b"}, {.name = "f", .file = file_with("file"), .file_name = "x"}};
  config::Plan plan = plan_of({step, step});
  const Program program = *compile(plan);
  const std::string sent = whole(program.requests[0]);
  const std::string type = value_of(sent, "Content-Type");
  constexpr std::string_view kType = "multipart/form-data; boundary=";
  ASSERT_TRUE(type.starts_with(kType)) << type;
  const std::string boundary = type.substr(kType.size());
  EXPECT_TRUE(boundary.starts_with("loadgen-"));
  EXPECT_EQ(boundary.size(), 24u);
  EXPECT_TRUE(sent.ends_with("\r\n\r\n--" + boundary + "\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--" +
                             boundary +
                             "\r\nContent-Disposition: form-data; name=\"f\"; filename=\"x\"\r\n"
                             "Content-Type: application/octet-stream\r\n\r\nfile\r\n--" +
                             boundary + "--\r\n"))
      << sent;
  EXPECT_EQ(program.headers[0], (std::vector<http::Header>{{"X-Own", "1"}, {"Content-Type", type}}));
  EXPECT_NE(program.headers[1], program.headers[0]) << "another request";
  EXPECT_EQ(compile(plan)->headers, program.headers) << "another run";
  plan.seed = 2;
  EXPECT_NE(compile(plan)->headers, program.headers);
}

TEST(Compile, AFileThatCannotBeSentIsNamedWithItsStep) {
  config::Step step;
  step.name = "POST /photo";
  step.body_file = "/nowhere/x.bin";
  const auto program = compile(plan_of({{}, step}));
  ASSERT_FALSE(program);
  EXPECT_EQ(program.error(),
            std::string("step \"POST /photo\": \"/nowhere/x.bin\" cannot be sent: ") + strerror(ENOENT));
  EXPECT_EQ(open_uploads(plan_of({{}, step})).error(), program.error());
}

TEST(Compile, WhatIsShownOfAPlanHasTheSizesOfThePlan) {
  config::Step step;
  step.body_file = file_with("12345");
  config::Plan shown = plan_of({step});
  const Uploads uploads = *open_uploads(shown);
  shown.thread_groups[0].steps[0].body_file = "***";
  EXPECT_EQ(value_of(whole(compile(shown, uploads).requests[0]), "Content-Length"), "5");
}

}  // namespace
}  // namespace loadgen::run
