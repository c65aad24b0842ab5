#include "cli/launch.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "cli/guards.hpp"
#include "report/host.hpp"

namespace loadgen::cli {
namespace {

using engine::Target;

bool is_local(const std::vector<Target>& targets) {
  for (const Target& target : targets)
    if (std::ranges::any_of(target.addresses, engine::is_local)) return true;
  return false;
}

/// Empty: engines can be made with these settings.
std::string why_no_tls(const config::Plan& plan) {
  const auto context = engine::make_ssl_context(tls_options(plan));
  return context ? std::string() : context.error();
}

}  // namespace

Result<run::RunOptions> options_for(const config::Plan& plan, const Manner& manner, Reached reached) {
  const auto engine = run::choose_engine(manner.engine, run::needs_of(plan));
  if (!engine) return Error{engine.error()};
  const std::uint32_t cores = std::max(1U, report::read_host().usable_cores);
  run::RunOptions options;
  options.engine = engine->name;
  const std::uint32_t threads =
      manner.threads != 0 ? manner.threads : run::threads_needed(plan, cores, is_local(reached.targets));
  options.threads = run::shards_of(plan, plan.users(), threads);
  options.targets = std::move(reached.targets);
  options.sources = std::move(reached.sources);
  options.tls = tls_options(plan);
  options.until = manner.until;
  const auto pace = run::choose_pace(
      manner.pace, plan, {.threads = options.threads, .cores = cores, .lateness = run::measure_wake_up_lateness()});
  if (!pace) return Error{pace.error()};
  options.pace = *pace;
  return options;
}

std::variant<Ready, NoRun> make_ready(config::Plan plan, const Manner& manner) {
  Ready ready{.plan = std::move(plan), .program = {}, .options = {}, .warnings = {}};
  raise_descriptors();  // files to be sent are opened now
  auto program = run::compile(ready.plan);
  if (!program) return NoRun{ExitCode::usage, program.error()};
  ready.program = std::move(*program);
  const run::Needs needs = run::needs_of(ready.plan);
  const auto engine = run::choose_engine(manner.engine, needs);
  if (!engine) return NoRun{ExitCode::usage, engine.error()};
  const bool shakes_hands = needs.tls || needs.proxy;  // with the proxy, or through it
  if (const std::string why = shakes_hands ? why_no_tls(ready.plan) : ""; !why.empty())
    return NoRun{ExitCode::usage, why};
  const double of_a_user = run::descriptors_of_a_connection(*engine, needs) *
                           static_cast<double>(ready.program.targets.size()) / ready.plan.http.streams_per_connection;
  const auto lowered = fit_to_descriptors(ready.plan, of_a_user);
  if (!lowered) return NoRun{ExitCode::usage, lowered.error()};
  if (*lowered) ready.warnings.push_back(**lowered);
  auto reached = reach(ready.program, ready.plan, manner.probe);
  if (!reached) return NoRun{ExitCode::target_failed, reached.error()};
  const auto ports = port_warning(ready.plan, far_ends(*reached), address_pairs(*reached));
  if (ports) ready.warnings.push_back(*ports);
  for (const std::string& idle : config::idle_rules(ready.plan)) ready.warnings.push_back(idle);
  std::ranges::move(reached->warnings, std::back_inserter(ready.warnings));
  auto options = options_for(ready.plan, manner, std::move(*reached));
  if (!options) return NoRun{ExitCode::usage, options.error()};
  ready.options = std::move(*options);
  return ready;
}

}  // namespace loadgen::cli
