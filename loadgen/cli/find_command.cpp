#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <thread>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/bundled_server.hpp"
#include "cli/calibration_file.hpp"
#include "cli/commands.hpp"
#include "cli/github.hpp"
#include "cli/interrupts.hpp"
#include "cli/launch.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"
#include "cli/readiness.hpp"
#include "cli/signals.hpp"
#include "cli/unmeasured.hpp"
#include "config/at_rate.hpp"
#include "config/describe.hpp"
#include "load/rate_search.hpp"
#include "report/curve_reports.hpp"
#include "report/numbers.hpp"
#include "run/run_plan.hpp"

namespace loadgen::cli {
namespace {

using load::RateSearch;
using load::TrialOutcome;
using report::Curve;
using report::SearchEnd;
using report::Trial;
using report::TrialSays;

constexpr double kFirst = 100;  ///< arrivals a second, where neither the plan nor --from says it
constexpr Duration kWarmUp = std::chrono::seconds(2);
/// A trial is made longer until so many arrivals are measured: with fewer no p99 is known.
constexpr double kLeastArrivals = 1'000;
constexpr Duration kLongestTrial = std::chrono::seconds(60);
/// What an overloaded trial leaves behind is given up after that, so that the next trial meets a target at rest.
constexpr Duration kGrace = std::chrono::seconds(5);
constexpr Duration kRest = std::chrono::milliseconds(500);
/// A trial that says nothing of the target is made again so often at the same rate.
constexpr std::uint32_t kAgain = 3;

/// What is to be searched, and how.
struct Search {
  const FindCommand& command;
  config::Plan plan;
  std::vector<config::Threshold> objective;
  double first = kFirst;
};

/// "--slo …" or the plan's thresholds; the load itself must come off, or the rate is only what was asked for.
Result<std::vector<config::Threshold>> objective_of(const FindCommand& command, const config::Plan& plan) {
  std::vector<config::Threshold> objective = command.objective.empty() ? plan.thresholds : command.objective;
  using Metric = config::Threshold::Metric;
  if (objective.empty())
    return Error{
        "no objective: say what must hold, as in --slo 'p99<50ms,error_rate<0.1%', or as the plan's thresholds"};
  for (const config::Threshold& threshold : objective) {
    if (threshold.metric == Metric::rps)
      return Error{
          fmt::format("{}: the rate is what is searched for; take it out of the objective, or ask for it with "
                      "--at-least",
                      config::to_string(threshold))};
    if (const auto wrong = config::wrong_way(threshold))
      return Error{fmt::format("{} A search needs a limit that a high rate breaks", *wrong)};
    if (threshold.abort_after)
      return Error{fmt::format(
          "{}: each trial of a search is made to its end, and nothing stops it; take \"abort\" away, or say "
          "the objective with --slo",
          config::to_string(threshold))};
  }
  if (std::ranges::find(objective, Metric::delivered, &config::Threshold::metric) == objective.end())
    objective.push_back(*config::parse_threshold("delivered >= 99%"));
  return objective;
}

std::variant<Search, NoRun> prepare(const FindCommand& command, config::Plan plan) {
  const auto own = config::rate_of(plan);
  if (!own) return NoRun{ExitCode::usage, own.error()};
  auto objective = objective_of(command, plan);
  if (!objective) return NoRun{ExitCode::usage, objective.error()};
  plan.thresholds = *objective;
  plan.grace = std::min(plan.grace, kGrace);
  const double first = command.first.value_or(*own > 0 ? *own : kFirst);
  return Search{command, std::move(plan), std::move(*objective), std::min(first, command.most)};
}

config::Plan plan_of(const Search& search, double rate) {
  const Duration enough = from_seconds(kLeastArrivals / rate);
  const Duration length = std::max(search.command.trial, std::min(enough, kLongestTrial));
  const Duration warm_up = search.plan.warm_up.automatic || search.plan.warm_up.time == Duration::zero()
                               ? kWarmUp
                               : search.plan.warm_up.time;
  return config::at_rate(search.plan, {.rate = rate, .warm_up = warm_up, .length = length});
}

/// What all trials look at: the stop that Ctrl-C raises, and what stderr is told.
class Watch {
 public:
  explicit Watch(bool quiet) : quiet_(quiet) {}

