#include "cli/options.hpp"

#include <algorithm>
#include <array>
#include <iostream>
#include <span>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/units.hpp"
#include "report/reporter.hpp"
#include "run/run_plan.hpp"

namespace loadgen::cli {
namespace {

constexpr std::array<std::string_view, 4> kPaces{"auto", "sleep", "hybrid", "spin"};
constexpr std::array<std::string_view, 2> kSpacings{"uniform", "poisson"};  // in the order of load::Spacing
constexpr std::array<std::string_view, 2> kAtLimits{"wait", "drop"};        // in the order of config::AtLimit

/// --until of a one-line run, without -d and -n: the longest that it may take.
constexpr Duration kLongestUntil = std::chrono::minutes(5);

/// The options as CLI11 fills them, before they mean anything together.
struct Raw {
  std::string what;    ///< positional: a plan's file or a URL
  std::string config;  ///< --config
  std::optional<std::string> target, users, ramp_up, loops, duration, warm_up, seed;
  std::optional<std::string> rate, spacing, max_in_flight, at_limit, requests, timeout, method, body, until;
  std::vector<std::string> variables, headers, outputs;
  bool no_keep_alive = false;
  std::string threads = "auto", engine = "auto", progress = "auto", color = "auto";
  std::string pace{kPaces.front()};
  bool serve = false, strict = false, no_probe = false, quiet = false, no_progress = false;
};

constexpr std::uint64_t kMostUsers = 10'000'000;  // what a count in 32 bits is cut at; the plan's own limits are lower

/// A mistake in how options stand together; told like CLI11's own.
struct UsageError {
  std::string message;
};

template <class T>
T must(Result<T> result, std::string_view option) {
  if (!result) throw UsageError{fmt::format("{}: {}", option, result.error())};
  return *result;
}

void add_plan_options(CLI::App& app, Raw& raw) {
  app.add_option("PLAN|URL", raw.what, "a plan in JSON, or an http:// URL for a one-line run");
  app.add_option("--config", raw.config, "the plan (the same as naming it without a flag)")->type_name("PLAN");
  const std::string plan = "Overrides, they beat the plan";
  app.add_option("--target", raw.target, "base URL that the plan's paths go to")->type_name("URL")->group(plan);
  app.add_option("-c,--users", raw.users,
                 "users of each thread group at the same time, each with its own connection (one-line:\n"
                 "50); with -R: connections opened before the start")
      ->type_name("N")
      ->group(plan);
  app.add_option("--ramp-up", raw.ramp_up, "time over which the users start, e.g. 2s (one-line: 0.1 ms a user)")
      ->type_name("TIME")
      ->group(plan);
  app.add_option("--loops", raw.loops, "iterations a user")->type_name("N")->group(plan);
  app.add_option("-d,--duration", raw.duration, "how long, e.g. 10s (one-line without -n: 10s)")
      ->type_name("TIME")
      ->group(plan);
  app.add_option("--warm-up", raw.warm_up,
                 "what falls due so early is not in percentiles and rates: a time, or auto (0s)")
      ->type_name("TIME|auto")
      ->group(plan);
  app.add_option("--seed", raw.seed, "of everything random: the same seed gives the same schedule (1)")
      ->type_name("N")
      ->group(plan);
  app.add_option("-J", raw.variables, "value of ${name} in the plan; repeatable")
      ->type_name("name=value")
      ->group(plan)
      ->allow_extra_args(false);
  const std::string line = "One-line runs (with a URL)";
  app.add_option("-R,--rate", raw.rate,
                 "open load: requests are due at this rate, answered or not; e.g. 3000/s or 90/m")
      ->type_name("RATE")
      ->group(line);
  app.add_option("--spacing", raw.spacing, "with -R: uniform, or poisson as independent users come (uniform)")
      ->type_name("HOW")
      ->group(line);
  app.add_option("--max-in-flight", raw.max_in_flight, "with -R: requests under way at the same time, at most (10000)")
      ->type_name("N")
      ->group(line);
  app.add_option("--at-limit", raw.at_limit, "with -R: what is due beyond --max-in-flight will wait, or drop (wait)")
      ->type_name("WHAT")
      ->group(line);
  app.add_option("-n,--requests", raw.requests,
                 "requests in all, e.g. 6000 or 10k: dealt evenly over the users; or arrivals with -R")
      ->type_name("N")
      ->group(line);
  app.add_option("-m,--method", raw.method, "GET, POST, PUT, DELETE, PATCH, HEAD or OPTIONS (GET)")
      ->type_name("METHOD")
      ->group(line);
  app.add_option("-H,--header", raw.headers, "\"Name: value\"; repeatable")
      ->type_name("HEADER")
      ->group(line)
      ->allow_extra_args(false);
  app.add_option("-b,--body", raw.body, "the request's body")->type_name("TEXT")->group(line);
  app.add_option("--timeout", raw.timeout, "response timeout (30s)")->type_name("TIME")->group(line);
  app.add_flag("--no-keep-alive", raw.no_keep_alive, "a new connection for each request")->group(line);
}

CLI::Option* add_engine_option(CLI::App& app, Raw& raw) {
  std::string engines = "auto";
  for (const run::EngineInfo& engine : run::engines()) engines += fmt::format(", {}", engine.name);
  return app.add_option("--engine", raw.engine, fmt::format("how requests are sent: {}", engines))->type_name("NAME");
}

void add_run_options(CLI::App& app, Raw& raw) {
  add_plan_options(app, raw);
  const std::string run = "The run";
  app.add_flag("--serve", raw.serve, "start the bundled loadgen-server for the run and aim at it")->group(run);
  app.add_option("-t,--threads", raw.threads, "threads that send: a number or auto, as few as the plan needs")
      ->type_name("N")
      ->group(run);
  add_engine_option(app, raw)->group(run);
  app.add_option("--pace", raw.pace,
                 "how due times are met: sleep (little CPU), hybrid (sleeps, then polls), spin (polls\n"
                 "always), or auto: hybrid where a core is left for it")
      ->type_name("HOW")
      ->group(run);
  app.add_option("--until", raw.until,
                 "stop as soon as a figure is known so well: 'p99 ± 2%', 'mean 1%' or 'rate 1%'; at the\n"
                 "latest after -d or the plan's own length (one-line: 5m)")
      ->type_name("FIGURE")
      ->group(run);
  app.add_flag("--strict", raw.strict, "exit with 22 unless the measurement is valid")->group(run);
  app.add_flag("--no-probe", raw.no_probe, "do not open one connection first to see whether the target is there")
      ->group(run);
  const std::string out = "Output";
  std::string formats;
  for (const report::Reporter& reporter : report::kReporters)
    formats += fmt::format("{}{}", formats.empty() ? "" : ", ", reporter.name);
  app.add_option("--out", raw.outputs,
                 fmt::format("a report: {}; to a file, or to stdout without one; repeatable", formats))
      ->type_name("FORMAT[=FILE]")
      ->group(out)
      ->allow_extra_args(false);
  app.add_option("--progress", raw.progress,
                 "on stderr: auto, tty (a live block), line (JMeter's summary +), json, none")
      ->type_name("MODE")
      ->group(out);
  app.add_flag("--no-progress", raw.no_progress, "the same as --progress none")->group(out);
  app.add_option("--color", raw.color, "auto, always or never; NO_COLOR is honoured")->type_name("WHEN")->group(out);
  app.add_flag("-q,--quiet", raw.quiet, "no text report and no progress; errors and --out only")->group(out);
}

/// The index of `word` among `words`.
std::size_t choice(std::string_view option, std::string_view word, std::span<const std::string_view> words) {
  const auto it = std::ranges::find(words, word);
  if (it == words.end())
    throw UsageError{fmt::format("{}: \"{}\" is not one of {}", option, word, fmt::join(words, ", "))};
  return static_cast<std::size_t>(it - words.begin());
}

std::uint32_t small_count(std::string_view option, const std::string& text) {
  const std::uint64_t value = must(parse_count(text), option);
  if (value > kMostUsers) throw UsageError{fmt::format("{}: {} is too many; at most {}", option, value, kMostUsers)};
  return static_cast<std::uint32_t>(value);
}

config::WarmUp warm_up_of(const std::string& text) {
  if (text == "auto") return {.automatic = true};
  return {.time = must(parse_duration(text), "--warm-up")};
}

void add_calibrate_options(CLI::App& app, Raw& raw) {
  add_engine_option(app, raw);
  app.add_flag("-q,--quiet", raw.quiet, "no progress; the figures only");
}

bool is_url(const std::string& text) {
  return text.find("://") != std::string::npos;
}

config::Overrides overrides_of(const Raw& raw) {
  config::Overrides overrides;
  overrides.target = raw.target;
  if (raw.users) {
    const std::uint64_t users = must(parse_count(*raw.users), "--users");
    if (users == 0 || users > kMostUsers) throw UsageError{"--users: takes 1 to 10,000,000 users"};
    overrides.users = static_cast<std::uint32_t>(users);
  }
  if (raw.ramp_up) overrides.ramp_up = must(parse_duration(*raw.ramp_up), "--ramp-up");
  if (raw.loops) overrides.loops = must(parse_count(*raw.loops), "--loops");
  if (raw.duration) overrides.duration = must(parse_duration(*raw.duration), "--duration");
  if (raw.warm_up) overrides.warm_up = warm_up_of(*raw.warm_up);
  if (raw.seed) overrides.seed = must(parse_count(*raw.seed), "--seed");
  for (const std::string& variable : raw.variables) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos || equals == 0)
      throw UsageError{fmt::format("-J: \"{}\" is not name=value, as in -J users=100", variable)};
    overrides.variables[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  return overrides;
}

/// -R and what goes with it.
config::OneLineArrivals arrivals_of(const Raw& raw, const config::Overrides& overrides) {
  if (raw.ramp_up)
    throw UsageError{
        "--ramp-up is about users, and with -R there are arrivals; for a ramp of the rate write a plan, as "
        "configs/open_ramp.json"};
  config::OneLineArrivals arrivals;
  arrivals.rate = must(parse_rate(*raw.rate), "--rate");
  arrivals.connections = overrides.users.value_or(0);
  if (raw.spacing) arrivals.spacing = load::Spacing(choice("--spacing", *raw.spacing, kSpacings));
  if (raw.at_limit) arrivals.at_limit = config::AtLimit(choice("--at-limit", *raw.at_limit, kAtLimits));
  if (raw.max_in_flight) arrivals.max_in_flight = small_count("--max-in-flight", *raw.max_in_flight);
  return arrivals;
}

config::OneLine one_line_of(const Raw& raw, const config::Overrides& overrides) {
  if (raw.loops) throw UsageError{"--loops is for plans; for a URL say how many requests in all with -n"};
  if (raw.target) throw UsageError{"--target is for plans; here the URL itself is the target"};
  if (!raw.variables.empty()) throw UsageError{"-J is for plans: a one-line run has no ${name}"};
  config::OneLine line;
  line.url = raw.what;
  if (overrides.users) line.users = *overrides.users;
  if (raw.requests) line.iterations = must(parse_count(*raw.requests), "--requests");
  line.duration = overrides.duration;
  if (overrides.ramp_up) line.ramp_up = *overrides.ramp_up;
  if (raw.method) line.method = *raw.method;
  line.headers = raw.headers;
  if (raw.body) line.body = *raw.body;
  if (raw.timeout) line.timeout = must(parse_duration(*raw.timeout), "--timeout");
  line.keep_alive = !raw.no_keep_alive;
  line.warm_up = overrides.warm_up;
  line.seed = overrides.seed;
  if (raw.rate)
    line.arrivals = arrivals_of(raw, overrides);
  else if (raw.spacing || raw.at_limit || raw.max_in_flight)
    throw UsageError{"--spacing, --at-limit and --max-in-flight are about arrivals; give their rate, as in -R 3000/s"};
  return line;
}

PlanSource plan_source_of(const Raw& raw) {
  PlanSource source;
  source.overrides = overrides_of(raw);
  if (!raw.what.empty() && !raw.config.empty())
    throw UsageError{fmt::format("both \"{}\" and --config {} are given; name one plan or URL", raw.what, raw.config)};
  source.file = raw.config.empty() ? raw.what : raw.config;
  if (source.file.empty())
    throw UsageError{"name a plan (configs/async_6000.json) or a URL (http://localhost:3000/async); --help shows both"};
  if (is_url(source.file)) {
    Raw with_url = raw;
    with_url.what = source.file;
    source.one_line = one_line_of(with_url, source.overrides);
    source.file.clear();
    return source;
  }
  const auto only_with_url = [](bool given, const char* option, const char* instead) {
    if (given) throw UsageError{fmt::format("{} is for one-line runs with a URL; in a plan {}", option, instead)};
  };
  only_with_url(raw.rate.has_value(), "--rate", "set \"arrivals\" in the thread group");
  only_with_url(raw.spacing.has_value(), "--spacing", "set \"spacing\" in the thread group");
  only_with_url(raw.max_in_flight.has_value(), "--max-in-flight", "set \"max_in_flight\" in the thread group");
  only_with_url(raw.at_limit.has_value(), "--at-limit", "set \"at_limit\" in the thread group");
  only_with_url(raw.requests.has_value(), "--requests", "set \"iterations\" in the thread group");
  only_with_url(raw.method.has_value(), "--method", "each step names its method");
  only_with_url(raw.body.has_value(), "--body", "set \"body\" in the step");
  only_with_url(raw.timeout.has_value(), "--timeout", "set \"response_timeout\" in \"http\"");
  only_with_url(!raw.headers.empty(), "--header", "set \"headers\" in the step");
  only_with_url(raw.no_keep_alive, "--no-keep-alive", "set \"keep_alive\": false in \"http\"");
  return source;
}

OutputRequest output_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  OutputRequest output{text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)};
  if (report::find_reporter(output.format) == nullptr) {
    std::string known;
    for (const report::Reporter& reporter : report::kReporters)
      known += fmt::format("\n  {:6} {}", reporter.name, reporter.description);
    throw UsageError{fmt::format("--out: there is no format \"{}\"; there are:{}", output.format, known)};
  }
  return output;
}

