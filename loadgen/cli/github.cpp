#include "cli/github.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "cli/commands.hpp"
#include "cli/output.hpp"
#include "report/comparison_github.hpp"
#include "report/comparison_markdown.hpp"
#include "report/curve_reports.hpp"
#include "report/github.hpp"
#include "report/markdown.hpp"

namespace loadgen::cli {
namespace {

constexpr long kMostSummary = 1024L * 1024;  // bytes; GitHub drops a whole summary that is longer

struct Place {
  const char* variable;
  std::string GithubReport::*text;
  long most;  ///< bytes of the file; 0: any
};

constexpr std::array<Place, 2> kPlaces{{
    {"GITHUB_STEP_SUMMARY", &GithubReport::page, kMostSummary},
    {"GITHUB_OUTPUT", &GithubReport::outputs, 0},
}};

/// Why the text could not be appended.
std::optional<std::string> append(const char* name, const std::string& text, long most) {
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(name, "ae"));
  if (!file) return std::strerror(errno);
  std::fseek(file.get(), 0, SEEK_END);
  if (most > 0 && std::ftell(file.get()) + static_cast<long>(text.size()) > most)
    return fmt::format("the report would make it longer than the {} KiB that GitHub takes", most / 1024);
  errno = 0;
  std::fwrite(text.data(), 1, text.size(), file.get());
  if (std::fflush(file.get()) != 0 || std::ferror(file.get()) != 0)
    return errno != 0 ? std::strerror(errno) : "write error";
  return std::nullopt;
}

}  // namespace

GithubReport github_report(const report::Summary& summary) {
  return {report::github(summary), report::markdown(summary), report::output_lines(report::step_outputs_of(summary))};
}

GithubReport github_report(const report::Comparison& comparison) {
  return {report::comparison_github(comparison), report::comparison_markdown(comparison),
          report::output_lines(report::step_outputs_of(comparison))};
}

GithubReport github_report(const report::Curve& curve) {
  return {report::curve_github(curve), report::curve_markdown(curve),
          report::output_lines(report::step_outputs_of(curve))};
}

GithubReport github_report(const report::Unmeasured& unmeasured) {
  return {report::unmeasured_report(unmeasured, "github"), report::unmeasured_report(unmeasured, "markdown"),
          report::output_lines(report::step_outputs_of(unmeasured))};
}

bool in_github_actions() {
  const char* const value = std::getenv("GITHUB_ACTIONS");
  return value != nullptr && std::string_view(value) == "true";
}

std::FILE* annotations_stream(const std::vector<OutputRequest>& requests) {
  const auto printed = std::ranges::find_if(requests, &OutputRequest::to_stdout);
  if (printed == requests.end() || printed->format == "text") return stdout;
  return printed->format == "github" ? nullptr : stderr;
}

std::vector<std::string> tell_github(const GithubReport& report, std::FILE* annotations) {
  std::vector<std::string> problems;
  for (const Place& place : kPlaces) {
    const char* const name = std::getenv(place.variable);
    if (name == nullptr || *name == '\0') continue;
    if (const auto problem = append(name, report.*place.text, place.most))
      problems.push_back(fmt::format("{} ({}) could not be appended to: {}", place.variable, name, *problem));
  }
  if (annotations != nullptr) {
    std::fwrite(report.annotations.data(), 1, report.annotations.size(), annotations);
    std::fflush(annotations);
  }
  return problems;
}

void tell_github(const GithubReport& report, const std::vector<OutputRequest>& requests) {
  for (const std::string& problem : tell_github(report, annotations_stream(requests))) complain("warning: " + problem);
}

}  // namespace loadgen::cli
