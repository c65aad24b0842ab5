#pragma once
// A comparison as JSON: every slice's values, the design with its seed, and what was concluded.

#include <string>
#include <string_view>

#include "report/comparison.hpp"

namespace loadgen::report {

inline constexpr std::string_view kComparisonSchema = "loadgen/comparison/v1";

/// Keys keep their order; what is unknown or infinite is null.
std::string comparison_json(const Comparison& comparison);

/// The JSON Schema (draft-07) of what comparison_json() writes.
std::string comparison_schema();

}  // namespace loadgen::report
