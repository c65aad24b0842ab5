#include <string>
#include <utility>
#include <vector>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/run_exit_code.hpp"
#include "cli/saved_runs.hpp"
#include "report/merged_run.hpp"
#include "report/summary.hpp"

namespace loadgen::cli {

ExitCode merge_saved(const MergeCommand& command) {
  std::vector<report::NamedRun> runs;
  for (const std::string& file : command.files) {
    auto run = load_run(file);
    if (!run) return complain(run.error()), ExitCode::usage;
    runs.push_back({file, std::move(*run)});
  }
  const auto merged = report::merge(std::move(runs));
  if (!merged) return complain(merged.error()), ExitCode::usage;
  const bool other_outputs = !command.outputs.empty();
  auto outputs = open_outputs(command.outputs, other_outputs, command.files);
  if (!outputs) return complain(outputs.error()), ExitCode::usage;
  const report::Summary summary = report::summarize(*merged);
  const auto problems = write_outputs(*outputs, render_run(summary, command.color));
  for (const std::string& problem : problems) complain(problem);
  const ExitCode code = exit_code_of(summary, {});
  return code == ExitCode::ok && !problems.empty() ? ExitCode::internal : code;
}

}  // namespace loadgen::cli
