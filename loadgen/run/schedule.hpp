#pragma once
// The one global schedule of a closed plan: every user's start, known before the run. Shard k of n takes rows k, k + n,
// …

#include <cstdint>
#include <vector>

#include "base/time.hpp"
#include "config/plan.hpp"

namespace loadgen::run {

struct UserStart {
  Duration offset;       ///< from the run's t0
  std::uint32_t group;   ///< index into Plan::thread_groups
  std::uint32_t number;  ///< of the user within its group, from 0
};

/// All users of the plan by start; equal starts in the plan's order.
std::vector<UserStart> schedule(const config::Plan& plan);

/// Whole seconds at the front that are no steady state: the warm-up, and ramps.
std::uint32_t seconds_to_skip(const config::Plan& plan);

}  // namespace loadgen::run
