#pragma once
// Everything a reader of a run may want, as plain values. Every number that a report prints stands here, and every
// field here stands in run.json (report/json). Times are nanoseconds or seconds as their names say; rates are per
// second.

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/error_kind.hpp"
#include "config/plan.hpp"
#include "report/distribution.hpp"
#include "report/host.hpp"
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
  } elapsed;
  /// Completed requests over (last end - first start), JMeter's Throughput; 0 when nothing was completed.
  double rps = 0;
  double window_s = 0;            ///< that divisor: last end - first start
  double received_kib_per_s = 0;  ///< 1024 bytes, as JMeter's KB, over the same time
  double sent_kib_per_s = 0;
  double average_bytes = 0;  ///< bytes received over completed
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t connections_opened = 0;
  std::uint64_t connections_reopened = 0;
  Distribution response;  ///< due -> last byte, successes only
  Distribution service;   ///< started -> last byte, successes only
  Distribution failed_response;
  Distribution send_lag;
  Distribution connect;
  Distribution first_byte;
  std::vector<ErrorCount> errors;     ///< the most frequent first
  std::vector<StatusCount> statuses;  ///< of all completed requests, by code; "none" first
};

/// What the plan offered, when its schedule alone says when requests go out; else users wait for responses and the rate
/// is the target's answer, not the plan's wish.
struct OfferedLoad {
  std::string model;        ///< "open", "partly open" or "closed"
  std::string description;  ///< "6,000 users in 2s, one request each"
  double rate = 0;          ///< arrivals per second over the ramp-up; 0: none
  double achieved = 0;      ///< Row::rps of the total over rate, when each arrival is one request; else 0
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
  double run_queue_wait_s = 0;
  double run_queue_share = 0;
  double longest_turn_s = 0;
  std::uint64_t max_rss_bytes = 0;
};

struct Second {
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  double mean_ns = 0;  ///< service time, failed requests included
  std::int64_t min_ns = 0;
  std::int64_t max_ns = 0;
};

struct Tool {
  std::string version;
  std::string compiler;
};

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
  OfferedLoad offered;
  Ramp ramp;
  LedgerLines ledger;
  Row total;
  std::vector<Row> labels;
  Generator generator;
  std::vector<Second> per_second;
  Verdict verdict;
};

/// What the plan's schedule offers; achieved is left 0. One group of N users with a ramp-up R and one iteration each
/// offers N/R arrivals per second over R. Several groups offer all their arrivals over the time from the first group's
/// first user to the end of the last ramp-up.
OfferedLoad offered_load(const config::Plan& plan);

Summary summarize(const config::Plan& plan, const stats::RunRecord& record, const HostFacts& host);

/// "finished", "on_error", "interrupted"
std::string_view to_string(stats::StopReason reason);

}  // namespace loadgen::report
