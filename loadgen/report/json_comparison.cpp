#include "report/json_comparison.hpp"

#include <cmath>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "report/comparison_words.hpp"
#include "report/runner_noise.hpp"
#include "report/runs_table.hpp"

namespace loadgen::report {
namespace {

using Json = nlohmann::ordered_json;

Json finite(double x) {
  return std::isfinite(x) ? Json(x) : Json();
}

std::string_view to_string(CompareMode mode) {
  constexpr std::string_view names[] = {"gate", "same", "runs"};
  return names[static_cast<std::size_t>(mode)];
}

std::string_view to_string(stats::Doubt doubt) {
  constexpr std::string_view names[] = {"", "too_few", "not_finite", "wide", "disagreement", "order_effect", "family"};
  return names[static_cast<std::size_t>(doubt)];
}

Json of(const CompareDesign& design) {
  Json metrics = Json::array();
  for (const AskedMetric& asked : design.metrics) {
    const CompareMetric& metric = *find_compare_metric(asked.name);
    metrics.push_back({{"name", asked.name}, {"unit", metric.unit}, {"gated", asked.gated}, {"margin", asked.delta}});
  }
  return {{"mode", to_string(design.mode)},
          {"targets", design.targets},
          {"metrics", std::move(metrics)},
          {"model", design.model},
          {"alpha", design.alpha},
          {"blocks", design.blocks},
          {"passes", design.passes},
          {"slice_s", design.slice_s},
          {"discard_s", design.discard_s},
          {"runs_discarded", design.runs_discarded},
          {"floor_ms", design.floor_ms},
          {"restarted", design.restarted},
          {"seed", design.seed}};
}

Json of(const BlockValues& block, const CompareMetric& metric) {
  stats::Comparison one;
  one.mean = block.difference.d;
  return {{"block", block.block},
          {"base", finite(block.base)},
          {"candidate", finite(block.candidate)},
          {"d", finite(block.difference.d)},
          {"change", finite(change_of(metric, one).value)},
          {"candidate_first", block.difference.candidate_first}};
}

/// All d are positive where the candidate is worse: ln(candidate / base), of a rate ln(base / candidate), of a share
/// candidate - base.
Json of(const stats::Comparison& figures) {
  Json out{{"blocks", figures.blocks},
           {"mean", finite(figures.mean)},
           {"low", finite(figures.low)},
           {"high", finite(figures.high)},
           {"spread", finite(figures.spread)},
           {"p", finite(figures.p)},
           {"order_difference", finite(figures.order_difference)},
           {"hodges_lehmann", Json()}};
  if (figures.ranked)
    out["hodges_lehmann"] = {{"value", figures.hodges_lehmann}, {"low", figures.hl_low}, {"high", figures.hl_high}};
  return out;
}

Json of(const Comparison& comparison, const Compared& compared) {
  const CompareMetric& metric = metric_of(comparison, compared);
  const Change change = change_of(metric, compared.figures);
  Json blocks = Json::array();
  for (const BlockValues& block : compared.blocks) blocks.push_back(of(block, metric));
  return {{"target", comparison.design.targets[compared.target]},
          {"metric", metric.name},
          {"unit", metric.unit},
          {"gated", comparison.design.metrics[compared.metric].gated},
          {"decision", compared.valid ? stats::to_string(compared.figures.decision) : "INVALID"},
          {"doubt", to_string(compared.figures.doubt)},
          {"reason", compared.reason},
          {"base", finite(compared.base)},
          {"candidate", finite(compared.candidate)},
          {"change", {{"value", finite(change.value)}, {"low", finite(change.low)}, {"high", finite(change.high)}}},
          {"margin", finite(compared.delta)},
          {"detectable", finite(detectable_of(metric, compared.figures))},
          {"d", of(compared.figures)},
          {"blocks", std::move(blocks)}};
}

Json of(const Comparison& comparison, const Slice& slice) {
  Json values = Json::object();
  for (std::size_t i = 0; i < slice.values.size(); ++i)
    values[comparison.design.metrics[i].name] = finite(slice.values[i]);
  return {{"block", slice.block},
          {"pass", slice.pass},
          {"target", comparison.design.targets[slice.target]},
          {"values", std::move(values)},
          {"verdict", to_string(slice.verdict)},
          {"evidence", slice.evidence},
          {"disturbed", slice.disturbed},
          {"completed", slice.completed},
          {"failed", slice.failed},
          {"throughput", finite(slice.throughput)},
          {"balanced", slice.balanced},
          {"littles_law_error", finite(slice.little_error)}};
}

Json of(const Comparison& comparison, const NoiseOfMetric& noise) {
  Json detectable = Json::object();
  for (std::size_t i = 0; i < kNoiseBlocks.size(); ++i)
    detectable[std::to_string(kNoiseBlocks[i])] = finite(noise.detectable[i]);
  return {{"metric", comparison.design.metrics[noise.metric].name},
          {"spread", noise.spread},
          {"false_alarm", noise.false_alarm},
          {"detectable", std::move(detectable)},
          {"blocks_needed", noise.blocks_needed > 0 ? Json(noise.blocks_needed) : Json()}};
}

Json of_runs(const Comparison& comparison) {
  const RunsTable table = runs_table(comparison);
  const auto cells_of = [&](const std::vector<RunCell>& cells) {
    Json out = Json::object();
    for (std::size_t target = 0; target < cells.size(); ++target)
      out[comparison.design.targets[target]] = {{"rps", cells[target].rps},
                                                {"error_percent", cells[target].error_percent}};
    return out;
  };
  Json runs = Json::array();
  for (const auto& run : table.runs) runs.push_back(cells_of(run));
  return {{"runs", std::move(runs)}, {"average", cells_of(table.average)}};
}

}  // namespace

std::string comparison_json(const Comparison& comparison) {
  Json out{{"schema", kComparisonSchema},           {"decision", headline(comparison)},
           {"valid", !comparison.invalid},          {"sentence", sentence(comparison)},
           {"reason", comparison.reason},           {"interrupted", comparison.interrupted},
           {"blocks_made", comparison.blocks_made}, {"pairs_made", comparison.pairs_made},
           {"design", of(comparison.design)}};
  out["compared"] = Json::array();
  for (const Compared& compared : comparison.compared) out["compared"].push_back(of(comparison, compared));
  if (comparison.design.mode == CompareMode::same) {
    out["noise"] = Json::array();
    for (const NoiseOfMetric& noise : noise_of(comparison)) out["noise"].push_back(of(comparison, noise));
  }
  if (comparison.design.mode == CompareMode::runs) out["runs_table"] = of_runs(comparison);
  out["left_out"] = Json::array();
  for (const LeftOut& left_out : comparison.left_out) out["left_out"].push_back(left_out_text(comparison, left_out));
  out["slices"] = Json::array();
  for (const Slice& slice : comparison.slices) out["slices"].push_back(of(comparison, slice));
  const HostFacts& host = comparison.host;
  out["tool"] = {{"name", "loadgen"}, {"version", comparison.tool.version}, {"compiler", comparison.tool.compiler}};
  out["started"] = comparison.started;
  out["host"] = {{"cpu_model", host.cpu_model},
                 {"architecture", host.architecture},
                 {"cores", host.cores},
                 {"usable_cores", host.usable_cores},
                 {"memory_bytes", host.memory_bytes},
                 {"kernel", host.kernel},
                 {"os", host.os}};
  out["plan"] = Json::parse(comparison.design.plan_json, nullptr, /*allow_exceptions=*/false);
  if (out["plan"].is_discarded()) out["plan"] = Json();
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace loadgen::report
