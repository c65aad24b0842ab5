#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "cli/baseline_use.hpp"
#include "cli/bundled_server.hpp"
#include "cli/calibration_file.hpp"
#include "cli/commands.hpp"
#include "cli/github.hpp"
#include "cli/jtl_writer.hpp"
#include "cli/launch.hpp"
#include "cli/live_metrics.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/readiness.hpp"
#include "cli/run_exit_code.hpp"
#include "cli/signals.hpp"
#include "cli/unmeasured.hpp"
#include "config/describe.hpp"
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
    if (control_.stop() == run::Stop::threshold && !std::exchange(told_, true))
      complain("a threshold has failed for its time: " + draining(progress));
    for (int i = interrupts(); i > 0; --i) interrupt(progress);
  }
  void finish() { printer_.finish(last_); }
  bool interrupted() const { return interrupted_; }

 private:
  void interrupt(const stats::Progress& progress) {
    if (interrupted_) return control_.raise(run::Stop::now);
    interrupted_ = true;
    control_.raise(run::Stop::graceful);
    complain("interrupted: " + draining(progress) + "; again to stop now");
  }
  std::string draining(const stats::Progress& progress) const {
    return fmt::format("no more requests are started, {} in flight may finish within {:.0f} s",
                       progress.sent - progress.total.completed, seconds(grace_));
  }

  run::RunControl& control_;
  Terminal terminal_;
  Duration grace_;
  ProgressPrinter printer_;
  stats::Progress last_;
  bool interrupted_ = false;
  bool told_ = false;  ///< that a threshold stopped the run
};

/// The bundled server where it is asked for, and the run aimed at it.
Result<std::optional<BundledServer>> serve(RunCommand& asked) {
  if (!asked.serve) return std::optional<BundledServer>();
  auto server = BundledServer::start();
  if (!server) return Error{server.error()};
  asked.plan.overrides.target = server->url();
  asked.baseline.target = "the bundled loadgen-server";
  return std::optional(std::move(*server));
}

/// Everything that is written of a run; false when a report could not be.
bool write_reports(const RunCommand& command, const report::Summary& summary, std::vector<Output>& outputs,
                   const std::optional<JtlWriter>& jtl) {
  auto problems = write_outputs(outputs, render_run(summary, command.color));
  if (jtl && jtl->problem()) problems.push_back(*jtl->problem());
  for (const std::string& problem : problems) complain(problem);
  if (jtl && !jtl->problem() && summary.rows->lost > 0) complain("warning: jtl: " + report::rows_text(*summary.rows));
  if (command.github) tell_github(github_report(summary), command.outputs);
  return problems.empty();
}

/// What a run has before its first request.
struct Prepared {
  std::optional<LiveMetrics> metrics;
  Ready ready;
  BaselineUse baseline;
};

std::variant<Prepared, NoRun> prepare(const RunCommand& asked, config::Plan plan) {
  auto metrics = LiveMetrics::open(asked.listen);
  if (!metrics) return NoRun{ExitCode::usage, metrics.error()};
  if (*metrics) complain("metrics are at " + (*metrics)->url());
  if (auto none = wait_for_targets(plan, {.timeout = asked.manner.ready_timeout, .quiet = asked.quiet}))
    return std::move(*none);
  auto made = make_ready(std::move(plan), asked.manner);
  if (auto* none = std::get_if<NoRun>(&made)) {
    return with_advice(std::move(*none), asked.manner, "; --no-probe starts without asking first");
  }
  Ready& ready = std::get<Ready>(made);
  for (const std::string& warning : ready.warnings) complain("warning: " + warning);
  auto baseline = BaselineUse::open(asked.baseline, ready);
  if (auto* none = std::get_if<NoRun>(&baseline)) return std::move(*none);
  ready.options.may_abort = std::ranges::any_of(
      ready.plan.thresholds, [](const config::Threshold& threshold) { return threshold.abort_after.has_value(); });
  return Prepared{std::move(*metrics), std::move(ready), std::move(std::get<BaselineUse>(baseline))};
}

}  // namespace

ExitCode run(const RunCommand& command) {
  hold_signals();
  RunCommand asked = command;
  const auto server = serve(asked);
  if (!server) return complain(server.error()), ExitCode::internal;

  auto plan = load_plan(asked.plan);
  if (!plan) return ExitCode::usage;
  for (const std::string& warning : config::wrong_ways(*plan)) complain("warning: " + warning);
  auto outputs = open_outputs(command.outputs, command.quiet, inputs_of(command.plan.file, *plan));
  if (!outputs) return complain(outputs.error()), ExitCode::usage;
  auto prepared = prepare(asked, std::move(*plan));
  if (const auto* none = std::get_if<NoRun>(&prepared))
    return give_up(*none, {"run", command.outputs, *outputs, command.github});
  auto& [metrics, ready, baseline] = std::get<Prepared>(prepared);
  std::optional<JtlWriter> jtl;
  if (auto output = take_jtl(*outputs)) {
    jtl.emplace(std::move(*output), ready.plan, ready.options.threads, command.jtl_one_in);
    ready.options.rows = jtl->rings();
  }

  run::RunControl control;
  Watch watch(command, ready.plan, control);
  if (metrics) ready.options.see = metrics->begin(ready.program.labels);
  stats::RunRecord record =
      run::run_plan(ready.plan, ready.program, ready.options, control, [&](const stats::Progress& p) {
        watch.tick(p);
        if (metrics) metrics->tick(p);
      });
  watch.finish();
  if (watch.interrupted()) record.stop = stats::StopReason::interrupted;
  if (jtl) record.rows = jtl->finish();

  report::Summary summary = report::summarize(ready.plan, record, report::read_host(), find_calibration(record.engine));
  summary.strict = command.strict;
  baseline.judge(summary);
  if (metrics) metrics->finish(summary);
  const bool written = write_reports(command, summary, *outputs, jtl);
  const auto unsaved = baseline.save(summary);
  if (unsaved) complain(unsaved->message);
  const ExitCode code = exit_code_of(summary, {.interrupted = watch.interrupted()});
  if (code == ExitCode::ok && unsaved) return unsaved->code;
  return code == ExitCode::ok && !written ? ExitCode::internal : code;
}

}  // namespace loadgen::cli
