#include <algorithm>
#include <chrono>
#include <iterator>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "cli/bundled_server.hpp"
#include "cli/calibration_file.hpp"
#include "cli/commands.hpp"
#include "cli/guards.hpp"
#include "cli/launch.hpp"
#include "cli/signals.hpp"
#include "report/numbers.hpp"

namespace loadgen::cli {
namespace {

constexpr Duration kTrial = std::chrono::seconds(3);
/// Enough to keep one thread busy without its users waiting for one another.
constexpr std::uint32_t kBusyUsers = 64;
/// Left to everything that is no connection, at both ends.
constexpr std::uint64_t kOtherDescriptors = 200;
/// As many as one address has ports for one target by default.
constexpr std::uint64_t kPorts = 28'000;

/// One run against the bundled server, with one thread.
Result<stats::RunRecord> try_out(const config::OneLine& line, const std::string& engine) {
  auto outcome = config::one_line_plan(line);
  if (const auto* problems = std::get_if<config::Problems>(&outcome))
    return Error{config::to_string(*problems, "calibration", "")};
  const config::Plan& plan = std::get<config::Plan>(outcome);
  const auto program = run::compile(plan);
  if (!program) return Error{program.error()};
  auto targets = reach(*program, plan, true);
  if (!targets) return Error{targets.error()};
  const auto options = options_for(plan, {.engine = engine, .threads = 1, .pace = "sleep"}, std::move(*targets));
  if (!options) return Error{options.error()};
  run::RunControl control;
  stats::RunRecord record = run::run_plan(plan, *program, *options, control, [&](const stats::Progress&) {
    if (interrupts() > 0) control.raise(run::Stop::now);
  });
  if (control.stop() == run::Stop::now) return Error{"interrupted"};
  if (record.ledger.outcomes.succeeded == 0) return Error{"no request to the bundled server succeeded"};
  return record;
}

std::uint32_t connections_to_try() {
  const std::uint64_t most = std::min(raise_descriptors(), kPorts + kOtherDescriptors);
  return static_cast<std::uint32_t>(most > 2 * kOtherDescriptors ? most - kOtherDescriptors : 1);
}

config::OneLine closed(const std::string& url, std::uint32_t users) {
  config::OneLine line;
  line.url = url;
  line.users = users;
  line.duration = kTrial;
  return line;
}

/// A plan that opens connections beforehand and then hardly uses them.
config::OneLine open_many(const std::string& url, std::uint32_t connections) {
  config::OneLine line;
  line.url = url;
  line.arrivals.emplace();
  line.arrivals->rate = 20;
  line.arrivals->connections = connections;
  line.arrivals->max_in_flight = connections;
  line.duration = std::chrono::milliseconds(500);
  return line;
}

Result<report::CalibrationRecord> measure(const BundledServer& server, const CalibrateCommand& command) {
  const auto tell = [&](std::string_view step) {
    if (!command.quiet) complain(fmt::format("calibrating: {}", step));
  };
  report::CalibrationRecord record;
  tell("round trips, one connection, 3 s");
  const auto floor = try_out(closed(server.url() + "/", 1), command.engine);
  if (!floor) return Error{floor.error()};
  const stats::LabelRecord alone = floor->recorder.total();
  record.figures.rtt_p50_ns = static_cast<double>(alone.succeeded.service.percentile(0.5).count());
  record.figures.rtt_p99_9_ns = static_cast<double>(alone.succeeded.service.percentile(0.999).count());

  tell(fmt::format("as fast as one thread goes, {} connections, 3 s", kBusyUsers));
  const auto busy = try_out(closed(server.url() + "/", kBusyUsers), command.engine);
  if (!busy) return Error{busy.error()};
  const Duration cpu = busy->generator.cpu_user + busy->generator.cpu_system;
  record.figures.rate_per_core = static_cast<double>(busy->ledger.outcomes.completed()) / std::max(seconds(cpu), 1e-9);

  const std::uint32_t wanted = connections_to_try();
  tell(fmt::format("{} connections at once", report::grouped(wanted)));
  const auto many = try_out(open_many(server.url() + "/", wanted), command.engine);
  if (!many) return Error{many.error()};
  record.figures.open_connections = many->opening.opened;

  record.wake_up_ns = static_cast<double>(run::measure_wake_up_lateness().count());
  record.engine = busy->engine;
  record.tool_version = LOADGEN_VERSION;
  record.taken = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::now()));
  record.host = report::read_host();
  return record;
}

void print(const report::CalibrationRecord& record) {
  const report::Calibration& figures = record.figures;
  fmt::print("This host, {} usable core{}, {} engine:\n", record.host.usable_cores,
             record.host.usable_cores == 1 ? "" : "s", record.engine);
  fmt::print(
      "  Floor        round trip p50 {:.0f} us, p99.9 {:.0f} us (one connection to the bundled server on loopback)\n",
      figures.rtt_p50_ns / 1e3, figures.rtt_p99_9_ns / 1e3);
  fmt::print("  Wake-ups     {:.0f} us late (95th percentile of sleeps)\n", record.wake_up_ns / 1e3);
  fmt::print("  Ceiling      {} requests/s for each core's worth of CPU time; {} connections open at once\n",
             report::grouped(static_cast<std::uint64_t>(figures.rate_per_core)),
             report::grouped(figures.open_connections));
}

}  // namespace

ExitCode calibrate(const CalibrateCommand& command) {
  hold_signals();
  raise_descriptors();  // before the server starts, which inherits the limit
  auto server = BundledServer::start();
  if (!server) return complain(server.error()), ExitCode::internal;
  const auto record = measure(*server, command);
  if (!record) {
    complain("calibration: " + record.error());
    return record.error() == "interrupted" ? ExitCode::interrupted : ExitCode::internal;
  }
  print(*record);
  const auto path = save_calibration(*record);
  if (!path) return complain(path.error()), ExitCode::internal;
  fmt::print(
      "\nKept in {}. Later runs with this engine on this host warn where they come near these limits:\n"
      "a plan above half of the rate, a p99 below three times the floor.\n",
      *path);
  return ExitCode::ok;
}

}  // namespace loadgen::cli