  void tell(const std::string& line) const {
    if (!quiet_) complain(line);
  }
  bool interrupted() { return interrupts_.asked() > 0; }
  void look(run::RunControl& control) { interrupts_.pass_on(control); }

 private:
  bool quiet_;
  Interrupts interrupts_{
      "interrupted: this trial ends now, and the trials before it will be reported; again to stop at once"};
};

std::variant<report::Summary, NoRun> run_trial(const Search& search, double rate, Watch& watch) {
  auto prepared = make_ready(plan_of(search, rate), search.command.manner);
  if (auto* none = std::get_if<NoRun>(&prepared)) return std::move(*none);
  const Ready& ready = std::get<Ready>(prepared);
  run::RunControl control;
  const stats::RunRecord record = run::run_plan(ready.plan, ready.program, ready.options, control,
                                                [&](const stats::Progress&) { watch.look(control); });
  return report::summarize(ready.plan, record, report::read_host(), find_calibration(record.engine));
}

std::string line_of(const Trial& trial, std::size_t number) {
  const auto time = [](const stats::Estimate& e) {
    return e.resolution == stats::Resolution::empty ? std::string("-") : report::ms(e.value) + " ms";
  };
  return fmt::format("trial {}: {}, p50 {}, p99 {}, errors {}: {}{}", number, rate_to_string(std::round(trial.rate)),
                     time(trial.p50), time(trial.p99), report::percent(trial.error_rate), to_string(trial.says),
                     trial.says == TrialSays::holds ? "" : " (" + trial.reason + ")");
}

/// Goes on from trial to trial. What a trial says of the generator or the machine is no answer about the target: it is
/// made again, and when it stays so the search looks lower, or ends.
class Seeker {
 public:
  Seeker(const Search& search, Curve& curve)
      : curve_(curve),
        most_trials_(search.command.most_trials),
        search_({.first = search.first, .most = search.command.most, .precision = search.command.precision}) {}

  double next() const { return search_.next(); }

  /// nullopt: go on.
  std::optional<SearchEnd> take(const Trial& trial) {
    curve_.trials.push_back(trial);
    const std::optional<SearchEnd> end = consider(trial);
    curve_.found = search_.found();
    if (end) return end;
    switch (search_.ending()) {
      case RateSearch::Ending::precise:
        return SearchEnd::precise;
      case RateSearch::Ending::at_top:
        return capped_ ? SearchEnd::generator : SearchEnd::highest_rate;
      case RateSearch::Ending::at_bottom:
        return SearchEnd::lowest_rate;
      case RateSearch::Ending::open:
        break;
    }
    if (curve_.trials.size() >= most_trials_) return SearchEnd::trials;
    return std::nullopt;
  }

 private:
  std::optional<SearchEnd> consider(const Trial& trial) {
    switch (trial.says) {
      case TrialSays::broken:
        return SearchEnd::broken;
      case TrialSays::disturbed:
        return ++without_answer_ >= kAgain ? std::optional(SearchEnd::disturbed) : std::nullopt;
      case TrialSays::generator_bound:
        if (++without_answer_ < kAgain) return std::nullopt;
        search_.cap(trial.rate);
        capped_ = true;
        if (!answered_ && ++caps_ >= kAgain) return SearchEnd::generator;
        break;
      case TrialSays::holds:
        search_.add(trial.rate, TrialOutcome::holds);
        break;
      case TrialSays::leans_to_holding:
        search_.add(trial.rate, TrialOutcome::leans_to_holding);
        break;
      case TrialSays::leans_to_failing:
        search_.add(trial.rate, TrialOutcome::leans_to_failing);
        break;
      case TrialSays::fails:
        search_.add(trial.rate, TrialOutcome::fails);
        break;
    }
    without_answer_ = 0;
    answered_ = answered_ || trial.says <= TrialSays::fails;
    return std::nullopt;
  }

