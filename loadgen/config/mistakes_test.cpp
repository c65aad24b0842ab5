// What is wrong with a plan: each mistake with its place and what to do, all at once; and no text breaks the parser.

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "config/test_plans.hpp"

namespace loadgen::config {
namespace {

std::string many_steps(int n) {
  std::string steps = R"({"get": "/"})";
  for (int i = 1; i < n; ++i) steps += R"(,{"get": "/"})";
  return steps;
}

struct Mistake {
  std::string text;     ///< the whole plan
  const char* pointer;  ///< of the only problem
  const char* message;
};

void expect_mistakes(const std::vector<Mistake>& mistakes) {
  for (const Mistake& m : mistakes) {
    const auto result = parse_plan(m.text, {});
    const auto* problems = std::get_if<Problems>(&result);
    ASSERT_NE(problems, nullptr) << m.text;
    EXPECT_EQ(problems->size(), 1U) << problems_of(m.text);
    EXPECT_EQ(problems->front().pointer, m.pointer) << m.text;
    EXPECT_EQ(problems->front().message, m.message) << m.text;
  }
}

TEST(Mistakes, InThePlan) {
  const std::string groups = R"("thread_groups": [{"steps": [{"get": "http://h/"}]}])";
  expect_mistakes({
      {"[]", "", "expected an object, found an array"},
      {"{}", "", "a plan needs \"thread_groups\""},
      {R"({"thread_groups": []})", "/thread_groups", "the list is empty; the run would send nothing"},
      {R"({"thread_groups": {}})", "/thread_groups", "expected an array, found an object"},
      {R"({"thread_groups": [3]})", "/thread_groups/0", "expected an object, found 3"},
      {"{\"thresholds\": \"p99 < 1s\", " + groups + "}", "/thresholds", "expected an array, found \"p99 < 1s\""},
      {"{\"thresholds\": [\"p99 < 1s\", 5], " + groups + "}", "/thresholds/1", "expected a string, found 5"},
      {"{\"thresholds\": [\"p99 < 1\"], " + groups + "}", "/thresholds/0",
       "\"p99 < 1\", character 7: 1 has no unit; write \"1ms\""},
      {"{\"thresholds\": [\"p99{GET http:/h} < 1s\"], " + groups + "}", "/thresholds/0",
       "the threshold \"p99{GET http:/h} < 1s\": no request is named \"GET http:/h\"; did you mean \"GET http://h/\"?"},
      {"{\"warm_up\": \"auto\", \"thresholds\": [\"p99 < 1s abort\"], " + groups + "}", "/thresholds/0",
       "the threshold \"p99 < 1s abort\": where an automatic warm-up ends is found after the run, and until then "
       "nobody "
       "knows what counts; say how long the warm-up is, such as 5s, or take \"abort\" away"},
      {"{\"thresholds\": [\"delivered > 99% abort after 5s\"], " + groups + "}", "/thresholds/0",
       "the threshold \"delivered > 99% abort after 5s\": only of arrivals is it known while the run lasts what is "
       "due; "
       "watch rps, or take \"abort\" away"},
      {"{\"undecided\": \"ignore\", " + groups + "}", "/undecided",
       "\"ignore\" is not one of \"exit\", \"pass\" and \"fail\""},
      {"{\"arrivals\": [], " + groups + "}", "/arrivals",
       "arrivals are those of a thread group; write them there, beside its steps"},
      {"{\"name\": 5, " + groups + "}", "/name", "expected a string, found 5"},
      {"{\"name\": \"\", " + groups + "}", "/name", "the text is empty; write some or take the key away"},
      {"{\"$schema\": 5, " + groups + "}", "/$schema", "expected a string, found 5"},
      {"{\"colour\": 5, " + groups + "}", "/colour",
       "unknown key \"colour\"; a plan has \"$schema\", \"name\", \"target\", \"variables\", \"headers\", "
       "\"auth\", \"think_time\", "
       "\"http\", \"tls\", \"addresses\", \"grace\", \"warm_up\", \"seed\", \"thread_groups\", \"thresholds\" and "
       "\"undecided\""},
      {"{\"target\": \"\", " + groups + "}", "/target", "is empty; write a URL such as \"http://localhost:3000\""},
      {"{\"target\": \"localhost\", " + groups + "}", "/target",
       "the target is not a whole URL; write one such as \"http://localhost:3000\""},
      {"{\"target\": \"http://h/?a\", " + groups + "}", "/target",
       "the target has a query, which belongs to a step's path; take it away"},
      {"{\"variables\": [], " + groups + "}", "/variables", "expected an object, found an array"},
      {"{\"variables\": {\"a b\": 1}, " + groups + "}", "/variables/a b",
       "\"a b\" cannot name a variable; use letters, digits, '_', '.' and '-', and no \"__\" at the start"},
      {"{\"variables\": {\"a\": []}, " + groups + "}", "/variables/a", "expected a string, found an array"},
      {"{\"grace\": null, " + groups + "}", "/grace", "expected a duration such as \"2s\" or \"250ms\", found null"},
      {"{\"grace\": \"1y\", " + groups + "}", "/grace",
       "\"1y\" has the unknown unit \"y\"; units are ns, us, ms, s, m and h, written right after the number"},
      {"{\"grace\": \"10000h\", " + groups + "}", "/grace", "\"10000h\" is out of range; it must be 0s to 8760h"},
      {"{\"http\": {\"follow_redirects\": 1}, " + groups + "}", "/http/follow_redirects",
       "expected true or false, without quotes, found 1"},
      {R"({"http": {"cookies": "iterations"}, )" + groups + "}", "/http/cookies",
       "\"iterations\" is not one of \"off\", \"user\" and \"iteration\"; did you mean \"iteration\"?"},
      {"{\"http\": {\"keep_alive\": \"yes\"}, " + groups + "}", "/http/keep_alive",
       "expected true or false, without quotes, found \"yes\""},
      {"{\"http\": {\"connect_timeout\": \"0s\"}, " + groups + "}", "/http/connect_timeout",
       "\"0s\" is out of range; it must be 1ns to 8760h"},
      {"{\"http\": {\"max_response\": \"0B\"}, " + groups + "}", "/http/max_response",
       "\"0B\" is out of range; it must be 1B to 1024GiB"},
      {"{\"http\": {\"max_response\": true}, " + groups + "}", "/http/max_response",
       "expected a number of bytes such as \"64KiB\" or \"10MB\", found true"},
      {R"({"http": {"accept_encoding": ["gzip", "zstd"]}, )" + groups + "}", "/http/accept_encoding/1",
       "\"zstd\": this version decodes gzip, deflate and br only"},
      {R"({"http": {"accept_encoding": ["gzp"]}, )" + groups + "}", "/http/accept_encoding/0",
       "\"gzp\": this version decodes gzip, deflate and br only; did you mean \"gzip\"?"},
      {R"({"http": {"accept_encoding": "gzip"}, )" + groups + "}", "/http/accept_encoding",
       "expected an array, found \"gzip\""},
      {R"({"http": {"accept_encoding": ["gzip"], "max_response": "4GiB"}, )" + groups + "}", "/http",
       "with accept_encoding, max_response must be less than 4GiB"},
      {"{\"http\": {\"keepalive\": true}, " + groups + "}", "/http/keepalive",
       "unknown key \"keepalive\"; did you mean \"keep_alive\"?"},
      {"{\"http\": {\"user_agent\": \"a\\r\\nX: y\"}, " + groups + "}", "/http/user_agent",
       "has a line break or control character, which would split the request; take it away"},
  });
}

TEST(Mistakes, InThreadGroups) {
  expect_mistakes({
      {R"({"thread_groups": [{}]})", "/thread_groups/0", "a thread group needs \"steps\""},
      {R"({"thread_groups": [{"steps": []}]})", "/thread_groups/0/steps",
       "the list is empty; the run would send nothing"},
      {with_group(R"("users": 2.5,)"), "/thread_groups/0/users", "2.5 is not a whole number; it must be 1 to 1000000"},
      {with_group(R"("users": -1,)"), "/thread_groups/0/users", "-1 is not a whole number; it must be 1 to 1000000"},
      {with_group(R"("users": 1000001,)"), "/thread_groups/0/users",
       "1000001 is out of range; it must be 1 to 1000000"},
      {with_group(R"("users": 99999999999999999999999,)"), "/thread_groups/0/users",
       "99999999999999999999999 is out of range; it must be 1 to 1000000"},
      {with_group(R"("users": "many",)"), "/thread_groups/0/users",
       "\"many\" is not a whole number; it must be 1 to 1000000"},
      {with_group(R"("users": true,)"), "/thread_groups/0/users",
       "true is not a whole number; it must be 1 to 1000000"},
      {with_group(R"("loops": 0,)"), "/thread_groups/0/loops", "0 is out of range; it must be 1 to 1000000000000"},
      {with_group(R"("loops": "forevr",)"), "/thread_groups/0/loops",
       "\"forevr\" is not a number of loops; did you mean \"forever\"?"},
      {with_group(R"("loops": 1, "iterations": 1,)"), "/thread_groups/0/iterations",
       "a thread group has either \"loops\" or \"iterations\", not both"},
      {R"({"target": "http://h", "thread_groups": [{"users": 1000000, "loops": 1000000000000, "steps": [)" +
           many_steps(10) + "]}]}",
       "/thread_groups/0", "more requests than can be counted; use \"loops\": \"forever\" and a duration"},
      {R"({"target": "http://h", "thread_groups": [{"steps": [)" + many_steps(65'536) + "]}]}", "",
       "65536 steps; a plan holds at most 65535"},
      {with_group(R"("duration": "0s",)"), "/thread_groups/0/duration",
       "\"0s\" is out of range; it must be 1ns to 8760h"},
      {with_group(R"("on_error": "stop",)"), "/thread_groups/0/on_error",
       "\"stop\" is not one of \"continue\", \"start_next_loop\", \"stop_user\", \"stop_test\" and \"stop_test_now\""},
      {with_group(R"("ramp": 1,)"), "/thread_groups/0/ramp", "expected \"exact\" or \"jmeter\", found 1"},
  });
}

TEST(Mistakes, InSteps) {
  expect_mistakes({
      {with_step(R"("get": "/", "post": "/")"), "/thread_groups/0/steps/0/post",
       "a step has either \"get\" or \"post\", not both"},
      {with_step(R"("name": "TOTAL", "get": "/")"), "/thread_groups/0/steps/0/name",
       "\"TOTAL\" is what reports call the row of all steps together; choose another name"},
      {with_step(R"("post": "/", "body": "", "json": 1)"), "/thread_groups/0/steps/0/json",
       "a step has either \"body\" or \"json\", not both"},
      {with_step(R"("get": "")"), "/thread_groups/0/steps/0/get", "the path is empty"},
      {with_step(R"("get": "a")"), "/thread_groups/0/steps/0/get",
       "the path is neither a path nor a whole URL; a path starts with '/', a URL with \"http://\" or \"https://\""},
      {with_step(R"("get": "/a b")"), "/thread_groups/0/steps/0/get",
       "the path holds a blank, a control character or a letter outside ASCII; percent-encode it (%20)"},
      {with_step(R"("get": "/a#b")"), "/thread_groups/0/steps/0/get",
       "the path has a fragment (#…), which is never sent to a server; take it away, or write %23"},
      {with_step(R"("get": "ftp://h/")"), "/thread_groups/0/steps/0/get",
       "the URL has the scheme \"ftp\"; http and https are supported"},
      {with_step(R"("get": "http://a:b@h/")"), "/thread_groups/0/steps/0/get",
       "the URL has a user name or password before '@', which would show in reports; send an Authorization header "
       "with ${env:NAME} instead"},
      {with_step(R"("get": "/", "headers": {"X": "a\r\nY: b"})"), "/thread_groups/0/steps/0/headers/X",
       "the header \"X\" has a line break or control character, which would split the request; take it "
       "away"},
      {with_step(R"("get": "/", "headers": {"X\n": "a"})"), "/thread_groups/0/steps/0/headers/X\n",
       "the header \"X\\u000a\" has a character that may not stand in a header's name; letters, digits and '-' are "
       "safe"},
      {with_step(R"("get": "/", "headers": {"a0": "")" +
                 [] {
                   std::string more;
                   for (int i = 1; i <= 1000; ++i) more += ",\"a" + std::to_string(i) + "\": \"\"";
                   return more;
                 }() +
                 "}"),
       "/thread_groups/0/steps/0/headers", "1001 headers; at most 1000 go into one request"},
      {with_step(R"("get": "/", "headers": {"": "a"})"), "/thread_groups/0/steps/0/headers/",
       "the header \"\" has no name"},
      {with_step(R"("get": "/", "headers": {"content-length": "9"})"),
       "/thread_groups/0/steps/0/headers/content-length",
       "the header \"content-length\" is written by loadgen from the body; take it away"},
      {with_step(R"("get": "/", "headers": {"A": "1", "a": "2"})"), "/thread_groups/0/steps/0/headers/a",
       "the header \"a\" stands twice in this object; keep one"},
      {with_step(R"("get": "/", "expect": {"status": []})"), "/thread_groups/0/steps/0/expect/status",
       "no status would be a success; name at least one, such as \"2xx\""},
      {with_step(R"("get": "/", "expect": {"status": 99})"), "/thread_groups/0/steps/0/expect/status",
       "99 is not a status; write 200, \"2xx\" or \"200-399\""},
      {with_step(R"("get": "/", "expect": {"status": [200, "299-200"]})"), "/thread_groups/0/steps/0/expect/status/1",
       "\"299-200\" is not a status; write 200, \"2xx\" or \"200-399\""},
      {with_step(R"("get": "/", "expect": {"status": "6xx"})"), "/thread_groups/0/steps/0/expect/status",
       "\"6xx\" is not a status; write 200, \"2xx\" or \"200-399\""},
      {with_step(R"("get": "/", "expect": {"status": ""})"), "/thread_groups/0/steps/0/expect/status",
       "\"\" is not a status; write 200, \"2xx\" or \"200-399\""},
      {with_step(R"("get": "/", "expect": {"body_contains": ""})"), "/thread_groups/0/steps/0/expect/body_contains",
       "the text is empty; write some or take the key away"},
      {with_step(R"("head": "/", "expect": {"body_equals": "OK"})"), "/thread_groups/0/steps/0/head",
       "a response to HEAD has no body to compare; expect a status or a header, or use get"},
      {with_step(R"("get": "/${x}")"), "/thread_groups/0/steps/0/get",
       "no variable \"x\"; none is defined; give it with -J x=VALUE or under \"variables\""},
  });
}

TEST(Mistakes, ProblemsComeAllAtOnceInOrder) {
  EXPECT_EQ(
      problems_of(R"({
  "nmae": "x",
  "grace": 10,
  "thread_groups": [
    { "users": 0, "rampup": "2s", "ramp": "exakt",
      "steps": [ { "get": "/" }, { "think_time": "5" } ] }
  ],
  "http": { "max_response": 64 }
})"),
      "2:3 /nmae: unknown key \"nmae\"; did you mean \"name\"?\n"
      "3:12 /grace: \"10\" has no unit; write \"10s\"\n"
      "5:16 /thread_groups/0/users: 0 is out of range; it must be 1 to 1000000\n"
      "5:19 /thread_groups/0/rampup: unknown key \"rampup\"; did you mean \"ramp_up\"?\n"
      "5:43 /thread_groups/0/ramp: \"exakt\" is not one of \"exact\" and \"jmeter\"; did you mean \"exact\"?\n"
      "6:27 /thread_groups/0/steps/0/get: a path needs a target; add one such as \"target\": "
      "\"http://localhost:3000\" to the plan, or write a whole URL here\n"
      "6:34 /thread_groups/0/steps/1: a step needs \"get\", \"post\", \"put\", \"delete\", \"patch\", \"head\" or "
      "\"options\"\n"
      "6:50 /thread_groups/0/steps/1/think_time: \"5\" has no unit; write \"5s\"\n"
      "8:29 /http/max_response: \"64\" has no unit; write \"64B\"\n");
}

TEST(Mistakes, ProblemsPointIntoTheSource) {
  const std::string_view text =
      "{\r\n\t\"gracee\": 1, \"\xC3\xA9\": \"http://me:geheim@h/\",\n  \"thread_groups\": [{\"steps\": [{\"get\": "
      "\"http://h/\"}]}] }";
  const auto result = parse_plan(text, {});
  ASSERT_TRUE(std::holds_alternative<Problems>(result));
  EXPECT_EQ(to_string(std::get<Problems>(result), "dir/plan.json", text),
            "dir/plan.json:2:2: /gracee: unknown key \"gracee\"; did you mean \"grace\"?\n"
            "    \t\"gracee\": 1, \"\xC3\xA9\": \"http://*********@h/\",\n"
            "    \t^\n"
            "dir/plan.json:2:15: /\xC3\xA9: unknown key \"\xC3\xA9\"; a plan has \"$schema\", \"name\", \"target\", "
            "\"variables\", \"headers\", \"auth\", \"think_time\", \"http\", \"tls\", \"addresses\", \"grace\", "
            "\"warm_up\", \"seed\", "
            "\"thread_groups\", \"thresholds\" and \"undecided\"\n"
            "    \t\"gracee\": 1, \"\xC3\xA9\": \"http://*********@h/\",\n"
            "    \t             ^\n");
  Problems problem{Problem{.line = 0, .column = 0, .pointer = "", .message = "--users 0 is out of range"}};
  EXPECT_EQ(to_string(problem, "plan.json", text), "command line: --users 0 is out of range\n");
  const std::string wide = "{" + std::string(300, ' ') + "\"x\": 1}";
  problem = {Problem{.line = 1, .column = 302, .pointer = "/x", .message = "m"}};
  EXPECT_EQ(to_string(problem, "p", wide),
            "p:1:302: /x: m\n    " + std::string(55, ' ') + "\"x\": 1}\n    " + std::string(55, ' ') + "^\n");
}

/// Whatever the bytes: a plan or problems, each within the text, and never a crash (the sanitizers watch).
TEST(Mistakes, NoTextBreaksTheParser) {
  const std::string good = R"({ // c
    "target": "http://h:1", "variables": {"a": "${__P(b,\"x\")}"}, "headers": {"A": "${a}"},
    "thread_groups": [{"users": 5, "ramp_up": "2s", "steps": [{"post": "/", "json": [1.5, {"k": "\u00e9"}]}]}] /* d */
  })";
  ASSERT_TRUE(std::holds_alternative<Plan>(parse_plan(good, {})));
  const auto check = [](const std::string& text) {
    const auto result = parse_plan(text, {});
    const auto* problems = std::get_if<Problems>(&result);
    if (problems == nullptr) return;
    ASSERT_FALSE(problems->empty());
    const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
    for (const Problem& p : *problems) {
      ASSERT_GE(p.line, 1U) << text;
      ASSERT_LE(p.line, lines) << text;
      ASSERT_GE(p.column, 1U) << text;
    }
    ASSERT_FALSE(to_string(*problems, "p", text).empty());
  };
  for (std::size_t i = 0; i < good.size(); ++i) {
    check(good.substr(0, i));
    for (const char c : std::string_view("\"{}[],:/*\\$\n0\xFF\0", 15)) {
      std::string changed = good;
      changed[i] = c;
      check(changed);
    }
  }
  EXPECT_TRUE(std::holds_alternative<Problems>(parse_plan(std::string(10'000, '['), {})));
}

/// Wherever a value of the environment is a mistake, the plan's own spelling is told.
TEST(Mistakes, DoNotTellWhatTheEnvironmentHolds) {
  ::setenv("LOADGEN_TEST_MISTAKE", "topsecret", 1);
  for (const char* const key : {
           R"("target": "S")",
           R"("grace": "S")",
           R"("undecided": "S")",
           R"("seed": "S")",
           R"("warm_up": "S")",
           R"("thresholds": ["S"])",
           R"("headers": {"A": "S\r\n"})",
           R"("think_time": "S")",
           R"("http": {"version": "S"})",
           R"("http": {"keep_alive": "S"})",
           R"("http": {"cookies": "S"})",
           R"("http": {"accept_encoding": ["S"]})",
           R"("http": {"connect_timeout": "S"})",
           R"("http": {"max_response": "S"})",
           R"("http": {"streams_per_connection": "S"})",
           R"("http": {"user_agent": "S\r\n"})",
           R"("http": {"proxy": "ftp://S"})",
           R"("tls": {"min_version": "S"})",
           R"("addresses": {"family": "S"})",
           R"("addresses": {"resolve": ["S"]})",
           R"("addresses": {"connect_to": ["S"]})",
       }) {
    std::string text = fmt::format(R"({{{}, "thread_groups": [{{"steps": [{{"get": "http://h/"}}]}}]}})", key);
    text.replace(text.find('S'), 1, "${env:LOADGEN_TEST_MISTAKE}");
    const std::string problems = problems_of(text);
    EXPECT_FALSE(problems.empty()) << key;
    EXPECT_EQ(problems.find("topsecret"), problems.npos) << problems;
  }
}

}  // namespace
}  // namespace loadgen::config
