#pragma once
// The file of a baseline, versioned as "loadgen/baseline/v1". It may come from anywhere: what is damaged or hostile is
// an error, never a crash.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "report/baseline.hpp"

namespace loadgen::report {

inline constexpr const char* kBaselineSchema = "loadgen/baseline/v1";

std::string baseline_json(const Baseline& baseline);
/// Error: what is wrong with it.
Result<Baseline> read_baseline(std::string_view text);

}  // namespace loadgen::report
