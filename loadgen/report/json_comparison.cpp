#include "report/json_comparison.hpp"

#include <array>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "report/comparison_words.hpp"
#include "report/json_generator.hpp"
#include "report/json_schema.hpp"
#include "report/json_writer.hpp"
#include "report/numbers.hpp"
#include "report/runner_noise.hpp"
#include "report/runs_table.hpp"

namespace loadgen::report {
namespace {

std::string_view mode_name(CompareMode mode) {
  constexpr std::string_view names[] = {"gate", "same", "runs"};
  return names[static_cast<std::size_t>(mode)];
}

std::string_view doubt_name(stats::Doubt doubt) {
  constexpr std::string_view names[] = {"", "too_few", "not_finite", "wide", "disagreement", "order_effect", "family"};
  return names[static_cast<std::size_t>(doubt)];
}

constexpr std::array<std::string_view, 6> kHeadlines{"PASS",       "IMPROVED", "INCONCLUSIVE",
                                                     "REGRESSION", "INVALID",  "RUNS"};

std::string_view unit_of(std::string_view metric) {
  const CompareMetric* const row = find_compare_metric(metric);
  return row != nullptr ? row->unit : "";
}

// What a value's own struct does not hold, because it is told with the comparison's help.

struct BlockOfMetric {
  BlockValues values;
  double change = 0;
};

struct ComparedOf {
  Compared compared;
  std::string target, metric;
  std::string_view decision;
  bool gated = false;
  Change change;
  double detectable = 0;
  std::vector<BlockOfMetric> blocks;
};

struct NoiseOf {
  NoiseOfMetric noise;
  std::string metric;
};

struct SliceOf {
  Slice slice;
  std::string target;
  ByName<std::optional<double>> values;
};

struct RunsByTarget {
  std::vector<ByName<RunCell>> runs;
  ByName<RunCell> average;
};

struct HodgesLehmann {
  double value = 0;
  double low = 0;
  double high = 0;
};

std::vector<BlockOfMetric> blocks_of(const CompareMetric& metric, const Compared& compared) {
  std::vector<BlockOfMetric> out;
  for (const BlockValues& block : compared.blocks) out.push_back({block, change_of(metric, block.difference.d)});
  return out;
}

std::vector<ComparedOf> compared_of(const Comparison& comparison) {
  std::vector<ComparedOf> out;
  for (const Compared& compared : comparison.compared) {
    const CompareMetric& metric = metric_of(comparison, compared);
    out.push_back({.compared = compared,
                   .target = comparison.design.targets[compared.target],
                   .metric = std::string(metric.name),
                   .decision = decision_of(compared),
                   .gated = is_gated(comparison, compared),
                   .change = change_of(metric, compared.figures),
                   .detectable = detectable_of(metric, compared.figures),
                   .blocks = blocks_of(metric, compared)});
  }
  return out;
}

std::vector<SliceOf> slices_of(const Comparison& comparison) {
  std::vector<SliceOf> out;
  for (const Slice& slice : comparison.slices) {
    SliceOf of{.slice = slice, .target = comparison.design.targets[slice.target], .values = {}};
    for (std::size_t i = 0; i < slice.values.size(); ++i)
      of.values.members.emplace_back(comparison.design.metrics[i].name, finite(slice.values[i]));
    out.push_back(std::move(of));
  }
  return out;
}

/// Of --aa only.
std::optional<std::vector<NoiseOf>> noise_in(const Comparison& comparison) {
  if (comparison.design.mode != CompareMode::same) return std::nullopt;
  std::vector<NoiseOf> out;
  for (const NoiseOfMetric& noise : noise_of(comparison))
    out.push_back({noise, comparison.design.metrics[noise.metric].name});
  return out;
}

ByName<RunCell> by_target(const Comparison& comparison, const std::vector<RunCell>& cells) {
  ByName<RunCell> out;
  for (std::size_t i = 0; i < cells.size(); ++i) out.members.emplace_back(comparison.design.targets[i], cells[i]);
  return out;
}

/// Of --runs only.
std::optional<RunsByTarget> runs_in(const Comparison& comparison) {
  if (comparison.design.mode != CompareMode::runs) return std::nullopt;
  const RunsTable table = runs_table(comparison);
  RunsByTarget out{.runs = {}, .average = by_target(comparison, table.average)};
  for (const std::vector<RunCell>& run : table.runs) out.runs.push_back(by_target(comparison, run));
  return out;
}

std::vector<std::string> left_out_of(const Comparison& comparison) {
  std::vector<std::string> out;
  for (const LeftOut& left_out : comparison.left_out) out.push_back(left_out_text(comparison, left_out));
  return out;
}

/// nullopt: it is none.
std::optional<Verbatim> plan_of(const CompareDesign& design) {
  return Json::accept(design.plan_json) ? std::optional(Verbatim{design.plan_json}) : std::nullopt;
}

}  // namespace

// Outside of the unnamed namespace: where the outs look for descriptions.

template <class Out>
void describe(Out& out, const AskedMetric& asked) {
  out("name", asked.name, {"as in --metric"});
  out("unit", unit_of(asked.name), {"of its values"});
  out("gated", asked.gated, {"it decides; else it is shown only"});
  out("margin", asked.delta, {"so much worse is still good enough, as asked for", "ratio; of error_rate a difference"});
}

template <class Out>
void describe(Out& out, const CompareDesign& design) {
  out("mode", Word{design.mode, CompareMode::runs, &mode_name},
      {"gate: is the candidate worse; same: --aa, one server against itself; runs: --runs, nothing is decided"});
  out("targets", design.targets, {"their names; the first is what the others are compared with"});
  out("metrics", design.metrics, {"what is compared"});
  out("model", design.model, {"of the load: open (response times count) or closed (service times)"});
  out("alpha", design.alpha, {"of each one-sided bound, and of all gated metrics together", "0..1"});
  out("blocks", design.blocks, {"planned blocks, between two starts of the targets", "blocks"});
  out("passes", design.passes, {"slices of each target in a block", "slices"});
  out("slice_s", design.slice_s, {"length of a slice", "s"});
  out("discard_s", design.discard_s, {"of it, left out at its begin", "s"});
  out("runs_discarded", design.runs_discarded, {"--discard: runs before the counted ones", "runs"});
  out("floor_ms", design.floor_ms, {"differences of times below this are none", "ms"});
  out("restarted", design.restarted, {"targets are started anew for each block; else a block is a stretch of time"});
  out("seed", design.seed, {"of the order of slices", "number"});
}

template <class Out>
void describe(Out& out, const Change& change) {
  out("value", finite(change.value), {"positive: more; null: there is none", "ratio; of error_rate a difference"});
  out("low", finite(change.low), {"lower bound at alpha", "ratio; of error_rate a difference"});
  out("high", finite(change.high), {"upper bound at alpha", "ratio; of error_rate a difference"});
}

template <class Out>
void describe(Out& out, const HodgesLehmann& estimate) {
  out("value", estimate.value, {"median of the Walsh averages", "as d"});
  out("low", estimate.low, {"lower bound at alpha", "as d"});
  out("high", estimate.high, {"upper bound at alpha", "as d"});
}

/// All d are positive where the candidate is worse: ln(candidate / base), of a rate ln(base / candidate), of a share
/// candidate - base.
template <class Out>
void describe(Out& out, const stats::Comparison& f) {
  const std::optional<HodgesLehmann> ranks{{f.hodges_lehmann, f.hl_low, f.hl_high}};
  out("blocks", f.blocks, {"that a figure came of", "blocks"});
  out("mean", finite(f.mean), {"mean of the blocks' d", "as d"});
  out("low", finite(f.low), {"its lower bound at alpha, by Student's t; null: there is none", "as d"});
  out("high", finite(f.high), {"its upper bound at alpha; null: there is none", "as d"});
  out("spread", finite(f.spread), {"standard deviation of the blocks' d", "as d"});
  out("p", finite(f.p), {"of \"worse by the margin at most\", one-sided", "0..1"});
  out("order_difference", finite(f.order_difference),
      {"mean of the blocks that the candidate began, less that of the others", "as d"});
  out("hodges_lehmann", f.ranked ? ranks : std::nullopt, {"the same by ranks; null: too few blocks for them"});
}

template <class Out>
void describe(Out& out, const BlockOfMetric& of) {
  const BlockValues& block = of.values;
  out("block", block.block, {"from 0", "number"});
  out("base", finite(block.base), {"mean over its passes of the first target", "that of the metric"});
  out("candidate", finite(block.candidate), {"the same of the other", "that of the metric"});
  out("d", finite(block.difference.d),
      {"positive where the candidate is worse: ln(candidate / base), of a rate ln(base / candidate), of a share "
       "candidate - base",
       "1; of a share that of the metric"});
  out("change", finite(of.change),
      {"the same as people read it: positive is more", "ratio; of error_rate a difference"});
  out("candidate_first", block.difference.candidate_first, {"which of the two began"});
}

template <class Out>
void describe(Out& out, const ComparedOf& of) {
  const Compared& compared = of.compared;
  out("target", of.target, {"the candidate"});
  out("metric", of.metric, {"as in --metric"});
  out("unit", unit_of(of.metric), {"of base and candidate"});
  out("gated", of.gated, {"as asked for: it decides; else it is shown only"});
  out("decides", compared.decides, {"gated; or the error rate whose regression is why a gated figure is not decided"});
  out("decision", Choice{of.decision, std::span(kHeadlines).first(5)},
      {"INVALID: too many pairs were spoilt by the generator or its machine"});
  out("doubt", Word{compared.figures.doubt, stats::Doubt::family, &doubt_name}, {"why it is INCONCLUSIVE; empty else"});
  out("reason", compared.reason, {"why it is inconclusive or invalid, or decides without being gated; empty else"});
  out("base", finite(compared.base), {"of the first target: geometric mean over blocks, of a share the mean", "unit"});
  out("candidate", finite(compared.candidate), {"the same of the candidate", "unit"});
  out("change", of.change, {"of the candidate against the base"});
  out("margin", finite(compared.delta),
      {"the margin that was decided with: the floor may have widened it", "ratio; of error_rate a difference"});
  out("detectable", finite(of.detectable),
      {"a true change of this size is found 80 times in 100; null: unknown", "ratio; of error_rate a difference"});
  out("d", compared.figures, {"the figures behind the decision, positive is worse"});
  out("blocks", of.blocks, {"each block's own"});
}

template <class Out>
void describe(Out& out, const NoiseOf& of) {
  ByName<std::optional<double>> detectable{.members = {}, .pattern = "^[0-9]+$"};
  for (std::size_t i = 0; i < kNoiseBlocks.size(); ++i)
    detectable.members.emplace_back(std::to_string(kNoiseBlocks[i]), finite(of.noise.detectable[i]));
  out("metric", of.metric, {"as in --metric"});
  out("spread", of.noise.spread, {"standard deviation of d between blocks", "as d"});
  out("false_alarm", of.noise.false_alarm,
      {"how often a gate of the default number of blocks fails for nothing", "0..1"});
  out("detectable", detectable, {"by number of blocks: a change found 80 times in 100, as a margin is given; or null"});
  out("blocks_needed", of.noise.blocks_needed > 0 ? std::optional(of.noise.blocks_needed) : std::nullopt,
      {"to find a change of twice the margin; null: no number will do", "blocks"});
}

template <class Out>
void describe(Out& out, const RunCell& cell) {
  out("rps", cell.rps, {"completed requests a second: JMeter's Throughput", "1/s"});
  out("error_percent", cell.error_percent, {"failed over completed", "%"});
}

template <class Out>
void describe(Out& out, const RunsByTarget& table) {
  out("runs", table.runs, {"by run, then by target; without the discarded ones"});
  out("average", table.average, {"by target: the mean of the rates, and all failed over all completed"});
}

template <class Out>
void describe(Out& out, const SliceOf& of) {
  const Slice& slice = of.slice;
  out("block", slice.block, {"from 0", "number"});
  out("pass", slice.pass, {"within the block, from 0", "number"});
  out("target", of.target, {"whom it was sent to"});
  out("values", of.values, {"by metric, in its unit; null: this slice has none"});
  out("verdict", Word{slice.verdict, VerdictName::broken, &to_string}, {"of its own run"});
  out("evidence", slice.evidence, {"of that verdict, and what disturbed the machine; empty when there is neither"});
  out("disturbed", slice.disturbed, {"by the machine, told without looking at the values"});
  out("completed", slice.completed, {"succeeded or failed", "requests"});
  out("failed", slice.failed, {"ended for one of the error kinds", "requests"});
  out("throughput", finite(slice.throughput), {"completed over last end - first start", "1/s"});
  out("balanced", slice.balanced, {"its ledger adds up"});
  out("littles_law_error", finite(slice.little_error), {"beyond what its edges explain", "ratio"});
}

template <class Out>
void describe(Out& out, const Comparison& c) {
  out("schema", Fixed{kComparisonSchema}, {"what this file is, and the version of its fields"});
  out("decision", Choice{headline(c), kHeadlines}, {"the worst of the figures that decide; RUNS: nothing was asked"});
  out("valid", !c.invalid, {"false: nothing may be said of the targets"});
  out("sentence", sentence(c), {"what the decision means for these targets"});
  out("reason", c.reason,
      {"why it is invalid or not decided, or which figure decides without being gated; empty else"});
  out("interrupted", c.interrupted, {"it was stopped before all blocks were made"});
  out("blocks_made", c.blocks_made, {"whole ones", "blocks"});
  out("pairs_made", c.pairs_made, {"a candidate's slice and the first target's of the same pass", "pairs"});
  out("design", c.design, {"what was asked for"});
  out("compared", compared_of(c), {"each metric of each candidate"});
  out.if_known("noise", noise_in(c), {"what --aa says of this machine; no key without it"});
  out.if_known("runs_table", runs_in(c), {"what --runs counted; no key without it"});
  out("left_out", left_out_of(c), {"pairs that were left out and why, in words"});
  out("slices", slices_of(c), {"in the order in which they were made"});
  out("tool", c.tool, {"what made the comparison"});
  out("started", utc_text(c.started), {"ISO 8601, UTC"});
  out("wall_s", c.wall_s, {"to the end of the last slice, starting and warming targets too", "s"});
  out("host", c.host, {"the machine that it was made on"});
  out("plan", plan_of(c.design), {"the resolved plan of a slice, secrets as ***: see plan.schema.json"});
}

std::string comparison_json(const Comparison& comparison) {
  return json_text(comparison);
}

std::string comparison_schema() {
  return schema_text("loadgen comparison",
                     "What `loadgen compare --out json=FILE` writes. A number's unit stands in brackets at the end of "
                     "its description.",
                     Comparison{});
}

}  // namespace loadgen::report
