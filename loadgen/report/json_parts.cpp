#include "report/json_parts.hpp"

#include <array>
#include <cmath>
#include <string_view>

namespace loadgen::report {
namespace {

std::string_view to_string(stats::Resolution resolution) {
  constexpr std::array<std::string_view, 5> names{"resolved", "upper_open", "too_short", "too_few", "empty"};
  return names[static_cast<std::size_t>(resolution)];
}

Json json_of(Span span) {
  return {{"begin_s", seconds(span.begin)}, {"end_s", seconds(span.end)}};
}

Json json_of(const stats::TrendTest& test, double first, double last) {
  return {{"z", test.z},
          {"p", test.p},
          {"relative_change", test.relative_change},
          {"first_third", first},
          {"last_third", last}};
}

/// Signals that could not be read have no key.
Json json_of(const stats::HostSignals& host) {
  Json out = Json::object();
  if (host.steal) out["steal"] = *host.steal;
  if (host.cpu_pressure) out["cpu_pressure"] = *host.cpu_pressure;
  if (host.throttled) out["throttled_s"] = seconds(*host.throttled);
  if (host.retransmits) out["retransmits"] = *host.retransmits;
  if (host.listen_drops) out["listen_drops"] = *host.listen_drops;
  if (host.network_drops) out["network_drops"] = *host.network_drops;
  return out;
}

Json json_of(const std::vector<stats::HealthSecond>& series) {
  Json out = Json::array();
  for (const stats::HealthSecond& second : series) {
    Json shards = Json::array();
    for (const stats::ShardSecond& shard : second.shards) {
      shards.push_back({{"released", shard.released},
                        {"longest_stall_s", seconds(shard.longest_stall)},
                        {"polling_s", seconds(shard.polling)},
                        {"cpu_s", seconds(shard.cpu)},
                        {"run_queue_wait_s", seconds(shard.run_queue_wait)}});
    }
    out.push_back({{"shards", std::move(shards)}, {"host", json_of(second.host)}});
  }
  return out;
}

Json json_of(const std::vector<stats::Stall>& stalls) {
  Json out = Json::array();
  for (const stats::Stall& stall : stalls) {
    out.push_back({{"at_s", seconds(stall.at)},
                   {"length_s", seconds(stall.length)},
                   {"run_queue_wait_s", seconds(stall.run_queue_wait)},
                   {"cpu_s", seconds(stall.cpu)},
                   {"shard", stall.shard}});
  }
  return out;
}

}  // namespace

Json json_of(const Distribution& d) {
  Json out{
      {"count", d.count}, {"overflow", d.overflow}, {"min", d.min_ns}, {"mean", d.mean_ns}, {"stddev", d.stddev_ns}};
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) out[std::string(kPercentiles[i].key)] = d.percentiles_ns[i];
  out["max"] = d.max_ns;
  return out;
}

Json json_of(const stats::Estimate& e) {
  using stats::Resolution;
  const auto known = [](bool is, double x) { return is ? Json(x) : Json(); };
  const bool resolved = e.resolution == Resolution::resolved;
  return {{"value", known(e.resolution != Resolution::empty, e.value)},
          {"low", known(resolved || e.resolution == Resolution::upper_open, e.low)},
          {"high", known(resolved && !e.at_least, e.high)},
          {"resolution", to_string(e.resolution)},
          {"at_least", e.at_least},
          {"n", e.n},
          {"n_effective", e.n_effective},
          {"batches", e.batches},
          {"run_longer", e.run_longer}};
}

Json json_of(const SeriesFigures& figures) {
  Json out = json_of(figures.values);
  out["cut_off"] = figures.cut_off;
  out["cut_off_max"] = figures.cut_off_max_ns;
  out["lost"] = figures.lost;
  Json intervals{{"mean", json_of(figures.mean)}};
  for (std::size_t i = 0; i < kPercentiles.size(); ++i)
    intervals[std::string(kPercentiles[i].key)] = json_of(figures.percentiles[i]);
  out["intervals"] = std::move(intervals);
  return out;
}

Json json_of(const Window& window, const WarmUpFound& warm_up) {
  Json out = json_of(window.span);
  out["reason"] = window.reason;
  out["excluded"] = Json::array();
  for (const Excluded& excluded : window.excluded) {
    Json span = json_of(excluded.span);
    span["reason"] = excluded.reason;
    out["excluded"].push_back(std::move(span));
  }
  out["offered"] = window.offered;
  out["expected"] = window.expected;
  out["warm_up"] = {{"automatic", warm_up.automatic},
                    {"time_s", seconds(warm_up.time)},
                    {"found", warm_up.found},
                    {"ended", warm_up.ended}};
  return out;
}

