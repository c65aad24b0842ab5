#include "report/summary.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/describe.hpp"
#include "report/checks.hpp"
#include "stats/record_codec.hpp"

namespace loadgen::report {
namespace {

using stats::LabelRecord;
using stats::RunRecord;

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}
double as_double(std::uint64_t n) {
  return static_cast<double>(n);
}

std::vector<ErrorCount> errors_of(const stats::Outcomes& outcomes) {
  std::vector<ErrorCount> errors;
  for (const ErrorKindInfo& info : kErrorKinds) {
    const std::uint64_t count = outcomes.failed_by_kind[static_cast<std::size_t>(info.kind)];
    if (count > 0) errors.push_back({info.kind, count});
  }
  std::ranges::stable_sort(errors, std::ranges::greater{}, &ErrorCount::count);
  return errors;
}

std::vector<StatusCount> statuses_of(const stats::Outcomes& outcomes) {
  std::vector<StatusCount> statuses;
  for (std::size_t code = 0; code < outcomes.by_status.size(); ++code) {
    if (outcomes.by_status[code] > 0) statuses.push_back({static_cast<std::uint16_t>(code), outcomes.by_status[code]});
  }
  return statuses;
}

Row::Elapsed elapsed_of(const LabelRecord& record) {
  const stats::Moments& moments = record.elapsed;
  if (moments.count == 0) return {};
  stats::Histogram all = record.succeeded.service;
  for (const auto outcome : {stats::OutcomeClass::failed, stats::OutcomeClass::cut_off}) {
    if (const stats::Times* times = record.times(outcome)) all.merge(times->service);
  }
  return {moments.sum_ns,    moments.min_ns,      moments.max_ns,
          moments.mean_ns(), moments.stddev_ns(), report::distribution_of(all).percentiles_ns};
}

TimeBuckets buckets_of(const stats::Histogram& times) {
  TimeBuckets buckets;
  buckets.add(times);
  return buckets;
}

Distribution distribution_of(const stats::Times* times, stats::Histogram stats::Times::*series) {
  return times != nullptr ? report::distribution_of(times->*series) : Distribution{};
}

/// Of all requests that opened a connection, whatever became of them.
stats::Histogram of_all(const LabelRecord& record, stats::Histogram stats::Times::*phase) {
  stats::Histogram all = record.succeeded.*phase;
  for (const auto outcome : {stats::OutcomeClass::failed, stats::OutcomeClass::cut_off}) {
    if (const stats::Times* times = record.times(outcome)) all.merge(times->*phase);
  }
  return all;
}

Row row_of(std::string label, const LabelRecord& record, const ThreeSeries& times) {
  Row row;
  row.label = std::move(label);
  row.sent = record.outcomes.sent();
  row.completed = record.outcomes.completed();
  row.succeeded = record.outcomes.succeeded;
  row.failed = record.outcomes.failed();
  row.unfinished = record.outcomes.unfinished;
  row.error_rate = ratio(as_double(row.failed), as_double(row.completed));
  row.elapsed = elapsed_of(record);
  if (row.completed > 0) row.window_s = seconds(record.last_end - record.first_start);
  row.rps = ratio(as_double(row.completed), row.window_s);
  row.received_kib_per_s = ratio(as_double(record.bytes_in) / 1024, row.window_s);
  row.sent_kib_per_s = ratio(as_double(record.bytes_out) / 1024, row.window_s);
  row.average_bytes = ratio(as_double(record.bytes_in), as_double(row.completed));
  row.bytes_in = record.bytes_in;
  row.bytes_decoded = record.bytes_decoded;
  row.bytes_out = record.bytes_out;
  row.connections_opened = record.connections_opened;
  row.handshakes_resumed = record.handshakes_resumed;
  row.redirects_followed = record.redirects_followed;
  row.challenges_answered = record.challenges_answered;
  row.connections_reopened = record.connections_reopened;
  row.requests_resent = record.requests_resent;
  row.times = times;
  row.connection_wait = report::distribution_of(record.succeeded.connection_wait);
  row.connect = report::distribution_of(of_all(record, &stats::Times::connect));
  row.tls = report::distribution_of(of_all(record, &stats::Times::tls));
  row.first_byte = report::distribution_of(record.succeeded.first_byte);
  row.follow_ups = report::distribution_of(record.succeeded.follow_ups);
  row.download = report::distribution_of(record.succeeded.download);
  row.failed_response = distribution_of(record.times(stats::OutcomeClass::failed), &stats::Times::response);
  row.cut_off_response = distribution_of(record.times(stats::OutcomeClass::cut_off), &stats::Times::response);
  row.receive_lag = report::distribution_of(record.receive_lag);
  row.response_buckets = buckets_of(record.succeeded.response);
  row.service_buckets = buckets_of(record.succeeded.service);
  row.errors = errors_of(record.outcomes);
  row.statuses = statuses_of(record.outcomes);
  return row;
}

Ramp ramp_of(const stats::RampRecord& ramp) {
  return {seconds(ramp.planned), seconds(ramp.achieved), ramp.users_planned, ramp.users_started};
}

LedgerLines ledger_of(const stats::Ledger& ledger) {
  return {ledger.planned,
          ledger.sent,
          ledger.not_started,
          ledger.dropped,
          ledger.outcomes.succeeded,
          ledger.outcomes.failed(),
          ledger.outcomes.unfinished,
          ledger.never_sent,
          ledger.balanced()};
}

Generator generator_of(const RunRecord& record, std::uint64_t completed) {
  const stats::GeneratorHealth& health = record.generator;
  Generator generator;
  generator.engine = record.engine;
  generator.threads = record.threads;
  generator.wall_s = seconds(health.wall);
  generator.cpu_user_s = seconds(health.cpu_user);
  generator.cpu_system_s = seconds(health.cpu_system);
  generator.cpu_us_per_request = ratio(1e6 * seconds(health.cpu_user + health.cpu_system), as_double(completed));
  generator.busiest_thread = health.busiest_thread;
  generator.productive_share = health.productive_share;
  generator.run_queue_wait_s = seconds(health.run_queue_wait);
  generator.run_queue_share = run_queue_share(record);
  generator.longest_turn_s = seconds(health.longest_turn);
  generator.max_rss_bytes = health.max_rss_bytes;
  generator.retransmits = health.retransmits;
  generator.connections_asked = health.connections_asked;
  generator.pace = health.pace;
  generator.stalls = health.stalls;
  generator.seconds = health.seconds;
  generator.host = health.host;
  return generator;
}

/// The cells of each second added up; what has neither a request due nor an end at the back is left out.
std::vector<Second> seconds_of(const stats::Recorder& recorder) {
  constexpr Duration kSecond = std::chrono::seconds(1);
  std::vector<stats::Cell> cells;
  for (std::size_t i = 0; i < recorder.cells().size(); ++i) {
    const auto second = static_cast<std::size_t>(stats::cell_begin(static_cast<std::uint32_t>(i)) / kSecond);
    if (second >= cells.size()) cells.resize(second + 1);
    cells[second].merge(recorder.cells()[i]);
  }
  while (!cells.empty() && cells.back().due == 0 && cells.back().ended.completed == 0) cells.pop_back();
  std::vector<Second> out;
  for (const stats::Cell& cell : cells) {
    Second second{.completed = cell.ended.completed, .failed = cell.ended.failed};
    if (cell.ended.completed > 0) {
      second.mean_ns = static_cast<double>(cell.ended.elapsed_sum.count()) / as_double(cell.ended.completed);
      second.min_ns = cell.ended.elapsed_min.count();
      second.max_ns = cell.ended.elapsed_max.count();
    }
    second.due = cell.due;
    second.started = cell.started;
    second.worst_send_lag_ns = cell.worst_send_lag.count();
    second.in_flight = static_cast<double>(cell.in_flight_ns) / 1e9;
    out.push_back(second);
  }
  return out;
}

Opening opening_of(const stats::OpeningRecord& opening) {
  return {opening.asked, opening.opened, seconds(opening.took), report::distribution_of(opening.connect)};
}

ArrivalLines arrivals_of(const config::Plan& plan, const stats::ArrivalRecord& record) {
  if (!plan.has_arrivals()) return {};
  double expected = 0;
  for (const config::ThreadGroup& group : plan.thread_groups) {
    if (group.open()) expected += load::LoadProfile(group.arrivals).total();
  }
  return {record.arrived, expected, record.waited, record.most_under_way, spacing_of(plan), plan.seed};
}

/// What the record knows better than the plan: whether arrivals waited, and what came of the offered rate.
OfferedLoad offered_by(const config::Plan& plan, const RunRecord& record, const Measured& measured, double rps) {
  OfferedLoad load = offered_load(plan);
  const Window& window = measured.timeline.window;
  if (plan.has_arrivals()) {
    if (load.model == "open" && record.arrivals.waited > 0) load.model = "open, bounded connections";
    if (!window.empty()) load.rate = window.offered;
    // Poisson arrivals come as chance has it: what came is what was asked for.
    const double came = as_double(measured.due + measured.total.response.lost);
    const double asked = spacing_of(plan) == "uniform" ? window.expected : came;
    // Too short for a rate: of what the whole run was asked for.
    load.achieved =
        measured.rate.resolution == stats::Resolution::empty
            ? ratio(as_double(record.recorder.total().outcomes.completed()), as_double(record.ledger.planned))
            : ratio(measured.rate.value, ratio(asked, seconds(window.span.length())));
  } else if (load.model == "open") {
    load.achieved = ratio(rps, load.rate);
  }
  return load;
}

}  // namespace

