// https in plans: URLs, the keys of "tls", and what the command line changes in them.

#include "config/tls.hpp"

#include <cstdlib>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "config/describe.hpp"
#include "config/test_plans.hpp"

namespace loadgen::config {
namespace {

std::string with_tls(const std::string& keys) {
  return R"({"target": "https://h", "tls": {)" + keys + R"(}, "thread_groups": [{"steps": [{"get": "/"}]}]})";
}

TEST(Tls, EveryKeyArrives) {
  const Plan plan = plan_of(with_tls(R"("verify": false, "ca_file": "/etc/ca.pem", "server_name": "shop.example",
    "client_cert": "a.pem", "client_key": "b.pem", "min_version": "1.3", "ciphers": "TLS_AES_128_GCM_SHA256:HIGH",
    "session_reuse": false)"));
  EXPECT_FALSE(plan.tls.verify);
  EXPECT_EQ(plan.tls.ca_file, "/etc/ca.pem");
  EXPECT_EQ(plan.tls.server_name, "shop.example");
  EXPECT_EQ(plan.tls.client_cert, "a.pem");
  EXPECT_EQ(plan.tls.client_key, "b.pem");
  EXPECT_EQ(plan.tls.min_version, TlsVersion::tls_1_3);
  EXPECT_EQ(plan.tls.ciphers, "TLS_AES_128_GCM_SHA256:HIGH");
  EXPECT_FALSE(plan.tls.session_reuse);
}

TEST(Tls, ShortPlansVerify) {
  const Plan plan = plan_of(with_tls(""));
  EXPECT_TRUE(plan.tls.verify);
  EXPECT_TRUE(plan.tls.session_reuse);
  EXPECT_EQ(plan.tls.min_version, TlsVersion::tls_1_2);
  EXPECT_EQ(plan.tls.ca_file + plan.tls.server_name + plan.tls.client_cert + plan.tls.client_key + plan.tls.ciphers,
            "");
}

TEST(Tls, AUrlSaysWhichStepsUseIt) {
  const Plan plan = plan_of(R"({"target": "https://h:8443/api", "thread_groups": [{"steps": [
    {"get": "/a"}, {"get": "http://h:8443/b"}, {"get": "HTTPS://other/c"}]}]})");
  EXPECT_EQ(plan.name, "https://h:8443/api");
  const auto& steps = plan.thread_groups.at(0).steps;
  EXPECT_EQ(steps.at(0).url, (Url{"h", 8443, "/api/a", true}));
  EXPECT_EQ(steps.at(1).url, (Url{"h", 8443, "/b", false}));
  EXPECT_EQ(steps.at(2).url, (Url{"other", 443, "/c", true}));
  EXPECT_TRUE(plan.has_tls());
  EXPECT_FALSE(plan_of(with_group("")).has_tls());
  EXPECT_EQ(plan_of(R"({"thread_groups": [{"steps": [{"get": "https://h/"}]}]})").name, "https://h");
}

TEST(Tls, MistakesAreToldAtTheirPlace) {
  struct Case {
    const char* keys;
    const char* problems;
  };
  const Case cases[] = {
      {R"("verfy": true)", "1:33 /tls/verfy: unknown key \"verfy\"; did you mean \"verify\"?\n"},
      {R"("insecure": true)",
       "1:33 /tls/insecure: unknown key \"insecure\"; tls has \"verify\", \"ca_file\", \"server_name\", "
       "\"client_cert\", \"client_key\", \"min_version\", \"ciphers\" and \"session_reuse\"\n"},
      {R"("verify": "no")", "1:43 /tls/verify: expected true or false, without quotes, found \"no\"\n"},
      {R"("min_version": "1.1")",
       "1:48 /tls/min_version: \"1.1\" is not one of \"1.2\" and \"1.3\"; did you mean \"1.2\"?\n"},
      {R"("min_version": 1.2)", "1:48 /tls/min_version: expected \"1.2\" or \"1.3\", found 1.2\n"},
      {R"("ca_file": "")", "1:44 /tls/ca_file: the text is empty; write some or take the key away\n"},
      {R"("server_name": "https://h")",
       "1:48 /tls/server_name: the name of a server has letters, digits, '-', '.' and '_', as in \"example.com\"\n"},
      {R"("client_key": "k.pem")",
       "1:33 /tls/client_key: \"client_key\" needs \"client_cert\": a key is shown by the certificate that belongs to "
       "it\n"},
      {R"("verify": true, "client_cert": "c.pem")",
       "1:49 /tls/client_cert: \"client_cert\" needs \"client_key\": a certificate is proved by its private key; it "
       "may be in the same file\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(problems_of(with_tls(c.keys)), c.problems);
}

TEST(Tls, FilesOfAPlanLieBesideIt) {
  const auto parse = [](const std::string& folder, const Overrides& overrides) {
    return std::get<Plan>(parse_plan(
        with_tls(R"("ca_file": "ca.pem", "client_cert": "/etc/c.pem", "client_key": "../k.pem")"), overrides, folder));
  };
  EXPECT_EQ(parse("", {}).tls.ca_file, "ca.pem");
  const Plan plan = parse("plans/a", {});
  EXPECT_EQ(plan.tls.ca_file, "plans/a/ca.pem");
  EXPECT_EQ(plan.tls.client_cert, "/etc/c.pem");
  EXPECT_EQ(plan.tls.client_key, "plans/a/../k.pem");
  Overrides overrides;
  overrides.tls.ca_file = "mine.pem";
  EXPECT_EQ(parse("plans/a", overrides).tls.ca_file, "mine.pem") << "the command line's lie in the working directory";
}

TEST(Tls, TheCommandLineBeatsThePlan) {
  Overrides overrides;
  overrides.tls = {.insecure = true, .ca_file = "x", .client_cert = "y", .client_key = "z"};
  const TlsSettings tls = plan_of(with_tls(R"("ca_file": "a", "min_version": "1.3")"), overrides).tls;
  EXPECT_EQ(tls, (TlsSettings{.verify = false,
                              .ca_file = "x",
                              .server_name = "",
                              .client_cert = "y",
                              .client_key = "z",
                              .min_version = TlsVersion::tls_1_3,
                              .ciphers = ""}));
  EXPECT_FALSE(plan_of(with_tls(R"("verify": false)"), {}).tls.verify) << "without -k the plan's word holds";

  overrides.tls = {};
  overrides.tls.client_key = "z";
  EXPECT_EQ(plan_of(with_tls(R"("client_cert": "a", "client_key": "b")"), overrides).tls.client_key, "z");
  EXPECT_EQ(problems_of(with_tls(""), overrides),
            "0:0 : --key needs --cert FILE, the certificate that the key belongs to\n");
}

TEST(Tls, AOneLineRunHasItToo) {
  OneLine options;
  options.url = "https://h/x";
  options.tls = {.insecure = true, .ca_file = "ca.pem", .client_cert = "c.pem", .client_key = "k.pem"};
  const Plan plan = std::get<Plan>(one_line_plan(options));
  EXPECT_EQ(plan.target, "https://h");
  EXPECT_TRUE(plan.has_tls());
  EXPECT_FALSE(plan.tls.verify);
  EXPECT_EQ(plan.tls.ca_file, "ca.pem");
  EXPECT_EQ(plan.tls.client_cert, "c.pem");
  EXPECT_EQ(plan.tls.client_key, "k.pem");
  options.tls.client_key.reset();
  EXPECT_EQ(to_string(std::get<Problems>(one_line_plan(options)), "", ""),
            "command line: --cert needs --key FILE, the certificate's private key; it may be the same file\n");
}

TEST(Tls, IsShownWhereItSaysSomething) {
  EXPECT_EQ(describe(plan_of(with_group(""))).find("tls"), std::string::npos);
  const std::string shown = describe(plan_of(with_tls(R"("ca_file": "ca.pem")")));
  EXPECT_NE(shown.find("tls\n  verify         true\n  ca_file        ca.pem\n  min_version    1.2\n"
                       "  session_reuse  true\n"),
            std::string::npos)
      << shown;
  EXPECT_EQ(shown.find("note:"), std::string::npos);
  EXPECT_NE(shown.find("https://h/\n"), std::string::npos) << shown;
  const std::string without =
      describe(plan_of(R"({"tls": {"verify": false}, "thread_groups": [{"steps": [{"get": "http://h/"}]}]})"));
  EXPECT_NE(without.find("note: \"tls\" changes nothing: no URL of the plan is https\n"), std::string::npos);
}

TEST(Tls, WhatCameFromTheEnvironmentIsHidden) {
  setenv("LOADGEN_TEST_FOLDER", "geheim", 1);
  const Plan plan = plan_of(with_tls(R"("ca_file": "/${env:LOADGEN_TEST_FOLDER}/ca", "server_name":
    "${env:LOADGEN_TEST_FOLDER}.example", "client_cert": "${env:LOADGEN_TEST_FOLDER}/c",
    "client_key": "${env:LOADGEN_TEST_FOLDER}/k", "ciphers": "${env:LOADGEN_TEST_FOLDER}")"));
  unsetenv("LOADGEN_TEST_FOLDER");
  EXPECT_EQ(plan.tls.ca_file, "/geheim/ca");
  const std::string shown = to_json(plan);
  EXPECT_EQ(shown.find("geheim"), std::string::npos) << shown;
  EXPECT_EQ(plan_of(shown).tls.server_name, "***.example");
}

}  // namespace
}  // namespace loadgen::config
