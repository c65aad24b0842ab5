#include "cli/run_exit_code.hpp"

namespace loadgen::cli {

ExitCode exit_code_of(const report::Summary& summary, const Ending& ending) {
  using report::VerdictName;
  const VerdictName verdict = summary.verdict.name;
  if (verdict == VerdictName::broken) return ExitCode::invalid;
  if (ending.interrupted) return ExitCode::interrupted;
  if (summary.ledger.sent > 0 && summary.ledger.succeeded == 0) return ExitCode::target_failed;
  const bool believed = verdict == VerdictName::trustworthy || verdict == VerdictName::errors;
  if (ending.strict && !believed) return ExitCode::invalid;
  const ExitCode gates = exit_code_of(report::outcome_of(summary.gates));
  if (gates != ExitCode::ok) return gates;
  return ending.strict && verdict == VerdictName::errors ? ExitCode::target_failed : ExitCode::ok;
}

}  // namespace loadgen::cli
