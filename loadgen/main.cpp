// argv -> command -> exit code.

#include <exception>
#include <variant>

#include "cli/commands.hpp"
#include "cli/options.hpp"
#include "cli/standard_streams.hpp"

namespace {

using namespace loadgen::cli;

struct Carry {
  ExitCode operator()(const RunCommand& command) const { return run(command); }
  ExitCode operator()(const CheckCommand& command) const { return check(command); }
  ExitCode operator()(const SchemaCommand& command) const { return schema(command); }
  ExitCode operator()(const ReportCommand& command) const { return report_saved(command); }
  ExitCode operator()(const MergeCommand& command) const { return merge_saved(command); }
  ExitCode operator()(const FindCommand& command) const { return find(command); }
  ExitCode operator()(const CalibrateCommand& command) const { return calibrate(command); }
  ExitCode operator()(const CompareCommand& command) const { return compare(command); }
  ExitCode operator()(const Answered& answered) const { return answered.code; }
};

}  // namespace

int main(int argc, char** argv) {
  hold_standard_descriptors();
  try {
    ExitCode code = std::visit(Carry{}, parse_command_line(argc, argv));
    if (code == ExitCode::ok && !stdout_is_whole()) {  // a run has told already, and is not ok
      complain("the output could not be written to stdout");
      code = ExitCode::internal;
    }
    return static_cast<int>(code);
  } catch (const std::exception& error) {
    complain(error.what());
    return static_cast<int>(ExitCode::internal);
  }
}
