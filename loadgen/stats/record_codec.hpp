#pragma once
// A finished run as bytes, and back: everything that a RunRecord holds, exactly, so that a saved run can be reported
// and merged as if it had just ended. The layout is versioned; a reader takes its own version only.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "stats/run_record.hpp"

namespace loadgen::stats {

/// Not compressed and not printable: report/run_file wraps it.
std::string encode(const RunRecord& record);

/// The bytes may come from anybody: memory and time are bounded by their number, whatever they claim.
Result<RunRecord> decode(std::string_view bytes);

}  // namespace loadgen::stats
