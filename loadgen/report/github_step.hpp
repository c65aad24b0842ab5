#pragma once
// How a step of GitHub Actions is told something: annotations (workflow commands that it prints) and its outputs.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "report/gates.hpp"

namespace loadgen::report {

enum class AnnotationLevel : std::uint8_t { error, warning, notice };

struct Annotation {
  AnnotationLevel level = AnnotationLevel::notice;
  std::string title;
  std::string message;  ///< may have lines
};

/// What failed and what nothing can be said of are errors, what is undecided is a warning.
AnnotationLevel level_of(Standing standing);

/// "::error title=…::…", a line each. GitHub shows ten of a level in a step, so the important ones come first.
std::string workflow_commands(std::span<const Annotation> annotations);

/// An output of a step: later steps read it as steps.<id>.outputs.<name>.
struct StepOutput {
  std::string name;
  std::string value;  ///< may have lines
};

/// As they are appended to $GITHUB_OUTPUT.
std::string output_lines(std::span<const StepOutput> outputs);

}  // namespace loadgen::report
