#include "config/describe.hpp"

#include <cstdlib>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "config/keys.hpp"
#include "config/parse.hpp"
#include "config/test_plans.hpp"

namespace loadgen::config {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kRich = R"({
  "name": "rich", "target": "http://localhost:3000", "think_time": "5ms", "headers": {"Accept": "*/*"},
  "thread_groups": [
    {"name": "a", "users": 3, "ramp_up": "1.5s", "ramp": "jmeter", "loops": 2, "duration": "1m", "on_error": "stop_user",
     "steps": [{"get": "/a?b=c"}, {"post": "http://[::1]:81/e", "json": {"k": [1, "é"]}, "think_time": "0s",
                "expect": {"status": [200, "3xx"], "body_equals": "", "body_contains": "x", "headers": {"A": "b"}}}]},
    {"iterations": 7, "startup_delay": "1s", "steps": [{"options": "/", "body": "line\nbreak"},
       {"put": "/", "body_file": "x.bin"}, {"post": "/", "multipart": [{"name": "a", "value": ""},
         {"name": "b", "file": "/y.png", "file_name": "z.png", "type": "image/png"}]}]},
    {"loops": "forever", "delayed_start": true, "same_user_on_next_iteration": false, "steps": [{"delete": "/"}]},
    {"arrivals": [{"rate": "5/s", "for": "2s"}, {"from": "5/s", "to": "0/s", "over": "1s"},
                  {"mean": "5/s", "amplitude": "1/s", "period": "1s", "for": "3s"}],
     "steps": [{"get": "/"}]}
  ],
  "http": {"version": "2", "keep_alive": false, "connect_timeout": "1s", "continue_timeout": "2s", "max_response": "1500B", "user_agent": "me", "accept_encoding": ["gzip"], "proxy": "p:1"},
  "addresses": {"connect_to": ["h:1:h2:2"], "resolve": ["h2:2:::1"], "interface": ["lo"], "ip_version": "6"},
  "tls": {"verify": false, "ca_file": "ca.pem", "server_name": "n", "client_cert": "c.pem", "client_key": "k.pem",
          "min_version": "1.3", "ciphers": "HIGH", "session_reuse": false},
  "grace": "0s", "thresholds": ["p99{GET /} <= 250ms over 5s", "error_rate < 0.1%", "rps > 5"], "undecided": "fail"
})";

TEST(Describe, ShowsEveryValueDefaultsIncluded) {
  EXPECT_EQ(describe(plan_of(R"({"name": "n", "target": "http://h:1", "http": {"user_agent": "ua"},
                                 "thread_groups": [{"users": 2, "ramp_up": "250ms",
                                   "steps": [{"post": "/p", "body": "a\tb"}]}]})")),
            R"(name     n
target   http://h:1
http
  version              1.1
  keep_alive           true
  follow_redirects     false
  cookies              off
  connect_timeout      10s
  response_timeout     30s
  continue_timeout     1s
  max_response         64MiB
  max_response_header  64KiB
  user_agent           ua
grace    10s
warm_up  0s
seed     1
thread_groups 1 of 1
  name                         Thread Group
  users                        2
  ramp_up                      250ms
  ramp                         exact
  loops                        1
  startup_delay                0s
  delayed_start                false
  on_error                     continue
  same_user_on_next_iteration  true
  steps 1 of 1
    name        POST /p
    post        http://h:1/p
    body        "a\tb"
    think_time  0s
    expect
      status  200-399
)");
}

TEST(Describe, NotesWhatAPlanProbablyDoesNotMean) {
  const std::string text = describe(plan_of(R"({"target": "http://h", "thread_groups": [
    {"name": "a", "loops": "forever", "steps": [{"get": "/"}]},
    {"name": "b", "ramp_up": "2s", "duration": "1s", "steps": [{"get": "/"}]},
    {"name": "c", "users": 5, "iterations": 3, "steps": [{"get": "/"}]},
    {"name": "d", "loops": "forever", "duration": "1s", "steps": [{"get": "/"}]}]})"));
  EXPECT_EQ(text.substr(text.find("note:")),
            "note: thread group \"a\" has neither loops nor a duration to end it; it runs until Ctrl-C\n"
            "note: thread group \"b\" has a ramp-up longer than its duration; some users never start\n"
            "note: thread group \"c\" has fewer iterations than users; 2 users have nothing to do\n");
}

