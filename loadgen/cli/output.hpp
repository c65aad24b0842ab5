#pragma once
// Where reports go: every file is opened before the run, so that a wrong path costs nothing, and a full disk loses only
// its own report. What stands in a file stays there until there is a new report: a run that cannot start loses nothing.

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/options.hpp"
#include "report/reporter.hpp"
#include "report/summary.hpp"

namespace loadgen::cli {

struct CloseFile {
  void operator()(std::FILE* file) const {
    if (file != stdout) std::fclose(file);
  }
};

struct Output {
  const report::Reporter* reporter;
  std::string name;  ///< for messages: the file's, or "stdout"
  std::unique_ptr<std::FILE, CloseFile> file;
};

/// Opens what was asked for; the text report goes to stdout unless quiet or another report does.
/// plan: its file, which no report may replace; empty when there is none.
/// Error: the first file that cannot be written, and why.
Result<std::vector<Output>> open_outputs(const std::vector<OutputRequest>& requests, bool quiet,
                                         const std::string& plan);

/// Writes all reports; one message for each that could not be written whole.
std::vector<std::string> write_outputs(std::vector<Output>& outputs, const report::Summary& summary, bool color);

}  // namespace loadgen::cli
