#pragma once
// One function a command: adds the command's options to an app, and returns what makes the Command of what they were
// set to. What is returned owns the options' values, and throws UsageError.

#include <functional>

#include <CLI/CLI.hpp>

#include "cli/options.hpp"

namespace loadgen::cli {

using ReadCommand = std::function<Command()>;

ReadCommand add_check_options(CLI::App& app);
ReadCommand add_report_options(CLI::App& app);
ReadCommand add_merge_options(CLI::App& app);
ReadCommand add_calibrate_options(CLI::App& app);
ReadCommand add_find_options(CLI::App& app);
ReadCommand add_schema_options(CLI::App& app);
ReadCommand add_compare_options(CLI::App& app);

}  // namespace loadgen::cli
