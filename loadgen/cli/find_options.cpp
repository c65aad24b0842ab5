#include <memory>

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/command_options.hpp"
#include "cli/github.hpp"
#include "cli/option_words.hpp"
#include "cli/plan_options.hpp"
#include "config/threshold.hpp"
#include "report/curve_reports.hpp"

namespace loadgen::cli {
namespace {

struct FindArguments {
  PlanOptions plan;
  std::optional<std::string> slo, from, to, trial, at_least, ready_timeout;
  std::string precision = "10%", threads = "auto", engine = "auto", pace = "auto", color = "auto";
  std::uint32_t trials = FindCommand{}.most_trials;
  std::vector<std::string> outputs;
  bool serve = false, no_github = false, quiet = false;

  void add_to(CLI::App& app);
  FindCommand command() const;
};

void FindArguments::add_to(CLI::App& app) {
  plan.add_to(app);
  const std::string search = "The search";
  app.add_option("--slo", slo,
                 "the objective: thresholds that must hold, as 'p99<50ms,error_rate<0.1%' (the plan's\n"
                 "thresholds)")
      ->type_name("LIST")
      ->group(search);
  app.add_option("--from", from, "first rate, arrivals a second (the plan's own constant rate, or 100/s)")
      ->type_name("RATE")
      ->group(search);
  app.add_option("--to", to, "highest rate that may be asked for (1000000/s)")->type_name("RATE")->group(search);
  app.add_option("--trial", trial,
                 "length of a trial, after its warm-up (10s; longer, up to 60s, where that gives fewer\n"
                 "than 1,000 arrivals)")
      ->type_name("TIME")
      ->group(search);
  app.add_option("--precision", precision, "width of the 95 % interval that is asked for (10%)")
      ->type_name("SHARE")
      ->group(search);
  app.add_option("--trials", trials, "trials at most (40)")->type_name("N")->check(CLI::Range(1, 1000))->group(search);
  app.add_option("--at-least", at_least,
                 "a gate: exit with 20 if the target sustains less than this, with 21 if that stays\n"
                 "undecided")
      ->type_name("RATE")
      ->group(search);
  const std::string run = "The trials";
  app.add_flag("--serve", serve, "start the bundled loadgen-server and aim at it")->group(run);
  app.add_option("-t,--threads", threads, "threads that send: a number or auto")->type_name("N")->group(run);
  add_engine_option(app, engine)->group(run);
  app.add_option("--pace", pace, "how due times are met: auto, sleep, hybrid, spin")->type_name("HOW")->group(run);
  add_ready_timeout_option(app, ready_timeout)->group(run);
  const std::string out = "Output";
  add_out_option(app, outputs, report::kCurveFormats)->group(out);
  add_github_option(app, no_github)->group(out);
  app.add_option("--color", color, "auto, always or never; NO_COLOR is honoured")->type_name("WHEN")->group(out);
  app.add_flag("-q,--quiet", quiet, "no text report and no progress; errors and --out only")->group(out);
}

double rate_of(const std::optional<std::string>& text, std::string_view option) {
  const double rate = must(parse_rate(*text), option);
  if (rate <= 0) throw UsageError{fmt::format("{}: a rate above 0 is needed", option)};
  return rate;
}

FindCommand FindArguments::command() const {
  FindCommand command;
  command.plan = plan.source();
  if (plan.duration || plan.requests)
    throw UsageError{"-d and -n are about runs; how long each trial of the search lasts is said with --trial"};
  if (slo) command.objective = must(config::parse_thresholds(*slo), "--slo");
  if (from) command.first = rate_of(from, "--from");
  if (to) command.most = rate_of(to, "--to");
  if (command.first && *command.first > command.most)
    throw UsageError{fmt::format("--from {} is above --to {}", *from, rate_to_string(command.most))};
  if (at_least) command.at_least = rate_of(at_least, "--at-least");
  if (trial) command.trial = must(parse_duration(*trial), "--trial");
  if (command.trial < std::chrono::seconds(1)) throw UsageError{"--trial: at least 1s, or there is nothing to judge"};
  command.precision = must(parse_share(precision), "--precision");
  if (command.precision < 0.01 || command.precision > 1) throw UsageError{"--precision: takes 1% to 100%"};
  command.most_trials = trials;
  command.manner = {
      .engine = engine, .threads = threads_of(threads), .pace = pace, .ready_timeout = ready_timeout_of(ready_timeout)};
  command.serve = serve;
  if (serve && (plan.target || command.plan.one_line))
    throw UsageError{"--serve is for plans without --target; for a URL start loadgen-server yourself"};
  command.outputs = outputs_of(outputs, report::kCurveFormats);
  command.github = !no_github && in_github_actions();
  command.color = color_of(color);
  command.quiet = quiet;
  return command;
}

}  // namespace

ReadCommand add_find_options(CLI::App& app) {
  const auto arguments = std::make_shared<FindArguments>();
  arguments->add_to(app);
  return [arguments] { return arguments->command(); };
}

}  // namespace loadgen::cli
