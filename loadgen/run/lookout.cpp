#include "run/lookout.hpp"

#include <algorithm>
#include <cmath>

namespace loadgen::run {

Lookout::Lookout(const config::Plan& plan, std::size_t shards, TimePoint t0) : t0_(t0), latest_(shards) {
  progress_.users = plan.users();
  for (const config::ThreadGroup& group : plan.thread_groups) {
    if (group.open()) {
      const load::LoadProfile profile(group.arrivals);
      progress_.users += static_cast<std::uint64_t>(std::llround(profile.total()));
      progress_.planned_length = std::max(progress_.planned_length, group.startup_delay + profile.length());
      finite_ = finite_ && group.spacing == load::Spacing::uniform;
    } else {
      if (group.duration)
        progress_.planned_length = std::max(progress_.planned_length, group.startup_delay + *group.duration);
      finite_ = finite_ && !group.for_ever() && !group.duration;
    }
  }
}

void Lookout::add(std::size_t k, const ShardProgress& letter) {
  latest_[k] = letter;
  progress_.interval.merge(letter.interval);
  progress_.total.merge(letter.interval);
  progress_.worst_send_lag = std::max(progress_.worst_send_lag, letter.worst_send_lag);
}

const stats::Progress& Lookout::sum_up(TimePoint now) {
  progress_.elapsed = std::max(Duration::zero(), now - t0_);
  progress_.users_started = progress_.users_finished = progress_.sent = progress_.planned = 0;
  for (const ShardProgress& shard : latest_) {
    progress_.users_started += shard.users_started;
    progress_.users_finished += shard.users_finished;
    progress_.sent += shard.sent;
    if (finite_) progress_.planned += shard.planned;
  }
  return progress_;
}

}  // namespace loadgen::run
