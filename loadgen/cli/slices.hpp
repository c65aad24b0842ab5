#pragma once
// A slice: a short run against one target, as a part of something larger that makes many of them.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "cli/interrupts.hpp"
#include "cli/launch.hpp"
#include "cli/target_process.hpp"
#include "config/plan.hpp"
#include "report/summary.hpp"

namespace loadgen::cli {

struct SliceJob {
  config::Plan plan;  ///< aimed at the target
  Manner manner;
  std::optional<Duration> stop_after{};  ///< before the plan's own end
};

/// What the server spent on the requests after the warm-up; nothing is known: NaN and 0.
struct ServerCpu {
  double seconds = 0;
  double requests = 0;  ///< completed meanwhile
};

struct SliceRun {
  report::Summary summary;
  std::vector<std::string> warnings;  ///< of make_ready
  ServerCpu cpu;
  bool interrupted = false;
};

/// Runs the plan; `target` is whose CPU time is read meanwhile.
std::variant<SliceRun, NoRun> make_slice(const SliceJob& job, const TargetProcess& target, Interrupts& interrupts);

/// What else took the machine's time (steal, throttling), told by the machine itself, whatever the figures are; empty:
/// nothing did.
std::string disturbance_of(const report::Summary& summary);

/// How the readiness of a target is asked for.
struct ReadyQuestion {
  config::Plan plan;  ///< one request
  Duration timeout = std::chrono::seconds(30);
};

/// One request: GET of `path`, or the plan's first one when it is empty. Any status answers it.
config::Plan ready_plan(const config::Plan& plan, const std::string& path);

/// Asks until an answer comes. nullopt: it came. Else what the target did instead, for people.
std::optional<std::string> wait_until_ready(TargetProcess& target, const ReadyQuestion& question,
                                            Interrupts& interrupts);

/// Requests that were completed after `from` (since the run's start), by the cells in which they ended; a cell that
/// `from` lies in counts by its share.
double completed_after(const stats::Recorder& recorder, Duration from);

}  // namespace loadgen::cli
