#pragma once
// A comparison for a pull request: the decision, a table, and what it was made of folded away. Also what a GitHub step
// summary shows.

#include <string>

#include "report/comparison.hpp"

namespace loadgen::report {

std::string comparison_markdown(const Comparison& comparison);

}  // namespace loadgen::report
