#pragma once
// The text report's tables of times: percentiles with their intervals, and the stages of open load.

#include "report/page.hpp"
#include "report/summary.hpp"

namespace loadgen::report {

void write_percentiles(Page& page, const Summary& summary);

/// Nothing when the plan's load is one stage.
void write_stages(Page& page, const Summary& summary);

}  // namespace loadgen::report
