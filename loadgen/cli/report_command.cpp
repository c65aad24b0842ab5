#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "cli/saved_runs.hpp"
#include "report/summary.hpp"

namespace loadgen::cli {

ExitCode report_saved(const ReportCommand& command) {
  std::vector<report::Summary> runs;
  for (const std::string& file : command.files) {
    const auto run = load_run(file);
    if (!run) return complain(run.error()), ExitCode::usage;
    runs.push_back(report::summarize(*run));
  }
  const bool other_outputs = !command.outputs.empty();
  auto outputs = open_outputs(command.outputs, other_outputs, command.files);
  if (!outputs) return complain(outputs.error()), ExitCode::usage;
  const auto problems = write_outputs(*outputs, [&](const Output& output) {
    std::string text;
    for (std::size_t i = 0; i < runs.size(); ++i) {
      if (runs.size() > 1) text += fmt::format("{}{}:\n\n", i == 0 ? "" : "\n", command.files[i]);
      text += render_run(runs[i], command.color)(output);
    }
    return text;
  });
  for (const std::string& problem : problems) complain(problem);
  return problems.empty() ? ExitCode::ok : ExitCode::internal;
}

}  // namespace loadgen::cli
