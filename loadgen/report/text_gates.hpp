#pragma once
// The thresholds in the text report.

#include "report/page.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace loadgen::report {

/// Nothing where the plan has none.
void write_gates(Page& page, const Summary& summary, const TextStyle& style);

}  // namespace loadgen::report
