#pragma once
// run.json read back: `report`, `merge` and whatever else begins with a saved run.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/plan.hpp"
#include "report/host.hpp"
#include "report/summary.hpp"
#include "report/verdict.hpp"
#include "stats/run_record.hpp"

namespace loadgen::report {

/// What summarize() makes a Summary of.
struct SavedRun {
  config::Plan plan;  ///< values that were hidden are "***"
  stats::RunRecord record;
  HostFacts host;
  std::optional<Calibration> calibration;
  Tool tool;  ///< the loadgen that made the run
};

/// Error: what is wrong with the file (no run.json, one of another version, cut short, damaged), never a crash.
Result<SavedRun> read_run(std::string_view text);

/// The same Summary as when the run ended.
Summary summarize(const SavedRun& run);

}  // namespace loadgen::report
