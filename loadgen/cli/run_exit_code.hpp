#pragma once
// What a run that was made ends with.

#include "cli/exit_code.hpp"
#include "report/summary.hpp"

namespace loadgen::cli {

struct Ending {
  bool interrupted = false;
};

/// The first that holds: books that do not balance, interrupted, no success at all, not valid by --strict, thresholds,
/// errors by --strict.
ExitCode exit_code_of(const report::Summary& summary, const Ending& ending);

}  // namespace loadgen::cli
