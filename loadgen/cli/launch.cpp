#include "cli/launch.hpp"

#include <algorithm>
#include <utility>

#include "cli/guards.hpp"
#include "report/host.hpp"

namespace loadgen::cli {
namespace {

using engine::Target;

bool is_local(const std::vector<Target>& targets) {
  for (const Target& target : targets)
    for (const engine::Endpoint& endpoint : target.addresses)
      if (endpoint.address().is_loopback()) return true;
  return false;
}

/// No engine speaks TLS yet: a plan with https is refused here, before anything is sent.
bool wants_tls(const run::Program& program) {
  return std::ranges::any_of(program.targets, &run::HostAndPort::tls);
}

}  // namespace

Result<std::vector<Target>> reach(const run::Program& program, const config::Plan& plan, bool probe) {
  std::vector<Target> targets;
  for (const run::HostAndPort& at : program.targets) {
    auto target = engine::resolve(at.host, at.port);
    if (target && probe) target = engine::probe(std::move(*target), plan.http.connect_timeout);
    if (!target) return Error{target.error()};
    targets.push_back(std::move(*target));
  }
  return targets;
}

Result<run::RunOptions> options_for(const config::Plan& plan, const Manner& manner, std::vector<Target> targets) {
  const auto engine = run::choose_engine(manner.engine);
  if (!engine) return Error{engine.error()};
  const std::uint32_t cores = std::max(1U, report::read_host().usable_cores);
  run::RunOptions options;
  options.engine = engine->name;
  const std::uint32_t threads =
      manner.threads != 0 ? manner.threads : run::threads_needed(plan, cores, is_local(targets));
  options.threads = run::shards_of(plan, plan.users(), threads);
  options.targets = std::move(targets);
  options.until = manner.until;
  const auto pace = run::choose_pace(
      manner.pace, plan, {.threads = options.threads, .cores = cores, .lateness = run::measure_wake_up_lateness()});
  if (!pace) return Error{pace.error()};
  options.pace = *pace;
  return options;
}

std::variant<Ready, NoRun> make_ready(config::Plan plan, const Manner& manner) {
  if (const auto engine = run::choose_engine(manner.engine); !engine) return NoRun{ExitCode::usage, engine.error()};
  Ready ready{.plan = std::move(plan), .program = {}, .options = {}, .warnings = {}};
  ready.program = run::compile(ready.plan);
  if (wants_tls(ready.program)) return NoRun{ExitCode::usage, "https is not supported by this version; use http"};
  const auto lowered = fit_to_descriptors(ready.plan, ready.program.targets.size());
  if (!lowered) return NoRun{ExitCode::usage, lowered.error()};
  if (*lowered) ready.warnings.push_back(**lowered);
  if (const auto warning = port_warning(ready.plan, ready.program.targets.size())) ready.warnings.push_back(*warning);
  auto targets = reach(ready.program, ready.plan, manner.probe);
  if (!targets) return NoRun{ExitCode::target_failed, targets.error()};
  auto options = options_for(ready.plan, manner, std::move(*targets));
  if (!options) return NoRun{ExitCode::usage, options.error()};
  ready.options = std::move(*options);
  return ready;
}

}  // namespace loadgen::cli