RunCommand run_command_of(const Raw& raw) {
  RunCommand command;
  command.plan = plan_source_of(raw);
  for (const std::string& text : raw.outputs) command.outputs.push_back(output_of(text));
  if (std::count_if(command.outputs.begin(), command.outputs.end(),
                    [](const OutputRequest& o) { return o.file.empty() || o.file == "-"; }) > 1)
    throw UsageError{"--out: only one report can go to stdout; name a file for the others, as in --out json=run.json"};
  command.serve = raw.serve;
  if (raw.serve && raw.target)
    throw UsageError{"--serve and --target exclude each other: --serve aims at the server it starts"};
  if (raw.serve && command.plan.one_line)
    throw UsageError{"--serve is for plans; for a URL start loadgen-server yourself"};
  command.pace = kPaces[choice("--pace", raw.pace, kPaces)];
  command.strict = raw.strict;
  if (raw.until) command.until = must(config::parse_until(*raw.until), "--until");
  if (auto& line = command.plan.one_line; command.until && line && !line->duration && !line->iterations)
    line->duration = kLongestUntil;
  command.probe = !raw.no_probe;
  command.quiet = raw.quiet;
  command.engine = raw.engine;
  if (raw.threads != "auto") {
    const std::uint64_t threads = must(parse_count(raw.threads), "--threads");
    if (threads == 0 || threads > 1024) throw UsageError{"--threads: takes 1 to 1024, or auto"};
    command.threads = static_cast<std::uint32_t>(threads);
  }
  const auto mode = progress_mode_of(raw.no_progress || raw.quiet ? "none" : raw.progress);
  if (!mode)
    throw UsageError{
        fmt::format("--progress: there is no mode \"{}\"; there are auto, tty, line, json, none", raw.progress)};
  command.progress = *mode;
  if (raw.color == "always")
    command.color = ColorFlag::always;
  else if (raw.color == "never")
    command.color = ColorFlag::never;
  else if (raw.color != "auto")
    throw UsageError{fmt::format("--color: \"{}\" is not auto, always or never", raw.color)};
  return command;
}

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

}  // namespace

