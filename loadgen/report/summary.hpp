#pragma once
// Everything a reader of a run may want, as plain values. Every number that a report prints stands here, and every
// field here stands in run.json (report/json). Times are nanoseconds or seconds as their names say; rates are per
// second.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error_kind.hpp"
#include "config/plan.hpp"
#include "report/distribution.hpp"
#include "report/gates.hpp"
#include "report/host.hpp"
#include "report/measured.hpp"
#include "report/merged_parts.hpp"
#include "report/offered.hpp"
#include "report/time_buckets.hpp"
#include "report/until.hpp"
#include "report/verdict.hpp"
#include "stats/run_record.hpp"

namespace loadgen::report {

struct ErrorCount {
  ErrorKind kind = ErrorKind::other;
  std::uint64_t count = 0;
};

struct StatusCount {
  std::uint16_t status = 0;  ///< 0: no status line, or a code that is none
  std::uint64_t count = 0;
};

/// One row of the Summary Report: the requests of one name, or all of them.
struct Row {
  std::string label;
  std::uint64_t sent = 0;
  std::uint64_t completed = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t unfinished = 0;
  double error_rate = 0;  ///< failed / completed
  /// Service time of all completed requests, failed ones too (JMeter's elapsed).
  struct Elapsed {
    std::int64_t sum_ns = 0;
    std::int64_t min_ns = 0;
    std::int64_t max_ns = 0;
    double mean_ns = 0;
    double stddev_ns = 0;
    /// In the order of kPercentiles, failures in them as in JMeter's Aggregate Report; of what was unfinished, how long
    /// that had taken.
    std::array<std::int64_t, kPercentiles.size()> percentiles_ns{};
  } elapsed;
  /// Completed requests over (last end - first start), JMeter's Throughput; 0 when nothing was completed.
  double rps = 0;
  double window_s = 0;            ///< that divisor: last end - first start
  double received_kib_per_s = 0;  ///< 1024 bytes, as JMeter's KB, over the same time
  double sent_kib_per_s = 0;
  double average_bytes = 0;  ///< bytes received over completed
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_decoded = 0;  ///< of bodies that were decoded
  std::uint64_t bytes_out = 0;
  std::uint64_t connections_opened = 0;
  std::uint64_t handshakes_resumed = 0;   ///< of the TLS handshakes
  std::uint64_t redirects_followed = 0;   ///< each another request to the target
  std::uint64_t challenges_answered = 0;  ///< likewise
  std::uint64_t connections_reopened = 0;
  std::uint64_t requests_resent = 0;
  ThreeSeries times;              ///< of the measured window; all that follows is of the whole run
  Distribution connection_wait;   ///< at max_in_flight; of the successes that waited
  Distribution connect;           ///< of every connection opened
  Distribution tls;               ///< of every TLS handshake that succeeded
  Distribution first_byte;        ///< connected or secured, or started on a kept connection -> first byte; of successes
  Distribution follow_ups;        ///< first byte -> the last response's first byte; of successes that were led on
  Distribution download;          ///< the last response's first byte -> last byte; of successes
  Distribution failed_response;   ///< due -> failure noticed
  Distribution cut_off_response;  ///< lower bounds: due -> given up
  Distribution receive_lag;       ///< arrival in the kernel -> read, where the engine looked
  TimeBuckets response_buckets;   ///< of successes
  TimeBuckets service_buckets;    ///< the same
  std::vector<ErrorCount> errors;     ///< the most frequent first
  std::vector<StatusCount> statuses;  ///< of all completed requests, by code; "none" first
};

struct Ramp {
  double planned_s = 0;  ///< from the first user's to the last user's first request
  double achieved_s = 0;
  std::uint64_t users_planned = 0;
  std::uint64_t users_started = 0;
};

struct LedgerLines {
  std::uint64_t planned = 0;
  std::uint64_t sent = 0;
  std::uint64_t not_started = 0;
  std::uint64_t dropped = 0;
  std::uint64_t succeeded = 0;
  std::uint64_t failed = 0;
  std::uint64_t unfinished = 0;
  std::uint64_t never_sent = 0;  ///< of not_started: due, and still waiting for a place at the end
  bool balanced = false;
};

struct Generator {
  std::string engine;
  std::uint32_t threads = 0;
  double wall_s = 0;
  double cpu_user_s = 0;
  double cpu_system_s = 0;
  double cpu_us_per_request = 0;  ///< user + system over completed requests
  double busiest_thread = 0;      ///< share of one core, 0..1
  double productive_share = 0;    ///< the same without its fruitless polling
  double run_queue_wait_s = 0;
  double run_queue_share = 0;
  double longest_turn_s = 0;
  std::uint64_t max_rss_bytes = 0;
  std::uint64_t retransmits = 0;        ///< of the run's own connections
  std::uint64_t connections_asked = 0;  ///< how many of them that is the sum over
  stats::PaceRecord pace;
  std::vector<stats::Stall> stalls;  ///< the longest first
  std::vector<stats::HealthSecond> seconds;
  stats::HostSignals host;  ///< over the whole run
};

struct Second {
  std::uint64_t completed = 0;  ///< that ended in it
  std::uint64_t failed = 0;
  double mean_ns = 0;  ///< service time, failed requests included
  std::int64_t min_ns = 0;
  std::int64_t max_ns = 0;
  std::uint64_t due = 0;  ///< requests sent that were due in it
  std::uint64_t started = 0;
  std::int64_t worst_send_lag_ns = 0;  ///< of those due in it
  double in_flight = 0;                ///< on average
};

/// Connections opened before the run because the plan asks for it.
struct Opening {
  std::uint64_t asked = 0;
  std::uint64_t opened = 0;
  double took_s = 0;
  Distribution connect;
};

/// The open groups' arrivals; no users of them came in a plan without any.
struct ArrivalLines {
  std::uint64_t arrived = 0;
  double expected = 0;       ///< by the plan's rates, over all of it
  std::uint64_t waited = 0;  ///< for a place at max_in_flight
  std::uint64_t most_under_way = 0;
  std::string spacing;  ///< "uniform", "poisson", or both; empty: no arrivals in the plan
  std::uint64_t seed = 0;
};

struct Tool {
  std::string version;
  std::string compiler;
};

/// This program.
Tool this_tool();

struct Summary {
  Tool tool;
  std::string name;
  std::string target;
  std::string plan_json;  ///< the resolved plan, secrets taken out
  HostFacts host;
  std::chrono::system_clock::time_point started;
  std::chrono::system_clock::time_point ended;
  double wall_s = 0;    ///< from the run's t0 until all requests had ended or were given up
  double rps_wall = 0;  ///< completed over that: the rate of the `summary =` line, lower than Row::rps
  stats::StopReason stop = stats::StopReason::finished;
  std::optional<stats::StoppedBy> stopped_by;
  bool strict = false;  ///< --strict: a run that cannot be believed fails
  std::string until;    ///< what --until asked for; empty: nothing
  std::optional<UntilOutcome> until_outcome;
  std::optional<MergedParts> merged;
  OfferedLoad offered;
  Ramp ramp;
  Opening opening;
  ArrivalLines arrivals;
  LedgerLines ledger;
  Row total;
  std::vector<Row> labels;
  Window window;
  WarmUpFound warm_up;
  std::vector<StageFigures> stages;
  stats::Estimate rate;  ///< completed requests a second that ended in the window
  Steadiness steadiness;
  Growth growth;
  LittlesLaw littles_law;
  std::optional<Calibration> calibration;
  Generator generator;
  stats::AddressRecord addresses;
  std::optional<stats::RowsRecord> rows;  ///< of single requests, where they were asked for
  std::vector<Second> per_second;
  std::string record;          ///< stats::encode(): all that the figures were made of
  stats::Histogram responses;  ///< response times of the measured window
  Verdict verdict;
  std::vector<Gate> gates;  ///< the plan's thresholds, in its order
};

/// calibration: what is known of this host, if anything.
Summary summarize(const config::Plan& plan, const stats::RunRecord& record, const HostFacts& host,
                  const std::optional<Calibration>& calibration = std::nullopt);

/// "finished", "on_error", "interrupted", "precise_enough", "threshold"
std::string_view to_string(stats::StopReason reason);
/// "sleep", "hybrid", "spin"
std::string_view to_string(stats::Pace pace);

}  // namespace loadgen::report
