#pragma once
// JUnit's XML, as Jenkins, GitLab and others show tests: a test case a threshold; without thresholds one for the
// verdict, so that there is always something to show. Only what Jenkins's junit-10.xsd (xunit plugin) allows.

#include <string>

#include "report/summary.hpp"

namespace loadgen::report {

/// Not decided is skipped; a measurement that is not valid is an error of every case, whatever its figures say.
std::string junit(const Summary& summary);

}  // namespace loadgen::report
