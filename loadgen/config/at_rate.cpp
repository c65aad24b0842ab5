#include "config/at_rate.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace loadgen::config {

Result<double> rate_of(const Plan& plan) {
  if (plan.thread_groups.size() != 1)
    return Error{
        fmt::format("the plan has {} thread groups, and in which parts a rate would be theirs is not said; "
                    "take a plan with one",
                    plan.thread_groups.size())};
  const ThreadGroup& group = plan.thread_groups.front();
  return group.arrivals.size() == 1 && group.arrivals.front().from == group.arrivals.front().to
             ? group.arrivals.front().from
             : 0;
}

Plan at_rate(Plan plan, const ConstantLoad& load) {
  ThreadGroup& group = plan.thread_groups.front();
  if (!group.open()) group.connections = std::min(group.users, group.max_in_flight);
  group.users = 0;
  group.ramp_up = {};
  group.startup_delay = {};
  group.loops = 1;
  group.iterations.reset();
  group.duration.reset();
  group.arrivals = {{.duration = load.warm_up + load.length, .from = load.rate, .to = load.rate}};
  plan.warm_up = {.time = load.warm_up};
  return plan;
}

}  // namespace loadgen::config
