// Bodies from files and forms in plans and on the command line.

#include <cstdlib>

#include <gtest/gtest.h>

#include "config/describe.hpp"
#include "config/form.hpp"
#include "config/test_plans.hpp"

namespace loadgen::config {
namespace {

using http::FormField;
using namespace std::chrono_literals;

/// A text of JSON, as a plan in a folder.
Plan plan_in(const std::string& folder, const std::string& text) {
  const auto result = parse_plan(text, {}, folder);
  if (const auto* problems = std::get_if<Problems>(&result)) ADD_FAILURE() << to_string(*problems, "plan.json", text);
  return std::get<Plan>(result);
}

constexpr const char* kForm = R"("post": "/", "multipart": [
  {"name": "who", "value": "me"}, {"name": "empty", "value": "", "type": "text/plain"},
  {"name": "photo", "file": "a/b.png", "file_name": "c.png", "type": "image/png"}, {"name": "log", "file": "/var/log"}])";

TEST(Uploads, OfAPlanLieBesideIt) {
  const auto step_of = [](const std::string& folder, const std::string& keys) {
    return plan_in(folder, with_step(keys)).thread_groups.at(0).steps.at(0);
  };
  EXPECT_EQ(step_of("", R"("put": "/", "body_file": "x.bin")").body_file, "x.bin");
  EXPECT_EQ(step_of("plans", R"("put": "/", "body_file": "../x.bin")").body_file, "plans/../x.bin");
  EXPECT_EQ(step_of("plans", R"("put": "/", "body_file": "/x.bin")").body_file, "/x.bin");
  EXPECT_EQ(step_of("plans", R"("put": "/")").body_file, "");
  EXPECT_EQ(
      step_of("plans", kForm).multipart,
      (std::vector<FormField>{{.name = "who", .value = "me"},
                              {.name = "empty", .value = "", .type = "text/plain"},
                              {.name = "photo", .file = "plans/a/b.png", .file_name = "c.png", .type = "image/png"},
                              {.name = "log", .file = "/var/log"}}));
}

TEST(Uploads, AreShownAsAPlanSpellsThem) {
  const std::string shown = describe(plan_in("p", with_step(kForm)));
  EXPECT_NE(shown.find(R"(    multipart 1 of 4
      name   who
      value  me
    multipart 2 of 4
      name   empty
      value  ""
      type   text/plain
    multipart 3 of 4
      name       photo
      file       p/a/b.png
      file_name  c.png
      type       image/png
)"),
            std::string::npos)
      << shown;
  EXPECT_NE(describe(plan_in("p", with_step(R"("put": "/", "body_file": "x")"))).find("    body_file   p/x\n"),
            std::string::npos);
}

