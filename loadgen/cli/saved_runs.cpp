#include "cli/saved_runs.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/option_words.hpp"
#include "cli/output.hpp"
#include "report/reporter.hpp"

namespace loadgen::cli {
namespace {

/// Larger than any run's, so that reading /dev/zero ends.
constexpr std::size_t kLargest = std::size_t{1} << 30;

Result<std::string> contents(const std::string& file) {
  const bool from_stdin = file == "-";
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> opened(from_stdin ? nullptr : std::fopen(file.c_str(), "rbe"),
                                                               [](std::FILE* f) { return std::fclose(f); });
  std::FILE* const in = from_stdin ? stdin : opened.get();
  if (in == nullptr) return Error{fmt::format("cannot read \"{}\": {}", file, std::strerror(errno))};
  std::string text;
  std::array<char, std::size_t{256} << 10> piece;
  while (const std::size_t size = std::fread(piece.data(), 1, piece.size(), in)) {
    text.append(piece.data(), size);
    if (text.size() > kLargest)
      return Error{fmt::format("\"{}\" is larger than {}; is it a run.json?", file, bytes_to_string(kLargest))};
  }
  if (std::ferror(in) != 0) return Error{fmt::format("cannot read \"{}\": {}", file, std::strerror(errno))};
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
