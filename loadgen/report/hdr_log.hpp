#pragma once
// HdrHistogram's two text files. Both hold milliseconds where people read and nanoseconds where programs do.

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "stats/histogram.hpp"

namespace loadgen::report {

/// A line of an interval log.
struct HdrInterval {
  Duration start{};  ///< since the log's base time
  Duration length{};
  std::string tag;  ///< a label; empty: the primary series, the only one that HistogramLogProcessor reads without -tag
  std::uint64_t count = 0;
  Duration max{};
  std::string values;  ///< hdr_base64(): a histogram in memory is hundreds of times as large
};
HdrInterval hdr_interval(Duration start, Duration length, std::string tag, const stats::Histogram& values);

/// What stands in the log for each of a run's labels: printable, and '_' for blanks and commas, which would end a tag.
/// No two are the same: a label that is its own tag keeps it, and others that come out alike get "_2", "_3" and so on,
/// in the order given.
std::map<std::string, std::string> hdr_tags(const std::vector<std::string>& labels);

/// An interval log (.hlog), format 1.3 of HdrHistogram's HistogramLogWriter; lines are put in order of their start.
/// Tags are written as they are: see hdr_tags().
std::string hlog(std::string_view tool, std::chrono::system_clock::time_point base, std::vector<HdrInterval> intervals);

/// A percentile distribution (.hgrm) as HdrHistogram's outputPercentileDistribution prints it in Java, five ticks per
/// half distance, in milliseconds. Mean, deviation and maximum are exact, and no percentile exceeds the maximum.
std::string hgrm(const stats::Histogram& histogram);

}  // namespace loadgen::report
