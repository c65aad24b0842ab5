#pragma once
// From a plan to a record: threads, shards, engines, and the merge at the end.

#include <chrono>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "config/plan.hpp"
#include "engine/resolve.hpp"
#include "run/control.hpp"
#include "run/engines.hpp"
#include "run/pacing.hpp"
#include "run/precision.hpp"
#include "run/program.hpp"
#include "stats/interval_log.hpp"
#include "stats/progress.hpp"
#include "stats/run_record.hpp"
#include "stats/sample_ring.hpp"

namespace loadgen::run {

/// Sees what the shards have written into their interval logs while they run: a piece appears up to four cells after
/// the requests in it were due. Called once a second by the thread that called run_plan.
using See = std::function<void(const stats::IntervalLog::Piece&)>;

struct RunOptions {
  std::string_view engine = "native";      ///< a name of engines()
  std::uint32_t threads = 0;               ///< 0: as many as the plan needs, at most one a core
  std::vector<engine::Target> targets;     ///< resolved, one for each of Program::targets
  engine::TlsOptions tls = {};             ///< of the targets that want it
  engine::Sources sources = {};            ///< that connections come from
  stats::PaceRecord pace;                  ///< of choose_pace()
  std::optional<config::Until> until;      ///< ends the run early
  bool may_abort = false;                  ///< thresholds with "abort" stop the run
  See see{};                               ///< may be empty
  std::vector<stats::SampleRing*> rows{};  ///< one a shard, to be read meanwhile; empty: no rows of single requests
};

/// How many shards a plan needs: one carries some 20,000 requests a second at little cost; a closed loop without think
/// time takes what it gets, so it has every core, or half of them when the server is on this machine too.
std::uint32_t threads_needed(const config::Plan& plan, std::uint32_t cores, bool server_is_local);

/// As many shards as threads, and no more than there are users, or places in any group with arrivals, to deal.
std::uint32_t shards_of(const config::Plan& plan, std::size_t users, std::uint32_t threads);

/// Called by the thread that called run_plan, this often, and once more when all is over.
inline constexpr Duration kTickEvery = std::chrono::milliseconds(100);
using Tick = std::function<void(const stats::Progress&)>;

/// Runs the plan and returns when every request has its line in the ledger. control.raise() stops it from any thread.
stats::RunRecord run_plan(const config::Plan& plan, const Program& program, const RunOptions& options,
                          RunControl& control, const Tick& tick);

}  // namespace loadgen::run
