#include "config/variables.hpp"

#include <cstdlib>

#include <gtest/gtest.h>

namespace loadgen::config {
namespace {

class VariablesTest : public testing::Test {
 protected:
  void SetUp() override {
    setenv("LOADGEN_TEST_TOKEN", "s3cret", 1);
    unsetenv("LOADGEN_TEST_ABSENT");
    variables.set_default("host", literal("example"));
    variables.set_default("users", literal("10"));
  }
  void TearDown() override { unsetenv("LOADGEN_TEST_TOKEN"); }

  Variables variables{{{"users", "500"}, {"empty", ""}}};
  std::vector<std::string> errors;
};

TEST_F(VariablesTest, ReferencesAreReplaced) {
  struct Case {
    const char* raw;
    const char* expected;
    bool replaced;
  };
  const Case cases[] = {
      {"plain", "plain", false},
      {"", "", false},
      {"${host}", "example", true},
      {"http://${host}:80/${host}", "http://example:80/example", true},
      {"${users}", "500", true},  // -J beats the plan
      {"${__P(users)}", "500", true},
      {"${__P(users,7)}", "500", true},
      {"${__P(absent,7)}", "7", true},
      {"${__P(absent,)}", "", true},
      {"${__P(absent,a,b})}", "a,b}", true},
      {"[${empty}]", "[]", true},
      {"${env:LOADGEN_TEST_TOKEN}", "s3cret", true},
      {"\\${host}", "${host}", false},
      {"\\${host} ${host}", "${host} example", true},
      {"$host $ {host} }", "$host $ {host} }", false},
  };
  for (const Case& c : cases) {
    const Text text = variables.expand(c.raw, errors);
    EXPECT_EQ(text.value, c.expected) << c.raw;
    EXPECT_EQ(text.replaced, c.replaced) << c.raw;
    EXPECT_TRUE(errors.empty()) << c.raw << ": " << errors.front();
  }
}

TEST_F(VariablesTest, MistakesNameWhatIsKnown) {
  struct Case {
    const char* raw;
    std::vector<std::string> messages;
  };
  const Case cases[] = {
      {"${hots}",
       {R"(no variable "hots"; defined are "empty", "host" and "users"; give it with -J hots=VALUE or under "variables")"}},
      {"${__P(nope)}",
       {R"(no variable "nope"; defined are "empty", "host" and "users"; give it with -J nope=VALUE or under "variables")"}},
      {"${env:LOADGEN_TEST_ABSENT}", {R"(the environment variable "LOADGEN_TEST_ABSENT" is not set)"}},
      {"${__Random(1,6)}",
       {R"(the function "__Random" is not known; there are ${name}, ${__P(name,default)} and ${env:NAME})"}},
      {"${host", {R"("${" without its "}"; close it, or write "\\${" for the characters themselves)"}},
      {"${a} ${b}",
       {R"(no variable "a"; defined are "empty", "host" and "users"; give it with -J a=VALUE or under "variables")",
        R"(no variable "b"; defined are "empty", "host" and "users"; give it with -J b=VALUE or under "variables")"}},
  };
  for (const Case& c : cases) {
    errors.clear();
    variables.expand(c.raw, errors);
    EXPECT_EQ(errors, c.messages) << c.raw;
  }
  Variables none{{}};
  errors.clear();
  none.expand("${a}", errors);
  EXPECT_EQ(errors.front(), R"(no variable "a"; none is defined; give it with -J a=VALUE or under "variables")");
}

TEST_F(VariablesTest, WhatComesFromTheEnvironmentIsRemembered) {
  variables.set_default("token", variables.expand("Bearer ${env:LOADGEN_TEST_TOKEN}", errors));
  const Text text = variables.expand("${token}!", errors);
  EXPECT_EQ(text.value, "Bearer s3cret!");
  EXPECT_EQ(text.shown, "Bearer ${env:LOADGEN_TEST_TOKEN}!");
  EXPECT_EQ(variables.secrets(), std::vector<std::string>{"s3cret"});
}

}  // namespace
}  // namespace loadgen::config
