#pragma once
// Saved runs of one plan by several generators, as the one run that they were together.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "report/run_file.hpp"

namespace loadgen::report {

struct NamedRun {
  std::string name;  ///< for messages: the file's
  SavedRun run;
};

/// Runs of the same plan, by the same engine; at least one. The seed may differ: it says when and not what, and of
/// Poisson arrivals each generator should have its own. The plan of the result has every generator's thread groups side
/// by side, so that offered rates, users and limits are those of all of them; its host has the cores of all.
/// Error: which two runs differ, and in what; or hold one and the same run, whose requests would count twice.
Result<SavedRun> merge(std::vector<NamedRun> runs);

}  // namespace loadgen::report
