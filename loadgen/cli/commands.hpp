#pragma once
// One function a command: the story from the options to the exit code.

#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "config/plan.hpp"

namespace loadgen::cli {

ExitCode run(const RunCommand& command);
ExitCode check(const CheckCommand& command);
ExitCode schema(const SchemaCommand& command);
ExitCode calibrate(const CalibrateCommand& command);

/// The plan, or its mistakes on stderr and nothing.
std::optional<config::Plan> load_plan(const PlanSource& source);

/// One line on stderr, with our name before it.
void complain(std::string_view message);

}  // namespace loadgen::cli
