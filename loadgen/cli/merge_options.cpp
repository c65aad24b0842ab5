#include <memory>

#include "cli/command_options.hpp"
#include "cli/option_words.hpp"
#include "cli/saved_runs.hpp"
#include "report/reporter.hpp"

namespace loadgen::cli {

ReadCommand add_merge_options(CLI::App& app) {
  const auto options = std::make_shared<SavedRunsOptions>();
  options->add_to(app);
  app.footer(
      "Exit codes are those of a run: the thresholds of the plan are judged anew, of all generators together.\n");
  return [options] {
    if (options->files.size() < 2)
      throw UsageError{"merge: name two or more runs of one plan, made by as many generators"};
    return MergeCommand{.files = options->files,
                        .outputs = outputs_of(options->outputs, report::kFormats),
                        .color = color_of(options->color)};
  };
}

}  // namespace loadgen::cli