Command parse_command_line(int argc, const char* const* argv) {
  Raw raw;
  CLI::App app{"loadgen: sends the HTTP load that a plan says, and says what it measured and whether to believe it.\n",
               "loadgen"};
  app.set_version_flag("-V,--version", "loadgen " LOADGEN_VERSION);
  app.footer(footer());
  app.get_formatter()->column_width(34);
  app.require_subcommand(0, 1);
  add_run_options(app, raw);
  CLI::App& run = *app.add_subcommand("run", "run a plan or a URL (what loadgen does without a command)");
  add_run_options(run, raw);
  CLI::App& check =
      *app.add_subcommand("check", "validate a plan, print what it means and how it begins; send nothing");
  add_plan_options(check, raw);
  CLI::App& calibrate = *app.add_subcommand(
      "calibrate", "measure this host's floor and ceiling against the bundled server, about 10 s, and keep them");
  add_calibrate_options(calibrate, raw);
  const CLI::App& schema = *app.add_subcommand("schema", "print the JSON Schema of a plan, for editors");
  try {
    app.parse(argc, argv);
    if (schema.parsed()) return SchemaCommand{};
    if (calibrate.parsed()) return CalibrateCommand{.engine = raw.engine, .quiet = raw.quiet};
    if (check.parsed()) return CheckCommand{plan_source_of(raw)};
    return run_command_of(raw);
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
