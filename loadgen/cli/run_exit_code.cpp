#include "cli/run_exit_code.hpp"

#include <array>

namespace loadgen::cli {
namespace {

/// In the order of GatesOutcome.
constexpr std::array<ExitCode, 4> kOfGates{ExitCode::ok, ExitCode::gate_failed, ExitCode::invalid, ExitCode::undecided};

}  // namespace

ExitCode exit_code_of(const report::Summary& summary, const Ending& ending) {
  using report::VerdictName;
  const VerdictName verdict = summary.verdict.name;
  if (verdict == VerdictName::broken) return ExitCode::invalid;
  if (ending.interrupted) return ExitCode::interrupted;
  if (summary.ledger.sent > 0 && summary.ledger.succeeded == 0) return ExitCode::target_failed;
  const bool believed = verdict == VerdictName::trustworthy || verdict == VerdictName::errors;
  if (ending.strict && !believed) return ExitCode::invalid;
  const auto gates = static_cast<std::size_t>(report::outcome_of(summary.gates, ending.undecided));
  if (kOfGates[gates] != ExitCode::ok) return kOfGates[gates];
  return ending.strict && verdict == VerdictName::errors ? ExitCode::target_failed : ExitCode::ok;
}

}  // namespace loadgen::cli
