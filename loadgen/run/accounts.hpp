#pragma once
// What the shards leave behind, put together: ledger, ramp, arrivals, opening, the generator's health.

#include <atomic>
#include <optional>
#include <span>
#include <vector>

#include "engine/engine.hpp"
#include "run/health.hpp"
#include "run/run_shard.hpp"
#include "run/schedule.hpp"
#include "stats/run_record.hpp"

namespace loadgen::run {

/// What a shard's thread leaves behind.
struct ShardOutcome {
  std::optional<Shard> shard;
  std::atomic<bool> running = false;  ///< shard is there, and its interval log may be read
  stats::OpeningRecord opening;
  engine::EngineFacts engine;
  Mailbox mailbox;
};

/// What the machine was read to do: before the run, once a second, after it.
struct HostReadings {
  HostProbe probe;
  HostCounters before;
  HostCounters latest;
  HostCounters last_second;
  TimePoint read_at;
  std::vector<stats::HostSignals> seconds;

  void begin();
  void add_second();
  /// After the run: the last second too, which it ended in, and all that was not read every second.
  void end();
};

/// What a shard's last answer did not tell.
ShardProgress last_letter(const Shard& shard);

stats::Ledger ledger_of(std::span<const ShardOutcome> shards, const stats::Recorder& recorder);
stats::RampRecord ramp_of(std::span<const UserStart> starts, std::span<const ShardOutcome> shards);
stats::OpeningRecord opening_of(std::span<const ShardOutcome> shards);
stats::ArrivalRecord arrivals_of(std::span<const ShardOutcome> shards);
stats::GeneratorHealth health_of(std::span<const ShardOutcome> shards, const ProcessUsage& before,
                                 const HostReadings& host, Duration wall);

}  // namespace loadgen::run
