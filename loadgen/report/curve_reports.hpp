#pragma once
// The formats of a curve. To add one: a function Curve -> std::string, and a row here.

#include <array>
#include <string>

#include "report/curve.hpp"
#include "report/github_step.hpp"
#include "report/reporter.hpp"
#include "report/text.hpp"

namespace loadgen::report {

std::string curve_text(const Curve& curve, const TextStyle& style);
std::string curve_json(const Curve& curve);
/// The JSON Schema (draft-07) of curve_json().
std::string curve_schema();
std::string curve_csv(const Curve& curve);
std::string curve_markdown(const Curve& curve);
/// JUnit's XML: one test case, whether the rate asked for is sustained, or one was found at all.
std::string curve_junit(const Curve& curve);
/// An annotation, for `--out github`.
std::string curve_github(const Curve& curve);
/// verdict (the standing), rate, rate_low, rate_high: arrivals a second, an end that is not known empty.
std::vector<StepOutput> step_outputs_of(const Curve& curve);

struct CurveReporter {
  Format format;
  std::string (*render)(const Curve&);
};

inline constexpr std::array<CurveReporter, 6> kCurveReporters{{
    {{"text", "the sustainable rate and the curve; for people"},
     [](const Curve& curve) { return curve_text(curve, TextStyle{}); }},
    {{"json", "the same with every trial, versioned as loadgen/curve/v1; for programs"}, &curve_json},
    {{"csv", "a line a trial, by rate; for spreadsheets and plots"}, &curve_csv},
    {{"markdown", "the curve as a table, for a pull request"}, &curve_markdown},
    {{"junit", "a test case: the rate is sustained; for Jenkins, GitLab and others"}, &curve_junit},
    {{"github", "an annotation, as a step of GitHub Actions prints it"}, &curve_github},
}};
inline constexpr auto kCurveFormats = formats_of(kCurveReporters);

}  // namespace loadgen::report
