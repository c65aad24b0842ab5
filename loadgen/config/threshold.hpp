#pragma once
// What a run must meet: a figure and a limit. Written in a plan's "thresholds", after --fail-if (without the words
// "fail if") and, as a list, wherever an option takes several.
//
//   list       = threshold { "," threshold }
//   threshold  = [ "fail" "if" ] figure comparison limit [ "over" TIME ] [ "abort" [ "after" TIME ] ]
//   figure     = [ series "." ] metric [ "{" label "}" ]
//   series     = "response" | "service" | "send_lag"                      of times; response when left out
//   metric     = percentile | "avg" | "mean" | "min" | "max"              times
//              | "error_rate" | "delivered"                               shares: 0.1% or 0.001
//              | "rps"                                                    completed a second: 2900 or 2900/s
//   percentile = "p" NUMBER, 0 < NUMBER < 100: p50, p99, p99.9;  "med" = p50
//   comparison = "<" | "<=" | ">" | ">="
//   limit      = TIME | NUMBER "%" | NUMBER | RATE
//   label      = the name of a request, as reports print it; without one: all requests. Braces that pair may stand in
//                it as they are, "{GET /users/{id}}"; a backslash takes the next character as it is: "\}", "\{", "\\"
//   "fail if"    what follows must not be: "fail if p99 > 250ms" asks for p99 <= 250ms
//   "over"       a sliding window: the figure is looked at over every stretch of so many whole seconds, and the worst
//                one decides
//   "abort"      the run is stopped when the threshold has failed without a break for that long ("abort" alone: as soon
//                as that is sure); run/threshold_watch.hpp says how it is looked at while the run goes on
//
// TIME, RATE: as base/units.hpp reads them ("250ms", "90/m"). Spaces may stand between any two words, signs and braces.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "stats/limit.hpp"
#include "stats/sight.hpp"

namespace loadgen::config {

struct Threshold {
  enum class Metric : std::uint8_t { percentile, mean, min, max, error_rate, delivered, rps };
  enum class Series : std::uint8_t { response, service, send_lag };  ///< in the order of stats::Series
  enum class Form : std::uint8_t { demand, fail_if };                ///< how it was written, and is again
  using Comparison = stats::Limit::Comparison;

  Metric metric = Metric::percentile;
  double p = 0;  ///< of a percentile: 0.99 for p99
  Series series = Series::response;
  std::string label{};  ///< empty: all requests
  Form form = Form::demand;
  Comparison comparison = Comparison::less;  ///< that keeps it, in either form
  double limit = 0;                          ///< nanoseconds of a time, 0..1 of a share, 1/s of a rate
  std::optional<Duration> over{};
  std::optional<Duration> abort_after{};
  bool operator==(const Threshold&) const = default;
};

/// What becomes of the exit code when a threshold is not decided.
enum class Undecided : std::uint8_t {
  exit,  ///< an exit code of its own
  pass,  ///< it counts as passed
  fail,  ///< it counts as failed
};

/// Error: what is wrong, and where in the text, with what would be right.
Result<Threshold> parse_threshold(std::string_view text);

/// "p99<50ms,error_rate<0.1%": at least one.
Result<std::vector<Threshold>> parse_thresholds(std::string_view text);

/// "p99 <= 250ms" or "fail if p99 > 250ms", as it was written; parse_threshold reads it back.
std::string to_string(const Threshold& threshold);

/// "service.p99{Login}": the figure alone.
std::string figure_of(const Threshold& threshold);

/// A limit of that metric, as a threshold spells it: "250ms", "0.1%", "2900/s".
std::string limit_to_string(Threshold::Metric metric, double limit);

/// A percentile, a mean, a minimum or a maximum.
bool is_time(Threshold::Metric metric);
/// error_rate and delivered: 0 to 1.
bool is_share(Threshold::Metric metric);

stats::Limit limit_of(const Threshold& threshold);

/// What a threshold of times asks for.
stats::TimeFigure time_figure_of(const Threshold& threshold);

/// Whether a value keeps the threshold.
bool holds(const Threshold& threshold, double value);

/// The same words in the other form: of "p99 > 250ms", as it stands after --fail-if, "fail if p99 > 250ms".
Threshold opposite(Threshold threshold);

/// That a threshold fails a run for what is good, as a comparison turned round by mistake does: a time or an error rate
/// for being low, a rate for being high. With what was probably meant; nullopt: it does not.
std::optional<std::string> wrong_way(const Threshold& threshold);

}  // namespace loadgen::config
