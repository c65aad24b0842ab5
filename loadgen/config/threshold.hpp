#pragma once
// What a run must meet: a figure and a limit. Written in a plan's "thresholds", after --fail-if (turned round) and, for
// `find`, after --slo.
//
//   threshold  = figure comparison limit [ "over" TIME ] [ "abort" [ "after" TIME ] ]
//   figure     = [ series "." ] metric [ "{" label "}" ]
//   series     = "response" | "service" | "send_lag"                      of times; response when left out
//   metric     = percentile | "avg" | "mean" | "min" | "max"              times
//              | "error_rate" | "delivered"                               shares: 0.1% or 0.001
//              | "rps"                                                    completed a second: 2900 or 2900/s
//   percentile = "p" NUMBER, 0 < NUMBER < 100: p50, p99, p99.9;  "med" = p50
//   comparison = "<" | "<=" | ">" | ">="
//   label      = the name of a request, as reports print it; without one: all requests
//   "over"       a sliding window: the figure is looked at over every stretch of that length
//   "abort"      the run is stopped when the threshold has failed for that long ("abort" alone: at once)

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace loadgen::config {

struct Threshold {
  enum class Metric : std::uint8_t { percentile, mean, min, max, error_rate, delivered, rps };
  enum class Series : std::uint8_t { response, service, send_lag };
  enum class Comparison : std::uint8_t { less, less_or_equal, greater, greater_or_equal };

  Metric metric = Metric::percentile;
  double p = 0;  ///< of a percentile: 0.99 for p99
  Series series = Series::response;
  std::string label;  ///< empty: all requests
  Comparison comparison = Comparison::less;
  double limit = 0;  ///< nanoseconds of a time, 0..1 of a share, 1/s of a rate
  std::optional<Duration> over;
  std::optional<Duration> abort_after;
  bool operator==(const Threshold&) const = default;
};

/// Error: what is wrong, and where in the text, with what would be right.
Result<Threshold> parse_threshold(std::string_view text);

/// "p99 <= 250ms"; parse_threshold reads it back.
std::string to_string(const Threshold& threshold);

/// Whether a value keeps the threshold.
bool holds(const Threshold& threshold, double value);

/// The same figure and limit with the opposite comparison: `--fail-if 'p99 > 250ms'` is the threshold p99 <= 250ms.
Threshold opposite(Threshold threshold);

}  // namespace loadgen::config
