#include "cli/run_options.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/github.hpp"
#include "cli/option_words.hpp"
#include "report/jtl.hpp"
#include "report/reporter.hpp"

namespace loadgen::cli {
namespace {

constexpr std::array<std::string_view, 3> kUndecided{"exit", "pass", "fail"};  // in the order of config::Undecided
constexpr std::array<std::string_view, 4> kPaces{"auto", "sleep", "hybrid", "spin"};

/// --until of a one-line run, without -d and -n: the longest that it may take.
constexpr Duration kLongestUntil = std::chrono::minutes(5);

/// What a run can write: its reports, and its samples while it goes on.
constexpr auto kFormats = report::with(report::kFormats, report::kJtl);

/// "1/100": 100.
std::uint32_t one_in_of(const std::string& text) {
  constexpr std::string_view kOne = "1/";
  const auto many = text.starts_with(kOne) ? parse_count(text.substr(kOne.size())) : Result<std::uint64_t>(Error{""});
  if (!many || *many == 0 || *many > UINT32_MAX)
    throw UsageError{
        fmt::format("--jtl-sample: \"{}\" is not a share such as 1/100, a row for one request in 100", text)};
  return static_cast<std::uint32_t>(*many);
}

void read_jtl(const RunArguments& arguments, RunCommand& command) {
  const auto asked = std::ranges::count(command.outputs, report::kJtl.name, &OutputRequest::format);
  if (asked > 1) throw UsageError{"--out: jtl goes to one file only"};
  if (!arguments.jtl_sample) return;
  if (asked == 0) throw UsageError{"--jtl-sample is for --out jtl=FILE, which was not asked for"};
  command.jtl_one_in = one_in_of(*arguments.jtl_sample);
}

void add_baseline_options(CLI::App& app, BaselineRequest& baseline) {
  const std::string group = "A baseline of earlier runs (second class: compare takes turns on one machine)";
  app.add_option("--baseline", baseline.compare_with, "hold p50, p99, error rate and a closed loop's rps against it")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--save-baseline", baseline.save_to, "add this run to it, unless it is not valid")
      ->type_name("FILE")
      ->group(group);
  app.add_option("--label", baseline.label, "what the run is called in it: a commit, as a rule")
      ->type_name("TEXT")
      ->group(group);
  app.add_flag("--force", baseline.force, "also where machine, plan, target or loadgen differ")->group(group);
}

}  // namespace

void RunArguments::add_to(CLI::App& app) {
  plan.add_to(app);
  const std::string run = "The run";
  app.add_flag("--serve", serve, "start the bundled loadgen-server for the run and aim at it")->group(run);
  app.add_option("-t,--threads", threads, "threads that send: a number or auto, as few as the plan needs")
      ->type_name("N")
      ->group(run);
  add_engine_option(app, engine)->group(run);
  app.add_option("--pace", pace,
                 "how due times are met: sleep (little CPU), hybrid (sleeps, then polls), spin (polls\n"
                 "always), or auto: hybrid where a core is left for it")
      ->type_name("HOW")
      ->group(run);
  app.add_option("--until", until,
                 "stop as soon as a figure is known so well: 'p99 ± 2%', 'mean 1%' or 'rate 1%'; at the\n"
                 "latest after -d or the plan's own length (one-line: 5m)")
      ->type_name("FIGURE")
      ->group(run);
  app.add_option("--fail-if", fail_if,
                 "exit with 20 if it holds for sure: 'p99 > 250ms', 'error_rate >= 0.1%', 'rps < 2900',\n"
                 "'delivered < 99%', 'service.p95{LABEL} > 1s over 10s', repeatable, added to the\n"
                 "plan's thresholds; with 'error_rate > 5% abort after 10s' the run is stopped when it\n"
                 "has held for so long")
      ->type_name("FIGURE")
      ->group(run)
      ->allow_extra_args(false);
  app.add_option("--undecided", undecided,
                 "a threshold whose limit lies inside the figure's interval: exit (with 21), pass or fail")
      ->type_name("HOW")
      ->group(run);
  app.add_flag("--strict", strict, "exit with 22 unless the measurement is valid")->group(run);
  app.add_flag("--no-probe", no_probe, "do not open one connection first to see whether the target is there")
      ->group(run);
  add_ready_timeout_option(app, ready_timeout)->group(run);
  add_baseline_options(app, baseline);
  const std::string out = "Output";
  add_out_option(app, outputs, kFormats)->group(out);
  app.add_option("--jtl-sample", jtl_sample,
                 "with --out jtl: a row for one request in so many, e.g. 1/100; drawn, whatever came of it")
      ->type_name("1/N")
      ->group(out);
  app.add_option("--listen", listen,
                 "serve /metrics to Prometheus while the run goes on, e.g. at 127.0.0.1:9464; port 0: a free\n"
                 "one, told on stderr")
      ->type_name("ADDR:PORT")
      ->group(out);
  add_github_option(app, no_github)->group(out);
  app.add_option("--progress", progress, "on stderr: auto, tty (a live block), line (JMeter's summary +), json, none")
      ->type_name("MODE")
      ->group(out);
  app.add_flag("--no-progress", no_progress, "the same as --progress none")->group(out);
  app.add_option("--color", color, "auto, always or never; NO_COLOR is honoured")->type_name("WHEN")->group(out);
  app.add_flag("-q,--quiet", quiet, "no text report and no progress; errors and --out only")->group(out);
}

/// The plan's own thresholds and those of the command line.
void RunArguments::add_thresholds(PlanSource& source) const {
  std::vector<config::Threshold>& thresholds =
      source.one_line ? source.one_line->thresholds : source.overrides.thresholds;
  for (const std::string& text : fail_if) {
    const config::Threshold written = must(config::parse_threshold(text), "--fail-if");
    if (written.form == config::Threshold::Form::fail_if)
      throw UsageError{fmt::format("--fail-if \"{}\": the words \"fail if\" are too many", text)};
    thresholds.push_back(config::opposite(written));
  }
  if (!undecided) return;
  const auto policy = config::Undecided(choice("--undecided", *undecided, kUndecided));
  source.overrides.undecided = policy;
  if (source.one_line) source.one_line->undecided = policy;
}

RunCommand RunArguments::command() const {
  RunCommand command;
  command.plan = plan.source();
  command.outputs = outputs_of(outputs, kFormats);
  read_jtl(*this, command);
  command.serve = serve;
  if (serve && plan.target)
    throw UsageError{"--serve and --target exclude each other: --serve aims at the server it starts"};
  if (serve && command.plan.one_line) throw UsageError{"--serve is for plans; for a URL start loadgen-server yourself"};
  command.manner.pace = kPaces[choice("--pace", pace, kPaces)];
  command.strict = strict;
  command.baseline = baseline;
  if (baseline.compare_with.empty() && baseline.save_to.empty() && (baseline.force || !baseline.label.empty()))
    throw UsageError{"--force and --label belong to --baseline or --save-baseline"};
  if (until) command.manner.until = must(config::parse_until(*until), "--until");
  if (auto& line = command.plan.one_line; command.manner.until && line && !line->duration && !line->iterations)
    line->duration = kLongestUntil;
  add_thresholds(command.plan);
  command.manner.probe = !no_probe;
  command.manner.ready_timeout = ready_timeout_of(ready_timeout);
  if (no_probe && ready_timeout)
    throw UsageError{"--ready-timeout and --no-probe exclude each other: to wait for a target is to ask it"};
  command.quiet = quiet;
  command.manner.engine = engine;
  command.manner.threads = threads_of(threads);
  const auto mode = progress_mode_of(no_progress || quiet ? "none" : progress);
  if (!mode)
    throw UsageError{
        fmt::format("--progress: there is no mode \"{}\"; there are auto, tty, line, json, none", progress)};
  command.progress = *mode;
  command.color = color_of(color);
  if (listen) command.listen = must(parse_listen_address(*listen), "--listen");
  command.github = !no_github && in_github_actions();
  return command;
}

}  // namespace loadgen::cli
