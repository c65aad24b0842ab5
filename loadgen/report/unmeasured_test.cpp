#include "report/unmeasured.hpp"

#include <set>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/comparison_reporter.hpp"
#include "report/curve_reports.hpp"
#include "report/jtl.hpp"
#include "report/reporter.hpp"

namespace loadgen::report {
namespace {

Unmeasured refused() {
  return {.tool = {.version = "1.2.3", .compiler = "13"},
          .command = "run",
          .problem = "cannot connect to localhost:3000 (127.0.0.1:3000: Connection refused)",
          .exit_code = 23,
          .when = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000))};
}

Unmeasured hostile() {
  Unmeasured unmeasured = refused();
  unmeasured.command = "compare";
  unmeasured.problem = "target <b> & \"c\" ended\nIts last words:\n::error::\x1b[31m %0A | `x`";
  return unmeasured;
}

TEST(Unmeasured, JunitHasOneTestCaseInError) {
  EXPECT_EQ(unmeasured_report(refused(), "junit"), R"xml(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="loadgen" tests="1" failures="0" errors="1">
  <testsuite name="loadgen.run" tests="1" failures="0" errors="1" skipped="0" timestamp="2023-11-14T22:13:20">
    <properties>
      <property name="exit_code" value="23"/>
      <property name="loadgen" value="1.2.3"/>
    </properties>
    <testcase classname="loadgen.run" name="measurement">
      <error type="unmeasured" message="cannot connect to localhost:3000 (127.0.0.1:3000: Connection refused)">cannot connect to localhost:3000 (127.0.0.1:3000: Connection refused)</error>
    </testcase>
  </testsuite>
</testsuites>
)xml");
}

TEST(Unmeasured, PeopleReadTheProblem) {
  EXPECT_EQ(unmeasured_report(refused(), "text"),
            "loadgen: nothing was measured\n"
            "cannot connect to localhost:3000 (127.0.0.1:3000: Connection refused)\n");
  EXPECT_EQ(unmeasured_report(refused(), "markdown"),
            "### loadgen: nothing was measured\n\n"
            "cannot connect to localhost&#58;3000 (127.0.0.1&#58;3000: Connection refused)\n");
  EXPECT_EQ(unmeasured_report(refused(), "github"),
            "::error title=loadgen%3A nothing was measured::cannot connect to localhost:3000 (127.0.0.1:3000: "
            "Connection refused)\n");
}

TEST(Unmeasured, JsonSaysThatItIsNoRun) {
  const auto json = nlohmann::json::parse(unmeasured_report(refused(), "json"));
  EXPECT_EQ(json, nlohmann::json::parse(R"json({
    "schema": "loadgen/unmeasured/v1", "command": "run", "when": "2023-11-14T22:13:20.000Z", "exit_code": 23,
    "tool": {"name": "loadgen", "version": "1.2.3", "compiler": "13"},
    "problem": "cannot connect to localhost:3000 (127.0.0.1:3000: Connection refused)"})json"));
}

TEST(Unmeasured, StepsLearnTheProblem) {
  EXPECT_EQ(output_lines(step_outputs_of(refused())),
            "problem=cannot connect to localhost:3000 (127.0.0.1:3000: Connection refused)\n");
}

TEST(Unmeasured, ForeignWordsBreakNoFormat) {
  EXPECT_EQ(unmeasured_report(hostile(), "text"),
            "loadgen compare: nothing was measured\ntarget <b> & \"c\" ended\nIts last words:\n"
            "::error::\\x1b[31m %0A | `x`\n");
  EXPECT_EQ(unmeasured_report(hostile(), "github"),
            "::error title=loadgen compare%3A nothing was measured::target <b> & \"c\" ended%0AIts last words:%0A"
            "::error::\\x1b[31m %250A | `x`\n");
  const std::string junit = unmeasured_report(hostile(), "junit");
  EXPECT_NE(junit.find("message=\"target &lt;b&gt; &amp; &quot;c&quot; ended\">target &lt;b&gt; &amp; &quot;c&quot; "
                       "ended\nIts last words:\n::error::\\x1b[31m %0A | `x`</error>"),
            std::string::npos)
      << junit;
  const std::string markdown = unmeasured_report(hostile(), "markdown");
  EXPECT_EQ(markdown.find('<'), std::string::npos) << markdown;
  EXPECT_NE(output_lines(step_outputs_of(hostile())).find("problem<<LOADGEN_END\n"), std::string::npos);
}

TEST(Unmeasured, FormatsOfFiguresHaveNone) {
  EXPECT_EQ(unmeasured_report(refused(), "statistics"), "{}\n");
  EXPECT_EQ(unmeasured_report(refused(), "jtl"), kJtlHeader);
  std::set<std::string_view> empty;
  const auto look = [&](const auto& formats) {
    for (const Format& format : formats)
      if (unmeasured_report(refused(), format.name).empty()) empty.insert(format.name);
  };
  look(kFormats);
  look(kComparisonFormats);
  look(kCurveFormats);
  EXPECT_EQ(empty, (std::set<std::string_view>{"csv", "hgrm", "hlog", "prometheus"}));
}

}  // namespace
}  // namespace loadgen::report
