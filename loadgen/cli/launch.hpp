#pragma once
// What stands between a plan and its run: names resolved, targets asked, threads and pace chosen.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "config/plan.hpp"
#include "config/until.hpp"
#include "engine/resolve.hpp"
#include "run/program.hpp"
#include "run/run_plan.hpp"

namespace loadgen::cli {

/// Names to addresses and, with probe, one connection to each target to see whether it is there.
Result<std::vector<engine::Target>> reach(const run::Program& program, const config::Plan& plan, bool probe);

/// How a plan is to be run, as the command line says it.
struct Manner {
  std::string engine = "auto";
  std::uint32_t threads = 0;  ///< 0: auto
  std::string pace = "auto";
  std::optional<config::Until> until{};
};

/// Error: an engine or a pace that cannot be had here, and why.
Result<run::RunOptions> options_for(const config::Plan& plan, const Manner& manner,
                                    std::vector<engine::Target> targets);

}  // namespace loadgen::cli
