#pragma once
// The formats of a curve. To add one: a function Curve -> std::string, and a row here.

#include <array>
#include <string>

#include "report/curve.hpp"
#include "report/reporter.hpp"
#include "report/text.hpp"

namespace loadgen::report {

std::string curve_text(const Curve& curve, const TextStyle& style);
std::string curve_json(const Curve& curve);
/// The JSON Schema (draft-07) of curve_json().
std::string curve_schema();
std::string curve_csv(const Curve& curve);
std::string curve_markdown(const Curve& curve);

struct CurveReporter {
  Format format;
  std::string (*render)(const Curve&);
};

inline constexpr std::array<CurveReporter, 4> kCurveReporters{{
    {{"text", "the sustainable rate and the curve; for people"},
     [](const Curve& curve) { return curve_text(curve, TextStyle{}); }},
    {{"json", "the same with every trial, versioned as loadgen/curve/v1; for programs"}, &curve_json},
    {{"csv", "a line a trial, by rate; for spreadsheets and plots"}, &curve_csv},
    {{"markdown", "the curve as a table, for a pull request"}, &curve_markdown},
}};
inline constexpr auto kCurveFormats = formats_of(kCurveReporters);

}  // namespace loadgen::report