TEST(Uploads, MistakesAreToldAtTheirPlace) {
  const auto form = [](const std::string& fields) { return with_step(R"("post": "/", "multipart": )" + fields); };
  struct Case {
    std::string text;
    const char* problems;
  };
  const Case cases[] = {
      {with_step(R"("post": "/", "body": "", "body_file": "x")"),
       "1:79 /thread_groups/0/steps/0/body_file: a step has either \"body\" or \"body_file\", not both\n"},
      {with_step(R"("post": "/", "json": 1, "multipart": [{"name": "a", "value": ""}])"),
       "1:78 /thread_groups/0/steps/0/multipart: a step has either \"json\" or \"multipart\", not both\n"},
      {with_step(R"("post": "/", "body_file": "")"),
       "1:80 /thread_groups/0/steps/0/body_file: the text is empty; write some or take the key away\n"},
      {form("{}"), "1:80 /thread_groups/0/steps/0/multipart: expected an array, found an object\n"},
      {form("[]"), "1:80 /thread_groups/0/steps/0/multipart: the list is empty; name a field or take the key away\n"},
      {form("[5]"), "1:81 /thread_groups/0/steps/0/multipart/0: expected an object, found 5\n"},
      {form(R"([{"value": ""}])"), "1:81 /thread_groups/0/steps/0/multipart/0: a field needs \"name\"\n"},
      {form(R"([{"name": "a"}])"), "1:81 /thread_groups/0/steps/0/multipart/0: a field needs \"value\" or \"file\"\n"},
      {form(R"([{"name": "a", "value": "", "file": "x"}])"),
       "1:108 /thread_groups/0/steps/0/multipart/0/file: a field has either \"value\" or \"file\", not both\n"},
      {form(R"([{"name": "a", "value": "", "file_name": "x"}])"),
       "1:108 /thread_groups/0/steps/0/multipart/0/file_name: \"file_name\" needs \"file\": a value has no file's "
       "name\n"},
      {form(R"([{"name": "a", "fiel": "x"}])"),
       "1:81 /thread_groups/0/steps/0/multipart/0: a field needs \"value\" or \"file\"\n"
       "1:95 /thread_groups/0/steps/0/multipart/0/fiel: unknown key \"fiel\"; did you mean \"file\"?\n"},
      {form(R"([{"name": "a", "file": "x", "type": "a/b\r\nX: y"}])"),
       "1:116 /thread_groups/0/steps/0/multipart/0/type: has a line break or control character, which would split the "
       "request; take it away\n"},
      {form(R"([{"name": "a", "file": "x", "file_name": "\u0000"}])"),
       "1:121 /thread_groups/0/steps/0/multipart/0/file_name: has a line break or control character, which would split "
       "the request; take it away\n"},
  };
  for (const Case& c : cases) EXPECT_EQ(problems_of(c.text), c.problems) << c.text;
}

TEST(Uploads, NobodyElseSaysWhatAFormIs) {
  const std::string form = R"("post": "/", "multipart": [{"name": "a", "value": ""}])";
  const std::string type = R"("headers": {"content-type": "text/plain"}, )";
  const std::string at_plan = "{" + type + with_step(form).substr(1);
  const std::string at_group =
      R"({"target": "http://h", "thread_groups": [{)" + type + R"("steps": [{)" + form + "}]}]}";
  for (const std::string& text : {at_plan, at_group, with_step(type + form)})
    EXPECT_NE(problems_of(text).find("/thread_groups/0/steps/0/multipart: loadgen writes the Content-Type of a form"),
              std::string::npos)
        << problems_of(text);
  EXPECT_EQ(problems_of(with_step(type + R"("post": "/", "body_file": "x")")), "no problem");
}

TEST(Uploads, WhatCameFromTheEnvironmentIsHidden) {
  setenv("LOADGEN_TEST_FILE", "geheim", 1);
  const Plan plan = plan_of(R"({"target": "http://h", "variables": {"v": "plain"}, "thread_groups": [{"steps": [
    {"put": "/", "body_file": "/${env:LOADGEN_TEST_FILE}/x"},
    {"post": "/", "multipart": [
      {"name": "${env:LOADGEN_TEST_FILE}", "value": "${v} ${env:LOADGEN_TEST_FILE}"},
      {"name": "n", "file": "${env:LOADGEN_TEST_FILE}", "file_name": "${env:LOADGEN_TEST_FILE}.png",
       "type": "x/${env:LOADGEN_TEST_FILE}"}]}]}]})");
  unsetenv("LOADGEN_TEST_FILE");
  const auto& steps = plan.thread_groups.at(0).steps;
  EXPECT_EQ(steps.at(0).body_file, "/geheim/x");
  EXPECT_EQ(steps.at(1).multipart.at(0).value, "plain geheim");
  for (const std::string& shown : {describe(plan), to_json(plan)})
    EXPECT_EQ(shown.find("geheim"), std::string::npos) << shown;
  const auto back = plan_of(to_json(plan)).thread_groups.at(0).steps;
  EXPECT_EQ(back.at(0).body_file, "/***/x");
  EXPECT_EQ(back.at(1).multipart.at(1),
            (FormField{.name = "n", .file = "***", .file_name = "***.png", .type = "x/***"}));
}

