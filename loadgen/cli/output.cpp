#include "cli/output.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/progress.hpp"
#include "config/files.hpp"
#include "report/reporter.hpp"
#include "report/text.hpp"

namespace loadgen::cli {
namespace {

/// Under whatever names; but /dev/null and its like may be named as often as one wants.
bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return std::filesystem::is_regular_file(a, error) && std::filesystem::equivalent(a, b, error);
}

/// nullptr, with errno, where it cannot be. A pipe that nobody reads is refused rather than waited for. Appending: the
/// file is emptied only when there is something to write.
std::FILE* open_to_append(const std::string& path) {
  constexpr mode_t kMode = 0666;  // less the umask
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, kMode);
  if (fd < 0) return nullptr;
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  return fdopen(fd, "a");
}

std::string why_not_opened() {
  return errno == ENXIO ? "nobody reads from that pipe; start its reader first" : std::strerror(errno);
}

}  // namespace

std::vector<std::string> inputs_of(const std::string& plan_file, const config::Plan& plan) {
  std::vector<std::string> inputs = {plan_file};
  for (config::SentFile& file : config::sent_files(plan)) inputs.push_back(std::move(file.name));
  return inputs;
}

bool emptied(std::FILE* file) {
  struct stat status {};
  if (fstat(fileno(file), &status) != 0) return false;
  return !S_ISREG(status.st_mode) || ftruncate(fileno(file), 0) == 0;
}

Result<std::vector<Output>> open_outputs(const std::vector<OutputRequest>& requests, bool quiet,
                                         const std::vector<std::string>& inputs) {
  std::vector<Output> outputs;
  bool stdout_taken = quiet;
  for (const OutputRequest& request : requests) {
    if (request.to_stdout()) {
      stdout_taken = true;
      outputs.push_back({request.format, "stdout", {stdout, {}}});
      continue;
    }
    const std::string option = fmt::format("--out {}={}", request.format, request.file);
    std::FILE* file = open_to_append(request.file);
    if (file == nullptr) return Error{fmt::format("{}: cannot write there: {}", option, why_not_opened())};
    Output output{request.format, request.file, {file, {}}};
    for (const std::string& input : inputs)
      if (same_file(output.name, input))
        return Error{
            fmt::format("{}: that is {} itself, which the report would replace; name another file", option, input)};
    for (const Output& other : outputs)
      if (same_file(output.name, other.name))
        return Error{
            fmt::format("{}: the {} report goes to that file already; give each its own", option, other.format)};
    outputs.push_back(std::move(output));
  }
  if (!stdout_taken) outputs.insert(outputs.begin(), Output{"text", "stdout", {stdout, {}}});
  return outputs;
}

std::vector<std::string> write_outputs(std::vector<Output>& outputs, const Render& render) {
  std::vector<std::string> problems;
  for (Output& output : outputs) {
    const std::string text = render(output);
    std::FILE* const file = output.file.get();
    errno = 0;
    const bool ready = output.to_stdout() || emptied(file);
    if (ready) std::fwrite(text.data(), 1, text.size(), file);
    if (!ready || std::fflush(file) != 0 || std::ferror(file) != 0)
      problems.push_back(fmt::format("the {} report could not be written to {}: {}", output.format, output.name,
                                     errno != 0 ? std::strerror(errno) : "write error"));
  }
  return problems;
}

report::TextStyle style_of_stdout(ColorFlag color) {
  const Terminal terminal = terminal_of(stdout);
  return {.color = use_color(color, terminal),
          .width = terminal.is_tty ? columns_of(stdout) : report::TextStyle{}.width};
}

Render render_run(const report::Summary& summary, ColorFlag color) {
  return [&summary, color](const Output& output) {
    if (!output.to_stdout() || output.format != "text") return report::find_reporter(output.format)->render(summary);
    return report::text(summary, style_of_stdout(color));
  };
}

}  // namespace loadgen::cli