Json json_of(const std::vector<StageFigures>& stages) {
  Json out = Json::array();
  for (const StageFigures& figures : stages) {
    const Stage& stage = figures.stage;
    Json item{{"name", name_of(stage)}};
    item.update(json_of(stage.span));
    item["measured"] = stage.measured();
    item["rate_from"] = stage.rate_from;
    item["rate_to"] = stage.rate_to;
    item["rate_low"] = stage.rate_low;
    item["rate_high"] = stage.rate_high;
    item["expected"] = stage.expected;
    item["due"] = figures.due;
    item["succeeded"] = figures.succeeded;
    item["failed"] = figures.failed;
    item["cut_off"] = figures.cut_off;
    item["rate"] = json_of(figures.rate);
    item["rps"] = item["rate"]["value"];
    item["response_ns"] = json_of(figures.times.response);
    item["service_ns"] = json_of(figures.times.service);
    item["send_lag_ns"] = json_of(figures.times.send_lag);
    out.push_back(std::move(item));
  }
  return out;
}

Json json_of(const Steadiness& steadiness) {
  Json out{{"checked", steadiness.not_checked.empty()}, {"reason", steadiness.not_checked}, {"series", Json::array()}};
  for (const Drift& drift : steadiness.series) {
    out["series"].push_back({{"series", drift.series},
                             {"stationary", drift.stationary},
                             {"z", drift.z},
                             {"p", drift.p},
                             {"relative_change", drift.relative_change},
                             {"first_third", drift.first_third},
                             {"last_third", drift.last_third}});
  }
  out["lag_one_correlation"] = steadiness.correlation;
  return out;
}

Json json_of(const Growth& growth) {
  return {{"checked", growth.not_checked.empty()},
          {"reason", growth.not_checked},
          {"in_flight", json_of(growth.in_flight, growth.in_flight_first, growth.in_flight_last)},
          {"response_p50_ns", json_of(growth.response, growth.response_first, growth.response_last)}};
}

Json json_of(const LittlesLaw& law) {
  return {
      {"in_flight", law.in_flight}, {"rate", law.rate},         {"service_s", law.service_s},    {"error", law.error},
      {"edges", law.edges},         {"cells_ns", law.cells_ns}, {"requests_ns", law.requests_ns}};
}

Json json_of(const Opening& opening) {
  return {{"asked", opening.asked},
          {"opened", opening.opened},
          {"took_s", opening.took_s},
          {"connect_ns", json_of(opening.connect)}};
}

Json json_of(const ArrivalLines& arrivals) {
  return {{"arrived", arrivals.arrived}, {"expected", arrivals.expected},
          {"waited", arrivals.waited},   {"most_under_way", arrivals.most_under_way},
          {"spacing", arrivals.spacing}, {"seed", arrivals.seed}};
}

Json json_of(const UntilOutcome& outcome) {
  return {{"figure", outcome.figure},
          {"met", outcome.met},
          {"asked", outcome.asked},
          {"known", std::isfinite(outcome.known) ? Json(outcome.known) : Json()},
          {"run_longer", outcome.longer},
          {"used_s", outcome.used_s},
          {"planned_s", outcome.planned_s ? Json(*outcome.planned_s) : Json()}};
}

Json json_of(const Generator& g) {
  return {{"engine", g.engine},
          {"threads", g.threads},
          {"pace", {{"name", to_string(g.pace.pace)}, {"reason", g.pace.reason}, {"guard_s", seconds(g.pace.guard)}}},
          {"wall_s", g.wall_s},
          {"cpu_seconds", g.cpu_user_s + g.cpu_system_s},
          {"cpu_user_seconds", g.cpu_user_s},
          {"cpu_system_seconds", g.cpu_system_s},
          {"cpu_us_per_request", g.cpu_us_per_request},
          {"busiest_thread", g.busiest_thread},
          {"productive_share", g.productive_share},
          {"run_queue_wait_s", g.run_queue_wait_s},
          {"run_queue_share", g.run_queue_share},
          {"longest_turn_s", g.longest_turn_s},
          {"max_rss_bytes", g.max_rss_bytes},
          {"retransmits", g.retransmits},
          {"connections_asked", g.connections_asked},
          {"stalls", json_of(g.stalls)},
          {"seconds", json_of(g.seconds)},
          {"host", json_of(g.host)}};
}

Json json_of(const Calibration& calibration) {
  return {{"rtt_p50_ns", calibration.rtt_p50_ns},
          {"rtt_p99_9_ns", calibration.rtt_p99_9_ns},
          {"rate_per_core", calibration.rate_per_core},
          {"open_connections", calibration.open_connections}};
}

Json json_of(const std::vector<HdrInterval>& intervals) {
  Json out = Json::array();
  for (const HdrInterval& interval : intervals) {
    out.push_back({{"label", interval.tag},
                   {"start_s", seconds(interval.start)},
                   {"length_s", seconds(interval.length)},
                   {"count", interval.count},
                   {"max", interval.max.count()},
                   {"response", interval.values}});
  }
  return out;
}

}  // namespace loadgen::report
