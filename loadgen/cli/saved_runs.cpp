#include "cli/saved_runs.hpp"

#include <cstdio>

#include <fmt/format.h>

#include "cli/option_words.hpp"
#include "cli/output.hpp"
#include "cli/whole_file.hpp"
#include "report/reporter.hpp"

namespace loadgen::cli {
namespace {

/// Larger than any run's, so that reading /dev/zero ends.
constexpr std::size_t kLargest = std::size_t{1} << 30;

Result<std::string> contents(const std::string& file) {
  Result<std::string> text = file == "-" ? read_all(stdin, kLargest) : read_whole(file, kLargest);
  if (!text) return Error{fmt::format("cannot read \"{}\": {}", file, text.error())};
  return text;
}

}  // namespace

Result<report::SavedRun> load_run(const std::string& file) {
  const Result<std::string> text = contents(file);
  if (!text) return Error{text.error()};
  Result<report::SavedRun> run = report::read_run(*text);
  if (!run) return Error{fmt::format("\"{}\" {}", file == "-" ? "stdin" : file, run.error())};
  return run;
}

void SavedRunsOptions::add_to(CLI::App& app) {
  app.add_option("RUN.json", files, "what --out json=FILE wrote; - reads stdin")->required();
  add_out_option(app, outputs, report::kFormats);
  app.add_option("--color", color, "auto, always or never; NO_COLOR is honoured")->type_name("WHEN");
}

}  // namespace loadgen::cli
