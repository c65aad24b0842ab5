#pragma once
// `--ready-timeout` of a run or a search: a target that is being started, as by `./server &` in a pipeline, is waited
// for. Not among what make_ready() does, which is asked before every trial and slice.

#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "cli/launch.hpp"
#include "config/plan.hpp"

namespace loadgen::cli {

struct Patience {
  Duration timeout{};  ///< of all targets together; 0: nobody is waited for
  bool quiet = false;  ///< stderr is not told of a wait of more than a second
};

/// Opens a connection to each target of the plan, again and again until it accepts one. Signals must be held
/// (cli/signals.hpp): one of them ends the wait. Why there is no run, when the time is over or a signal came.
std::optional<NoRun> wait_for_targets(const config::Plan& plan, const Patience& patience);

/// Where a target that was probed did not answer: with how to wait for it, and what else could be done ("; …").
NoRun with_advice(NoRun none, const Manner& manner, std::string_view also = {});

}  // namespace loadgen::cli
