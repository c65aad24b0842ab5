#include "report/offered.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/units.hpp"
#include "report/numbers.hpp"
#include "report/window.hpp"

namespace loadgen::report {
namespace {

using config::Plan;
using config::ThreadGroup;

constexpr std::size_t kSegmentsInFull = 3;  ///< more than these are counted, not told

std::string rate_text(double rate) {
  return fmt::format("{:.10g}/s", rate);
}

std::string segment_text(const load::Segment& s) {
  const std::string time = loadgen::to_string(s.duration);
  std::string out = s.from == s.to ? fmt::format("{} for {}", rate_text(s.from), time)
                                   : fmt::format("{} to {} over {}", rate_text(s.from), rate_text(s.to), time);
  if (s.amplitude != 0)
    out += fmt::format(" in waves of {} every {}", rate_text(s.amplitude), loadgen::to_string(s.period));
  return out;
}

std::string arrivals_text(const ThreadGroup& group) {
  if (group.arrivals.size() > kSegmentsInFull) {
    const load::LoadProfile profile(group.arrivals);
    return fmt::format("{} segments over {}, at most {}", group.arrivals.size(), loadgen::to_string(profile.length()),
                       rate_text(profile.highest_rate()));
  }
  std::string out;
  for (const load::Segment& segment : group.arrivals) out += (out.empty() ? "" : ", then ") + segment_text(segment);
  return out;
}

/// "100/s for 10s, uniform"
std::string all_arrivals_text(const Plan& plan) {
  std::string out;
  for (const ThreadGroup& group : plan.thread_groups) {
    if (group.open()) out += (out.empty() ? "" : "; ") + arrivals_text(group);
  }
  return fmt::format("{}, {}", out, spacing_of(plan));
}

/// From the first user's to the last user's planned start.
struct Arriving {
  Duration first = Duration::max();
  Duration last{};
  double users = 0;
};

Arriving arriving(const Plan& plan) {
  Arriving sum;
  for (const ThreadGroup& group : plan.thread_groups) {
    sum.first = std::min(sum.first, group.startup_delay);
    Duration takes = group.ramp_up;
    if (group.open()) {
      const load::LoadProfile profile(group.arrivals);
      takes = profile.length();
      sum.users += profile.total();
    } else {
      sum.users += group.users;
    }
    sum.last = std::max(sum.last, group.startup_delay + takes);
  }
  return sum;
}

std::string users_text(const Plan& plan) {
  return fmt::format("{} user{}", grouped(plan.users()), plan.users() == 1 ? "" : "s");
}

/// "open, bounded connections" when a group's limit is its own: the default is a safety cap, not a wish.
std::string open_model(const Plan& plan) {
  const bool bounded = std::ranges::any_of(plan.thread_groups, [](const ThreadGroup& group) {
    return group.open() && group.max_in_flight < ThreadGroup::kMaxInFlight;
  });
  return bounded ? "open, bounded connections" : "open";
}

}  // namespace

std::string spacing_of(const Plan& plan) {
  bool uniform = false;
  bool poisson = false;
  for (const ThreadGroup& group : plan.thread_groups) {
    if (!group.open()) continue;
    (group.spacing == load::Spacing::poisson ? poisson : uniform) = true;
  }
  if (uniform && poisson) return "uniform and poisson";
  return uniform ? "uniform" : poisson ? "poisson" : "";
}

OfferedLoad offered_load(const Plan& plan) {
  const auto& groups = plan.thread_groups;
  OfferedLoad load;
  const bool scheduled = !groups.empty() && std::ranges::all_of(groups, [](const ThreadGroup& group) {
    return group.open() || one_iteration(group);
  });
  if (!scheduled) {
    load.model = "closed";
    load.description = "closed loop, " + users_text(plan);
    if (plan.has_arrivals()) load.description += "; beside it " + all_arrivals_text(plan);
    return load;
  }
  const bool one_step = std::ranges::all_of(groups, [](const ThreadGroup& group) { return group.steps.size() == 1; });
  const std::string each = one_step ? "one request each" : "one iteration each";
  load.model = one_step ? open_model(plan) : "partly open";
  const Arriving sum = arriving(plan);
  if (const Duration takes = sum.last - sum.first; takes > Duration::zero()) load.rate = sum.users / seconds(takes);
  if (plan.has_arrivals()) {
    load.description = fmt::format("{}, {}", all_arrivals_text(plan), each);
  } else if (load.rate > 0) {
    load.description = fmt::format("{} in {}, {}", users_text(plan), loadgen::to_string(sum.last - sum.first), each);
  } else {
    load.description = fmt::format("{} at once, {}", users_text(plan), each);
  }
  return load;
}

}  // namespace loadgen::report
