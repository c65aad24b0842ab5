#pragma once
// What a run that was made ends with.

#include "cli/exit_code.hpp"
#include "config/threshold.hpp"
#include "report/summary.hpp"

namespace loadgen::cli {

struct Ending {
  bool interrupted = false;
  bool strict = false;  ///< a measurement that cannot be believed is an error; that the target failed is the target's
  config::Undecided undecided = config::Undecided::exit;
};

/// The first that holds: books that do not balance, interrupted, no success at all, not valid by --strict, thresholds,
/// errors by --strict.
ExitCode exit_code_of(const report::Summary& summary, const Ending& ending);

}  // namespace loadgen::cli
