#include "report/gates.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "config/describe.hpp"
#include "report/gate_figures.hpp"
#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

using config::Threshold;
using stats::Sight;

/// What a run that failed a check still answers for.
enum class Trust : std::uint8_t {
  yes,
  no,
  if_lasting,         ///< rates: how long times and failures grow depends on how long the run is
  if_errors_limited,  ///< where a threshold says how many failures may be
  if_by_target,       ///< error_rate: where what the target answered or refused decides by itself
};

struct TrustRow {
  VerdictName verdict;
  Trust in_failed;
  Trust in_others;
};
/// docs/METHODOLOGY.md has the reasons.
constexpr std::array<TrustRow, 9> kTrust{{
    {VerdictName::trustworthy, Trust::yes, Trust::yes},
    {VerdictName::under_sampled, Trust::yes, Trust::yes},   // each interval knows its own sample
    {VerdictName::not_stationary, Trust::yes, Trust::yes},  // what drifts has no interval, and six parts must agree
    {VerdictName::overloaded, Trust::yes, Trust::if_lasting},
    {VerdictName::censored, Trust::yes, Trust::yes},  // bounds decide what they can
    {VerdictName::errors, Trust::yes, Trust::if_errors_limited},
    {VerdictName::disturbed, Trust::if_by_target, Trust::no},
    {VerdictName::client_bound, Trust::if_by_target, Trust::no},
    {VerdictName::broken, Trust::no, Trust::no},
}};

static_assert([] {
  for (std::size_t i = 0; i < kTrust.size(); ++i)
    if (static_cast<std::size_t>(kTrust[i].verdict) != i) return false;
  return true;
}());

/// One threshold against one run.
class Gatekeeper {
 public:
  explicit Gatekeeper(const GateEvidence& evidence) : e_(evidence), figures_(evidence) {}

  Gate judge(const Threshold& threshold) const;

 private:
  /// A stretch that was looked at, and what came of it.
  struct Look {
    Span span;
    stats::CellRange cells;
    Sight sight;
    GateResult result = GateResult::failed;
  };
  Look look(const Threshold& threshold, Span span, stats::CellRange cells) const;
  Look worst(const Threshold& threshold, std::size_t& looks) const;
  bool fails_by_target(const Threshold& threshold, const Look& look) const;
  bool trusted(Trust trust, const Threshold& threshold, const Look& look) const;
  std::string doubt(const Threshold& threshold, const Look& look, GateResult result) const;
  std::string by_target_text(const Threshold& threshold, const Look& look) const;
  std::string evidence(const Threshold& threshold, const Look& look, std::size_t looks) const;

  const GateEvidence& e_;
  GateFigures figures_;
};

Gatekeeper::Look Gatekeeper::look(const Threshold& threshold, Span span, stats::CellRange cells) const {
  Look look{.span = span, .cells = cells, .sight = figures_.of(threshold, cells)};
  look.result = stats::judge(look.sight, config::limit_of(threshold));
  return look;
}

/// The worst stretch of a sliding window; stretches in which nothing was due say nothing. It moves by a tenth of its
/// length and by whole seconds, so that the work grows with the run and not with its square.
Gatekeeper::Look Gatekeeper::worst(const Threshold& threshold, std::size_t& looks) const {
  using std::chrono::seconds;
  const Window& window = e_.measured.timeline.window;
  const Look whole = look(threshold, window.span, window.cells);
  looks = 0;
  if (!threshold.over || window.span.length() <= *threshold.over) return whole;
  const Duration step = std::max<Duration>(seconds(1), std::chrono::floor<seconds>(*threshold.over / 10));
  const bool upper = config::limit_of(threshold).upper();
  const auto rank = [&](const Look& l) {
    const double value = l.sight.figure.value;
    return std::pair(l.result == GateResult::failed      ? 2
                     : l.result == GateResult::undecided ? 1
                                                         : 0,
                     upper ? value : -value);
  };
  std::optional<Look> found;
  for (Duration at = std::chrono::ceil<seconds>(window.span.begin); at + *threshold.over <= window.span.end;
       at += step) {
    const Span span{at, at + *threshold.over};
    Look one = look(threshold, span, GateFigures::cells_of(span));
    if (one.sight.figure.resolution == stats::Resolution::empty) continue;
    ++looks;
    if (!found || rank(one) > rank(*found)) found = std::move(one);
  }
  return found.value_or(whole);
}

/// Whether statuses, refusals and the like are too many even if nothing else had failed.
bool Gatekeeper::fails_by_target(const Threshold& threshold, const Look& look) const {
  const stats::Limit limit = config::limit_of(threshold);
  return threshold.metric == Threshold::Metric::error_rate && limit.upper() &&
         stats::judge(figures_.by_target(threshold, look.cells), limit) == GateResult::failed;
}

