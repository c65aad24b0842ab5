#pragma once
// A comparison for people: the decision first, then each figure with its interval, its margin and what could have been
// found, then what it was made of.

#include <string>

#include "report/comparison.hpp"
#include "report/text.hpp"

namespace loadgen::report {

std::string comparison_text(const Comparison& comparison, const TextStyle& style);

}  // namespace loadgen::report
