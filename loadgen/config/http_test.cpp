// http.version and what goes with it.

#include <string>

#include <gtest/gtest.h>

#include "config/describe.hpp"
#include "config/parse.hpp"

namespace loadgen::config {
namespace {

std::variant<Plan, Problems> plan_with(const std::string& http, const Overrides& overrides = {}) {
  return parse_plan(R"({"target": "http://h", "http": )" + http + R"(, "thread_groups": [{"steps": [{"get": "/"}]}]})",
                    overrides);
}

Overrides overrides_of(bool http2, std::uint64_t streams) {
  Overrides overrides;
  overrides.http2 = http2;
  overrides.streams = streams;
  return overrides;
}

OneLine one_line_of(bool http2, std::uint64_t streams) {
  OneLine line;
  line.url = "http://h/";
  line.http2 = http2;
  line.streams = streams;
  return line;
}

std::string mistake_in(const std::string& http, const Overrides& overrides = {}) {
  const auto plan = plan_with(http, overrides);
  const auto* problems = std::get_if<Problems>(&plan);
  return problems == nullptr ? "" : problems->front().message;
}

TEST(HttpVersion, IsReadAndShown) {
  const auto two = plan_with(R"({"version": "2", "streams_per_connection": 100})");
  ASSERT_TRUE(std::holds_alternative<Plan>(two));
  const HttpSettings& http = std::get<Plan>(two).http;
  EXPECT_EQ(http.version, HttpVersion::http_2);
  EXPECT_EQ(http.streams_per_connection, 100U);
  EXPECT_NE(describe(std::get<Plan>(two)).find("streams_per_connection  100\n"), std::string::npos);
  const auto one = plan_with("{}");
  EXPECT_EQ(std::get<Plan>(one).http.version, HttpVersion::http_1_1);
  EXPECT_EQ(describe(std::get<Plan>(one)).find("streams_per_connection"), std::string::npos);
}

TEST(HttpVersion, TheCommandLineBeatsThePlan) {
  const auto plan = plan_with(R"({"streams_per_connection": 1})", overrides_of(true, 7));
  ASSERT_TRUE(std::holds_alternative<Plan>(plan));
  EXPECT_EQ(std::get<Plan>(plan).http.version, HttpVersion::http_2);
  EXPECT_EQ(std::get<Plan>(plan).http.streams_per_connection, 7U);
}

TEST(HttpVersion, TheCommandLineMendsThePlan) {
  Overrides overrides;
  overrides.http2 = true;
  EXPECT_EQ(mistake_in(R"({"streams_per_connection": 4})", overrides), "") << "as the mistake's text advises";
  const auto both = plan_with(R"({"streams_per_connection": 4, "keep_alive": false})", overrides);
  EXPECT_EQ(std::get<Problems>(both).size(), 1U);
}

TEST(HttpVersion, OfAOneLineRun) {
  const auto plan = one_line_plan(one_line_of(true, 3));
  ASSERT_TRUE(std::holds_alternative<Plan>(plan));
  EXPECT_EQ(std::get<Plan>(plan).http.version, HttpVersion::http_2);
  EXPECT_EQ(std::get<Plan>(plan).http.streams_per_connection, 3U);
  EXPECT_TRUE(std::holds_alternative<Problems>(one_line_plan(one_line_of(false, 3))));
  EXPECT_TRUE(std::holds_alternative<Problems>(one_line_plan(one_line_of(true, 0))));
}

TEST(HttpVersion, WhatDoesNotGoTogetherIsNamed) {
  EXPECT_NE(mistake_in(R"({"version": "3"})").find("\"2\""), std::string::npos);
  EXPECT_NE(mistake_in(R"({"streams_per_connection": 2})").find("set version to \"2\""), std::string::npos);
  EXPECT_NE(mistake_in(R"({"version": "2", "streams_per_connection": 2, "keep_alive": false})").find("keep_alive"),
            std::string::npos);
  EXPECT_NE(mistake_in(R"({"version": "2", "streams_per_connection": 0})"), "");
  EXPECT_NE(mistake_in("{}", overrides_of(false, 2)).find("--http2"), std::string::npos);
  EXPECT_EQ(mistake_in(R"({"version": "2", "keep_alive": false})"), "");
}

}  // namespace
}  // namespace loadgen::config
