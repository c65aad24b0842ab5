#include "report/baseline.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "report/comparison.hpp"
#include "report/comparison_words.hpp"
#include "report/hdr.hpp"
#include "report/numbers.hpp"
#include "stats/comparison.hpp"

namespace loadgen::report {
namespace {

using stats::Decision;

constexpr std::array<std::string_view, 4> kGated{"rps", "p50", "p99", "error_rate"};

/// FNV-1a of 64 bits: plans are told apart by it, and nobody gains by a collision.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

std::optional<double> number(const std::string& text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() ? std::optional(value) : std::nullopt;
}

/// A calibration made anew is never the same to the digit.
bool similar_floors(const std::string& was, const std::string& is) {
  const auto a = number(was), b = number(is);
  return !a || !b || std::max(*a, *b) <= 1.5 * std::min(*a, *b);
}

/// On the scale that differences are taken on, positive is worse; NaN: none.
double worse_scale(const CompareMetric& metric, double value) {
  if (metric.kind == FigureKind::share) return value;
  return metric.kind == FigureKind::rate ? -std::log(value) : std::log(value);
}
double from_worse_scale(const CompareMetric& metric, double x) {
  if (metric.kind == FigureKind::share) return x;
  return std::exp(metric.kind == FigureKind::rate ? -x : x);
}

/// One figure of a job against those of the earlier ones.
struct Judged {
  const CompareMetric* metric = nullptr;
  double value = 0;    ///< in the metric's unit
  double earlier = 0;  ///< mean on its scale, in the unit
  double delta = 0;    ///< the margin, widened by the floor
  stats::Comparison figures;
};

Judged judged(const Baseline& baseline, const Job& job, std::size_t index, double alpha) {
  const CompareMetric& metric = kCompareMetrics[index];
  std::vector<double> earlier;
  for (const Job& one : baseline.jobs)
    if (const double x = worse_scale(metric, one.values[index]); std::isfinite(x)) earlier.push_back(x);
  double mean = 0;
  for (const double x : earlier) mean += x / static_cast<double>(earlier.size());
  Judged out{.metric = &metric, .value = job.values[index], .earlier = from_worse_scale(metric, mean), .figures = {}};
  double margin = difference_of(metric, metric.delta);
  if (metric.kind == FigureKind::time) margin = std::max(margin, std::log1p(kFloorMs / out.earlier));
  out.delta = delta_of(metric, margin);
  out.figures = stats::compare_with_history(earlier, worse_scale(metric, out.value), {margin, alpha});
  return out;
}

std::string_view words_of(stats::Doubt doubt) {
  switch (doubt) {
    case stats::Doubt::too_few:
      return "; ten earlier jobs are needed to say more";
    case stats::Doubt::not_finite:
      return "; not known of this run";
    case stats::Doubt::wide:
      return "; the margin lies inside what jobs differ by";
    case stats::Doubt::family:
      return "; not clear enough for one of several figures (Holm)";
    default:
      return "";
  }
}

GateResult result_of(Decision decision) {
  if (decision == Decision::regression) return GateResult::failed;
  return decision == Decision::inconclusive ? GateResult::undecided : GateResult::passed;
}

Gate gate_of(const Judged& judged, double alpha) {
  const CompareMetric& metric = *judged.metric;
  const Change change = change_of(metric, judged.figures);
  const char* const sign = metric.kind == FigureKind::rate ? ">= baseline -" : "<= baseline +";
  Gate gate;
  gate.threshold = fmt::format("{} {}{}", metric.name, sign, margin_text(metric, judged.delta));
  gate.result = result_of(judged.figures.decision);
  gate.figure.value = judged.value;
  gate.figure.n = judged.figures.blocks;
  gate.limit =
      metric.kind == FigureKind::rate ? judged.earlier * (1 - judged.delta) : judged.earlier * (1 + judged.delta);
  if (metric.kind == FigureKind::share) gate.limit = judged.earlier + difference_of(metric, judged.delta);
  const std::string of_jobs =
      fmt::format("{} of {} earlier jobs", value_text(metric, judged.earlier), judged.figures.blocks);
  gate.evidence = !std::isfinite(judged.value) ? "not known of this run"
                  : judged.figures.blocks == 0
                      ? fmt::format("{}; no earlier job has it", value_text(metric, judged.value))
                      : fmt::format("{} against {}: {} ({:g} %: {}){}; {}", value_text(metric, judged.value), of_jobs,
                                    change_text(metric, change.value), 100 * (1 - 2 * alpha),
                                    interval_text(metric, change), words_of(judged.figures.doubt), kSecondClass);
  return gate;
}

}  // namespace

Fingerprint fingerprint_of(const Circumstances& now) {
  Fingerprint out;
  out.cpu_model = now.host.cpu_model;
  out.cores = fmt::format("{} of {}", now.host.usable_cores, now.host.cores);
  out.kernel = now.host.kernel;
  out.governor = now.limits.governor;
  out.cpu_limit = now.limits.cpu;
  out.memory_limit = now.limits.memory;
  out.tool = now.tool_version;
  out.engine = now.engine;
  out.target = now.target;
  out.plan = fmt::format("{:016x}", hash_of(now.plan_json));
  if (now.calibration) out.floor = fmt::format("{:.1f}", now.calibration->rtt_p50_ns / 1000);
  return out;
}

std::vector<std::string> differences(const Fingerprint& was, const Fingerprint& is) {
  std::vector<std::string> out;
  for (const FingerprintField& field : kFingerprint) {
    const std::string& a = was.*field.value;
    const std::string& b = is.*field.value;
    const bool same = field.value == &Fingerprint::floor ? similar_floors(a, b) : a == b;
    if (!same) out.push_back(fmt::format("the {} was {} and is {}", field.text, a, b));
  }
  return out;
}

Job job_of(const Summary& summary, std::string label) {
  Job job;
  job.label = std::move(label);
  job.started = utc_text(summary.started);
  job.verdict = summary.verdict.name;
  job.model = summary.offered.model;
  for (std::size_t i = 0; i < kCompareMetrics.size(); ++i) job.values[i] = kCompareMetrics[i].value(summary);
  job.responses = hdr_base64(summary.responses);
  return job;
}

void append(Baseline& baseline, Job job, Fingerprint fingerprint) {
  baseline.fingerprint = std::move(fingerprint);
  baseline.jobs.push_back(std::move(job));
  if (baseline.jobs.size() > kMostJobs)
    baseline.jobs.erase(baseline.jobs.begin(), baseline.jobs.end() - static_cast<std::ptrdiff_t>(kMostJobs));
}

std::vector<Gate> judge(const Baseline& baseline, const Job& job, double alpha) {
  std::vector<Judged> all;
  for (std::size_t i = 0; i < kCompareMetrics.size(); ++i) {
    const CompareMetric& metric = kCompareMetrics[i];
    const bool asked = metric.kind == FigureKind::rate && job.model != "closed";  // an input, no result
    if (!asked && std::ranges::find(kGated, metric.name) != kGated.end())
      all.push_back(judged(baseline, job, i, alpha));
  }
  std::vector<double> p;
  for (const Judged& one : all) p.push_back(one.figures.p);
  const std::vector<bool> survives = stats::holm(p, alpha);
  std::vector<Gate> gates;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].figures.decision == Decision::regression && !survives[i]) {
      all[i].figures.decision = Decision::inconclusive;
      all[i].figures.doubt = stats::Doubt::family;
    }
    gates.push_back(gate_of(all[i], alpha));
  }
  return gates;
}

}  // namespace loadgen::report
