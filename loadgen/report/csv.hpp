#pragma once
// The Summary Report's table and the Aggregate Report's percentiles as CSV (RFC 4180, lines ended by \n), with the
// headers of JMeter's "Save Table Data": a row a label, then TOTAL. Times are ms of service time, failures too, and of
// the whole run; JMeter cuts them to whole ms, here three decimals stand. What a spreadsheet would take for a formula
// in a label gets an apostrophe before it.

#include <string>

#include "report/summary.hpp"

namespace loadgen::report {

std::string csv(const Summary& summary);

}  // namespace loadgen::report
