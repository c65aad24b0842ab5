#pragma once
// How the runs that were merged lay in time, by their machines' wall clocks.

#include <cstddef>
#include <optional>
#include <string>

#include "stats/run_record.hpp"

namespace loadgen::report {

struct MergedParts {
  std::size_t runs = 0;
  double begun_within_s = 0;  ///< from the first t0 to the last
  double together_s = 0;      ///< while all were under way; 0: there was no such time
  double longest_s = 0;       ///< of the runs
  bool one_load() const;      ///< under way together for nearly all of the longest
};

/// Nothing of a run that was not merged.
std::optional<MergedParts> merged_parts(const stats::RunRecord& record);

/// "2 runs, begun within 0.012 s; all under way for 9.98 s of 10.00 s"
std::string to_text(const MergedParts& parts);

}  // namespace loadgen::report
