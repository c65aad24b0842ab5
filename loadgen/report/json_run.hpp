#pragma once
// How a run stands in JSON: run.json's fields in their order.

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "report/hdr.hpp"
#include "report/intervals.hpp"
#include "report/json_described.hpp"
#include "report/json_generator.hpp"
#include "report/json_times.hpp"
#include "report/run_file.hpp"
#include "report/summary.hpp"

namespace loadgen::report {

inline constexpr std::string_view kRunSchema = "loadgen/run/v1";

template <>
inline constexpr std::string_view kDefinition<TimeBuckets> = "buckets";

// json_run.cpp
Counts errors_by_kind(const Row& row);
Counts by_status(const Row& row);
double epoch_s(std::chrono::system_clock::time_point t);
/// "2026-11-22T17:34:29.123Z"
std::string iso8601(std::chrono::system_clock::time_point t);

template <class Out>
void describe(Out& out, const Row::Elapsed& elapsed) {
  out("sum", elapsed.sum_ns, {"of all of them, exact", "ns"});
  out("min", elapsed.min_ns, {"the least, exact", "ns"});
  out("mean", elapsed.mean_ns, {"mean, exact: JMeter's Average", "ns"});
  out("stddev", elapsed.stddev_ns, {"standard deviation of the population: JMeter's Std. Dev.", "ns"});
  out("max", elapsed.max_ns, {"the largest, exact", "ns"});
  for (std::size_t i = 0; i < kPercentiles.size(); ++i)
    out(kPercentiles[i].key, elapsed.percentiles_ns[i],
        {"percentile, as JMeter's Aggregate Report; what was unfinished counts with the time it had taken", "ns"});
}

/// The counts alone, by their limits.
struct CountsByLimit {
  const TimeBuckets& buckets;
};

template <class Out>
void describe(Out& out, const CountsByLimit& by_limit) {
  for (std::size_t i = 0; i < kBucketLimits.size(); ++i)
    out(std::to_string(kBucketLimits[i]), by_limit.buckets.counts[i],
        {"values up to this limit in ns and above the one before; exact to 0.1 %", "values"});
}

template <class Out>
void describe(Out& out, const TimeBuckets& buckets) {
  out("counts", CountsByLimit{buckets}, {"by upper limit in ns"});
  out("count", buckets.count, {"all of them, also those above every limit", "values"});
  out("sum", buckets.sum_ns, {"of all of them, exact", "ns"});
}

/// What a row of the Summary Report holds, without its label and its outcomes.
template <class Out>
void describe_measures(Out& out, const Row& row) {
  out("errors_by_kind", errors_by_kind(row), {"failed requests by their one cause; kinds without any have no key"});
  out("by_status", by_status(row),
      {"completed requests by status code; \"none\": no status line came, or one that is none"});
  out("error_rate", row.error_rate,
      {"failed over completed; a threshold's error_rate is of all that were due in the window, and counts what was "
       "unfinished too",
       "0..1"});
  out("rps", row.rps, {"completed requests over last end - first start: JMeter's Throughput", "1/s"});
  out("window_s", row.window_s, {"that divisor: last end - first start", "s"});
  out("elapsed_ns", row.elapsed, {"service time of all completed requests, failed ones too: JMeter's elapsed"});
  out("received_kib_per_s", row.received_kib_per_s, {"received over window_s", "KiB/s"});
  out("sent_kib_per_s", row.sent_kib_per_s, {"sent over window_s", "KiB/s"});
  out("average_bytes", row.average_bytes, {"bytes received over completed requests", "bytes"});
  out("bytes_in", row.bytes_in, {"received, headers included", "bytes"});
  out("bytes_decoded", row.bytes_decoded,
      {"bodies of the responses that were decoded, without their content coding; 0: none was", "bytes"});
  out("bytes_out", row.bytes_out, {"sent, headers included", "bytes"});
  out("connections_opened", row.connections_opened, {"that requests opened", "connections"});
  out("tls_handshakes_resumed", row.handshakes_resumed,
      {"of the TLS handshakes, those that resumed the session of an earlier connection of the user", "handshakes"});
  out("redirects_followed", row.redirects_followed,
      {"each one more request to the target, within the request that was redirected", "redirects"});
  out("challenges_answered", row.challenges_answered,
      {"each one more request to the target, within the request that a 401 asked to authenticate", "challenges"});
  out("connections_reopened", row.connections_reopened,
      {"kept ones that the server had closed, opened once more for the next request", "connections"});
  out("requests_resent", row.requests_resent,
      {"that the server refused to begin with (HTTP/2), sent once more", "requests"});
}

template <class Out>
void describe_times(Out& out, const Row& row) {
  out("response_ns", row.times.response, {"response time: due to last byte, of successes in the measured window"});
  out("service_ns", row.times.service, {"service time: start to last byte, of successes in the measured window"});
  out("send_lag_ns", row.times.send_lag, {"send lag: due to start, of successes in the measured window"});
  out("connection_wait_ns", row.connection_wait,
      {"due until a place among max_in_flight was free, of successes that waited; whole run"});
  out("connect_ns", row.connect,
      {"connecting, of every connection that was opened, other than for a follow-up; whole run"});
  out("tls_ns", row.tls,
      {"connected until the TLS handshake was done, of every one that succeeded, other than for a follow-up; whole "
       "run"});
  out("first_byte_ns", row.first_byte,
      {"connected (with TLS: secured), or started on a kept connection, to first byte; of successes, whole run"});
  out("follow_ups_ns", row.follow_ups,
      {"first response's first byte to the last one's; of successes that were redirected or challenged, whole run"});
  out("download_ns", row.download, {"the last response's first byte to its last byte; of successes, whole run"});
  out("failed_response_ns", row.failed_response, {"due until the failure was noticed; of failures, whole run"});
  out("cut_off_response_ns", row.cut_off_response,
      {"due until given up: lower bounds, of requests that timed out or were unfinished; whole run"});
  out("receive_lag_ns", row.receive_lag,
      {"arrival of a response in the kernel until it was read, of connections that were watched; whole run"});
  out("response_buckets_ns", row.response_buckets, {"response times by fixed limits; of successes, whole run"});
  out("service_buckets_ns", row.service_buckets, {"service times by fixed limits; of successes, whole run"});
}

template <class Out>
void describe(Out& out, const Row& row) {
  out("label", row.label, {"the name of the requests, from the plan"});
  out("sent", row.sent, {"handed to the engine, whatever came of it", "requests"});
  out("completed", row.completed, {"succeeded or failed", "requests"});
  out("succeeded", row.succeeded, {"answered as expected", "requests"});
  out("failed", row.failed, {"ended for one of the error kinds", "requests"});
  out("unfinished", row.unfinished, {"in flight when the grace was over", "requests"});
  describe_measures(out, row);
  describe_times(out, row);
}

/// The ledger and the row of all requests.
struct Totals {
  const Summary& summary;
};

template <class Out>
void describe(Out& out, const Totals& totals) {
  const LedgerLines& ledger = totals.summary.ledger;
  out("planned", ledger.planned, {"that the plan asks for: sent + not_started + dropped", "requests"});
  out("sent", ledger.sent, {"handed to the engine: succeeded + failed + unfinished", "requests"});
  out("not_started", ledger.not_started, {"skipped after an error, or the run stopped first", "requests"});
  out("dropped", ledger.dropped, {"never sent, because max_in_flight users were under way", "requests"});
  out("succeeded", ledger.succeeded, {"answered as expected", "requests"});
  out("failed", ledger.failed, {"ended for one of the error kinds", "requests"});
  out("unfinished", ledger.unfinished, {"in flight when the grace was over", "requests"});
  out("never_sent", ledger.never_sent, {"of not_started: due, and still waiting for a place at the end", "requests"});
  out("balanced", ledger.balanced, {"both sums hold; else the run is BROKEN"});
  out("completed", totals.summary.total.completed, {"succeeded or failed", "requests"});
  describe_measures(out, totals.summary.total);
  out("rps_wall", totals.summary.rps_wall, {"completed requests over wall_s: the rate of the `summary =` line", "1/s"});
}

template <class Out>
void describe(Out& out, const OfferedLoad& load) {
  static constexpr std::array<std::string_view, 4> kModels{"open", "open, bounded connections", "partly open",
                                                           "closed"};
  out("model", Choice{load.model, kModels},
      {"open: a schedule alone says when requests go out; bounded connections: arrivals wait for a place; partly open: "
       "users arrive by a schedule and go through several steps; closed: users wait for responses"});
  out("description", load.description, {"for people: \"6,000 users in 2s, one request each\""});
  out("rate", load.rate, {"arrivals a second that the plan asks for; 0: none, a closed loop", "1/s"});
  out("achieved", load.achieved, {"completed requests a second over those asked for; 0: nothing to compare", "ratio"});
}

template <class Out>
void describe(Out& out, const Ramp& ramp) {
  out("planned_s", ramp.planned_s, {"from the first user's to the last user's first request, by the plan", "s"});
  out("achieved_s", ramp.achieved_s, {"the same as it came out", "s"});
  out("users_planned", ramp.users_planned, {"of closed groups", "users"});
  out("users_started", ramp.users_started, {"of them, who sent a first request", "users"});
}

template <class Out>
void describe(Out& out, const MergedParts& parts) {
  out("runs", parts.runs, {"how many", "runs"});
  out("begun_within_s", parts.begun_within_s, {"from the first run's t0 to the last one's, by wall clocks", "s"});
  out("together_s", parts.together_s, {"while all of them were under way; 0: there was no such time", "s"});
  out("longest_s", parts.longest_s, {"of the longest of them", "s"});
}

template <class Out>
void describe(Out& out, const Opening& opening) {
  out("asked", opening.asked, {"that the plan wants open before the first arrival", "connections"});
  out("opened", opening.opened, {"of them, opened", "connections"});
  out("took_s", opening.took_s, {"what opening them took", "s"});
  out("connect_ns", opening.connect, {"of each of them"});
}

template <class Out>
void describe(Out& out, const ArrivalLines& arrivals) {
  static constexpr std::array<std::string_view, 4> kSpacings{"", "uniform", "poisson", "uniform and poisson"};
  out("arrived", arrivals.arrived, {"users who came", "users"});
  out("expected", arrivals.expected, {"users by the plan's rates", "users"});
  out("waited", arrivals.waited, {"of those who came, for a place at max_in_flight", "users"});
  out("most_under_way", arrivals.most_under_way, {"at the same time", "users"});
  out("spacing", Choice{arrivals.spacing, kSpacings}, {"how they lie within their rate; empty: no open load"});
  out("seed", arrivals.seed, {"of everything random: the same seed, the same schedule", "number"});
}

template <class Out>
void describe(Out& out, const Gate& gate) {
  out("threshold", gate.threshold, {"what was asked for: \"p99 <= 250ms\""});
  out("result", Word{gate.result, GateResult::undecided, &to_string},
      {"undecided: the limit lies inside the figure's interval"});
  out("figure", gate.figure, {"what it came out as"});
  out("limit", gate.limit, {"what it is held against", "that of the figure"});
  out("evidence", gate.evidence, {"the figure and its interval in words"});
  out("aborted", gate.aborted, {"it stopped the run"});
  out("doubt", gate.doubt, {"why this run cannot answer for the result; empty: it can"});
  out("standing", Word{standing_of(gate), Standing::doubtful, &to_string},
      {"what counts: the result; doubtful where the run cannot answer for it; where it is undecided, what the plan's "
       "\"undecided\" takes it for"});
}

template <class Out>
void describe(Out& out, const stats::StoppedBy& stopped) {
  out("threshold", stopped.threshold, {"as it stands in thresholds"});
  out("at_s", seconds(stopped.at), {"since the run's t0", "s"});
  out("value", stopped.value < 0 ? std::nullopt : std::optional(stopped.value),
      {"its figure while it failed; null: no request gave it a value", "that of the threshold's figure"});
}

/// A second since t0 with its number.
struct NumberedSecond {
  std::size_t second = 0;
  Second figures;
};
std::vector<NumberedSecond> numbered(const std::vector<Second>& seconds);

template <class Out>
void describe(Out& out, const NumberedSecond& numbered) {
  const Second& second = numbered.figures;
  out("second", numbered.second, {"since the run's t0, from 0", "s"});
  out("completed", second.completed, {"that ended in it", "requests"});
  out("failed", second.failed, {"of them, failed", "requests"});
  out("mean_ns", second.mean_ns, {"their mean service time, failures too", "ns"});
  out("min_ns", second.min_ns, {"their least service time", "ns"});
  out("max_ns", second.max_ns, {"their largest service time", "ns"});
  out("due", second.due, {"requests sent that were due in it", "requests"});
  out("started", second.started, {"requests started in it", "requests"});
  out("worst_send_lag_ns", second.worst_send_lag_ns, {"the largest send lag of those due in it", "ns"});
  out("in_flight", second.in_flight, {"requests in flight, the average over it", "requests"});
}

template <class Out>
void describe(Out& out, const HdrInterval& interval) {
  out("label", interval.tag, {"the name of the requests"});
  out("start_s", seconds(interval.start), {"begin, since the run's t0", "s"});
  out("length_s", seconds(interval.length), {"length", "s"});
  out("count", interval.count, {"successes that were due in it", "requests"});
  out("max", interval.max.count(), {"their largest response time", "ns"});
  out("response", interval.values, {"their response times: HdrHistogram's V2 encoding, compressed, in base64; ns"});
}

template <class Out>
void describe(Out& out, const stats::AddressRecord& addresses) {
  out("targets", addresses.targets, {"servers that the plan's URLs name", "targets"});
  out("used", addresses.used, {"addresses of them that the users' connections took in turn", "addresses"});
  out("refused", addresses.refused, {"that did not answer before the run, and were last resorts", "addresses"});
  out("sources", addresses.sources,
      {"addresses of this machine that connections came from in turn; 0: as the routes said", "addresses"});
}

template <class Out>
void describe(Out& out, const stats::RowsRecord& rows) {
  out("written", rows.written, {"that are in the file", "rows"});
  out("lost", rows.lost,
      {"that are not: they came faster than they could be written, or the file took no more", "rows"});
  out("one_in", rows.one_in, {"every request had a row, or one of so many", "requests"});
}

template <class Out>
void describe(Out& out, const Summary& s) {
  out("schema", Fixed{kRunSchema}, {"what this file is, and the version of its fields"});
  out("verdict", s.verdict, {"whether to believe the run"});
  out("tool", s.tool, {"what made the run"});
  out("name", s.name, {"the plan's name, or its target"});
  out("target", s.target, {"where requests went"});
  out("started", iso8601(s.started), {"ISO 8601, UTC: the run's t0"});
  out("started_epoch_s", epoch_s(s.started), {"the same, since 1970-01-01T00:00:00Z", "s"});
  out("ended", iso8601(s.ended), {"ISO 8601, UTC: all requests had ended or were given up"});
  out("ended_epoch_s", epoch_s(s.ended), {"the same, since 1970-01-01T00:00:00Z", "s"});
  out("wall_s", s.wall_s, {"from t0 until all requests had ended or were given up", "s"});
  out("stop", Word{s.stop, stats::StopReason::threshold, &to_string}, {"why the run ended"});
  out.if_known("stopped_by", s.stopped_by, {"the threshold that stopped the run; no key where none did"});
  out("strict", s.strict, {"--strict: a run that cannot be believed ends with an exit code of its own"});
  out("until", s.until, {"what --until asked for; empty: nothing"});
  out.if_known("until_outcome", s.until_outcome, {"what came of --until; no key without it"});
  out.if_known("merged", s.merged, {"the runs that were made one by `loadgen merge`; no key without it"});
  out("thresholds", s.gates, {"what the run had to meet, in the plan's order; empty: nothing"});
  out("totals", Totals{s}, {"the ledger, and all requests of the whole run"});
  out("offered", s.offered, {"the load that the plan asks for, and how much of it came about"});
  out("ramp", s.ramp, {"the starts of closed groups' users"});
  out("opening", s.opening, {"connections opened before the start, because the plan asks for it"});
  out("arrivals", s.arrivals, {"users of open load"});
  out("window", WindowAndWarmUp{s.window, s.warm_up},
      {"the part of the run, by due time, that percentiles, intervals and checks are of"});
  describe_times(out, s.total);
  out("rate", s.rate, {"completed requests a second that ended in the window"});
  out("stages", s.stages, {"open load by the stretch between two changes of its plan; empty of closed load"});
  out("stationarity", s.steadiness, {"whether the window shows one state of affairs"});
  out("growth", s.growth, {"what grows when a target is asked for more than it can do"});
  out("littles_law", s.littles_law, {"requests in flight = completed a second * service time: an audit of the books"});
  out("labels", s.labels, {"the same by the name of the requests, in the plan's order"});
  out("generator", s.generator, {"whether loadgen itself could have been the limit"});
  out("addresses", s.addresses, {"where connections went to and came from"});
  out.if_known("rows", s.rows, {"what became of the rows of the JTL; no key where there was none"});
  out.if_known("calibration", s.calibration, {"what `loadgen calibrate` found on this host; no key without it"});
  out("per_second", numbered(s.per_second), {"by second since the run's t0"});
  out("intervals", intervals_of(s), {"response times by second of due time and label; seconds without any have none"});
  out("response_histogram", hdr_base64(s.responses),
      {"response times of the measured window: HdrHistogram's V2 encoding, compressed, in base64; ns"});
  out("host", s.host, {"the machine that the run was made on"});
  out("plan", Verbatim{s.plan_json}, {"the resolved plan, secrets as ***: see plan.schema.json"});
  out("record", record_text(s.record),
      {"all that was measured, for `loadgen report` and `loadgen merge`: loadgen's own encoding, compressed, in "
       "base64"});
}

}  // namespace loadgen::report
