// "auth" in plans: the header it becomes, who wins, and that no output shows what stands there.

#include <algorithm>
#include <cstdlib>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "config/describe.hpp"
#include "config/test_plans.hpp"

namespace loadgen::config {
namespace {

std::string with_auth(const std::string& auth) {
  return R"({"target": "http://h", "auth": )" + auth + R"(, "thread_groups": [{"steps": [{"get": "/"}]}]})";
}

/// The values of a step's Authorization headers.
std::string sent(const Step& step) {
  std::string out;
  for (const http::Header& header : step.headers)
    if (header.name == "Authorization" || header.name == "authorization") out += header.value + '\n';
  return out;
}

std::string sent_for(const std::string& auth) {
  return sent(plan_of(with_auth(auth)).thread_groups.at(0).steps.at(0));
}

TEST(Auth, BecomesAHeader) {
  // RFC 7617 2 and RFC 6750 2.1, whose examples these are
  EXPECT_EQ(sent_for(R"({"basic": {"user": "Aladdin", "password": "open sesame"}})"),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\n");
  EXPECT_EQ(sent_for(R"({"bearer": "mF_9.B5f-4.1JqM"})"), "Bearer mF_9.B5f-4.1JqM\n");
  EXPECT_EQ(sent_for(R"({"basic": {"user": "a", "password": "b:c"}})"), "Basic YTpiOmM=\n");
  EXPECT_EQ(sent_for(R"({"basic": {"user": "", "password": ""}})"), "Basic Og==\n");
  // RFC 7617 2.1: UTF-8 as it stands
  EXPECT_EQ(sent_for(R"({"basic": {"user": "test", "password": "123\u00a3"}})"), "Basic dGVzdDoxMjPCow==\n");
}

TEST(Auth, TheInnerOneWins) {
  const Plan plan = plan_of(R"({"target": "http://h", "auth": {"bearer": "plan"}, "thread_groups": [
    {"steps": [{"get": "/"}, {"get": "/", "auth": {"bearer": "step"}},
               {"get": "/", "headers": {"authorization": "own"}}]},
    {"auth": {"bearer": "group"}, "steps": [{"get": "/"}, {"get": "/", "auth": {"bearer": "step"}}]},
    {"headers": {"Authorization": "own"}, "steps": [{"get": "/"}]}]})");
  const auto at = [&](std::size_t group, std::size_t step) {
    return sent(plan.thread_groups.at(group).steps.at(step));
  };
  EXPECT_EQ(at(0, 0), "Bearer plan\n");
  EXPECT_EQ(at(0, 1), "Bearer step\n");
  EXPECT_EQ(at(0, 2), "own\n");
  EXPECT_EQ(at(1, 0), "Bearer group\n");
  EXPECT_EQ(at(1, 1), "Bearer step\n");
  EXPECT_EQ(at(2, 0), "own\n");
}

TEST(Auth, DigestWaitsToBeAskedAndIsInheritedLikeAHeader) {
  const Plan plan = plan_of(R"({"target": "http://h", "auth": {"digest": {"user": "p", "password": "q"}},
    "thread_groups": [
    {"steps": [{"get": "/"}, {"get": "/", "auth": {"bearer": "step"}}, {"get": "/", "headers": {"authorization": "own"}},
               {"get": "/", "auth": {"digest": {"user": "s", "password": "t"}}}]},
    {"auth": {"bearer": "group"}, "steps": [{"get": "/"}, {"get": "/", "auth": {"digest": {"user": "s", "password": "t"}}}]}
    ]})");
  const auto at = [&](std::size_t group, std::size_t step) {
    const Step& seen = plan.thread_groups.at(group).steps.at(step);
    return sent(seen) + (seen.digest ? seen.digest->user + '/' + seen.digest->password : "");
  };
  EXPECT_EQ(at(0, 0), "p/q");
  EXPECT_EQ(at(0, 1), "Bearer step\n");
  EXPECT_EQ(at(0, 2), "own\n");
  EXPECT_EQ(at(0, 3), "s/t");
  EXPECT_EQ(at(1, 0), "Bearer group\n");
  EXPECT_EQ(at(1, 1), "s/t");
  const nlohmann::json shown = nlohmann::json::parse(to_json(plan));
  const nlohmann::json& step = shown["thread_groups"][0]["steps"][3];
  EXPECT_EQ(step["auth"], nlohmann::json::parse(R"({"digest": {"user": "***", "password": "***"}})"));
  EXPECT_FALSE(step.contains("headers"));
  EXPECT_FALSE(shown["thread_groups"][0]["steps"][1].contains("auth"));
}

