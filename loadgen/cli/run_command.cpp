#include <iostream>
#include <optional>

#include <fmt/format.h>

#include "cli/bundled_server.hpp"
#include "cli/calibration_file.hpp"
#include "cli/commands.hpp"
#include "cli/guards.hpp"
#include "cli/launch.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/signals.hpp"
#include "report/summary.hpp"
#include "run/run_plan.hpp"

namespace loadgen::cli {
namespace {

/// What stderr sees of the run, and what signals do to it.
class Watch {
 public:
  Watch(const RunCommand& command, const config::Plan& plan, run::RunControl& control)
      : control_(control),
        terminal_(terminal_of(stderr)),
        grace_(plan.grace),
        printer_({.mode = choose_mode(command.progress, terminal_),
                  .out = stderr,
                  .unicode = is_utf8(terminal_.locale),
                  .offered_rate = report::offered_load(plan).rate,
                  .final_total = command.quiet}) {}

  void tick(const stats::Progress& progress) {
    last_ = progress;
    printer_.tick(progress);
    for (int i = interrupts(); i > 0; --i) interrupt(progress);
  }
  void finish() { printer_.finish(last_); }
  bool interrupted() const { return interrupted_; }

 private:
  void interrupt(const stats::Progress& progress) {
    if (interrupted_) return control_.raise(run::Stop::now);
    interrupted_ = true;
    control_.raise(run::Stop::graceful);
    complain(fmt::format(
        "interrupted: no more requests are started, {} in flight may finish within {:.0f} s; again to stop now",
        progress.sent - progress.total.completed, seconds(grace_)));
  }

  run::RunControl& control_;
  Terminal terminal_;
  Duration grace_;
  ProgressPrinter printer_;
  stats::Progress last_;
  bool interrupted_ = false;
};

/// strict: a measurement that cannot be believed is an error; that the target failed is the target's.
ExitCode exit_code_of(const report::Summary& summary, bool interrupted, bool strict) {
  using report::VerdictName;
  const VerdictName verdict = summary.verdict.name;
  if (verdict == VerdictName::broken) return ExitCode::invalid;
  if (interrupted) return ExitCode::interrupted;
  if (summary.ledger.sent > 0 && summary.ledger.succeeded == 0) return ExitCode::target_failed;
  if (!strict || verdict == VerdictName::trustworthy) return ExitCode::ok;
  return verdict == VerdictName::errors ? ExitCode::target_failed : ExitCode::invalid;
}

}  // namespace

ExitCode run(const RunCommand& command) {
  hold_signals();
  RunCommand asked = command;
  std::optional<BundledServer> server;
  if (command.serve) {
    auto started = BundledServer::start();
    if (!started) return complain(started.error()), ExitCode::internal;
    server.emplace(std::move(*started));
    asked.plan.overrides.target = server->url();
  }

  auto plan = load_plan(asked.plan);
  if (!plan) return ExitCode::usage;
  const auto engine = run::choose_engine(command.engine);
  if (!engine) return complain(engine.error()), ExitCode::usage;
  auto outputs = open_outputs(command.outputs, command.quiet, command.plan.file);
  if (!outputs) return complain(outputs.error()), ExitCode::usage;
  const run::Program program = run::compile(*plan);
  const auto lowered = fit_to_descriptors(*plan, program.targets.size());
  if (!lowered) return complain(lowered.error()), ExitCode::usage;
  if (*lowered) complain("warning: " + **lowered);
  if (const auto warning = port_warning(*plan, program.targets.size())) complain("warning: " + *warning);
  auto targets = reach(program, *plan, command.probe);
  if (!targets) {
    complain(targets.error() + (command.probe ? " (--no-probe starts without asking first.)" : ""));
    return ExitCode::target_failed;
  }

  const auto options = options_for(
      *plan, {.engine = command.engine, .threads = command.threads, .pace = command.pace, .until = command.until},
      std::move(*targets));
  if (!options) return complain(options.error()), ExitCode::usage;
  run::RunControl control;
  Watch watch(command, *plan, control);
  stats::RunRecord record =
      run::run_plan(*plan, program, *options, control, [&](const stats::Progress& p) { watch.tick(p); });
  watch.finish();
  if (watch.interrupted()) record.stop = stats::StopReason::interrupted;

  const report::Summary summary =
      report::summarize(*plan, record, report::read_host(), find_calibration(record.engine));
  const auto problems = write_outputs(*outputs, summary, use_color(command.color, terminal_of(stdout)));
  for (const std::string& problem : problems) complain(problem);
  const ExitCode code = exit_code_of(summary, watch.interrupted(), command.strict);
  return code == ExitCode::ok && !problems.empty() ? ExitCode::internal : code;
}

}  // namespace loadgen::cli
