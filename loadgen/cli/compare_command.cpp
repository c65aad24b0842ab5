#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/units.hpp"
#include "cli/calibration_file.hpp"
#include "cli/commands.hpp"
#include "cli/compare_blocks.hpp"
#include "cli/compare_progress.hpp"
#include "cli/github.hpp"
#include "cli/guards.hpp"
#include "cli/output.hpp"
#include "cli/plan_maker.hpp"
#include "cli/unmeasured.hpp"
#include "config/describe.hpp"
#include "config/words.hpp"
#include "report/comparison_reporter.hpp"
#include "report/offered.hpp"
#include "run/run_plan.hpp"

namespace loadgen::cli {
namespace {

using report::CompareMode;

/// For a command whose port is not known yet.
constexpr const char* kSomePort = "http://127.0.0.1";

bool is_closed(const config::Plan& plan) {
  return report::offered_load(plan).model == "closed";
}

/// Few, because each metric more is a chance more for a false alarm.
std::vector<std::string> default_gates(const config::Plan& plan, bool cpu_is_known) {
  std::vector<std::string> names{is_closed(plan) ? "rps" : "p50", "p99", "error_rate"};
  if (cpu_is_known) names.emplace_back("server_cpu");
  return names;
}

/// Why a metric that was asked for cannot decide anything here; empty: it can.
std::string unfit(const CompareCommand& command, const config::Plan& plan) {
  const auto asked = [&](std::string_view name) {
    return std::ranges::find(command.metrics, name) != command.metrics.end();
  };
  if (asked("rps") && !is_closed(plan))
    return "--metric rps: this plan sends at a rate of its own, so requests a second are what was asked for and not "
           "what the target can do; gate p50 or p99, or use a closed loop (-c without -R)";
  if (asked("server_cpu"))
    for (const TargetSpec& target : command.targets)
      if (!target.has_pid())
        return fmt::format(
            "--metric server_cpu: nobody knows the process of target {}; give a command, or --pid {}=PID",
            config::in_quotes(target.name), config::in_quotes(target.name));
  return {};
}

/// Why nothing would be left of a slice to measure, or a process not be found; empty: neither.
std::string out_of_reach(const CompareCommand& command, const config::Plan& plan) {
  const bool ends_by_time = std::ranges::all_of(
      plan.thread_groups, [](const config::ThreadGroup& group) { return group.open() || group.duration.has_value(); });
  const Duration length = slice_length(plan);
  if (command.warm_up && ends_by_time && *command.warm_up >= length)
    return fmt::format("--warm-up {}: a slice is only {} long, so that nothing of it would be measured",
                       to_string(*command.warm_up), to_string(length));
  for (const TargetSpec& target : command.targets)
    if (target.pid && kill(*target.pid, 0) != 0 && errno == ESRCH)
      return fmt::format("--pid {}={}: there is no process of that number", config::in_quotes(target.name),
                         *target.pid);
  return {};
}

report::CompareDesign design_of(const CompareCommand& command, const config::Plan& plan) {
  report::CompareDesign design;
  design.mode = command.runs > 0 ? CompareMode::runs : command.same ? CompareMode::same : CompareMode::gate;
  for (const TargetSpec& target : command.targets) design.targets.push_back(target.name);
  const bool cpu_is_known = std::ranges::all_of(command.targets, &TargetSpec::has_pid);
  const auto gates = command.metrics.empty() ? default_gates(plan, cpu_is_known) : command.metrics;
  for (const report::CompareMetric& metric : report::kCompareMetrics) {
    const std::string name(metric.name);
    const auto delta = command.deltas.find(name);
    design.metrics.push_back({.name = name,
                              .gated = std::ranges::find(gates, name) != gates.end(),
                              .delta = delta == command.deltas.end() ? metric.delta : delta->second});
  }
  design.model = report::offered_load(plan).model;
  design.alpha = command.alpha;
  design.blocks = command.runs > 0 ? command.runs + command.discard : command.blocks;
  design.passes = command.runs > 0 ? 1 : command.passes;
  design.runs_discarded = command.discard;
  design.slice_s = seconds(slice_length(plan));
  design.discard_s = command.warm_up ? seconds(*command.warm_up) : 0;
  design.seed = plan.seed;
  design.restarted = command.runs == 0 && std::ranges::all_of(command.targets, &TargetSpec::is_command);
  design.plan_json = config::to_json(plan);
  return design;
}

Outline outline_of(const CompareCommand& command, const report::CompareDesign& design) {
  const auto commands = std::ranges::count_if(command.targets, &TargetSpec::is_command);
  const bool runs = design.mode == CompareMode::runs;
  return {.targets = static_cast<std::uint32_t>(command.targets.size()),
          .commands = static_cast<std::uint32_t>(commands),
          .blocks = design.blocks,
          .passes = design.passes,
          .restarts = !runs && commands > 0,
          .slice = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(design.slice_s)),
          .warming = runs ? Duration::zero() : command.warming};
}

void announce(const Outline& outline, const report::CompareDesign& design, CompareProgress& progress) {
  progress.say(budget_text(outline));
  if (design.mode == CompareMode::runs) return;
  if (const std::string text = detectable_text(design); !text.empty()) progress.say(text);
  if (!design.restarted)
    progress.say("targets given by URL are not started anew: what differs from one start to the next is not seen");
}

Render render(const report::Comparison& comparison, ColorFlag color) {
  return [&comparison, color](const Output& output) {
    if (!output.to_stdout() || output.format != "text")
      return report::find_comparison_reporter(output.format)->render(comparison);
    return report::comparison_text(comparison, style_of_stdout(color));
  };
}

/// The report has one line for it, stderr what the target said at last too.
void cut_short(report::Comparison& comparison, const NoRun& failed) {
  complain(failed.message);
  comparison.cut_short = failed.message.substr(0, failed.message.find('\n'));
}

ExitCode exit_code_of(const report::Comparison& comparison) {
  if (comparison.interrupted) return ExitCode::interrupted;
  if (comparison.design.mode == CompareMode::runs) return ExitCode::ok;
  return cli::exit_code_of(report::standing_of(comparison));
}

/// The plan as the first target would get it. Its mistakes are told on stderr.
std::optional<config::Plan> sample_plan(const PlanMaker& plans, const CompareCommand& command) {
  for (const TargetSpec& target : command.targets)
    if (!target.is_command() && !plans.plan({.url = target.url})) return std::nullopt;
  const TargetSpec& first = command.targets.front();
  return plans.plan({.url = first.is_command() ? kSomePort : first.url, .warm_up = command.warm_up});
}

/// Why nothing can be kept in the folder of --save-runs; empty: it can.
std::string folder_problem(const CompareCommand& command) {
  const std::string& folder = command.save_runs;
  if (folder.empty()) return {};
  std::set<std::string> words;
  for (const TargetSpec& target : command.targets)
    if (!words.insert(file_word(target.name)).second)
      return fmt::format("--save-runs: two targets' files would have the same name, {}_…; rename one",
                         file_word(target.name));
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (!error && access(folder.c_str(), W_OK) != 0) error.assign(errno, std::generic_category());
  return error ? fmt::format("--save-runs {}: {}", folder, error.message()) : std::string();
}

}  // namespace

