#include "http/checks.hpp"

#include <gtest/gtest.h>

namespace loadgen::http {
namespace {

bool contains(const std::string& needle, const std::string& text, std::size_t piece) {
  const Needle n(needle);
  std::uint32_t state = 0;
  for (std::size_t at = 0; at < text.size(); at += piece)
    state = n.advance(state, std::string_view(text).substr(at, piece));
  return state == n.size();
}

TEST(Needle, FindsWhatStdFindFindsWhateverThePieces) {
  const std::vector<std::string> needles = {"a", "ab", "aab", "abab", "aaa", "abcabd", "OK", "ba"};
  const std::vector<std::string> texts = {"",           "a",       "aab", "aaab", "abcabcabd",
                                          "xxabababxx", "aabaaab", "O",   "OKO",  "bbbbbba"};
  for (const auto& needle : needles)
    for (const auto& text : texts)
      for (std::size_t piece = 1; piece <= text.size() + 1; ++piece)
        EXPECT_EQ(contains(needle, text, piece), text.find(needle) != std::string::npos) << needle << " in " << text;
}

ErrorKind judge(const Checks& checks, int status, const std::vector<std::string>& pieces,
                const std::vector<Header>& headers = {}) {
  CheckState state;
  for (const auto& h : headers) state.on_header(checks, h.name, h.value);
  for (const auto& p : pieces) state.on_body(checks, p);
  return state.verdict(checks, status);
}

TEST(Checks, StatusIsJMetersWithoutExpectations) {
  const Checks checks;
  for (const int ok : {200, 204, 302, 399}) EXPECT_EQ(judge(checks, ok, {}), ErrorKind::none) << ok;
  for (const int bad : {100, 199, 400, 404, 500, 599, 0, 999})
    EXPECT_EQ(judge(checks, bad, {}), ErrorKind::status) << bad;
}

TEST(Checks, BodyEqualsNeedsEveryByteAndNoMore) {
  Checks checks;
  checks.body_equals = "OK";
  EXPECT_EQ(judge(checks, 200, {"OK"}), ErrorKind::none);
  EXPECT_EQ(judge(checks, 200, {"O", "K"}), ErrorKind::none);
  for (const std::vector<std::string>& wrong :
       {std::vector<std::string>{}, {"O"}, {"OK", "!"}, {"OK!"}, {"KO"}, {"x", "OK"}})
    EXPECT_EQ(judge(checks, 200, wrong), ErrorKind::expectation);
  checks.body_equals = "";
  EXPECT_EQ(judge(checks, 200, {}), ErrorKind::none);
  EXPECT_EQ(judge(checks, 200, {"x"}), ErrorKind::expectation);
}

TEST(Checks, HeadersByNameWithoutCaseAndExactValue) {
  Checks checks;
  checks.headers = {{"Content-Type", "text/plain"}, {"X-A", "1"}};
  EXPECT_EQ(judge(checks, 200, {}, {{"content-type", "text/plain"}, {"x-a", "1"}}), ErrorKind::none);
  EXPECT_EQ(judge(checks, 200, {}, {{"content-type", "text/plain"}}), ErrorKind::expectation);
  EXPECT_EQ(judge(checks, 200, {}, {{"content-type", "text/html"}, {"x-a", "1"}}), ErrorKind::expectation);
  EXPECT_EQ(judge(checks, 500, {}, {}), ErrorKind::status);
  checks.headers.assign(Checks::kMaxHeaders, {"X-A", "1"});
  EXPECT_EQ(judge(checks, 200, {}, {{"x-a", "1"}}), ErrorKind::none);
}

}  // namespace
}  // namespace loadgen::http
