#include "cli/options.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "cli/command_options.hpp"
#include "cli/option_words.hpp"
#include "cli/run_options.hpp"

namespace loadgen::cli {
namespace {

struct CommandRow {
  const char* name;
  const char* description;
  ReadCommand (*add)(CLI::App&);
};

/// All but `run`, whose options may also stand without a command.
constexpr std::array<CommandRow, 7> kCommands{{
    {"compare", "measure two or more targets in turns and say which is slower, with a stated error rate; for CI",
     &add_compare_options},
    {"find", "search the highest rate at which a target keeps an objective", &add_find_options},
    {"check", "validate a plan, print what it means and how it begins; send nothing", &add_check_options},
    {"report", "print a saved run again, in any format", &add_report_options},
    {"merge", "make one run of the saved runs of several generators of one plan", &add_merge_options},
    {"calibrate", "measure this host's floor and ceiling against the bundled server, about 10 s, and keep them",
     &add_calibrate_options},
    {"schema", "print a JSON Schema: of a plan, for editors, or of a file that --out json writes", &add_schema_options},
}};

std::string footer() {
  std::string text =
      "Examples:\n"
      "  loadgen --config configs/async_6000.json             6,000 users in 2 s, as the plan says\n"
      "  loadgen --config configs/async_6000.json --serve     the same against the bundled server\n"
      "  loadgen http://localhost:3000/async -c 100 -d 10s    100 users, closed loop, 10 s\n"
      "  loadgen http://localhost:3000/async -c 100 -n 6000 --out json=run.json\n"
      "  loadgen http://localhost:3000/async -R 3000/s -d 10s  3,000 requests a second, open loop\n"
      "  loadgen URL -R 500/s --spacing poisson -c 50 --warm-up 5s --until 'p99 ± 2%' -d 10m\n"
      "  loadgen check PLAN                                   what a plan means, without sending anything\n"
      "\nResults go to stdout, progress and diagnostics to stderr. Ctrl-C once stops starting requests, waits for "
      "those in\n"
      "flight and reports; twice stops now.\n"
      "\nExit codes:\n";
  for (const ExitCodeInfo& row : kExitCodes)
    text += fmt::format("  {:>3}  {}\n", static_cast<int>(row.code), row.meaning);
  return text;
}

/// Options before a command's name would be those of a run, and nobody would look at them.
void refuse_options_before(const CLI::App& app, const std::string& command) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->count() > 0)
      throw UsageError{fmt::format("{} stands before the command; write: loadgen {} … {}", option->get_name(), command,
                                   option->get_name())};
  }
}

Command read(const CLI::App& app, const RunArguments& run, const std::vector<ReadCommand>& commands) {
  for (std::size_t i = 0; i < kCommands.size(); ++i) {
    if (!app.got_subcommand(kCommands[i].name)) continue;
    refuse_options_before(app, kCommands[i].name);
    return commands[i]();
  }
  return run.command();
}

}  // namespace

ReadCommand add_check_options(CLI::App& app) {
  const auto options = std::make_shared<PlanOptions>();
  options->add_to(app);
  return [options] { return CheckCommand{options->source()}; };
}

ReadCommand add_calibrate_options(CLI::App& app) {
  const auto command = std::make_shared<CalibrateCommand>();
  add_engine_option(app, command->engine);
  app.add_flag("-q,--quiet", command->quiet, "no progress; the figures only");
  return [command] { return *command; };
}

Command parse_command_line(int argc, const char* const* argv) {
  RunArguments run;
  CLI::App app{"loadgen: sends the HTTP load that a plan says, and says what it measured and whether to believe it.\n",
               "loadgen"};
  app.set_version_flag("-V,--version", "loadgen " LOADGEN_VERSION);
  app.footer(footer());
  app.get_formatter()->column_width(34);
  app.require_subcommand(0, 1);
  run.add_to(app);
  run.add_to(*app.add_subcommand("run", "run a plan or a URL (what loadgen does without a command)"));
  std::vector<ReadCommand> commands;
  for (const CommandRow& row : kCommands) commands.push_back(row.add(*app.add_subcommand(row.name, row.description)));
  try {
    app.parse(argc, argv);
    return read(app, run, commands);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {  // help and version are "errors" to CLI11
      app.exit(error);
      return Answered{ExitCode::ok};
    }
    std::cerr << "loadgen: " << error.what() << "\nTry: loadgen --help\n";
  } catch (const UsageError& error) {
    std::cerr << "loadgen: " << error.message << '\n';
  }
  return Answered{ExitCode::usage};
}

}  // namespace loadgen::cli