  Curve& curve_;
  std::size_t most_trials_;
  RateSearch search_;
  std::uint32_t without_answer_ = 0;  ///< trials in a row
  std::uint32_t caps_ = 0;            ///< before the first answer
  bool capped_ = false;
  bool answered_ = false;  ///< about the target, by any trial
};

/// Makes the trials. NoRun: not even the first one could be made.
std::optional<NoRun> seek(const Search& search, Curve& curve, Watch& watch) {
  const FindCommand& command = search.command;
  const Patience patience{.timeout = command.manner.ready_timeout, .quiet = command.quiet};
  if (auto none = wait_for_targets(search.plan, patience)) return none;
  Seeker seeker(search, curve);
  for (;;) {
    const double rate = seeker.next();
    auto outcome = run_trial(search, rate, watch);
    if (auto* none = std::get_if<NoRun>(&outcome)) {
      if (curve.trials.empty()) return with_advice(std::move(*none), command.manner);
      complain(none->message);
      curve.end = SearchEnd::target_lost;
      return std::nullopt;
    }
    const report::Summary& summary = std::get<report::Summary>(outcome);
    if (curve.trials.empty()) {
      curve.engine = summary.generator.engine;
      curve.plan_json = summary.plan_json;
    }
    if (watch.interrupted()) {
      curve.end = SearchEnd::interrupted;
      return std::nullopt;
    }
    const Trial trial = report::trial_of(summary, search.objective, rate);
    const auto end = seeker.take(trial);
    watch.tell(line_of(trial, curve.trials.size()));
    if (end) {
      curve.end = *end;
      return std::nullopt;
    }
    std::this_thread::sleep_for(kRest);
  }
}

ExitCode exit_code_of(const Curve& curve) {
  if (curve.end == SearchEnd::interrupted) return ExitCode::interrupted;
  if (curve.end == SearchEnd::target_lost) return ExitCode::target_failed;
  return cli::exit_code_of(report::standing_of(curve));
}

Render render_curve(const Curve& curve, ColorFlag color) {
  return [&curve, color](const Output& output) {
    const Terminal terminal = terminal_of(stdout);
    if (output.to_stdout() && output.format == "text")
      return report::curve_text(curve, {.color = use_color(color, terminal),
                                        .width = terminal.is_tty ? columns_of(stdout) : report::TextStyle{}.width});
    const auto row = std::ranges::find(report::kCurveReporters, output.format,
                                       [](const report::CurveReporter& r) { return r.format.name; });
    return row->render(curve);
  };
}

void tell_budget(const Search& search, const Watch& watch) {
  const double trial_s = seconds(plan_of(search, search.first).thread_groups.front().arrivals.front().duration + kRest);
  watch.tell(
      fmt::format("searching from {} on, about {:.0f} s a trial, {} trials at most{}; Ctrl-C reports what there is",
                  rate_to_string(search.first), trial_s, search.command.most_trials,
                  search.command.most_trials > 20 ? " and 10 to 20 as a rule" : ""));
}

}  // namespace

ExitCode find(const FindCommand& command) {
  hold_signals();
  PlanSource source = command.plan;
  std::optional<BundledServer> server;
  if (command.serve) {
    auto started = BundledServer::start();
    if (!started) return complain(started.error()), ExitCode::internal;
    server.emplace(std::move(*started));
    source.overrides.target = server->url();
  }
  auto plan = load_plan(source);
  if (!plan) return ExitCode::usage;
  auto prepared = prepare(command, std::move(*plan));
  if (const auto* none = std::get_if<NoRun>(&prepared)) return complain(none->message), none->code;
  const Search& search = std::get<Search>(prepared);
  auto outputs = open_outputs(command.outputs, command.quiet, inputs_of(source.file, search.plan));
  if (!outputs) return complain(outputs.error()), ExitCode::usage;

  Watch watch(command.quiet);
  tell_budget(search, watch);
  Curve curve;
  curve.tool = report::this_tool();
  curve.name = search.plan.name;
  curve.target = search.plan.target;
  curve.host = report::read_host();
  curve.started = std::chrono::system_clock::now();
  for (const config::Threshold& threshold : search.objective) curve.objective.push_back(config::to_string(threshold));
  curve.precision = command.precision;
  curve.at_least = command.at_least;
  if (const auto none = seek(search, curve, watch))
    return give_up(*none, {"find", command.outputs, *outputs, command.github});
  curve.wall_s = std::chrono::duration<double>(std::chrono::system_clock::now() - curve.started).count();

  const auto problems = write_outputs(*outputs, render_curve(curve, command.color));
  for (const std::string& problem : problems) complain(problem);
  if (command.github) tell_github(github_report(curve), command.outputs);
  const ExitCode code = exit_code_of(curve);
  return code == ExitCode::ok && !problems.empty() ? ExitCode::internal : code;
}

}  // namespace loadgen::cli
