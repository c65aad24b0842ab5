#pragma once
// What a shard's thread does from its first line to its last, with the engine of the run.

#include <functional>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "config/plan.hpp"
#include "run/accounts.hpp"
#include "run/control.hpp"
#include "run/program.hpp"
#include "run/run_plan.hpp"
#include "run/schedule.hpp"

namespace loadgen::run {

/// What all shards of a run look at and none changes.
struct Job {
  const config::Plan& plan;
  const Program& program;
  const RunOptions& options;
  std::vector<UserStart> starts;
};

/// Called when the shard is ready; returns t0 when all are.
using WaitForStart = std::function<TimePoint()>;
using ShardMain = void (*)(const Job&, ShardIndex, RunControl&, ShardOutcome&, const WaitForStart&);

/// engine: a name of engines(), one that can do what is needed.
ShardMain shard_main_of(std::string_view engine, const Needs& needs);

}  // namespace loadgen::run