bool Gatekeeper::trusted(Trust trust, const Threshold& threshold, const Look& look) const {
  switch (trust) {
    case Trust::yes:
      return true;
    case Trust::no:
      return false;
    case Trust::if_lasting:
      return threshold.metric == Threshold::Metric::rps || threshold.metric == Threshold::Metric::delivered;
    case Trust::if_errors_limited:
      return std::ranges::any_of(e_.plan.thresholds,
                                 [](const Threshold& t) { return t.metric == Threshold::Metric::error_rate; });
    case Trust::if_by_target:
      return fails_by_target(threshold, look);
  }
  return false;
}

/// Every failed check is asked, not only the one that gave the run its name.
std::string Gatekeeper::doubt(const Threshold& threshold, const Look& look, GateResult result) const {
  VerdictName worst = VerdictName::trustworthy;
  for (const Check& check : e_.verdict.evidence) {
    if (check.result != CheckResult::failed) continue;
    const TrustRow& row = kTrust[static_cast<std::size_t>(check.verdict)];
    if (!trusted(result == GateResult::failed ? row.in_failed : row.in_others, threshold, look))
      worst = std::max(worst, check.verdict);
  }
  switch (worst) {
    case VerdictName::trustworthy:
      return {};
    case VerdictName::errors:
      return "too many requests failed, and no threshold of error_rate says how many may";
    case VerdictName::overloaded:
      return "the run is OVERLOADED: a longer one would come out worse";
    default:
      return fmt::format("the run is {}", to_string(worst));
  }
}

std::string value_text(Threshold::Metric metric, double value) {
  if (config::is_time(metric)) return ms(value) + " ms";
  return config::is_share(metric) ? percent(value) : fmt::format("{:.1f}/s", value);
}

/// "231 ms (95 %: 220 ms to 244 ms)"
std::string sight_text(const Threshold& threshold, const Sight& sight) {
  const auto text = [&](double value) { return value_text(threshold.metric, value); };
  const stats::Estimate& figure = sight.figure;
  const std::string value = text(figure.value);
  switch (figure.resolution) {
    case stats::Resolution::empty:
      return "of no requests at all";
    case stats::Resolution::resolved:
      return figure.low == figure.high ? value
                                       : fmt::format("{} (95 %: {} to {})", value, text(figure.low), text(figure.high));
    case stats::Resolution::upper_open:
      if (figure.at_least)
        return fmt::format("at least {}, as requests that were cut off or lost reach into it", value);
      return fmt::format("{} (95 %: from {} on, the upper end lies beyond what was seen)", value, text(figure.low));
    case stats::Resolution::too_short:
      return fmt::format("{}, without an interval: the window is too short for one", value);
    case stats::Resolution::too_few:
      return fmt::format("{}, of too few values: {}", value, grouped(figure.n));
  }
  return value;
}

/// There were requests, and none that the figure could be made of.
std::string no_success_text(const Threshold& threshold, std::uint64_t requests) {
  const std::string_view whose = threshold.label.empty() ? "that were due" : "of that name in the whole run";
  return fmt::format("of {} requests {} none in the window succeeded, so there is no time to tell", grouped(requests),
                     whose);
}

constexpr double kTooLong = 1000;  ///< times as long a run: nobody makes it

/// How many requests would decide at the share that was seen. Wilson's interval excludes a limit L when
/// |share - L| > z * sqrt(L * (1 - L) / n); dependent requests are worth fewer than they are.
std::string requests_text(const Threshold& threshold, const stats::Estimate& figure) {
  const double limit = threshold.limit;
  const double distance = figure.value - limit;
  if (threshold.over || !(figure.n_effective > 0) || distance == 0) return {};
  const double worth = static_cast<double>(figure.n) / figure.n_effective;
  const double z = stats::kNormalQuantile;
  const double needed = std::ceil(worth * z * z * limit * (1 - limit) / (distance * distance));
  if (!(needed > static_cast<double>(figure.n) && needed < kTooLong * static_cast<double>(figure.n))) return {};
  return fmt::format("; at this share of failures about {} requests would tell, and there were {}",
                     grouped(static_cast<std::uint64_t>(needed)), grouped(figure.n));
}

/// How many times as long a run would decide: intervals narrow with the square root of the length.
std::string longer_text(const Threshold& threshold, const stats::Estimate& figure) {
  if (threshold.metric == Threshold::Metric::error_rate) return requests_text(threshold, figure);
  double longer = figure.run_longer;
  if (figure.resolution == stats::Resolution::resolved)
    longer = std::pow((figure.high - figure.low) / 2 / (figure.value - threshold.limit), 2);
  if (!(longer > 1 && longer < kTooLong)) return {};
  return fmt::format("; about {:.0f} times as long a run would tell", std::ceil(longer));
}

