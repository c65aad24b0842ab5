#include "cli/output.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace loadgen::cli {
namespace {

/// Under whatever names; but /dev/null and its like may be named as often as one wants.
bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return std::filesystem::is_regular_file(a, error) && std::filesystem::equivalent(a, b, error);
}

/// Empties a file that was opened to be appended to; false with errno.
bool empty(std::FILE* file) {
  struct stat status {};
  if (fstat(fileno(file), &status) != 0) return false;
  return !S_ISREG(status.st_mode) || ftruncate(fileno(file), 0) == 0;
}

}  // namespace

Result<std::vector<Output>> open_outputs(const std::vector<OutputRequest>& requests, bool quiet,
                                         const std::string& plan) {
  std::vector<Output> outputs;
  bool stdout_taken = quiet;
  for (const OutputRequest& request : requests) {
    const report::Reporter* reporter = report::find_reporter(request.format);
    if (request.file.empty() || request.file == "-") {
      stdout_taken = true;
      outputs.push_back({reporter, "stdout", {stdout, {}}});
      continue;
    }
    const std::string option = fmt::format("--out {}={}", request.format, request.file);
    std::FILE* file = std::fopen(request.file.c_str(), "ae");  // "a": emptied only when there is something to write
    if (file == nullptr) return Error{fmt::format("{}: cannot write there: {}", option, std::strerror(errno))};
    Output output{reporter, request.file, {file, {}}};
    if (same_file(output.name, plan))
      return Error{
          fmt::format("{}: that is the plan itself, which the report would replace; name another file", option)};
    for (const Output& other : outputs)
      if (same_file(output.name, other.name))
        return Error{fmt::format("{}: the {} report goes to that file already; give each its own", option,
                                 other.reporter->name)};
    outputs.push_back(std::move(output));
  }
  if (!stdout_taken) outputs.insert(outputs.begin(), Output{report::find_reporter("text"), "stdout", {stdout, {}}});
  return outputs;
}

std::vector<std::string> write_outputs(std::vector<Output>& outputs, const report::Summary& summary, bool color) {
  std::vector<std::string> problems;
  for (Output& output : outputs) {
    const bool styled_text = output.name == "stdout" && output.reporter->name == "text";
    const std::string text =
        styled_text ? report::text(summary, {.color = color,
                                             .width = terminal_of(stdout).is_tty ? columns_of(stdout)
                                                                                 : report::TextStyle{}.width})
                    : output.reporter->render(summary);
    std::FILE* const file = output.file.get();
    errno = 0;
    const bool emptied = file == stdout || empty(file);
    if (emptied) std::fwrite(text.data(), 1, text.size(), file);
    if (!emptied || std::fflush(file) != 0 || std::ferror(file) != 0)
      problems.push_back(fmt::format("the {} report could not be written to {}: {}", output.reporter->name, output.name,
                                     errno != 0 ? std::strerror(errno) : "write error"));
  }
  return problems;
}

}  // namespace loadgen::cli
