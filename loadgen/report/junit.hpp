#pragma once
// A run as JUnit's XML, as Jenkins, GitLab and others show tests: a test case a threshold; without thresholds one for
// the verdict, so that there is always something to show.

#include <string>

#include "report/summary.hpp"

namespace loadgen::report {

/// Not decided is skipped; what the run cannot answer for is an error, whatever its figures say.
std::string junit(const Summary& summary);

}  // namespace loadgen::report
