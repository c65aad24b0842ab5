// The options of `loadgen compare`.

#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.hpp"
#include "cli/command_options.hpp"
#include "cli/github.hpp"
#include "cli/option_words.hpp"
#include "cli/plan_options.hpp"
#include "config/url.hpp"
#include "config/words.hpp"
#include "report/comparison_reporter.hpp"

namespace loadgen::cli {
namespace {

constexpr std::uint32_t kBlocksOfNoise = 20;  ///< --aa: enough to know a spread
constexpr std::uint32_t kMostSlices = 10'000;
constexpr double kAlphaBlocking = 0.01;
constexpr Duration kSlice = std::chrono::seconds(5);
/// Stands in a one-line run's URL until a target takes its place.
constexpr const char* kNobody = "http://target";

/// As CLI11 fills them.
struct CompareArguments {
  PlanOptions plan;
  std::vector<std::string> targets, pids, metrics, deltas, outputs;
  std::optional<std::string> blocks, passes, warming, alpha, ready, ready_timeout, runs, discard, save_runs;
  std::string threads = "auto", engine = "auto", color = "auto";
  bool same = false, blocking = false, no_github = false, quiet = false;
};

/// NAME=VALUE of an option that takes that.
std::pair<std::string, std::string> named(std::string_view option, const std::string& text, std::string_view example) {
  const std::size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw UsageError{fmt::format("{}: {} names nothing; write {}", option, config::in_quotes(text), example)};
  return {text.substr(0, equals), text.substr(equals + 1)};
}

std::vector<std::string_view> metric_names() {
  std::vector<std::string_view> names;
  for (const report::CompareMetric& metric : report::kCompareMetrics) names.push_back(metric.name);
  return names;
}

void must_be_metric(std::string_view option, const std::string& name) {
  const std::vector<std::string_view> names = metric_names();
  if (std::ranges::find(names, name) == names.end())
    throw UsageError{fmt::format("{}: there is no metric {}; there are {}{}", option, config::in_quotes(name),
                                 config::listed(names, "and"), config::did_you_mean(name, names))};
}

std::vector<TargetSpec> targets_of(const CompareArguments& raw) {
  std::vector<TargetSpec> targets;
  for (const std::string& text : raw.targets) {
    targets.push_back(must(parse_target(text), "--target"));
    const auto same_name = [&](const TargetSpec& other) { return other.name == targets.back().name; };
    if (std::ranges::count_if(targets, same_name) > 1)
      throw UsageError{fmt::format("--target: two are called {}; their names tell them apart in the report",
                                   config::in_quotes(targets.back().name))};
  }
  for (const std::string& text : raw.pids) {
    const auto [name, number] = named("--pid", text, "NAME=PID, with the NAME of a --target");
    const auto target = std::ranges::find(targets, name, &TargetSpec::name);
    if (target == targets.end() || target->is_command())
      throw UsageError{fmt::format("--pid: no --target with a URL is called {}", config::in_quotes(name))};
    target->pid = static_cast<pid_t>(small_count("--pid", number));
  }
  if (raw.same) {
    if (targets.size() != 1) throw UsageError{"--aa takes one --target: it is compared with itself"};
    targets.push_back(targets.front());
    targets.back().name += " again";
  }
  const std::size_t least = raw.runs ? 1 : 2;
  if (targets.size() < least)
    throw UsageError{
        "name two targets, the first is what the other is compared with: --target base=http://localhost:3000 "
        "--target cand='./server --port {port}'"};
  return targets;
}

/// The plan, or the path of a one-line run. "/async" is a path unless a file has that name.
void read_plan_options(const CompareArguments& raw, CompareCommand& command) {
  PlanOptions plan = raw.plan;
  std::error_code error;
  const bool path = plan.what.starts_with('/') && !std::filesystem::is_regular_file(plan.what, error);
  if (path) command.path = plan.what;
  if (config::is_whole_url(plan.what)) command.path = must(config::parse_url(plan.what), "the URL").path_and_query;
  if (command.path) must(config::parse_path(*command.path), "the path");
  const bool nothing = plan.what.empty() && plan.config.empty();
  if (path || nothing) plan.what = kNobody + command.path.value_or("/");
  command.plan = plan.source();
  if (auto& line = command.plan.one_line; line && !line->duration && !line->iterations) line->duration = kSlice;
  const auto& warm_up = plan.warm_up ? command.plan.overrides.warm_up : std::nullopt;
  if (warm_up && !warm_up->automatic) command.warm_up = warm_up->time;
}

void read_design(const CompareArguments& raw, CompareCommand& command) {
  if (raw.same) command.blocks = kBlocksOfNoise;
  if (raw.blocks) command.blocks = small_count("--blocks", *raw.blocks);
  if (raw.passes) command.passes = small_count("--passes", *raw.passes);
  if (command.blocks < stats::kLeastBlocks || command.passes == 0)
    throw UsageError{
        fmt::format("--blocks takes {} and more, --passes 1 and more: fewer decide nothing", stats::kLeastBlocks)};
  if (std::uint64_t{command.blocks} * command.passes * command.targets.size() > kMostSlices)
    throw UsageError{fmt::format("--blocks and --passes: more than {} slices; nobody waits for that", kMostSlices)};
  command.metrics = raw.metrics;
  for (const std::string& metric : command.metrics) must_be_metric("--metric", metric);
  for (const std::string& text : raw.deltas) {
    const auto [name, share] = named("--delta", text, "METRIC=SHARE, as in p99=10%");
    must_be_metric("--delta", name);
    const double value = must(parse_share(share), "--delta");
    // Of a share the margin is absolute, in its unit.
    const bool absolute = report::find_compare_metric(name)->kind == report::FigureKind::share;
    command.deltas[name] = absolute ? 100 * value : value;
  }
  if (raw.blocking) command.alpha = kAlphaBlocking;
  if (raw.alpha) command.alpha = must(parse_share(*raw.alpha), "--alpha");
  if (command.alpha < 1e-4 || command.alpha > 0.4) throw UsageError{"--alpha: takes 0.01% to 40%, as in 5%"};
}

/// --runs and what goes with it, and what does not.
void read_runs(const CompareArguments& raw, CompareCommand& command) {
  if (raw.discard && !raw.runs)
    throw UsageError{"--discard goes with --runs: so many are made before the counted ones"};
  if (!raw.runs) return;
  command.runs = small_count("--runs", *raw.runs);
  if (raw.discard) command.discard = small_count("--discard", *raw.discard);
  if (command.runs == 0) throw UsageError{"--runs: at least one is needed"};
  if (std::uint64_t{command.runs} + command.discard > kMostSlices)
    throw UsageError{fmt::format("--runs: more than {}; nobody waits for that", kMostSlices)};
  if (raw.same || raw.blocks || raw.passes || raw.alpha || raw.blocking || !raw.metrics.empty() || !raw.deltas.empty())
    throw UsageError{
        "--runs prints a table and decides nothing; --aa, --blocks, --passes, --metric, --delta, --alpha and "
        "--blocking are for comparisons without it"};
}

CompareCommand command_of(const CompareArguments& raw) {
  CompareCommand command;
  command.targets = targets_of(raw);
  read_plan_options(raw, command);
  read_design(raw, command);
  read_runs(raw, command);
  command.same = raw.same;
  if (raw.warming) command.warming = must(parse_duration(*raw.warming), "--warming");
  if (raw.ready) command.ready = must(config::parse_path(*raw.ready), "--ready");
  if (raw.ready_timeout) command.ready_timeout = must(parse_duration(*raw.ready_timeout), "--ready-timeout");
  command.save_runs = raw.save_runs.value_or("");
  command.outputs = outputs_of(raw.outputs, report::kComparisonFormats);
  command.manner.engine = raw.engine;
  command.manner.threads = threads_of(raw.threads);
  command.github = !raw.no_github && in_github_actions();
  command.quiet = raw.quiet;
  command.color = color_of(raw.color);
  return command;
}

void add_targets(CLI::App& app, CompareArguments& raw) {
  const std::string group = "Targets";
  app.add_option("--target", raw.targets,
                 "a base URL, or a command for /bin/sh that serves on 127.0.0.1:{port} until SIGTERM and is\n"
                 "started anew for each block; two or more, the first is what the others are compared with")
      ->type_name("NAME=URL|COMMAND")
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--ready", raw.ready, "asked for until any status comes, after a start (the plan's first request)")
      ->type_name("PATH")
      ->group(group);
  app.add_option("--ready-timeout", raw.ready_timeout, "for so long (30s)")->type_name("TIME")->group(group);
  app.add_option("--pid", raw.pids, "the process behind a URL, where it runs on this host, for server_cpu; repeatable")
      ->type_name("NAME=PID")
      ->allow_extra_args(false)
      ->group(group);
}

void add_design(CLI::App& app, CompareArguments& raw) {
  const std::string group = "The design";
  app.add_option("--blocks", raw.blocks,
                 "between two starts of the targets; the more, the smaller a change is found (12)")
      ->type_name("N")
      ->group(group);
  app.add_option("--passes", raw.passes, "slices of each target in a block (2)")->type_name("N")->group(group);
  app.add_option("--slice,-d,--duration", raw.plan.duration,
                 "length of a slice, its warm-up included (5s; of a plan: its own)")
      ->type_name("TIME")
      ->group(group);
  app.add_option("--warm-up", raw.plan.warm_up, "left out at the begin of each slice (10 x p99, at least 1s)")
      ->type_name("TIME")
      ->group(group);
  app.add_option("--warming", raw.warming, "load on each target after its start that nobody counts (2s)")
      ->type_name("TIME")
      ->group(group);
  app.add_option(
         "--metric", raw.metrics,
         fmt::format("what decides, separated by commas:\n{};\n"
                     "rps in closed loops only; all are shown (rps or p50, p99, error_rate, server_cpu if known)",
                     fmt::join(metric_names(), ", ")))
      ->type_name("LIST")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group(group);
  app.add_option("--delta", raw.deltas, "so much worse is still good enough, e.g. p99=10%; repeatable")
      ->type_name("METRIC=SHARE")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->group(group);
  auto* alpha = app.add_option("--alpha", raw.alpha, "how often a regression may be a false alarm (5%)")
                    ->type_name("SHARE")
                    ->group(group);
  app.add_flag("--blocking", raw.blocking, "the same as --alpha 1%, for a gate that stops a merge")
      ->excludes(alpha)
      ->group(group);
  app.add_flag("--aa", raw.same,
               "one target against itself, 20 blocks: how noisy is this machine, what can be found here")
      ->group(group);
  app.add_option("--runs", raw.runs, "no comparison: so many runs of each target in turns, and a table of them")
      ->type_name("N")
      ->group(group);
  app.add_option("--discard", raw.discard, "with --runs: so many before the counted ones (0)")
      ->type_name("N")
      ->group(group);
}

void add_manner(CLI::App& app, CompareArguments& raw) {
  add_engine_option(app, raw.engine);
  app.add_option("-t,--threads", raw.threads, "threads that send: a number or auto, as few as the plan needs")
      ->type_name("N");
  const std::string group = "Output";
  add_out_option(app, raw.outputs, report::kComparisonFormats)->group(group);
  add_github_option(app, raw.no_github)->group(group);
  app.add_option("--save-runs", raw.save_runs, "each slice's run.json into this folder, as TARGET_BLOCK_PASS.json")
      ->type_name("FOLDER")
      ->group(group);
  app.add_option("--color", raw.color, "auto, always or never; NO_COLOR is honoured")->type_name("WHEN")->group(group);
  app.add_flag("-q,--quiet", raw.quiet, "no text report and no progress; errors and --out only")->group(group);
}

constexpr const char* kFooter =
    "Examples:\n"
    "  loadgen compare /async -R 2000/s --target base='./old --port {port}' --target cand='./new --port {port}'\n"
    "  loadgen compare plan.json --target base=http://10.0.0.1:3000 --target cand=http://10.0.0.2:3000\n"
    "  loadgen compare /async -c 50 --aa --target base='./old --port {port}'     before a gate is turned on\n"
    "  loadgen compare configs/async_6000.json --runs 3 --discard 1 --target a=http://localhost:3000 --target b=…\n"
    "\nThe targets take turns, slice by slice in a drawn order, never both at once. Ctrl-C ends the slice and reports\n"
    "what there is as INCONCLUSIVE; twice stops now. Exit codes: 0 PASS or IMPROVED, 20 REGRESSION, 21 INCONCLUSIVE,\n"
    "22 not a valid measurement, 23 a target failed, 130 interrupted.\n";

}  // namespace

ReadCommand add_compare_options(CLI::App& app) {
  const auto raw = std::make_shared<CompareArguments>();
  raw->plan.add_to(app);
  app.get_option("PLAN|URL")->description("a plan in JSON, or the path of a one-line run, as /async");
  for (const char* name : {"--target", "--duration", "--warm-up"}) app.remove_option(app.get_option(name));  // own ones
  add_targets(app, *raw);
  add_design(app, *raw);
  add_manner(app, *raw);
  app.footer(kFooter);
  return [raw] { return Command(command_of(*raw)); };
}

}  // namespace loadgen::cli
