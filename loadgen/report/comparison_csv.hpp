#pragma once
// A comparison as a table for spreadsheets: a row a figure of each target, numbers as numbers.

#include <string>

#include "report/comparison.hpp"

namespace loadgen::report {

std::string comparison_csv(const Comparison& comparison);

}  // namespace loadgen::report
