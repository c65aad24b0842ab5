#include "cli/readiness.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/commands.hpp"
#include "cli/guards.hpp"
#include "cli/signals.hpp"
#include "engine/resolve.hpp"
#include "run/program.hpp"

namespace loadgen::cli {
namespace {

/// Longer than the kernel takes to send a lost SYN once more (1 s), and no longer than a Ctrl-C may go unheard.
constexpr Duration kMostOfATry = std::chrono::seconds(2);
constexpr Duration kPause = std::chrono::milliseconds(50);
constexpr Duration kUntold = std::chrono::seconds(1);

/// Empty: it accepted a connection. Its name may be unknown until it starts, too.
std::string why_not(const run::HostAndPort& at, const config::Plan& plan, Duration timeout) {
  const auto sources = engine::find_sources(plan.addresses.interfaces);
  if (!sources) return sources.error();
  auto target = find_target(at, plan.addresses, plan.http.proxy);
  if (target) target = engine::reachable_from(*sources, std::move(*target));
  if (target) {
    target->tls = false;
    target = engine::probe(std::move(*target), {.timeout = timeout, .tls = tls_options(plan), .sources = *sources});
  }
  return target ? std::string() : target.error();
}

}  // namespace

std::optional<NoRun> wait_for_targets(const config::Plan& plan, const Patience& patience) {
  if (patience.timeout == Duration::zero()) return std::nullopt;
  const TimePoint begin = SteadyClock::now();
  raise_descriptors();
  const auto program = run::compile(plan);
  if (!program) return NoRun{ExitCode::usage, program.error()};
  bool told = patience.quiet;
  for (const run::HostAndPort& at : program->targets) {
    for (;;) {
      const Duration left = patience.timeout - (SteadyClock::now() - begin);
      const std::string why =
          why_not(at, plan, std::min({std::max(left, kPause), kMostOfATry, plan.http.connect_timeout}));
      if (why.empty()) break;
      if (interrupts() > 0)
        return NoRun{ExitCode::interrupted, fmt::format("interrupted while {}:{} was waited for", at.host, at.port)};
      const Duration waited = SteadyClock::now() - begin;
      if (waited >= patience.timeout)
        return NoRun{ExitCode::target_failed,
                     fmt::format("{} It was waited for: --ready-timeout {}.", why, to_string(patience.timeout))};
      if (waited >= kUntold && !std::exchange(told, true))
        complain(fmt::format("waiting for {}:{} to accept connections, {} at most", at.host, at.port,
                             to_string(patience.timeout)));
      std::this_thread::sleep_for(kPause);
    }
  }
  return std::nullopt;
}

NoRun with_advice(NoRun none, const Manner& manner, std::string_view also) {
  if (none.code == ExitCode::target_failed && manner.probe && manner.ready_timeout == Duration::zero())
    none.message += fmt::format(" (Is it still starting? --ready-timeout 30s waits for it{}.)", also);
  return none;
}

}  // namespace loadgen::cli