std::string Gatekeeper::evidence(const Threshold& threshold, const Look& look, std::size_t looks) const {
  std::string out = sight_text(threshold, look.sight);
  if (config::is_time(threshold.metric) && look.sight.figure.resolution == stats::Resolution::empty) {
    const std::uint64_t requests = figures_.requests_of(threshold, look.cells);
    if (requests > 0) out = no_success_text(threshold, requests);
  }
  if (looks > 0)
    out += fmt::format("; the worst of {} stretches, {} to {}", grouped(looks), seconds_text(seconds(look.span.begin)),
                       seconds_text(seconds(look.span.end)));
  else if (threshold.over)
    out += "; the measured window is not longer than one stretch";
  if (look.result == GateResult::undecided) out += longer_text(threshold, look.sight.figure);
  if (threshold.metric == Threshold::Metric::rps && e_.plan.has_arrivals())
    out += fmt::format("; {}", config::kRpsIsAnInput);
  return out;
}

/// Why a failed result counts in a run that answers for nothing else.
std::string Gatekeeper::by_target_text(const Threshold& threshold, const Look& look) const {
  const VerdictName verdict = e_.verdict.name;
  if (kTrust[static_cast<std::size_t>(verdict)].in_failed != Trust::if_by_target) return {};
  return fmt::format("; {} by what the target answered or refused alone, which counts though the run is {}",
                     percent(figures_.by_target(threshold, look.cells).figure.value), to_string(verdict));
}

Gate Gatekeeper::judge(const Threshold& threshold) const {
  std::size_t looks = 0;
  const Look look = worst(threshold, looks);
  Gate gate{.threshold = config::to_string(threshold),
            .result = look.result,
            .figure = look.sight.figure,
            .limit = threshold.limit,
            .evidence = evidence(threshold, look, looks),
            .undecided = e_.plan.undecided};
  const stats::StoppedBy& stopped = e_.record.stopped_by;
  if (!stopped.threshold.empty() && stopped.threshold == gate.threshold) {
    gate.aborted = true;
    gate.result = GateResult::failed;
    const std::string value = stopped.value < 0 ? "no request gave the figure a value"
                                                : "it was " + value_text(threshold.metric, stopped.value);
    gate.evidence = fmt::format("it stopped the run at {}, when {}; over the measured part {}",
                                seconds_text(seconds(stopped.at)), value, gate.evidence);
  }
  gate.doubt = doubt(threshold, look, gate.result);
  if (gate.result == GateResult::failed && gate.doubt.empty()) gate.evidence += by_target_text(threshold, look);
  return gate;
}

}  // namespace

std::vector<Gate> judge_thresholds(const GateEvidence& evidence) {
  std::vector<Gate> gates;
  if (evidence.plan.thresholds.empty()) return gates;
  const Gatekeeper keeper(evidence);
  for (const Threshold& threshold : evidence.plan.thresholds) gates.push_back(keeper.judge(threshold));
  return gates;
}

Standing outcome_of(const std::vector<Gate>& gates) {
  const auto any = [&](Standing standing) {
    return std::ranges::any_of(gates, [&](const Gate& gate) { return standing_of(gate) == standing; });
  };
  for (const Standing standing : {Standing::failed, Standing::doubtful, Standing::undecided}) {
    if (any(standing)) return standing;
  }
  return Standing::passed;
}

std::string_view to_string(GateResult result) {
  constexpr std::array<std::string_view, 3> names{"passed", "failed", "undecided"};
  return names[static_cast<std::size_t>(result)];
}

Standing standing_of(const Gate& gate) {
  constexpr std::array<Standing, 3> standings{Standing::passed, Standing::failed,
                                              Standing::undecided};  // by GateResult
  constexpr std::array<Standing, 3> taken_as{Standing::undecided, Standing::passed,
                                             Standing::failed};  // by config::Undecided
  if (!gate.doubt.empty()) return Standing::doubtful;
  return gate.result == GateResult::undecided ? taken_as[static_cast<std::size_t>(gate.undecided)]
                                              : standings[static_cast<std::size_t>(gate.result)];
}

std::string_view to_string(Standing standing) {
  constexpr std::array<std::string_view, 4> names{"passed", "failed", "undecided", "doubtful"};
  return names[static_cast<std::size_t>(standing)];
}

std::string evidence_of(const Gate& gate) {
  constexpr std::array<std::string_view, 3> taken_as{"", ". Not decided, taken as passed (--undecided pass)",
                                                     ". Not decided, taken as failed (--undecided fail)"};
  if (!gate.doubt.empty()) return fmt::format("{}. This does not count: {}", gate.evidence, gate.doubt);
  if (gate.result != GateResult::undecided) return gate.evidence;
  return gate.evidence + std::string(taken_as[static_cast<std::size_t>(gate.undecided)]);
}

}  // namespace loadgen::report
