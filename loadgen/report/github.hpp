#pragma once
// A run as GitHub Actions shows it: annotations (workflow commands that a step prints) and the step's outputs. The page
// for the step summary is report/markdown's.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "report/summary.hpp"

namespace loadgen::report {

enum class AnnotationLevel : std::uint8_t { error, warning, notice };

struct Annotation {
  AnnotationLevel level = AnnotationLevel::notice;
  std::string title;
  std::string message;  ///< may have lines
};

/// "::error title=…::…", a line each. GitHub shows ten of a level in a step, so the important ones come first.
std::string workflow_commands(std::span<const Annotation> annotations);

/// An output of a step: later steps read it as steps.<id>.outputs.<name>.
struct StepOutput {
  std::string name;
  std::string value;  ///< may have lines
};

/// As they are appended to $GITHUB_OUTPUT.
std::string output_lines(std::span<const StepOutput> outputs);

/// The verdict when it is not TRUSTWORTHY, then every threshold not passed; of a measurement that is not valid the
/// verdict alone. A notice with the figures when all is well.
std::vector<Annotation> annotations_of(const Summary& summary);

/// verdict, rps, p50_ms, p95_ms, p99_ms, error_rate (0..1), requests, thresholds_passed, thresholds_failed,
/// thresholds_undecided, failed_thresholds (a line each). A figure that is not known is empty.
std::vector<StepOutput> step_outputs_of(const Summary& summary);

/// The annotations, for `--out github`.
std::string github(const Summary& summary);

}  // namespace loadgen::report
