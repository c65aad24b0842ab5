#include "stats/record_merge.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace loadgen::stats {
namespace {

std::optional<Error> what_differs(const RunRecord& a, const RunRecord& b) {
  if (a.labels != b.labels) return Error{"has other request names"};
  if (a.engine != b.engine) return Error{"was sent by the engine " + b.engine + " and not by " + a.engine};
  if (a.until != b.until) return Error{"was to stop by \"" + b.until + "\" and not by \"" + a.until + "\""};
  return std::nullopt;
}

void merge(Ledger& to, const Ledger& from) {
  to.planned += from.planned;
  to.not_started += from.not_started;
  to.dropped += from.dropped;
  to.never_sent += from.never_sent;
  to.sent += from.sent;
  to.outcomes.merge(from.outcomes);
}

void merge(RampRecord& to, const RampRecord& from) {
  to.users_planned += from.users_planned;
  to.users_started += from.users_started;
  to.planned = std::max(to.planned, from.planned);
  to.achieved = std::max(to.achieved, from.achieved);
}

void merge(OpeningRecord& to, const OpeningRecord& from) {
  to.asked += from.asked;
  to.opened += from.opened;
  to.took = std::max(to.took, from.took);
  to.connect.merge(from.connect);
}

void merge(ArrivalRecord& to, const ArrivalRecord& from) {
  to.arrived += from.arrived;
  to.waited += from.waited;
  to.most_under_way += from.most_under_way;
}

template <class T>
void keep_worst(std::optional<T>& to, const std::optional<T>& from) {
  if (from && (!to || *to < *from)) to = from;
}

/// Of one machine the same signal, of two the worse: added up, a machine's own would count twice.
void merge(HostSignals& to, const HostSignals& from) {
  keep_worst(to.steal, from.steal);
  keep_worst(to.cpu_pressure, from.cpu_pressure);
  keep_worst(to.throttled, from.throttled);
  keep_worst(to.retransmits, from.retransmits);
  keep_worst(to.listen_drops, from.listen_drops);
  keep_worst(to.network_drops, from.network_drops);
}

/// The shards of `from` stand behind those of `to`, in each second.
void merge(std::vector<HealthSecond>& to, const std::vector<HealthSecond>& from, std::uint32_t shards) {
  to.resize(std::max(to.size(), from.size()));
  for (std::size_t i = 0; i < from.size(); ++i) {
    to[i].shards.resize(shards);
    to[i].shards.insert(to[i].shards.end(), from[i].shards.begin(), from[i].shards.end());
    merge(to[i].host, from[i].host);
  }
}

void merge(PaceRecord& to, const PaceRecord& from) {
  if (to.pace != from.pace) to.reason = "of the first of the merged runs; others kept another";
  to.guard = std::max(to.guard, from.guard);
  to.most_guard = std::max(to.most_guard, from.most_guard);
}

void merge(GeneratorHealth& to, GeneratorHealth from, std::uint32_t shards) {
  to.cpu_user += from.cpu_user;
  to.cpu_system += from.cpu_system;
  to.wall = std::max(to.wall, from.wall);
  to.max_rss_bytes += from.max_rss_bytes;
  to.busiest_thread = std::max(to.busiest_thread, from.busiest_thread);
  to.productive_share = std::max(to.productive_share, from.productive_share);
  to.run_queue_wait += from.run_queue_wait;
  to.longest_turn = std::max(to.longest_turn, from.longest_turn);
  for (Stall& stall : from.stalls) stall.shard += shards;
  to.stalls.insert(to.stalls.end(), from.stalls.begin(), from.stalls.end());
  std::stable_sort(to.stalls.begin(), to.stalls.end(),
                   [](const Stall& a, const Stall& b) { return a.length > b.length; });
  merge(to.seconds, from.seconds, shards);
  merge(to.host, from.host);
  to.retransmits += from.retransmits;
  to.connections_asked += from.connections_asked;
  merge(to.pace, from.pace);
  for (std::string& signal : from.not_checked)
    if (std::find(to.not_checked.begin(), to.not_checked.end(), signal) == to.not_checked.end())
      to.not_checked.push_back(std::move(signal));
}

/// The same targets, of which one generator may have met more addresses than another.
void merge(AddressRecord& to, const AddressRecord& from) {
  to.targets = std::max(to.targets, from.targets);
  to.used = std::max(to.used, from.used);
  to.refused = std::max(to.refused, from.refused);
  to.sources += from.sources;
}

/// Rows of samples that were thinned differently are no rows of one run.
void merge(std::optional<RowsRecord>& to, const std::optional<RowsRecord>& from) {
  if (!to || !from || to->one_in != from->one_in) return to.reset();
  to->written += from->written;
  to->lost += from->lost;
}

}  // namespace

std::vector<MergedPart> parts_of(const RunRecord& record) {
  if (!record.parts.empty()) return record.parts;
  return {{record.wall_start, record.end - record.start}};
}

Result<RunRecord> merge(RunRecord a, RunRecord b) {
  if (const std::optional<Error> error = what_differs(a, b)) return *error;
  std::vector<MergedPart> parts = parts_of(a);
  for (const MergedPart& part : parts_of(b)) parts.push_back(part);
  a.parts = std::move(parts);
  a.end = a.start + std::max(a.end - a.start, b.end - b.start);
  a.wall_start = std::min(a.wall_start, b.wall_start);
  b.recorder.begin_at(a.start);
  a.recorder.merge(std::move(b.recorder));
  merge(a.ledger, b.ledger);
  merge(a.ramp, b.ramp);
  merge(a.opening, b.opening);
  merge(a.arrivals, b.arrivals);
  merge(a.generator, std::move(b.generator), a.threads);
  merge(a.rows, b.rows);
  merge(a.addresses, b.addresses);
  a.threads += b.threads;
  if (a.stop == StopReason::finished) a.stop = b.stop;
  if (a.stopped_by.threshold.empty()) a.stopped_by = b.stopped_by;
  return a;
}

}  // namespace loadgen::stats
