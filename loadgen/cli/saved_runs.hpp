#pragma once
// Saved runs from files: what `report` and `merge` begin with.

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "report/run_file.hpp"

namespace loadgen::cli {

/// file: "-" is stdin. Error: the file's name and what is wrong with it.
Result<report::SavedRun> load_run(const std::string& file);

/// The options of a command over saved runs, as CLI11 fills them.
struct SavedRunsOptions {
  std::vector<std::string> files, outputs;
  std::string color = "auto";

  void add_to(CLI::App& app);
};

}  // namespace loadgen::cli