Tool this_tool() {
  return {LOADGEN_VERSION, __VERSION__};
}

Summary summarize(const config::Plan& plan, const RunRecord& record, const HostFacts& host,
                  const std::optional<Calibration>& calibration) {
  const LabelRecord total = record.recorder.total();
  Measured measured = measure(plan, record);
  Summary summary;
  summary.tool = this_tool();
  summary.name = plan.name;
  summary.target = plan.target;
  summary.plan_json = config::to_json(plan);
  summary.host = host;
  summary.started = record.wall_start;
  summary.ended =
      record.wall_start + std::chrono::duration_cast<std::chrono::system_clock::duration>(record.end - record.start);
  summary.wall_s = seconds(record.end - record.start);
  summary.stop = record.stop;
  if (!record.stopped_by.threshold.empty()) summary.stopped_by = record.stopped_by;
  summary.until = record.until;
  summary.addresses = record.addresses;
  summary.rows = record.rows;
  summary.until_outcome = until_outcome(plan, record, measured);
  summary.merged = merged_parts(record);
  summary.ramp = ramp_of(record.ramp);
  summary.opening = opening_of(record.opening);
  summary.arrivals = arrivals_of(plan, record.arrivals);
  summary.ledger = ledger_of(record.ledger);
  summary.total = row_of(std::string(config::kTotalLabel), total, measured.total);
  for (std::size_t i = 0; i < record.labels.size(); ++i) {
    summary.labels.push_back(row_of(record.labels[i], record.recorder.labels()[i], measured.labels[i]));
  }
  summary.rps_wall = ratio(as_double(summary.total.completed), summary.wall_s);
  summary.offered = offered_by(plan, record, measured, summary.total.rps);
  summary.generator = generator_of(record, summary.total.completed);
  summary.per_second = seconds_of(record.recorder);
  summary.record = stats::encode(record);
  summary.responses = std::move(measured.responses);
  summary.calibration = calibration;
  summary.verdict = judge({.plan = plan,
                           .record = record,
                           .total = total,
                           .measured = measured,
                           .cores = std::max(1U, host.usable_cores),
                           .calibration = calibration ? &*calibration : nullptr});
  summary.gates = judge_thresholds({.plan = plan,
                                    .record = record,
                                    .measured = measured,
                                    .verdict = summary.verdict,
                                    .achieved = summary.offered.achieved});
  summary.window = std::move(measured.timeline.window);
  summary.warm_up = measured.warm_up;
  summary.stages = std::move(measured.stages);
  summary.rate = measured.rate;
  summary.steadiness = std::move(measured.steadiness);
  summary.growth = std::move(measured.growth);
  summary.littles_law = measured.littles_law;
  return summary;
}

std::string_view to_string(stats::StopReason reason) {
  constexpr std::array<std::string_view, 5> names{"finished", "on_error", "interrupted", "precise_enough", "threshold"};
  return names[static_cast<std::size_t>(reason)];
}

std::string_view to_string(stats::Pace pace) {
  constexpr std::array<std::string_view, 3> names{"sleep", "hybrid", "spin"};
  return names[static_cast<std::size_t>(pace)];
}

}  // namespace loadgen::report
