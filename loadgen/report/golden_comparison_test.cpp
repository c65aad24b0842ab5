// The reports of a comparison, every format of every kind of result, against tests/golden/comparison.

#include <cmath>
#include <string>
#include <string_view>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "report/comparison_reporter.hpp"
#include "report/golden_file.hpp"
#include "report/test_comparisons.hpp"

namespace loadgen::report {
namespace {

struct Made {
  std::string_view name;
  Comparison (*comparison)();
};

constexpr Made kMade[] = {
    {"passing", &test::passing}, {"regressing", &test::regressing}, {"undecided", &test::undecided},
    {"invalid", &test::invalid}, {"hostile", &test::hostile},       {"same_server", &test::same_server},
    {"runs", &test::runs}};

TEST(Golden, Comparisons) {
  for (const ComparisonReporter& reporter : kComparisonReporters) {
    if (reporter.format.name == "json") continue;
    for (const Made& made : kMade)
      test::expect_golden_file(fmt::format("comparison/{}.{}", made.name, reporter.format.name),
                               reporter.render(made.comparison()));
  }
}

TEST(Golden, ComparisonOutputsOfAStep) {
  for (const Made& made : kMade)
    test::expect_golden_file(fmt::format("comparison/{}.outputs", made.name),
                             output_lines(step_outputs_of(made.comparison())));
}

TEST(Golden, ComparisonJson) {
  test::expect_golden_file("comparison/small.json", comparison_json(test::small()));
  test::expect_golden_file("comparison/runs.json", comparison_json(test::runs()));
}

TEST(Golden, ComparisonInColorOnANarrowPage) {
  test::expect_golden_file("comparison/regressing_narrow.text",
                           comparison_text(test::regressing(), {.color = true, .width = 60}));
}

TEST(ComparisonReports, NoControlCharacterReachesATerminal) {
  const std::string text = comparison_text(test::hostile(), {});
  for (const char c : text) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20) << text;
}

TEST(ComparisonReports, JsonHoldsWhatWasMeasured) {
  const Comparison comparison = test::regressing();
  const auto json = nlohmann::json::parse(comparison_json(comparison));
  EXPECT_EQ(json["schema"], "loadgen/comparison/v1");
  EXPECT_EQ(json["decision"], "REGRESSION");
  EXPECT_EQ(json["slices"].size(), 48U);
  EXPECT_EQ(json["slices"][0]["values"]["p50"], comparison.slices[0].values[0]);
  EXPECT_EQ(json["design"]["seed"], 1);
  EXPECT_EQ(json["compared"].size(), 4U);
  // The interval can be computed again from the blocks: t(0.95, 11) = 1.795885.
  const auto& p50 = json["compared"][0];
  double mean = 0, squares = 0;
  for (const auto& block : p50["blocks"]) mean += block["d"].get<double>() / 12;
  for (const auto& block : p50["blocks"]) squares += std::pow(block["d"].get<double>() - mean, 2);
  EXPECT_NEAR(p50["d"]["low"], mean - 1.795885 * std::sqrt(squares / 11 / 12), 1e-8);
  EXPECT_NEAR(p50["change"]["value"], std::exp(mean) - 1, 1e-12);
}

TEST(ComparisonReports, OfOneThatWasInterruptedNothingIsDecided) {
  Comparison comparison = test::regressing();
  comparison.interrupted = true;
  conclude(comparison);
  EXPECT_EQ(standing_of(comparison), Standing::undecided);
  for (const Compared& compared : comparison.compared)
    EXPECT_EQ(standing_of(comparison, compared), Standing::undecided);
  const auto annotations = annotations_of(comparison);
  ASSERT_EQ(annotations.size(), 1U);
  EXPECT_EQ(annotations[0].level, AnnotationLevel::warning);
  EXPECT_NE(annotations[0].message.find("interrupted"), std::string::npos) << annotations[0].message;
  const std::string junit = comparison_junit(comparison);
  EXPECT_NE(junit.find(R"(tests="3" failures="0" errors="0")"), std::string::npos) << junit;
  EXPECT_NE(junit.find(R"(skipped="3")"), std::string::npos) << junit;
}

TEST(ComparisonReports, WhatIsUnknownIsNull) {
  Comparison comparison = test::comparison_of({{"p50", test::slower_by(20, 1)}});
  comparison.slices.resize(1);
  comparison.slices[0].values[0] = std::nan("");
  comparison.design.plan_json = "{no json";
  conclude(comparison);
  const auto json = nlohmann::json::parse(comparison_json(comparison));
  EXPECT_TRUE(json["slices"][0]["values"]["p50"].is_null());
  EXPECT_TRUE(json["compared"][0]["d"]["low"].is_null());
  EXPECT_TRUE(json["plan"].is_null());
}

}  // namespace
}  // namespace loadgen::report
