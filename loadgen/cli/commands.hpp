#pragma once
// One function a command: the story from the options to the exit code.

#include "cli/exit_code.hpp"
#include "cli/options.hpp"
#include "config/plan.hpp"

namespace loadgen::cli {

ExitCode run(const RunCommand& command);
ExitCode check(const CheckCommand& command);
ExitCode schema(const SchemaCommand& command);
ExitCode report_saved(const ReportCommand& command);
ExitCode merge_saved(const MergeCommand& command);
ExitCode find(const FindCommand& command);
ExitCode calibrate(const CalibrateCommand& command);
ExitCode compare(const CompareCommand& command);

/// The plan, or its mistakes on stderr and nothing.
std::optional<config::Plan> load_plan(const PlanSource& source);

/// The same in two steps, for who makes several plans of one source: the plan's text, empty of a one-line run; and the
/// plan that it makes.
std::optional<std::string> read_plan(const PlanSource& source);
std::optional<config::Plan> make_plan(const PlanSource& source, const std::string& text);

/// One line on stderr, with our name before it.
void complain(std::string_view message);

}  // namespace loadgen::cli
