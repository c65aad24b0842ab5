#pragma once
// The options of a run: given with the command `run` or without any command.

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/options.hpp"
#include "cli/plan_options.hpp"

namespace loadgen::cli {

struct RunArguments {
  PlanOptions plan;
  std::vector<std::string> outputs;
  std::vector<std::string> fail_if;
  std::optional<std::string> until, undecided, jtl_sample, listen, ready_timeout;
  std::string threads = "auto", engine = "auto", pace = "auto", progress = "auto", color = "auto";
  BaselineRequest baseline;
  bool serve = false, strict = false, no_probe = false, quiet = false, no_progress = false, no_github = false;

  void add_to(CLI::App& app);
  /// Throws UsageError.
  RunCommand command() const;

 private:
  void add_thresholds(PlanSource& source) const;
};

}  // namespace loadgen::cli
