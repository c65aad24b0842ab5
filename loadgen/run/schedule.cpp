#include "run/schedule.hpp"

#include <algorithm>

#include "load/thread_ramp.hpp"

namespace loadgen::run {
namespace {

load::ThreadRamp ramp_of(const config::ThreadGroup& group) {
  if (group.ramp == config::Ramp::exact) return load::ThreadRamp::exact(group.users, group.ramp_up);
  return group.delayed_start ? load::ThreadRamp::jmeter_delayed(group.users, group.ramp_up)
                             : load::ThreadRamp::jmeter(group.users, group.ramp_up);
}

}  // namespace

std::vector<UserStart> schedule(const config::Plan& plan) {
  std::vector<UserStart> starts;
  starts.reserve(plan.users());
  for (std::uint32_t g = 0; g < plan.thread_groups.size(); ++g) {
    const config::ThreadGroup& group = plan.thread_groups[g];
    const load::ThreadRamp ramp = ramp_of(group);
    for (std::uint32_t n = 0; n < group.users; ++n) starts.push_back({group.startup_delay + ramp.start_of(n), g, n});
  }
  std::stable_sort(starts.begin(), starts.end(),
                   [](const UserStart& a, const UserStart& b) { return a.offset < b.offset; });
  return starts;
}

std::uint32_t seconds_to_skip(const config::Plan& plan) {
  using std::chrono::seconds;
  Duration skip = plan.warm_up.time;
  for (const config::ThreadGroup& group : plan.thread_groups) {
    Duration ramp = group.open() ? Duration::zero() : group.ramp_up;
    for (const load::Segment& segment : group.arrivals) {
      if (segment.from == segment.to) break;
      ramp += segment.duration;
    }
    skip = std::max(skip, group.startup_delay + ramp);
  }
  return static_cast<std::uint32_t>(std::chrono::ceil<seconds>(skip) / seconds(1));
}

}  // namespace loadgen::run
