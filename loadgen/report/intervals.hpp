#pragma once
// The interval record as it leaves the program: response times by the second in which requests were due.

#include <string>
#include <vector>

#include "report/hdr_log.hpp"
#include "report/summary.hpp"

namespace loadgen::report {

/// One histogram a second and label, tagged with the label; of successes. In order of time, then of labels. Made when
/// it is asked for, because of a long run it takes longer than all else together.
std::vector<HdrInterval> intervals_of(const Summary& summary);

/// The log of a run: all labels together untagged, and where there are several, each under its name as a tag.
std::string hlog(const Summary& summary);
/// The percentile distribution of the measured window's response times.
std::string hgrm(const Summary& summary);

}  // namespace loadgen::report