TEST(Describe, TheResolvedPlanIsAPlanThatMeansTheSame) {
  const std::string once = to_json(plan_of(kRich));
  const Plan back = plan_of(once);
  EXPECT_EQ(to_json(back), once);
  ASSERT_EQ(back.thread_groups.size(), 4U);
  const Step& step = back.thread_groups[0].steps.at(1);
  EXPECT_EQ(step.url, (Url{"::1", 81, "/e"}));
  EXPECT_EQ(step.body, "{\"k\":[1,\"é\"]}");
  EXPECT_EQ(step.think_time, 0s);
  EXPECT_EQ(step.expect.body_equals, "");
  EXPECT_EQ(back.thread_groups[0].steps[0].think_time, 5ms);
  EXPECT_EQ(back.thread_groups[1].iterations, 7U);
  EXPECT_EQ(back.thread_groups[1].steps.at(1).body_file, "x.bin");
  EXPECT_EQ(back.thread_groups[1].steps.at(2).multipart, plan_of(kRich).thread_groups[1].steps.at(2).multipart);
  EXPECT_TRUE(back.thread_groups[2].for_ever());
  EXPECT_EQ(back.thresholds, plan_of(kRich).thresholds);
  EXPECT_EQ(back.thresholds.at(1).limit, 0.001);
  EXPECT_EQ(back.undecided, Undecided::fail);
  EXPECT_NE(describe(back).find("note: threshold \"rps > 5/s\": the rate of arrivals is what the plan asks for"),
            std::string::npos);
}

TEST(Describe, EveryKeyWithAValueIsShown) {
  const nlohmann::json shown = nlohmann::json::parse(to_json(plan_of(kRich)));
  // what the resolved plan leaves out, because it went into other values
  const auto gone = [](std::string_view key) {
    return key == "$schema" || key == "variables" || key == "json" || key == "auth" || key == "think_time" ||
           key == "headers";
  };
  for (const auto& key : plan_keys().keys) EXPECT_TRUE(shown.contains(key.name) || gone(key.name)) << key.name;
  for (const auto& key : http_keys().keys) EXPECT_TRUE(shown["http"].contains(key.name)) << key.name;
  for (const auto& key : address_keys().keys)
    EXPECT_TRUE(shown["addresses"].contains(key.name) || key.name == "unix_socket") << key.name;
  for (const auto& key : tls_keys().keys) EXPECT_TRUE(shown["tls"].contains(key.name)) << key.name;
  for (const auto& key : group_keys().keys) {
    bool anywhere = gone(key.name);
    for (const auto& group : shown["thread_groups"]) anywhere = anywhere || group.contains(key.name);
    EXPECT_TRUE(anywhere) << key.name;
  }
  // steps and spikes become the rates that they stand for
  const auto became_rates = [](std::string_view key) {
    for (const std::string_view k : {"steps", "each", "spike", "base", "before", "after", "rise", "fall"})
      if (key == k) return true;
    return false;
  };
  for (const auto& key : segment_keys().keys) {
    bool anywhere = became_rates(key.name);
    for (const auto& segment : shown["thread_groups"][3]["arrivals"]) anywhere = anywhere || segment.contains(key.name);
    EXPECT_TRUE(anywhere) << key.name;
  }
  const auto sends_a_body = [](std::string_view key) { return key == "body_file" || key == "multipart"; };
  for (const auto& key : step_keys().keys) {
    bool anywhere = !sends_a_body(key.name);
    for (const auto& step : shown["thread_groups"][1]["steps"]) anywhere = anywhere || step.contains(key.name);
    EXPECT_TRUE(anywhere) << key.name;
  }
  const auto& fields = shown["thread_groups"][1]["steps"][2]["multipart"];
  for (const auto& key : field_keys().keys)
    EXPECT_TRUE(fields[0].contains(key.name) || fields[1].contains(key.name)) << key.name;
  for (const auto& key : expect_keys().keys)
    EXPECT_TRUE(shown["thread_groups"][0]["steps"][1]["expect"].contains(key.name)) << key.name;
}

TEST(Describe, CredentialsAreHidden) {
  setenv("LOADGEN_TEST_TOKEN", "gehei\"m", 1);
  setenv("LOADGEN_TEST_SHORT", "80", 1);
  const Plan plan = plan_of(R"({"target": "http://h:${env:LOADGEN_TEST_SHORT}80", "headers": {
      "authorization": "Bearer a1", "Cookie": "c=a1", "PROXY-authorization": "a1", "X-Api-Key": "a1", "X-Other": "b2",
      "X-Token": "t=${env:LOADGEN_TEST_TOKEN}"},
    "thread_groups": [{"steps": [
      {"post": "/p", "json": "${env:LOADGEN_TEST_TOKEN}"},
      {"post": "/p", "body": "x${env:LOADGEN_TEST_TOKEN}y", "expect": {"body_contains": "${env:LOADGEN_TEST_TOKEN}"}}
    ]}]})");
  unsetenv("LOADGEN_TEST_TOKEN");
  unsetenv("LOADGEN_TEST_SHORT");
  EXPECT_EQ(plan.thread_groups.at(0).steps.at(1).body, "xgehei\"my");  // the plan itself has what is to be sent
  for (const std::string& shown : {describe(plan), to_json(plan)}) {
    EXPECT_EQ(shown.find("a1"), std::string::npos) << shown;
    EXPECT_EQ(shown.find("gehei"), std::string::npos) << shown;
    EXPECT_NE(shown.find("b2"), std::string::npos) << shown;
    EXPECT_NE(shown.find("t=***"), std::string::npos) << shown;
    EXPECT_NE(shown.find("http://h:8080/p"), std::string::npos) << shown;
  }
}

