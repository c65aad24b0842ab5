#pragma once
// How a command ends that has opened its reports and could measure nothing.

#include <string_view>
#include <vector>

#include "cli/launch.hpp"
#include "cli/output.hpp"

namespace loadgen::cli {

struct Attempt {
  std::string_view command;                    ///< "run"
  const std::vector<OutputRequest>& requests;  ///< as they were asked for
  std::vector<Output>& outputs;                ///< the same, open
  bool github = false;                         ///< a step of GitHub Actions is to see it
};

/// Says why on stderr and wherever a report was to go, so that none of an earlier call is taken for this one's. On a
/// stdout for people stderr's line is enough. Returns what the process ends with.
ExitCode give_up(const NoRun& none, const Attempt& attempt);

}  // namespace loadgen::cli