TEST(Auth, MistakesAreToldAtTheirPlace) {
  struct Case {
    const char* auth;
    const char* problems;
  };
  const Case cases[] = {
      {R"("Bearer geheim")",
       "1:32 /auth: expected an object: { \"basic\": { \"user\": \"me\", \"password\": \"${env:PASSWORD}\" } } or { "
       "\"bearer\": \"${env:TOKEN}\" }; \"digest\" stands like \"basic\"\n"},
      {"{}", "1:32 /auth: auth needs \"basic\", \"digest\" or \"bearer\"\n"},
      {R"({"baisc": {"user": "u", "password": "geheim"}, "bearer": "t"})",
       "1:33 /auth/baisc: unknown key \"baisc\"; did you mean \"basic\"?\n"},
      {R"({"bearer": "t", "basic": {"user": "u", "password": "geheim"}})",
       "1:48 /auth/basic: auth has either \"bearer\" or \"basic\", not both\n"},
      {R"({"digest": {"user": "u:geheim", "password": ""}})",
       "1:52 /auth/digest/user: has a ':', which ends the name of a user in Basic and in Digest authentication\n"},
      {R"({"digest": "geheim"})",
       "1:43 /auth/digest: expected an object: { \"user\": \"me\", \"password\": \"${env:PASSWORD}\" }\n"},
      {R"({"digest": {"user": "u", "password": "geheim"}}, "headers": {"authorization": "geheim"})",
       "1:32 /auth: \"auth\" and an \"Authorization\" in \"headers\" stand at the same place; keep one\n"},
      {R"({"basic": "u:geheim"})",
       "1:42 /auth/basic: expected an object: { \"user\": \"me\", \"password\": \"${env:PASSWORD}\" }\n"},
      {R"({"basic": {"user": "u"}})", "1:42 /auth/basic: a user needs \"password\"\n"},
      {R"({"basic": {"user": "u:geheim", "password": ""}})",
       "1:51 /auth/basic/user: has a ':', which ends the name of a user in Basic and in Digest authentication\n"},
      {R"({"basic": {"user": "u", "password": 4711}})", "1:68 /auth/basic/password: expected a string\n"},
      {R"({"bearer": ""})", "1:43 /auth/bearer: the token is empty; write one or take the key away\n"},
      {R"({"bearer": "a\r\nX: geheim"})",
       "1:43 /auth/bearer: has a line break or control character, which would split the request; take it away\n"},
      {R"({"bearer": "t"}, "headers": {"authorization": "geheim"})",
       "1:32 /auth: \"auth\" and an \"Authorization\" in \"headers\" stand at the same place; keep one\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(problems_of(with_auth(c.auth)), c.problems);
}

TEST(Auth, NoOutputShowsIt) {
  setenv("LOADGEN_TEST_TOKEN", "geheimnis", 1);
  const Plan plan = plan_of(R"({"target": "http://h", "auth": {"basic": {"user": "nutzer", "password": "sesam"}},
    "thread_groups": [{"steps": [{"get": "/a?p=sesam"}, {"post": "/", "body": "sesam/wort",
      "auth": {"bearer": "wort"}}, {"get": "/", "auth": {"bearer": "${env:LOADGEN_TEST_TOKEN}"}}]}]})");
  unsetenv("LOADGEN_TEST_TOKEN");
  EXPECT_EQ(plan.thread_groups[0].steps[1].body, "sesam/wort") << "the plan itself has what is to be sent";
  for (const std::string& shown : {describe(plan), to_json(plan)}) {
    for (const char* secret : {"nutzer", "sesam/wort", "bnV0emVyOnNlc2Ft", "Bearer", "geheim"})
      EXPECT_EQ(shown.find(secret), std::string::npos) << shown;
    EXPECT_NE(shown.find("http://h/a?p=***"), std::string::npos) << shown;
    EXPECT_NE(shown.find("***/***"), std::string::npos) << shown;
  }
  const nlohmann::json json = nlohmann::json::parse(to_json(plan));
  EXPECT_EQ(json["thread_groups"][0]["steps"][0]["headers"]["Authorization"], "***");
}

TEST(Auth, LinesOfProblemsHideIt) {
  const auto shown = [](std::string_view text) {
    const auto result = parse_plan(text, {});
    return to_string(std::get<Problems>(result), "p", text);
  };
  EXPECT_EQ(shown(R"({"graec": 1, "auth": {"basic": {"user": "u\"geheim", "passwrod": "geheim"}}, "seed": 5,
  "target": "http://h", "thread_groups": [{"steps": [{"get": "/"}]}]})"),
            "p:1:2: /graec: unknown key \"graec\"; did you mean \"grace\"?\n"
            "    {\"graec\": 1, \"auth\": {\"basic\": {\"user\": ***********, \"passwrod\": ********}}, \"seed\": 5,\n"
            "     ^\n"
            "p:1:32: /auth/basic: a user needs \"password\"\n"
            "    {\"graec\": 1, \"auth\": {\"basic\": {\"user\": ***********, \"passwrod\": ********}}, \"seed\": 5,\n"
            "                                   ^\n"
            "p:1:54: /auth/basic/passwrod: unknown key \"passwrod\"; did you mean \"password\"?\n"
            "    {\"graec\": 1, \"auth\": {\"basic\": {\"user\": ***********, \"passwrod\": ********}}, \"seed\": 5,\n"
            "                                                         ^\n");
  // misspelt, of the wrong kind, cut off
  for (const char* text : {R"({"auht": {"basic": {"user": "u", "password": "geheim"}}})",
                           R"({"auth": "geheim", "x": 1})", R"({"auth": ["geheim", {"a": "geheim"}, 1], "x": 1})",
                           R"({"auth": {"bearer": "geheim)", R"({"auth": {"bearer": "a\)"})
    EXPECT_EQ(shown(text).find("geheim"), std::string::npos) << shown(text);
  EXPECT_NE(shown(R"({"auth": {"bearer": "t"}, "seed": "kept"})").find("\"seed\": \"kept\""), std::string::npos);
}

}  // namespace
}  // namespace loadgen::config
