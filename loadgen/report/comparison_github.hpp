#pragma once
// A comparison as GitHub Actions shows it: annotations and the step's outputs. The page for the step summary is
// report/comparison_markdown's.

#include <string>
#include <vector>

#include "report/comparison.hpp"
#include "report/github_step.hpp"

namespace loadgen::report {

/// The decision, then every gated figure that did not pass. Where nothing may be concluded of the figures, the decision
/// alone.
std::vector<Annotation> annotations_of(const Comparison& comparison);

/// decision (INVALID, RUNS where there is none), figures_passed, figures_failed, figures_undecided, figures_doubtful
/// (gated ones), failed_figures (a line each).
std::vector<StepOutput> step_outputs_of(const Comparison& comparison);

/// The annotations, for `--out github`.
std::string comparison_github(const Comparison& comparison);

}  // namespace loadgen::report
