#pragma once
// What a step of GitHub Actions learns of a report without being asked: annotations among what is printed, a page in
// the step's summary, outputs for later steps. For every command that reports.

#include <cstdio>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "report/comparison.hpp"
#include "report/curve.hpp"
#include "report/summary.hpp"
#include "report/unmeasured.hpp"

namespace loadgen::cli {

/// Each as it is written.
struct GithubReport {
  std::string annotations;  ///< workflow commands
  std::string page;         ///< Markdown, appended to the file that GITHUB_STEP_SUMMARY names
  std::string outputs;      ///< appended to the file that GITHUB_OUTPUT names
};

GithubReport github_report(const report::Summary& summary);
GithubReport github_report(const report::Comparison& comparison);
GithubReport github_report(const report::Curve& curve);
GithubReport github_report(const report::Unmeasured& unmeasured);

/// Whether this is a step of GitHub Actions: GITHUB_ACTIONS is "true".
bool in_github_actions();

/// Where annotations are printed: the runner reads both streams, so on stderr when stdout has a report for programs;
/// nullptr when they are among the reports already.
std::FILE* annotations_stream(const std::vector<OutputRequest>& requests);

/// Leaves out what there is no place for. One message for each file that could not be appended to; GitHub takes 1 MiB
/// of summary a step, and what would go beyond is not written.
std::vector<std::string> tell_github(const GithubReport& report, std::FILE* annotations);

/// For a command that was asked for these outputs. A file that GitHub does not let us write to is GitHub's affair and
/// no failure of ours: it is told as a warning.
void tell_github(const GithubReport& report, const std::vector<OutputRequest>& requests);

}  // namespace loadgen::cli
