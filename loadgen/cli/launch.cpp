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

engine::TlsOptions tls_options(const config::TlsSettings& tls) {
  return {.verify = tls.verify,
          .ca_file = tls.ca_file,
          .server_name = tls.server_name,
          .client_cert = tls.client_cert,
          .client_key = tls.client_key,
          .min_version =
              tls.min_version == config::TlsVersion::tls_1_3 ? engine::TlsVersion::v1_3 : engine::TlsVersion::v1_2,
          .ciphers = tls.ciphers,
          .session_reuse = tls.session_reuse};
}

/// Empty: engines can be made with these settings.
std::string why_no_tls(const config::Plan& plan) {
  const auto context = engine::make_ssl_context(tls_options(plan.tls));
  return context ? std::string() : context.error();
}

}  // namespace

Result<std::vector<Target>> reach(const run::Program& program, const config::Plan& plan, bool probe) {
  std::vector<Target> targets;
  for (const run::HostAndPort& at : program.targets) {
    auto target = engine::resolve(at.host, at.port);
    if (target) target->tls = at.tls;
    if (target && probe) target = engine::probe(std::move(*target), plan.http.connect_timeout, tls_options(plan.tls));
    if (!target) return Error{target.error()};
    targets.push_back(std::move(*target));
  }
  return targets;
}

Result<run::RunOptions> options_for(const config::Plan& plan, const Manner& manner, std::vector<Target> targets) {
  const bool tls = std::any_of(targets.begin(), targets.end(), [](const Target& target) { return target.tls; });
  const auto engine = run::choose_engine(manner.engine, {.tls = tls});
  if (!engine) return Error{engine.error()};
  const std::uint32_t cores = std::max(1U, report::read_host().usable_cores);
  run::RunOptions options;
  options.engine = engine->name;
  const std::uint32_t threads =
      manner.threads != 0 ? manner.threads : run::threads_needed(plan, cores, is_local(targets));
  options.threads = run::shards_of(plan, plan.users(), threads);
  options.targets = std::move(targets);
  options.tls = tls_options(plan.tls);
  options.until = manner.until;
  const auto pace = run::choose_pace(
      manner.pace, plan, {.threads = options.threads, .cores = cores, .lateness = run::measure_wake_up_lateness()});
  if (!pace) return Error{pace.error()};
  options.pace = *pace;
  return options;
}

std::variant<Ready, NoRun> make_ready(config::Plan plan, const Manner& manner) {
  Ready ready{.plan = std::move(plan), .program = {}, .options = {}, .warnings = {}};
  ready.program = run::compile(ready.plan);
  const run::Needs needs = run::needs_of(ready.program);
  const auto engine = run::choose_engine(manner.engine, needs);
  if (!engine) return NoRun{ExitCode::usage, engine.error()};
  if (const std::string why = needs.tls ? why_no_tls(ready.plan) : ""; !why.empty()) return NoRun{ExitCode::usage, why};
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
