#include "report/json.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "report/hdr.hpp"
#include "report/json_parts.hpp"

namespace loadgen::report {
namespace {

using std::chrono::system_clock;

double epoch_s(system_clock::time_point t) {
  return std::chrono::duration<double>(t.time_since_epoch()).count();
}

/// "2026-11-22T17:34:29.123Z"
std::string iso8601(system_clock::time_point t) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(t);
  const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(t - whole).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(whole)), rest);
}

Json errors_by_kind(const Row& row) {
  Json out = Json::object();
  for (const ErrorCount& error : row.errors) out[std::string(info(error.kind).key)] = error.count;
  return out;
}

Json by_status(const Row& row) {
  Json out = Json::object();
  for (const StatusCount& status : row.statuses) {
    out[status.status == 0 ? "none" : std::to_string(status.status)] = status.count;
  }
  return out;
}

/// What a row of the Summary Report holds, without its label and its outcomes.
void add_measures(Json& out, const Row& row) {
  out["errors_by_kind"] = errors_by_kind(row);
  out["by_status"] = by_status(row);
  out["error_rate"] = row.error_rate;
  out["rps"] = row.rps;
  out["window_s"] = row.window_s;
  out["elapsed_ns"] = {{"sum", row.elapsed.sum_ns},
                       {"min", row.elapsed.min_ns},
                       {"mean", row.elapsed.mean_ns},
                       {"stddev", row.elapsed.stddev_ns},
                       {"max", row.elapsed.max_ns}};
  out["received_kib_per_s"] = row.received_kib_per_s;
  out["sent_kib_per_s"] = row.sent_kib_per_s;
  out["average_bytes"] = row.average_bytes;
  out["bytes_in"] = row.bytes_in;
  out["bytes_out"] = row.bytes_out;
  out["connections_opened"] = row.connections_opened;
  out["connections_reopened"] = row.connections_reopened;
}

void add_distributions(Json& out, const Row& row) {
  out["response_ns"] = json_of(row.times.response);
  out["service_ns"] = json_of(row.times.service);
  out["send_lag_ns"] = json_of(row.times.send_lag);
  out["connection_wait_ns"] = json_of(row.connection_wait);
  out["connect_ns"] = json_of(row.connect);
  out["first_byte_ns"] = json_of(row.first_byte);
  out["download_ns"] = json_of(row.download);
  out["failed_response_ns"] = json_of(row.failed_response);
  out["cut_off_response_ns"] = json_of(row.cut_off_response);
  out["receive_lag_ns"] = json_of(row.receive_lag);
}

Json of(const Verdict& verdict) {
  Json evidence = Json::array();
  for (const Check& check : verdict.evidence) {
    evidence.push_back({{"check", check.name},
                        {"result", to_string(check.result)},
                        {"verdict", to_string(check.verdict)},
                        {"evidence", check.evidence},
                        {"remedy", check.remedy}});
  }
  return {{"name", to_string(verdict.name)},
          {"sentence", verdict.sentence},
          {"evidence", std::move(evidence)},
          {"not_checked", verdict.not_checked}};
}

Json totals(const Summary& summary) {
  const LedgerLines& ledger = summary.ledger;
  Json out{{"planned", ledger.planned},         {"sent", ledger.sent},
           {"not_started", ledger.not_started}, {"dropped", ledger.dropped},
           {"succeeded", ledger.succeeded},     {"failed", ledger.failed},
           {"unfinished", ledger.unfinished},   {"never_sent", ledger.never_sent},
           {"balanced", ledger.balanced},       {"completed", summary.total.completed}};
  add_measures(out, summary.total);
  out["rps_wall"] = summary.rps_wall;
  return out;
}

Json of(const Row& row) {
  Json out{{"label", row.label},         {"sent", row.sent},     {"completed", row.completed},
           {"succeeded", row.succeeded}, {"failed", row.failed}, {"unfinished", row.unfinished}};
  add_measures(out, row);
  add_distributions(out, row);
  return out;
}

Json of(const HostFacts& host) {
  return {{"cpu_model", host.cpu_model},
          {"architecture", host.architecture},
          {"cores", host.cores},
          {"usable_cores", host.usable_cores},
          {"memory_bytes", host.memory_bytes},
          {"kernel", host.kernel},
          {"os", host.os}};
}

Json of(const std::vector<Second>& series) {
  Json out = Json::array();
  for (std::size_t i = 0; i < series.size(); ++i) {
    const Second& s = series[i];
    out.push_back({{"second", i},
                   {"completed", s.completed},
                   {"failed", s.failed},
                   {"mean_ns", s.mean_ns},
                   {"min_ns", s.min_ns},
                   {"max_ns", s.max_ns},
                   {"due", s.due},
                   {"started", s.started},
                   {"worst_send_lag_ns", s.worst_send_lag_ns},
                   {"in_flight", s.in_flight}});
  }
  return out;
}

}  // namespace

std::string json(const Summary& summary) {
  const OfferedLoad& load = summary.offered;
  const Ramp& ramp = summary.ramp;
  Json out{{"schema", kRunSchema}, {"verdict", of(summary.verdict)}};  // the verdict on top, as in every report
  out["tool"] = {{"name", "loadgen"}, {"version", summary.tool.version}, {"compiler", summary.tool.compiler}};
  out["name"] = summary.name;
  out["target"] = summary.target;
  out["started"] = iso8601(summary.started);
  out["started_epoch_s"] = epoch_s(summary.started);
  out["ended"] = iso8601(summary.ended);
  out["ended_epoch_s"] = epoch_s(summary.ended);
  out["wall_s"] = summary.wall_s;
  out["stop"] = to_string(summary.stop);
  out["until"] = summary.until;
  if (summary.until_outcome) out["until_outcome"] = json_of(*summary.until_outcome);
  out["totals"] = totals(summary);
  out["offered"] = {
      {"model", load.model}, {"description", load.description}, {"rate", load.rate}, {"achieved", load.achieved}};
  out["ramp"] = {{"planned_s", ramp.planned_s},
                 {"achieved_s", ramp.achieved_s},
                 {"users_planned", ramp.users_planned},
                 {"users_started", ramp.users_started}};
  out["opening"] = json_of(summary.opening);
  out["arrivals"] = json_of(summary.arrivals);
  out["window"] = json_of(summary.window, summary.warm_up);
  add_distributions(out, summary.total);
  out["rate"] = json_of(summary.rate);
  out["stages"] = json_of(summary.stages);
  out["stationarity"] = json_of(summary.steadiness);
  out["growth"] = json_of(summary.growth);
  out["littles_law"] = json_of(summary.littles_law);
  out["labels"] = Json::array();
  for (const Row& row : summary.labels) out["labels"].push_back(of(row));
  out["generator"] = json_of(summary.generator);
  if (summary.calibration) out["calibration"] = json_of(*summary.calibration);
  out["per_second"] = of(summary.per_second);
  out["intervals"] = json_of(summary.intervals);
  out["response_histogram"] = hdr_base64(summary.responses);
  out["host"] = of(summary.host);
  out["plan"] = Json::parse(summary.plan_json);
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace loadgen::report
