#pragma once
// A finished run as values: what run/ hands over and report/ reads. No sockets, no text.

#include <chrono>
#include <cstdint>
#include <optional>
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
  std::uint64_t never_sent = 0;   ///< of not_started: arrivals that were due and still waiting for a place at the end
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

enum class StopReason : std::uint8_t {
  finished,
  on_error,
  interrupted,
  precise_enough,  ///< --until was met
  threshold,       ///< one with "abort" had failed for its time
};

/// The threshold that stopped a run.
struct StoppedBy {
  std::string threshold;  ///< as the plan spells it; empty: none did
  Duration at{};          ///< since t0
  double value = 0;       ///< what its figure had been while it failed, in the figure's unit; below 0: there was none
  bool operator==(const StoppedBy&) const = default;
};

/// How the loop waits for the next due time.
enum class Pace : std::uint8_t {
  sleep,   ///< in the kernel until it is due
  hybrid,  ///< in the kernel until a guard before it is due, then by polling
  spin,    ///< always polling
};

struct PaceRecord {
  Pace pace = Pace::sleep;
  std::string reason;  ///< why: "asked for", or what auto found
  Duration guard{};    ///< hybrid: to begin with; after a run what it had become, the largest of the shards
  Duration most_guard = std::chrono::microseconds(200);  ///< so that polling costs no more than it may
};

/// One shard during one second since t0.
struct ShardSecond {
  std::uint64_t released = 0;
  Duration longest_stall{};   ///< longest pass of the loop, or longest oversleeping
  Duration polling{};         ///< spent in polls that brought nothing
  Duration cpu{};             ///< of its thread, polling included
  Duration run_queue_wait{};  ///< runnable without a core
  /// Time in which its thread neither ran nor meant to sleep: woken later than asked, or without its core between two
  /// looks. Only what is more than kLate at a time, and less what the thread may have worked in it.
  Duration held_up{};
  bool stopped = false;  ///< the process was, by a signal: this is what held it up
};
inline constexpr Duration kLate = std::chrono::microseconds(200);

/// What else the machine did during one second, or during the run: nullopt where it cannot be read.
struct HostSignals {
  std::optional<double> steal;         ///< share of the usable cores' time that the hypervisor gave to others, 0..1
  std::optional<double> cpu_pressure;  ///< share of the time in which some task waited for a core (PSI some), 0..1
  std::optional<Duration> throttled;   ///< by the control group's CPU quota
  std::optional<std::uint64_t> retransmits;    ///< TCP segments sent again, by the whole host
  std::optional<std::uint64_t> listen_drops;   ///< connections that a full accept queue of this host turned away
  std::optional<std::uint64_t> network_drops;  ///< packets dropped by this host's network interfaces
};

struct HealthSecond {
  std::vector<ShardSecond> shards;
  HostSignals host;
};

/// A moment in which a shard's loop did not turn.
struct Stall {
  Duration at{};  ///< since t0
  Duration length{};
  Duration run_queue_wait{};  ///< of it, runnable without a core: others had it
  Duration cpu{};             ///< of it, on a core
  Duration held_up{};         ///< of it, as in ShardSecond
  std::uint32_t shard = 0;
};

/// Whether the generator could have been the limit: evidence, judged in report/verdict.
struct GeneratorHealth {
  Duration cpu_user{};  ///< of the whole process during the run
  Duration cpu_system{};
  Duration wall{};  ///< from the run's start to the last thread's end
  std::uint64_t max_rss_bytes = 0;
  double busiest_thread = 0;    ///< CPU time of the busiest shard over wall time, 0..1
  double productive_share = 0;  ///< the same without its fruitless polling
  Duration run_queue_wait{};    ///< time the shards' threads were runnable but not running (/proc schedstat), summed
  Duration longest_turn{};      ///< longest time between two waits of any shard's loop
  std::vector<Stall> stalls;    ///< of 5 ms and more, the longest first, at most kStallsKept a shard
  std::vector<HealthSecond> seconds;
  HostSignals host;                     ///< over the whole run
  std::uint64_t retransmits = 0;        ///< of our own connections, as TCP_INFO told when they were closed
  std::uint64_t connections_asked = 0;  ///< retransmits is the sum over so many connections
  PaceRecord pace;
  std::vector<std::string> not_checked;  ///< signals that could not be read here, by name
};
inline constexpr Duration kStall = std::chrono::milliseconds(5);
inline constexpr std::size_t kStallsKept = 16;

/// Connections opened before t0 because the plan asks for it; their cost is no request's.
struct OpeningRecord {
  std::uint64_t asked = 0;
  std::uint64_t opened = 0;
  Duration took{};
  Histogram connect;  ///< of each
};

/// The open groups' arrivals.
struct ArrivalRecord {
  std::uint64_t arrived = 0;         ///< users who came
  std::uint64_t waited = 0;          ///< of them, for a place at max_in_flight
  std::uint64_t most_under_way = 0;  ///< users at once; the sum of the shards' maxima
};

/// The addresses that the targets' names stood for.
struct AddressRecord {
  std::uint32_t targets = 0;
  std::uint32_t used = 0;     ///< taken in turn by the users' connections, over all targets
  std::uint32_t refused = 0;  ///< that did not answer before the run, and were last resorts
  std::uint32_t sources = 0;  ///< of this machine, that connections came from in turn; 0: as the routes said
  bool operator==(const AddressRecord&) const = default;
};

/// What became of the rows of single requests that were written as the run went on.
struct RowsRecord {
  std::uint64_t written = 0;
  std::uint64_t lost = 0;    ///< that came faster than they could be written, or could not be written
  std::uint32_t one_in = 1;  ///< every request had a row, or one of so many
  bool operator==(const RowsRecord&) const = default;
};

/// One of the runs that were merged.
struct MergedPart {
  std::chrono::system_clock::time_point wall_start;
  Duration length{};  ///< from its t0 to its end
  /// To the nanosecond: the same run.
  bool operator==(const MergedPart&) const = default;
};

struct RunRecord {
  std::vector<std::string> labels;  ///< request names in the plan's order, as in recorder.labels()
  Recorder recorder;                ///< all shards merged
  Ledger ledger;
  RampRecord ramp;
  OpeningRecord opening;
  ArrivalRecord arrivals;
  GeneratorHealth generator;
  std::uint32_t threads = 1;
  std::string engine;                                ///< "native"
  TimePoint start;                                   ///< the run's t0: user offsets count from here
  TimePoint end;                                     ///< all requests ended or were given up
  std::chrono::system_clock::time_point wall_start;  ///< label only
  StopReason stop = StopReason::finished;
  std::string until;  ///< what --until asked for, as it was given; empty: nothing
  StoppedBy stopped_by{};
  std::optional<RowsRecord> rows{};  ///< nothing: nobody asked for them
  std::vector<MergedPart> parts{};   ///< of a merged run, in the order given; empty: one generator, one run
  AddressRecord addresses{};
};

}  // namespace loadgen::stats
