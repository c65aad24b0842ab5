#include "cli/run_exit_code.hpp"

#include <array>

#include "report/fault.hpp"

namespace loadgen::cli {

ExitCode exit_code_of(const report::Summary& summary, const Ending& ending) {
  using report::Fault;
  constexpr std::array<ExitCode, 5> codes{ExitCode::ok, ExitCode::invalid, ExitCode::target_failed, ExitCode::invalid,
                                          ExitCode::target_failed};  // by Fault
  const Fault fault = report::fault_of(summary);
  const ExitCode code = codes[static_cast<std::size_t>(fault)];
  if (fault == Fault::broken) return code;
  if (ending.interrupted) return ExitCode::interrupted;
  if (fault == Fault::no_success || fault == Fault::not_believed) return code;
  const ExitCode gates = exit_code_of(report::outcome_of(summary.gates));
  return gates != ExitCode::ok ? gates : code;
}

}  // namespace loadgen::cli
