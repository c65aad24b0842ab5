#include "report/github_step.hpp"

#include <array>
#include <string_view>

#include <fmt/format.h>

#include "report/escape.hpp"

namespace loadgen::report {
namespace {

/// A line that no line of the value is.
std::string delimiter_for(std::string_view value) {
  std::string delimiter = "LOADGEN_END";
  while (value.find(delimiter) != std::string_view::npos) delimiter += '_';
  return delimiter;
}

}  // namespace

AnnotationLevel level_of(Standing standing) {
  constexpr std::array<AnnotationLevel, 4> levels{AnnotationLevel::notice, AnnotationLevel::error,
                                                  AnnotationLevel::warning, AnnotationLevel::error};
  return levels[static_cast<std::size_t>(standing)];
}

std::string workflow_commands(std::span<const Annotation> annotations) {
  constexpr std::array<std::string_view, 3> commands{"error", "warning", "notice"};
  std::string out;
  for (const Annotation& annotation : annotations) {
    out += fmt::format("::{} title={}::{}\n", commands[static_cast<std::size_t>(annotation.level)],
                       for_workflow_property(annotation.title), for_workflow_message(annotation.message));
  }
  return out;
}

std::string output_lines(std::span<const StepOutput> outputs) {
  std::string out;
  for (const StepOutput& output : outputs) {
    if (output.value.find('\n') == std::string::npos) {
      out += fmt::format("{}={}\n", output.name, output.value);
    } else {
      const std::string delimiter = delimiter_for(output.value);
      out += fmt::format("{}<<{}\n{}\n{}\n", output.name, delimiter, output.value, delimiter);
    }
  }
  return out;
}

}  // namespace loadgen::report
