#pragma once
// The table of `compare --runs`: a row a run, then the average, and for each target how many requests a second it
// completed and which share of them failed.

#include <string>
#include <vector>

#include "report/comparison.hpp"

namespace loadgen::report {

/// What was counted of one target's runs.
struct RunCell {
  double rps = 0;  ///< JMeter's Throughput
  double error_percent = 0;
};

struct RunsTable {
  std::vector<std::vector<RunCell>> runs;  ///< by run, then by target; without the discarded ones
  std::vector<RunCell> average;            ///< by target: the mean of the rates, and all failed over all completed
};

/// Runs of which a target's is missing (interrupted) are left out.
RunsTable runs_table(const Comparison& comparison);

/// "Run 1", …, "AVERAGE" as lines of text and as Markdown.
std::string runs_text(const Comparison& comparison, std::size_t width);
std::string runs_markdown(const Comparison& comparison);

}  // namespace loadgen::report