TEST(Uploads, AFieldIsWrittenAsCurlHasIt) {
  struct Case {
    const char* text;
    FormField field;
  };
  const Case cases[] = {
      {"a=b", {.name = "a", .value = "b"}},
      {"a=", {.name = "a"}},
      {"a=b=c;d", {.name = "a", .value = "b=c;d"}},
      {"a=b;typed;type=text/plain;charset=utf-8",
       {.name = "a", .value = "b;typed", .type = "text/plain;charset=utf-8"}},
      {"a=@b.png", {.name = "a", .file = "b.png"}},
      {"a=@/x/b;c", {.name = "a", .file = "/x/b;c"}},
      {"a=@b;type=image/png; filename=c d.png",
       {.name = "a", .file = "b", .file_name = "c d.png", .type = "image/png"}},
      {"a=@b;filename=c;type=d;filename=e", {.name = "a", .file = "b", .file_name = "e", .type = "d"}},
  };
  for (const Case& c : cases) {
    const auto field = parse_form_field(c.text);
    ASSERT_TRUE(field) << c.text << field.error();
    EXPECT_EQ(*field, c.field) << c.text;
  }
}

TEST(Uploads, AFieldThatIsNoneSaysWhy) {
  const auto why = [](std::string_view text) {
    const auto field = parse_form_field(text);
    return field ? "none" : field.error();
  };
  EXPECT_EQ(why("a"), "\"a\": write name=value, or name=@file");
  EXPECT_EQ(why(""), "\"\": write name=value, or name=@file");
  EXPECT_EQ(why("=b"), "\"=b\": the field has no name; write name=value or name=@file");
  EXPECT_EQ(why("a=<b"),
            "\"a=<b\": a value out of a file (name=<file) is not supported; name=@file sends the file itself");
  EXPECT_EQ(why("a=@"), "\"a=@\": there is no file behind the \"@\"");
  EXPECT_EQ(why("a=@;type=x"), "\"a=@;type=x\": there is no file behind the \"@\"");
  EXPECT_EQ(why("a=@-"), "\"a=@-\": stdin cannot be sent more than once; name a file");
  EXPECT_EQ(why("a=b;filename=c"), "\"a=b;filename=c\": a value has no file's name; take \"filename=\" away");
  EXPECT_EQ(why("a=@b;type="), "\"a=@b;type=\": nothing stands behind \"type=\"");
  EXPECT_EQ(
      why("a=@b;type=x\ny"),
      "\"a=@b;type=x\\u000ay\": \"x\\u000ay\" has a line break or control character, which would split the request; "
      "take it away");
}

TEST(Uploads, OfAOneLineRun) {
  OneLine options;
  options.url = "http://h/up";
  options.method = "PUT";
  options.body_file = "x.bin";
  EXPECT_EQ(std::get<Plan>(one_line_plan(options)).thread_groups[0].steps[0].body_file, "x.bin");
  options.body_file.clear();
  options.multipart = {{.name = "a", .file = "b"}};
  EXPECT_EQ(std::get<Plan>(one_line_plan(options)).thread_groups[0].steps[0].multipart, options.multipart);
  options.headers = {"content-TYPE: x"};
  EXPECT_EQ(
      to_string(std::get<Problems>(one_line_plan(options)), "", ""),
      "command line: loadgen writes the Content-Type of a form, for it names what stands between the fields; take "
      "the header away\n");
}

TEST(ContinueTimeout, IsReadAndShown) {
  const auto with = [](const std::string& value) {
    return R"({"target": "http://h", "http": {"continue_timeout": ")" + value +
           R"("}, "thread_groups": [{"steps": [{"get": "/"}]}]})";
  };
  EXPECT_EQ(plan_of(with_group("")).http.continue_timeout, 1s);
  const Plan plan = plan_of(with("250ms"));
  EXPECT_EQ(plan.http.continue_timeout, 250ms);
  EXPECT_NE(describe(plan).find("  continue_timeout     250ms\n"), std::string::npos);
  EXPECT_EQ(problems_of(with("0s")), "1:53 /http/continue_timeout: \"0s\" is out of range; it must be 1ns to 8760h\n");
}

}  // namespace
}  // namespace loadgen::config
