#include "report/comparison.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "report/comparison_pairs.hpp"
#include "report/limits.hpp"

namespace loadgen::report {
namespace {

using stats::Decision;
using stats::Doubt;

constexpr double kPercentOf = 100;  ///< shares are in per cent, and margins are fractions

std::string_view words_of(Doubt doubt) {
  switch (doubt) {
    case Doubt::too_few:
      return "fewer than five blocks decide nothing";
    case Doubt::not_finite:
      return "in some block it was zero on one side, and there is no ratio to that";
    case Doubt::wide:
      return "the margin lies inside the interval";
    case Doubt::disagreement:
      return "Student's t and the ranks decide differently: single blocks make the difference";
    case Doubt::order_effect:
      return "which target began made more of a difference than the margin";
    case Doubt::family:
      return "not clear enough for one of several gated figures (Holm)";
    case Doubt::none:
      break;
  }
  return "";
}

/// A figure that is being decided about.
struct Question {
  const CompareDesign& design;
  const CompareMetric& metric;
  std::size_t index = 0;  ///< of the metric in the design
  Sorted pairs;
};

void doubt(Compared& compared, std::string why) {
  compared.figures.decision = Decision::inconclusive;
  compared.reason = std::move(why);
}

std::vector<stats::BlockDifference> differences_of(const std::vector<BlockValues>& blocks) {
  std::vector<stats::BlockDifference> out;
  for (const BlockValues& block : blocks) out.push_back(block.difference);
  return out;
}

/// Geometric mean over blocks, of a share the mean.
double mean_over(const std::vector<BlockValues>& blocks, double BlockValues::*side, FigureKind kind) {
  if (blocks.empty()) return std::numeric_limits<double>::quiet_NaN();
  double sum = 0;
  for (const BlockValues& block : blocks) sum += kind == FigureKind::share ? block.*side : std::log(block.*side);
  const double mean = sum / static_cast<double>(blocks.size());
  return kind == FigureKind::share ? mean : std::exp(mean);
}

/// The margin as a difference d; of times not below the floor.
double margin_of(const Question& question, double base) {
  const double asked = difference_of(question.metric, question.design.metrics[question.index].delta);
  if (question.metric.kind != FigureKind::time || !(base > 0)) return asked;
  return std::max(asked, std::log1p(question.design.floor_ms / base));
}

/// What the targets did themselves, and the figures do not show.
void doubt_by_verdicts(Compared& compared, const Question& question) {
  const auto count = [&](const Slice* Pair::*side, Use use) {
    return std::ranges::count_if(question.pairs.used, [&](const Pair& pair) {
      return use_of((pair.*side)->verdict, question.metric.kind) == use;
    });
  };
  const Decision decision = compared.figures.decision;
  const auto failing = count(&Pair::base, Use::doubtful) + count(&Pair::candidate, Use::doubtful);
  const auto slow = count(&Pair::candidate, Use::understated), slow_base = count(&Pair::base, Use::understated);
  if (failing > 0)
    doubt(compared, fmt::format("in {} slices more than 1 % failed: the rest does not stand for the target", failing));
  else if (slow > 0 && decision <= Decision::improved)
    doubt(compared, fmt::format("in {} slices the candidate could not keep up: it may be worse than this", slow));
  else if (slow_base > 0 && decision == Decision::regression)
    doubt(compared, fmt::format("in {} slices the first target could not keep up: it may be worse", slow_base));
}

/// None of n requests failed: the share may still be -ln(alpha) / n (Hanley and Lippman-Hand, "If nothing goes wrong,
/// is everything all right?", JAMA 1983). The spread between blocks, which is 0, does not know that.
void allow_for_luck(Compared& compared, const Question& question, stats::Margin margin) {
  double completed = 0;
  for (const Pair& pair : question.pairs.used) {
    if (pair.candidate->failed > 0) return;
    completed += static_cast<double>(pair.candidate->completed);
  }
  stats::Comparison& figures = compared.figures;
  if (completed <= 0 || figures.decision > Decision::improved) return;
  figures.high = std::max(figures.high, kPercentOf * -std::log(margin.alpha) / completed);
  if (figures.high > margin.delta)
    doubt(compared, fmt::format("nothing failed, but {:.0f} requests are too few to say so", completed));
}

/// What was left out because the machine was disturbed must not be what decides.
void doubt_by_disturbed(Compared& compared, const Question& question, stats::Margin margin) {
  if (question.pairs.disturbed.empty() || compared.figures.decision == Decision::inconclusive) return;
  std::vector<Pair> all = question.pairs.used;
  all.insert(all.end(), question.pairs.disturbed.begin(), question.pairs.disturbed.end());
  const auto blocks = blocks_of(all, question.index, question.metric.kind);
  const Decision with = stats::compare(differences_of(blocks), margin).decision;
  if (with != compared.figures.decision)
    doubt(compared, fmt::format("with the pairs that were disturbed ({}) it would be {}",
                                question.pairs.disturbed.size(), to_string(with)));
}

void decide(Compared& compared, const Question& question) {
  const stats::Margin margin{.delta = margin_of(question, compared.base), .alpha = question.design.alpha};
  compared.delta = delta_of(question.metric, margin.delta);
  compared.figures = stats::compare(differences_of(compared.blocks), margin);
  compared.reason = words_of(compared.figures.doubt);
  if (question.metric.kind == FigureKind::share) allow_for_luck(compared, question, margin);
  doubt_by_verdicts(compared, question);
  doubt_by_disturbed(compared, question, margin);
  const auto& [used, disturbed, unknown, spoilt, all] = question.pairs;
  if (unknown == all)
    doubt(compared, "not known of any slice");
  else if (too_many(unknown, all))
    doubt(compared, fmt::format("not known in {} of {} pairs of slices", unknown, all));
  compared.valid = !too_many(spoilt, all);
  if (!compared.valid)
    doubt(compared, fmt::format("{} of {} pairs of slices are not valid, by the generator's doing or its machine's",
                                spoilt, all));
}

Compared compare(const Comparison& comparison, std::uint32_t target, std::size_t metric) {
  const CompareDesign& design = comparison.design;
  const CompareMetric& row = *find_compare_metric(design.metrics[metric].name);
  const std::vector<Pair> pairs = pairs_of(comparison.slices, target);
  const Question question{.design = design, .metric = row, .index = metric, .pairs = sorted(pairs, metric, row.kind)};
  Compared compared;
  compared.target = target;
  compared.metric = static_cast<std::uint32_t>(metric);
  compared.decides = design.metrics[metric].gated;
  compared.failing = std::ranges::any_of(
      pairs, [&](const Pair& pair) { return use_of(pair.candidate->verdict, row.kind) == Use::doubtful; });
  compared.blocks = blocks_of(question.pairs.used, metric, row.kind);
  compared.base = mean_over(compared.blocks, &BlockValues::base, row.kind);
  compared.candidate = mean_over(compared.blocks, &BlockValues::candidate, row.kind);
  decide(compared, question);
  return compared;
}

/// The books of one slice that do not balance are a fault of the program, and then none may be believed.
std::string broken_books(const std::vector<Slice>& slices) {
  for (const Slice& slice : slices) {
    const bool little = slice.little_error <= kLittleFailed;
    if (slice.balanced && little && slice.verdict != VerdictName::broken) continue;
    return fmt::format("the books of a slice do not agree (block {}, pass {}: {}); please report this", slice.block + 1,
                       slice.pass + 1,
                       slice.verdict == VerdictName::broken ? slice.evidence
                       : little                             ? "its ledger does not balance"
                                                            : "Little's law does not hold");
  }
  return {};
}

std::vector<LeftOut> left_out_of(const std::vector<Slice>& slices) {
  std::vector<LeftOut> out;
  for (const Slice& slice : slices) {
    const bool spoilt = use_of(slice.verdict, FigureKind::time) == Use::spoilt;
    if (spoilt || slice.disturbed)
      out.push_back({slice.block, slice.pass, slice.target, !spoilt, slice.verdict, slice.evidence});
  }
  return out;
}

Standing standing_of(Decision decision) {
  constexpr std::array<Standing, 4> standings{Standing::passed, Standing::passed, Standing::undecided,
                                              Standing::failed};  // by Decision
  return standings[static_cast<std::size_t>(decision)];
}

/// The gated figures of this target that are not decided because its requests fail: "p50, server_cpu".
std::string hidden_by_failures(const Comparison& comparison, std::uint32_t target) {
  std::string out;
  for (const Compared& compared : comparison.compared) {
    if (compared.target != target || !is_gated(comparison, compared) || !compared.failing) continue;
    if (compared.figures.decision != Decision::inconclusive) continue;
    out += fmt::format("{}{}", out.empty() ? "" : ", ", metric_of(comparison, compared).name);
  }
  return out;
}

/// A candidate that fails more requests leaves its other figures undecided, and is worse for that very reason: its
/// error rate decides, gated or not.
void let_failures_decide(Comparison& comparison) {
  for (Compared& compared : comparison.compared) {
    const bool is_errors = metric_of(comparison, compared).kind == FigureKind::share;
    if (!is_errors || compared.decides || compared.figures.decision != Decision::regression) continue;
    const std::string hidden = hidden_by_failures(comparison, compared.target);
    if (hidden.empty()) continue;
    compared.decides = true;
    compared.reason = fmt::format("not gated, but it is why {} cannot be decided", hidden);
  }
}

std::vector<Compared*> deciding(Comparison& comparison) {
  std::vector<Compared*> out;
  for (Compared& compared : comparison.compared)
    if (compared.decides) out.push_back(&compared);
  return out;
}

/// A regression of one figure among several must be clear enough for all of them together.
void correct_for_many(const std::vector<Compared*>& deciding, double alpha) {
  std::vector<double> p;
  for (const Compared* compared : deciding) p.push_back(compared->figures.p);
  const std::vector<bool> survives = stats::holm(p, alpha);
  for (std::size_t i = 0; i < deciding.size(); ++i) {
    if (survives[i] || deciding[i]->figures.decision != Decision::regression) continue;
    deciding[i]->figures.doubt = Doubt::family;
    doubt(*deciding[i], std::string(words_of(Doubt::family)));
  }
}

void refuse(Comparison& comparison, std::string reason) {
  comparison.invalid = true;
  comparison.reason = std::move(reason);
  comparison.decision = Decision::inconclusive;
}

/// The worst of the figures that decide, if they may be believed.
void conclude_from(Comparison& comparison, const std::vector<Compared*>& deciding) {
  const auto name = [&](const Compared* compared) { return comparison.design.metrics[compared->metric].name; };
  if (comparison.invalid) return;
  comparison.decision = deciding.empty() ? Decision::inconclusive : Decision::pass;
  if (deciding.empty()) comparison.reason = "no figure is gated";
  for (const Compared* compared : deciding) {
    if (!compared->valid) return refuse(comparison, fmt::format("{}: {}", name(compared), compared->reason));
    const Decision decision = compared->figures.decision;
    if (decision <= comparison.decision) continue;
    comparison.decision = decision;
    comparison.reason = compared->reason.empty() ? "" : fmt::format("{}: {}", name(compared), compared->reason);
  }
}

}  // namespace

void conclude(Comparison& comparison) {
  const CompareDesign& design = comparison.design;
  comparison.compared.clear();
  comparison.blocks_made = whole_blocks(comparison);
  comparison.left_out = left_out_of(comparison.slices);
  comparison.pairs_made = 0;
  comparison.invalid = false;
  comparison.reason.clear();
  comparison.decision = Decision::inconclusive;
  if (!comparison.cut_short.empty()) refuse(comparison, comparison.cut_short);
  if (design.mode == CompareMode::runs) return;
  for (std::uint32_t target = 1; target < design.targets.size(); ++target) {
    comparison.pairs_made += static_cast<std::uint32_t>(pairs_of(comparison.slices, target).size());
    for (std::size_t metric = 0; metric < design.metrics.size(); ++metric)
      comparison.compared.push_back(compare(comparison, target, metric));
  }
  let_failures_decide(comparison);
  const std::vector<Compared*> figures = deciding(comparison);
  correct_for_many(figures, design.alpha);
  conclude_from(comparison, figures);
  if (comparison.interrupted && !comparison.invalid) {
    comparison.decision = Decision::inconclusive;
    comparison.reason = "interrupted before the planned number of blocks";
  }
  if (std::string books = broken_books(comparison.slices); !books.empty()) refuse(comparison, std::move(books));
}

Slice slice_of(const Summary& summary, const CompareDesign& design, double server_cpu_us) {
  Slice slice;
  slice.verdict = summary.verdict.name;
  if (slice.verdict != VerdictName::trustworthy) slice.evidence = reason_of(summary.verdict);
  slice.completed = summary.total.completed;
  slice.failed = summary.total.failed;
  slice.throughput = summary.total.rps;
  slice.balanced = summary.ledger.balanced;
  slice.little_error = std::max(0.0, std::abs(summary.littles_law.error) - summary.littles_law.edges);
  for (const AskedMetric& asked : design.metrics) {
    const CompareMetric& metric = *find_compare_metric(asked.name);
    slice.values.push_back(metric.kind == FigureKind::server_cpu ? server_cpu_us : metric.value(summary));
  }
  return slice;
}

double time_floor_ms(const std::optional<Calibration>& calibration) {
  constexpr double kNsInMs = 1e6;
  return calibration ? std::max(kFloorMs, 3 * calibration->rtt_p50_ns / kNsInMs) : kFloorMs;
}

double difference_of(const CompareMetric& metric, double delta) {
  switch (metric.kind) {
    case FigureKind::share:
      return kPercentOf * delta;
    case FigureKind::rate:
      return -std::log1p(-delta);
    case FigureKind::time:
    case FigureKind::server_cpu:
      break;
  }
  return std::log1p(delta);
}

double delta_of(const CompareMetric& metric, double difference) {
  switch (metric.kind) {
    case FigureKind::share:
      return difference / kPercentOf;
    case FigureKind::rate:
      return -std::expm1(-difference);
    case FigureKind::time:
    case FigureKind::server_cpu:
      break;
  }
  return std::expm1(difference);
}

double change_of(const CompareMetric& metric, double difference) {
  return (metric.kind == FigureKind::rate ? -1 : 1) * delta_of(metric, difference);
}

Change change_of(const CompareMetric& metric, const stats::Comparison& figures) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  if (figures.blocks == 0) return {.value = kUnknown, .low = kUnknown, .high = kUnknown};
  const auto [low, high] = std::minmax({change_of(metric, figures.low), change_of(metric, figures.high)});
  return {.value = change_of(metric, figures.mean), .low = low, .high = high};
}

const CompareMetric& metric_of(const Comparison& comparison, const Compared& compared) {
  return *find_compare_metric(comparison.design.metrics[compared.metric].name);
}

bool is_gated(const Comparison& comparison, const Compared& compared) {
  return comparison.design.metrics[compared.metric].gated;
}

Standing standing_of(const Comparison& comparison) {
  if (comparison.invalid) return Standing::doubtful;
  return comparison.interrupted ? Standing::undecided : standing_of(comparison.decision);
}

Standing standing_of(const Comparison& comparison, const Compared& compared) {
  if (comparison.invalid || !compared.valid) return Standing::doubtful;
  return comparison.interrupted ? Standing::undecided : standing_of(compared.figures.decision);
}

}  // namespace loadgen::report
