#pragma once
// What stands between a plan and its run: names resolved, targets asked, threads and pace chosen.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "cli/reach.hpp"
#include "config/plan.hpp"
#include "run/program.hpp"
#include "run/run_plan.hpp"

namespace loadgen::cli {

/// Error: an engine or a pace that cannot be had here, and why.
Result<run::RunOptions> options_for(const config::Plan& plan, const Manner& manner, Reached reached);

/// A plan that is ready to be run, with run::run_plan(plan, program, options, …).
struct Ready {
  config::Plan plan;  ///< fitted to this machine's descriptors
  run::Program program;
  run::RunOptions options;
  std::vector<std::string> warnings;
};

/// Why there is no run, and how the process ends for it.
struct NoRun {
  ExitCode code = ExitCode::usage;
  std::string message;
};

/// Compiles the plan, raises descriptors, resolves and asks the targets, chooses threads and pace.
std::variant<Ready, NoRun> make_ready(config::Plan plan, const Manner& manner);

}  // namespace loadgen::cli
