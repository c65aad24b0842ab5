#include "config/words.hpp"

#include <array>

#include <gtest/gtest.h>

namespace loadgen::config {
namespace {

TEST(Words, TheNearestKnownWordIsFound) {
  constexpr std::array<std::string_view, 6> known{"users", "ramp_up", "loops", "duration", "get", "put"};
  struct Case {
    const char* word;
    const char* expected;  // "" when nothing is near
  };
  const Case cases[] = {
      {"user", "users"},     {"usres", "users"},        {"Users", "users"}, {"rampup", "ramp_up"},
      {"RampUp", "ramp_up"}, {"durration", "duration"}, {"loop", "loops"},  {"gte", "get"},
      {"pt", "put"},         {"threads", ""},           {"x", ""},          {"", ""},
      {"zzz", ""},
  };
  for (const Case& c : cases) EXPECT_EQ(nearest(c.word, known).value_or(""), c.expected) << c.word;
  EXPECT_FALSE(nearest(std::string(100'000, 'u'), known));
  EXPECT_EQ(did_you_mean("user", known), "; did you mean \"users\"?");
  EXPECT_EQ(did_you_mean("threads", known), "");
}

TEST(Words, QuotesAreSafeForATerminal) {
  EXPECT_EQ(in_quotes("a b"), "\"a b\"");
  EXPECT_EQ(in_quotes("a\x1b[31m\n"), "\"a\\u001b[31m\\u000a\"");
  EXPECT_EQ(in_quotes(std::string(61, 'x')), '"' + std::string(60, 'x') + "…\"");
  // the cut never splits a character
  EXPECT_EQ(in_quotes(std::string(59, 'x') + "\xC3\xA9y"), '"' + std::string(59, 'x') + "…\"");
}

TEST(Words, JsonStrings) {
  EXPECT_EQ(json_string("a\"b\\c\n\x01\xC3\xA9"), "\"a\\\"b\\\\c\\u000a\\u0001\xC3\xA9\"");
  EXPECT_EQ(json_string(""), "\"\"");
}

TEST(Words, ListsReadAsEnglish) {
  constexpr std::array<std::string_view, 3> words{"a", "b", "c"};
  EXPECT_EQ(listed(words, "or"), R"("a", "b" or "c")");
  EXPECT_EQ(listed(std::span(words).first(2), "and"), R"("a" and "b")");
  EXPECT_EQ(listed(std::span(words).first(1), "and"), R"("a")");
}

}  // namespace
}  // namespace loadgen::config
