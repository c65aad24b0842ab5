#pragma once
// Where reports go: every file is opened before the run, so that a wrong path costs nothing, and a full disk loses only
// its own report. What stands in a file stays there until there is a new report, if only one that nothing could be
// measured (cli/unmeasured.hpp).

#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace loadgen::cli {

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdout) std::fclose(file);
  }
};

struct Output {
  std::string format;
  std::string name;  ///< for messages: the file's, or "stdout"
  std::unique_ptr<std::FILE, CloseFile> file;

  bool to_stdout() const { return file.get() == stdout; }
};

/// Files that no report of a run may replace: the plan's, and what it sends.
std::vector<std::string> inputs_of(const std::string& plan_file, const config::Plan& plan);

/// Opens what was asked for; the text report goes to stdout unless quiet or another report does.
/// inputs: files that no report may replace.
/// Error: the first file that cannot be written, and why.
Result<std::vector<Output>> open_outputs(const std::vector<OutputRequest>& requests, bool quiet,
                                         const std::vector<std::string>& inputs);

/// Empties a file that was opened to be appended to. False, with errno: it cannot be.
bool emptied(std::FILE* file);

/// The text of an output, by its format.
using Render = std::function<std::string(const Output&)>;
/// Writes all reports; one message for each that could not be written whole.
std::vector<std::string> write_outputs(std::vector<Output>& outputs, const Render& render);

/// Of a text report there: as wide as the terminal, with colours where they are wanted.
report::TextStyle style_of_stdout(ColorFlag color);

/// The reports of a run: the text on stdout as wide as the terminal, with colours where they are wanted.
Render render_run(const report::Summary& summary, ColorFlag color);

}  // namespace loadgen::cli