TEST(Describe, AHiddenHostIsReadAgain) {
  setenv("LOADGEN_TEST_HOST", "intern.example", 1);
  const Plan plan = plan_of(R"({"target": "http://h", "thread_groups": [{"steps": [
      {"get": "http://${env:LOADGEN_TEST_HOST}:81/p"}, {"get": "http://a.${env:LOADGEN_TEST_HOST}/"}]}]})");
  unsetenv("LOADGEN_TEST_HOST");
  const Plan back = plan_of(to_json(plan));
  EXPECT_EQ(back.thread_groups[0].steps[0].url, (Url{"***", 81, "/p"}));
  EXPECT_EQ(back.thread_groups[0].steps[1].url.host, "a.***");
}

TEST(Describe, WhatLooksLikeAVariableIsReadAgainAsItStands) {
  const Plan plan = plan_of(R"({"name": "\\${n}", "target": "http://h", "thread_groups": [{"steps": [
      {"post": "/", "headers": {"X": "\\\\${a}\\${", "Y": "$\\${b}${c}"}, "json": {"k": "\\${x}"}}]}],
      "variables": {"c": "{"}})");
  const Step& step = plan.thread_groups[0].steps[0];
  ASSERT_EQ(step.headers[0].value, "\\${a}${");
  ASSERT_EQ(step.headers[1].value, "$${b}{");
  const Plan back = plan_of(to_json(plan));
  EXPECT_EQ(back.name, "${n}");
  EXPECT_EQ(back.thread_groups[0].steps[0].headers, step.headers);
  EXPECT_EQ(back.thread_groups[0].steps[0].body, step.body);
}

TEST(Describe, LongBodiesAreCutForPeopleAndKeptForPrograms) {
  Plan plan = plan_of(R"({"target": "http://h", "thread_groups": [{"steps": [{"post": "/"}]}]})");
  plan.thread_groups.at(0).steps.at(0).body = std::string(199, 'x') + "é" + std::string(100, 'y');
  EXPECT_NE(describe(plan).find(std::string(199, 'x') + "… (301 bytes)\n"), std::string::npos);
  EXPECT_NE(to_json(plan).find("é" + std::string(100, 'y')), std::string::npos);
  plan.thread_groups[0].steps[0].body = "\xFF\x00";  // not JSON's business, so it must not throw either
  EXPECT_FALSE(describe(plan).empty());
  EXPECT_FALSE(to_json(plan).empty());
}

TEST(Schema, DefaultsAreThoseOfThePlan) {
  const nlohmann::json schema = nlohmann::json::parse(plan_schema());
  EXPECT_EQ(schema["properties"]["grace"]["default"], "10s");
  EXPECT_EQ(schema["definitions"]["thread_group"]["properties"]["users"]["default"], 1);
  EXPECT_EQ(schema["definitions"]["thread_group"]["properties"]["on_error"]["default"], "continue");
  EXPECT_EQ(schema["definitions"]["expect"]["properties"]["status"]["default"], "200-399");
  EXPECT_EQ(schema["definitions"]["http"]["properties"]["max_response"]["default"], "64MiB");
  EXPECT_EQ(schema["definitions"]["tls"]["properties"]["verify"]["default"], true);
  EXPECT_EQ(schema["definitions"]["tls"]["properties"]["min_version"]["default"], "1.2");
  EXPECT_EQ(schema["definitions"]["tls"]["dependencies"]["client_key"], nlohmann::json::array({"client_cert"}));
  EXPECT_FALSE(schema["properties"]["name"].contains("default"));
}

TEST(Schema, EveryKeyIsDocumented) {
  const nlohmann::json schema = nlohmann::json::parse(plan_schema());
  std::size_t keys = 0;
  const auto check = [&](const nlohmann::json& object) {
    EXPECT_EQ(object["additionalProperties"], false);
    for (const auto& [name, key] : object["properties"].items()) {
      ++keys;
      EXPECT_TRUE(key.contains("description") && key.contains("markdownDescription")) << name;
      EXPECT_TRUE(key["description"].get<std::string>().ends_with('.')) << name;
    }
  };
  check(schema);
  for (const auto& definition : schema["definitions"]) check(definition);
  EXPECT_EQ(keys, plan_keys().keys.size() + group_keys().keys.size() + segment_keys().keys.size() +
                      step_keys().keys.size() + field_keys().keys.size() + expect_keys().keys.size() +
                      http_keys().keys.size() + tls_keys().keys.size() + address_keys().keys.size() +
                      auth_keys().keys.size() + credentials_keys().keys.size());
}

}  // namespace
}  // namespace loadgen::config
