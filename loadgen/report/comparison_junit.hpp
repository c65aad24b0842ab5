#pragma once
// A comparison as JUnit's XML: a test case a gated figure of each target. REGRESSION fails, INCONCLUSIVE is skipped,
// and where the measurement is not valid every case is an error, whatever its figures say.

#include <string>

#include "report/comparison.hpp"

namespace loadgen::report {

std::string comparison_junit(const Comparison& comparison);

}  // namespace loadgen::report
