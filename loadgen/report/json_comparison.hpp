#pragma once
// A comparison as JSON: every slice's values, the design with its seed, and what was concluded.

#include <string>

#include "report/comparison.hpp"

namespace loadgen::report {

inline constexpr const char* kComparisonSchema = "loadgen/comparison/v1";

/// Keys keep their order; what is unknown or infinite is null.
std::string comparison_json(const Comparison& comparison);

}  // namespace loadgen::report
