#pragma once
// The formats of a comparison's report. To add one: a small file with a function Comparison -> std::string, and a row
// here.

#include <array>
#include <string>
#include <string_view>

#include "report/comparison.hpp"
#include "report/comparison_csv.hpp"
#include "report/comparison_github.hpp"
#include "report/comparison_junit.hpp"
#include "report/comparison_markdown.hpp"
#include "report/comparison_text.hpp"
#include "report/format.hpp"
#include "report/json_comparison.hpp"
#include "report/reporter.hpp"

namespace loadgen::report {

struct ComparisonReporter {
  Format format;
  std::string (*render)(const Comparison&);
};

inline constexpr std::array<ComparisonReporter, 6> kComparisonReporters{{
    {{"text", "the decision, each figure with interval and margin, what was left out; for people"},
     [](const Comparison& comparison) { return comparison_text(comparison, TextStyle{}); }},
    {{"json", "every slice and block, versioned as loadgen/comparison/v1; for programs"}, &comparison_json},
    {{"csv", "a row a figure of each target; for spreadsheets"}, &comparison_csv},
    {{"markdown", "the decision and a table; for a pull request or a step summary"}, &comparison_markdown},
    {{"junit", "a test case a gated figure; for Jenkins, GitLab and others"}, &comparison_junit},
    {{"github", "annotations, as a step of GitHub Actions prints them"}, &comparison_github},
}};
inline constexpr auto kComparisonFormats = formats_of(kComparisonReporters);

/// The row of that name; nullptr when there is none.
constexpr const ComparisonReporter* find_comparison_reporter(std::string_view name) {
  for (const ComparisonReporter& reporter : kComparisonReporters)
    if (reporter.format.name == name) return &reporter;
  return nullptr;
}

}  // namespace loadgen::report
