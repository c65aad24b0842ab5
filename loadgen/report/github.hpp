#pragma once
// A run as GitHub Actions shows it: annotations and the step's outputs. The page for the step summary is
// report/markdown's.

#include <string>
#include <vector>

#include "report/github_step.hpp"
#include "report/summary.hpp"

namespace loadgen::report {

/// The verdict when it is not TRUSTWORTHY, then every threshold not passed. A notice with the figures when all is well.
std::vector<Annotation> annotations_of(const Summary& summary);

/// verdict, rps, p50_ms, p95_ms, p99_ms, error_rate (0..1: Row::error_rate), requests, thresholds_passed,
/// thresholds_failed, thresholds_undecided, thresholds_doubtful, failed_thresholds (a line each). A figure that is not
/// known is empty.
std::vector<StepOutput> step_outputs_of(const Summary& summary);

/// The annotations, for `--out github`.
std::string github(const Summary& summary);

}  // namespace loadgen::report
