#include "run/accounts.hpp"

#include <algorithm>

namespace loadgen::run {
namespace {

/// Each second's shards side by side; the host's signals of that second beside them.
std::vector<stats::HealthSecond> seconds_of(std::span<const ShardOutcome> shards, const HostReadings& host) {
  std::size_t longest = 0;
  for (const ShardOutcome& outcome : shards) longest = std::max(longest, outcome.shard->watch.seconds().size());
  std::vector<stats::HealthSecond> seconds(longest);
  for (std::size_t s = 0; s < longest; ++s) {
    for (const ShardOutcome& outcome : shards) {
      const auto& own = outcome.shard->watch.seconds();
      seconds[s].shards.push_back(s < own.size() ? own[s] : stats::ShardSecond{});
    }
    if (s < host.seconds.size()) seconds[s].host = host.seconds[s];
  }
  return seconds;
}

void add_stalls(std::vector<stats::Stall>& all, std::span<const ShardOutcome> shards) {
  for (std::uint32_t k = 0; k < shards.size(); ++k)
    for (stats::Stall stall : shards[k].shard->watch.stalls()) {
      stall.shard = k;
      all.push_back(stall);
    }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.length > b.length; });
}

}  // namespace

void HostReadings::begin() {
  before = latest = last_second = probe.read_all();
  read_at = SteadyClock::now();
}

void HostReadings::add_second() {
  const HostCounters now = probe.read_often();
  const TimePoint at = SteadyClock::now();
  seconds.push_back(signals_between(last_second, now, at - read_at, probe.cores()));
  last_second = now;
  read_at = at;
}

void HostReadings::end() {
  latest = probe.read_all();
  seconds.push_back(signals_between(last_second, latest, SteadyClock::now() - read_at, probe.cores()));
}

ShardProgress last_letter(const Shard& shard) {
  ShardProgress rest = shard.progress;
  const PacerCounts& counts = shard.pacer.counts();
  rest.users_started = counts.users_started;
  rest.users_finished = counts.users_finished;
  rest.planned = counts.planned;
  rest.sent = counts.released;
  return rest;
}

stats::Ledger ledger_of(std::span<const ShardOutcome> shards, const stats::Recorder& recorder) {
  stats::Ledger ledger;
  for (const ShardOutcome& outcome : shards) {
    const PacerCounts& counts = outcome.shard->pacer.counts();
    ledger.planned += counts.planned;
    ledger.not_started += counts.not_started;
    ledger.never_sent += counts.never_sent;
    ledger.dropped += counts.dropped;
    ledger.sent += counts.released;
  }
  ledger.outcomes = recorder.total().outcomes;
  return ledger;
}

stats::RampRecord ramp_of(std::span<const UserStart> starts, std::span<const ShardOutcome> shards) {
  stats::RampRecord ramp;
  ramp.users_planned = starts.size();
  if (!starts.empty()) ramp.planned = starts.back().offset - starts.front().offset;
  TimePoint first = kNever, last = kUnset;
  for (const ShardOutcome& outcome : shards) {
    const PacerCounts& counts = outcome.shard->pacer.counts();
    ramp.users_started += counts.ramped_started;
    first = std::min(first, counts.first_user_start);
    last = std::max(last, counts.last_user_start);
  }
  if (last > first) ramp.achieved = last - first;
  return ramp;
}

stats::OpeningRecord opening_of(std::span<const ShardOutcome> shards) {
  stats::OpeningRecord sum;
  for (const ShardOutcome& outcome : shards) {
    sum.asked += outcome.opening.asked;
    sum.opened += outcome.opening.opened;
    sum.took = std::max(sum.took, outcome.opening.took);
    sum.connect.merge(outcome.opening.connect);
  }
  return sum;
}

stats::ArrivalRecord arrivals_of(std::span<const ShardOutcome> shards) {
  stats::ArrivalRecord sum;
  for (const ShardOutcome& outcome : shards) {
    const PacerCounts& counts = outcome.shard->pacer.counts();
    sum.arrived += counts.arrived;
    sum.waited += counts.waited;
    sum.most_under_way += counts.most_under_way;
  }
  return sum;
}

stats::GeneratorHealth health_of(std::span<const ShardOutcome> shards, const ProcessUsage& before,
                                 const HostReadings& host, Duration wall) {
  const ProcessUsage after = process_usage();
  stats::GeneratorHealth health;
  health.cpu_user = after.cpu_user - before.cpu_user;
  health.cpu_system = after.cpu_system - before.cpu_system;
  health.max_rss_bytes = after.max_rss_bytes;
  health.wall = wall;
  health.not_checked = host.probe.missing();
  const double wall_seconds = std::max(seconds(wall), 1e-9);
  bool run_queue_known = true, receive_lag_known = true;
  for (const ShardOutcome& outcome : shards) {
    const ShardWatch& watch = outcome.shard->watch;
    const Duration productive = std::max(Duration::zero(), watch.cpu() - watch.polling());
    health.busiest_thread = std::max(health.busiest_thread, seconds(watch.cpu()) / wall_seconds);
    health.productive_share = std::max(health.productive_share, seconds(productive) / wall_seconds);
    health.longest_turn = std::max(health.longest_turn, watch.longest_turn());
    health.run_queue_wait += watch.run_queue_wait().value_or(Duration::zero());
    run_queue_known = run_queue_known && watch.run_queue_wait();
    receive_lag_known = receive_lag_known && outcome.engine.measures_receive_lag;
    health.retransmits += outcome.engine.retransmits;
    health.connections_asked += outcome.engine.connections_asked;
    health.pace.guard = std::max(health.pace.guard, outcome.shard->pacing.guard());
  }
  add_stalls(health.stalls, shards);
  health.seconds = seconds_of(shards, host);
  health.host = signals_between(host.before, host.latest, wall, host.probe.cores());
  if (!run_queue_known) health.not_checked.push_back("run-queue wait (no /proc/thread-self/schedstat)");
  if (!receive_lag_known) health.not_checked.push_back("receive lag (this engine cannot see it here)");
  return health;
}

}  // namespace loadgen::run
