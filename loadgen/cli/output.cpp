#include "cli/output.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <fmt/format.h>

namespace loadgen::cli {

Result<std::vector<Output>> open_outputs(const std::vector<OutputRequest>& requests, bool quiet) {
  std::vector<Output> outputs;
  bool stdout_taken = quiet;
  for (const OutputRequest& request : requests) {
    const report::Reporter* reporter = report::find_reporter(request.format);
    if (request.file.empty() || request.file == "-") {
      stdout_taken = true;
      outputs.push_back({reporter, "stdout", {stdout, {}}});
      continue;
    }
    std::FILE* file = std::fopen(request.file.c_str(), "we");
    if (file == nullptr)
      return Error{
          fmt::format("--out {}={}: cannot write there: {}", request.format, request.file, std::strerror(errno))};
    outputs.push_back({reporter, request.file, {file, {}}});
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
    errno = 0;
    std::fwrite(text.data(), 1, text.size(), output.file.get());
    if (std::fflush(output.file.get()) != 0 || std::ferror(output.file.get()) != 0)
      problems.push_back(fmt::format("the {} report could not be written to {}: {}", output.reporter->name, output.name,
                                     errno != 0 ? std::strerror(errno) : "write error"));
  }
  return problems;
}

}  // namespace loadgen::cli
