#include "report/summary.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "base/units.hpp"
#include "config/describe.hpp"
#include "report/numbers.hpp"

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

Row::Elapsed elapsed_of(const stats::Moments& moments) {
  if (moments.count == 0) return {};
  return {moments.sum_ns, moments.min_ns, moments.max_ns, moments.mean_ns(), moments.stddev_ns()};
}

stats::Histogram failed_responses(const LabelRecord& record) {
  return record.failed ? record.failed->response : stats::Histogram();
}

Row row_of(std::string label, const LabelRecord& record) {
  Row row;
  row.label = std::move(label);
  row.sent = record.outcomes.sent();
  row.completed = record.outcomes.completed();
  row.succeeded = record.outcomes.succeeded;
  row.failed = record.outcomes.failed();
  row.unfinished = record.outcomes.unfinished;
  row.error_rate = ratio(as_double(row.failed), as_double(row.completed));
  row.elapsed = elapsed_of(record.elapsed);
  if (row.completed > 0) row.window_s = seconds(record.last_end - record.first_start);
  row.rps = ratio(as_double(row.completed), row.window_s);
  row.received_kib_per_s = ratio(as_double(record.bytes_in) / 1024, row.window_s);
  row.sent_kib_per_s = ratio(as_double(record.bytes_out) / 1024, row.window_s);
  row.average_bytes = ratio(as_double(record.bytes_in), as_double(row.completed));
  row.bytes_in = record.bytes_in;
  row.bytes_out = record.bytes_out;
  row.connections_opened = record.connections_opened;
  row.connections_reopened = record.connections_reopened;
  row.response = distribution_of(record.succeeded.response);
  row.service = distribution_of(record.succeeded.service);
  row.failed_response = distribution_of(failed_responses(record));
  row.send_lag = distribution_of(record.send_lag_of_all());
  row.connect = distribution_of(record.succeeded.connect);
  row.first_byte = distribution_of(record.succeeded.first_byte);
  row.errors = errors_of(record.outcomes);
  row.statuses = statuses_of(record.outcomes);
  return row;
}

bool one_iteration(const config::ThreadGroup& group) {
  return group.iterations ? *group.iterations == group.users : group.loops == 1;
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
  generator.run_queue_wait_s = seconds(health.run_queue_wait);
  generator.run_queue_share = run_queue_share(record);
  generator.longest_turn_s = seconds(health.longest_turn);
  generator.max_rss_bytes = health.max_rss_bytes;
  return generator;
}

std::vector<Second> seconds_of(const std::vector<stats::Tally>& tallies) {
  std::vector<Second> out;
  for (const stats::Tally& tally : tallies) {
    Second second{.completed = tally.completed, .failed = tally.failed};
    if (tally.completed > 0) {
      second.mean_ns = static_cast<double>(tally.elapsed_sum.count()) / as_double(tally.completed);
      second.min_ns = tally.elapsed_min.count();
      second.max_ns = tally.elapsed_max.count();
    }
    out.push_back(second);
  }
  return out;
}

}  // namespace

OfferedLoad offered_load(const config::Plan& plan) {
  const auto& groups = plan.thread_groups;
  Duration first = Duration::max();
  Duration last{};
  for (const config::ThreadGroup& group : groups) {
    first = std::min(first, group.startup_delay);
    last = std::max(last, group.startup_delay + group.ramp_up);
  }
  OfferedLoad load;
  const std::string users = fmt::format("{} user{}", grouped(plan.users()), plan.users() == 1 ? "" : "s");
  if (groups.empty() || !std::ranges::all_of(groups, one_iteration)) {
    load.model = "closed";
    load.description = "closed loop, " + users;
    return load;
  }
  const bool one_step = std::ranges::all_of(groups, [](const auto& group) { return group.steps.size() == 1; });
  const std::string each = one_step ? "one request each" : "one iteration each";
  load.model = one_step ? "open" : "partly open";
  if (last == first) {
    load.description = fmt::format("{} at once, {}", users, each);
    return load;
  }
  load.description = fmt::format("{} in {}, {}", users, loadgen::to_string(last - first), each);
  load.rate = ratio(as_double(plan.users()), seconds(last - first));
  return load;
}

Summary summarize(const config::Plan& plan, const stats::RunRecord& record, const HostFacts& host) {
  Summary summary;
  summary.tool = {LOADGEN_VERSION, __VERSION__};
  summary.name = plan.name;
  summary.target = plan.target;
  summary.plan_json = config::to_json(plan);
  summary.host = host;
  summary.started = record.wall_start;
  summary.ended =
      record.wall_start + std::chrono::duration_cast<std::chrono::system_clock::duration>(record.end - record.start);
  summary.wall_s = seconds(record.end - record.start);
  summary.stop = record.stop;
  summary.ramp = ramp_of(record.ramp);
  summary.ledger = ledger_of(record.ledger);
  summary.total = row_of("TOTAL", record.recorder.total());
  for (std::size_t i = 0; i < record.labels.size(); ++i) {
    summary.labels.push_back(row_of(record.labels[i], record.recorder.labels()[i]));
  }
  summary.rps_wall = ratio(as_double(summary.total.completed), summary.wall_s);
  summary.offered = offered_load(plan);
  if (summary.offered.model == "open") summary.offered.achieved = ratio(summary.total.rps, summary.offered.rate);
  summary.generator = generator_of(record, summary.total.completed);
  summary.per_second = seconds_of(record.recorder.per_second());
  summary.verdict = judge(record);
  return summary;
}

std::string_view to_string(stats::StopReason reason) {
  constexpr std::array<std::string_view, 4> names{"finished", "on_error", "interrupted", "precise_enough"};
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace loadgen::report
