#include <algorithm>
#include <memory>

#include "cli/command_options.hpp"
#include "cli/option_words.hpp"
#include "cli/saved_runs.hpp"
#include "report/reporter.hpp"

namespace loadgen::cli {
namespace {

/// Only people can read several runs one after another.
void refuse_several(const ReportCommand& command) {
  if (command.files.size() < 2) return;
  for (const OutputRequest& output : command.outputs)
    if (output.format != "text")
      throw UsageError{
          fmt::format("--out {}: it holds one run, and {} are named; report them one by one, or make them "
                      "one with: loadgen merge",
                      output.format, command.files.size())};
}

}  // namespace

ReadCommand add_report_options(CLI::App& app) {
  const auto options = std::make_shared<SavedRunsOptions>();
  options->add_to(app);
  app.footer(
      "Exit code 0 once it is printed, whatever came of the run: whether its thresholds were met, its own exit code "
      "said.\n");
  return [options] {
    ReportCommand command{.files = options->files,
                          .outputs = outputs_of(options->outputs, report::kFormats),
                          .color = color_of(options->color)};
    refuse_several(command);
    return command;
  };
}

}  // namespace loadgen::cli
