#pragma once
// A command that could measure nothing, told in the formats that were asked for. Who reads such a file after it must
// find neither the report of an earlier call nor an empty one where each call is told.

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "report/github_step.hpp"
#include "report/summary.hpp"

namespace loadgen::report {

struct Unmeasured {
  Tool tool;
  std::string command;   ///< "run", "compare" or "find"
  std::string problem;   ///< what is wrong, where, and what to do; may have lines
  unsigned exit_code{};  ///< that the process ends with
  std::chrono::system_clock::time_point when;
};

/// In a format of any command's. Tables and histograms have no row for it: they are empty, or have their header only.
std::string unmeasured_report(const Unmeasured& unmeasured, std::string_view format);

/// problem; what other calls would tell is empty where nobody sets it.
std::vector<StepOutput> step_outputs_of(const Unmeasured& unmeasured);

/// The JSON Schema (draft-07) of the format json.
std::string unmeasured_schema();

}  // namespace loadgen::report
