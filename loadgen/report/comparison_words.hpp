#pragma once
// A comparison in words and figures, as every format for people has them. What comes from outside (names of targets,
// evidence) is not escaped here: each format has its own way.

#include <string>
#include <string_view>

#include "report/comparison.hpp"

namespace loadgen::report {

/// "REGRESSION"; "INVALID" where nothing may be said; "RUNS" where nothing was asked.
std::string_view headline(const Comparison& comparison);
/// What it means for these targets.
std::string sentence(const Comparison& comparison);
/// What to do where it is not decided; empty else.
std::string advice(const Comparison& comparison);

/// "p50 of candidate against base"
std::string name_of(const Comparison& comparison, const Compared& compared);
/// "REGRESSION" of one figure; "INVALID" where nothing may be said.
std::string_view decision_of(const Compared& compared);

/// "12.50 ms", "2,000.0/s", "0.12 %", "61.0 us"; "-": none.
std::string value_text(const CompareMetric& metric, double value);
/// A fraction: "+20.1 %"; of a share in percentage points, "+0.12 pp". Infinite: "?".
std::string change_text(const CompareMetric& metric, double change);
/// The same without a sign.
std::string margin_text(const CompareMetric& metric, double margin);
/// "+19.2 % to +21.0 %"
std::string interval_text(const CompareMetric& metric, const Change& change);
/// "90 %": both one-sided bounds together.
std::string confidence_text(const CompareDesign& design);

/// Of the change beyond which it is found; in the metric's own scale as a margin is. Infinite: unknown.
double detectable_of(const CompareMetric& metric, const stats::Comparison& figures);

/// "p50 12.50 ms -> 15.01 ms: +20.1 % (90 %: +19.2 % to +21.0 %), margin 5.0 %"
std::string evidence_of(const Comparison& comparison, const Compared& compared);

/// "12 blocks of 2 passes, slices of 5.0 s without their first 1.0 s, …"
std::string design_text(const CompareDesign& design);
/// "response times (open)"
std::string times_text(const CompareDesign& design);

/// "block 3, pass 1, candidate: CLIENT-BOUND, …"
std::string left_out_text(const Comparison& comparison, const LeftOut& left_out);

}  // namespace loadgen::report
