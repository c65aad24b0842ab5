#include "cli/unmeasured.hpp"

#include <chrono>
#include <string>

#include "cli/commands.hpp"
#include "cli/github.hpp"
#include "report/unmeasured.hpp"

namespace loadgen::cli {

ExitCode give_up(const NoRun& none, const Attempt& attempt) {
  complain(none.message);
  const report::Unmeasured unmeasured{.tool = report::this_tool(),
                                      .command = std::string(attempt.command),
                                      .problem = none.message,
                                      .exit_code = static_cast<unsigned>(none.code),
                                      .when = std::chrono::system_clock::now()};
  const auto problems = write_outputs(attempt.outputs, [&](const Output& output) {
    const bool told = output.to_stdout() && output.format == "text";
    return told ? std::string() : report::unmeasured_report(unmeasured, output.format);
  });
  for (const std::string& problem : problems) complain(problem);
  if (attempt.github) tell_github(github_report(unmeasured), attempt.requests);
  return none.code;
}

}  // namespace loadgen::cli
