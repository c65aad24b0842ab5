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
  Tool tool;            ///< the loadgen that made the run
  bool strict = false;  ///< Summary::strict
};

/// Error: what is wrong with the file (no run.json, one of another version, cut short, damaged) as the rest of a
/// sentence that begins with its name; never a crash.
Result<SavedRun> read_run(std::string_view text);

/// The same Summary as when the run ended.
Summary summarize(const SavedRun& run);

/// "record" of run.json: stats::encode()'s bytes, compressed, in base64.
std::string record_text(std::string_view bytes);
Result<std::string> record_bytes(std::string_view text);

}  // namespace loadgen::report