ExitCode compare(const CompareCommand& command) {
  hold_signals();
  const auto plans = PlanMaker::read(command.plan, command.path);
  auto plan = plans ? sample_plan(*plans, command) : std::nullopt;
  if (!plan) return ExitCode::usage;
  for (const auto& check : {unfit, out_of_reach})
    if (const std::string why = check(command, *plan); !why.empty()) return complain(why), ExitCode::usage;
  if (const auto problem = folder_problem(command); !problem.empty()) return complain(problem), ExitCode::usage;
  const auto engine = run::choose_engine(command.manner.engine, run::needs_of(*plan));
  if (!engine) return complain(engine.error()), ExitCode::usage;
  // Before the targets start, which inherit the limit of descriptors.
  if (const auto fits = fit_to_descriptors(*plan, 1); !fits) return complain(fits.error()), ExitCode::usage;
  if (const auto uploads = run::open_uploads(*plan); !uploads) return complain(uploads.error()), ExitCode::usage;
  auto outputs = open_outputs(command.outputs, command.quiet, inputs_of(command.plan.file, *plan));
  if (!outputs) return complain(outputs.error()), ExitCode::usage;

  report::Comparison comparison;
  comparison.design = design_of(command, *plan);
  comparison.design.floor_ms = report::time_floor_ms(find_calibration(engine->name));
  comparison.tool = report::this_tool();
  comparison.host = report::read_host();
  comparison.started = std::chrono::system_clock::now();
  const TimePoint begin = SteadyClock::now();
  const Outline outline = outline_of(command, comparison.design);
  CompareProgress progress(outline, command.quiet ? CompareProgress::Talk::quiet : CompareProgress::Talk::normal);
  announce(outline, comparison.design, progress);
  if (!plan->thresholds.empty())
    progress.say("the plan's thresholds are for run: here nothing is held against them, and none stops a slice");
  CompareBlocks blocks(command, *plans, comparison, progress);
  const auto failed = blocks.make();
  if (failed && comparison.slices.empty())
    return give_up(*failed, {"compare", command.outputs, *outputs, command.github});
  if (failed) cut_short(comparison, *failed);
  comparison.wall_s = seconds(SteadyClock::now() - begin);
  report::conclude(comparison);

  const auto problems = write_outputs(*outputs, render(comparison, command.color));
  for (const std::string& problem : problems) complain(problem);
  if (command.github) tell_github(github_report(comparison), command.outputs);
  const ExitCode code = failed ? failed->code : exit_code_of(comparison);
  return code == ExitCode::ok && !problems.empty() ? ExitCode::internal : code;
}

}  // namespace loadgen::cli
