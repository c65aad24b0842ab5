#pragma once
// A finished run as values: what run/ hands over and report/ reads. No sockets, no text.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "stats/recorder.hpp"

namespace loadgen::stats {

/// Requests the plan asked for, by what became of them. planned is counted from the plan, not_started by the pacer and
/// the rest by the recorder, so that balanced() checks three independent counts against one another.
struct Ledger {
  std::uint64_t planned = 0;
  std::uint64_t not_started = 0;  ///< skipped by on_error, or still to come when the run stopped
  std::uint64_t dropped = 0;      ///< open load only, at max_in_flight: 0 in a closed plan
  std::uint64_t sent = 0;         ///< counted by the pacer as it released them
  Outcomes outcomes;              ///< counted by the recorder
  bool balanced() const {
    return planned == sent + not_started + dropped &&
           sent == outcomes.succeeded + outcomes.failed() + outcomes.unfinished;
  }
};

/// The users' starts: from the first user's to the last user's first request.
struct RampRecord {
  std::uint64_t users_planned = 0;
  std::uint64_t users_started = 0;
  Duration planned{};   ///< by the schedule
  Duration achieved{};  ///< as it happened; counts the users that started
};

enum class StopReason : std::uint8_t { finished, on_error, interrupted };

/// Whether the generator could have been the limit: evidence, judged in report/verdict.
struct GeneratorHealth {
  Duration cpu_user{};  ///< of the whole process during the run
  Duration cpu_system{};
  Duration wall{};  ///< from the run's start to the last thread's end
  std::uint64_t max_rss_bytes = 0;
  double busiest_thread = 0;  ///< CPU time of the busiest shard over wall time, 0..1
  Duration run_queue_wait{};  ///< time the shards' threads were runnable but not running (/proc schedstat), summed
  Duration longest_turn{};    ///< longest time between two passes of any shard's loop, waiting excluded
  std::vector<std::string> not_checked;  ///< signals that could not be read here, by name
};

struct RunRecord {
  std::vector<std::string> labels;  ///< request names in the plan's order, as in recorder.labels()
  Recorder recorder;                ///< all shards merged
  Ledger ledger;
  RampRecord ramp;
  GeneratorHealth generator;
  std::uint32_t threads = 1;
  std::string engine;                                ///< "native"
  TimePoint start;                                   ///< the run's t0: user offsets count from here
  TimePoint end;                                     ///< all requests ended or were given up
  std::chrono::system_clock::time_point wall_start;  ///< label only
  StopReason stop = StopReason::finished;
};

}  // namespace loadgen::stats
