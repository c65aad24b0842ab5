// argv -> command -> exit code.

#include <exception>
#include <variant>

#include "cli/commands.hpp"
#include "cli/options.hpp"

namespace {

using namespace loadgen::cli;

struct Carry {
  ExitCode operator()(const RunCommand& command) const { return run(command); }
  ExitCode operator()(const CheckCommand& command) const { return check(command); }
  ExitCode operator()(const SchemaCommand& command) const { return schema(command); }
  ExitCode operator()(const Answered& answered) const { return answered.code; }
};

}  // namespace

int main(int argc, char** argv) {
  try {
    return static_cast<int>(std::visit(Carry{}, parse_command_line(argc, argv)));
  } catch (const std::exception& error) {
    complain(error.what());
    return static_cast<int>(ExitCode::internal);
  }
}
