#pragma once
// For tests: the plan that a text says, or what is wrong with it.

#include <string>
#include <string_view>

#include "config/parse.hpp"

namespace loadgen::config {

/// A failed test, and a plan of one empty thread group, when the text is no plan.
Plan plan_of(std::string_view text, const Overrides& overrides = {});

/// Every problem as "line:column pointer: message", one a line.
std::string problems_of(std::string_view text, const Overrides& overrides = {});

/// A plan of one step and these keys, each with a comma behind it.
std::string with_group(const std::string& keys);
std::string with_step(const std::string& keys);

}  // namespace loadgen::config
