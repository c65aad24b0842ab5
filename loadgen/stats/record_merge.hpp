#pragma once
// The records of several generators that ran one plan, put together to the record of all of them.

#include <vector>

#include "base/result.hpp"
#include "stats/run_record.hpp"

namespace loadgen::stats {

/// Exact: histograms bucket for bucket, counts and books added. Times are since each run's own t0, as if all had begun
/// at the same moment. What is of a machine and not of its requests (stalls, seconds, CPU) stands side by side, shard
/// after shard; of shares and signals that cannot be added the worst is kept.
/// Error: what keeps the two from being one run, said of b.
Result<RunRecord> merge(RunRecord a, RunRecord b);

/// The runs that a record is of: its parts, or itself.
std::vector<MergedPart> parts_of(const RunRecord& record);

}  // namespace loadgen::stats
