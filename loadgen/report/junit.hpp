#pragma once
// A run as JUnit's XML, as Jenkins, GitLab and others show tests: a test case a threshold, and one for the
// measurement itself where there are none or where it fails the run whatever the thresholds say.

#include <string>

#include "report/summary.hpp"

namespace loadgen::report {

/// Not decided is skipped; what the run cannot answer for is an error, whatever its figures say.
std::string junit(const Summary& summary);

}  // namespace loadgen::report
