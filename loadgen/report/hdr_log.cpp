#include "report/hdr_log.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "report/hdr.hpp"
#include "report/printable.hpp"

namespace loadgen::report {
namespace {

using stats::Histogram;

constexpr int kTicksPerHalfDistance = 5;
constexpr double kNsPerMs = 1e6;

/// The label as a tag, which ends at a blank or comma; without one it would be the primary series.
std::string tag_of(const std::string& label) {
  std::string tag = label.empty() ? "_" : printable(label);
  std::ranges::replace_if(
      tag, [](char c) { return c == ' ' || c == ','; }, '_');
  return tag;
}

/// How far the levels of a percentile distribution are apart: each halving of the distance to 100 % takes as many
/// steps. Upstream's PercentileIterator.incrementIterationLevel, in the same floating-point operations.
double next_level(double level) {
  const double halvings = std::floor(std::log(100.0 / (100.0 - level)) / std::log(2.0)) + 1;
  return level + 100.0 / (kTicksPerHalfDistance * std::exp2(halvings));
}

}  // namespace

HdrInterval hdr_interval(Duration start, Duration length, std::string tag, const Histogram& values) {
  return {start, length, std::move(tag), values.count(), values.max(), hdr_base64(values)};
}

std::map<std::string, std::string> hdr_tags(const std::vector<std::string>& labels) {
  std::map<std::string, std::string> tags;
  std::map<std::string, int> taken;  // how often each tag was asked for
  for (const std::string& label : labels)
    if (tag_of(label) == label) taken[tags[label] = label] = 1;
  for (const std::string& label : labels) {
    const auto [place, is_new] = tags.try_emplace(label, tag_of(label));
    if (!is_new) continue;
    const std::string plain = place->second;
    while (!taken.try_emplace(place->second, 1).second) place->second = fmt::format("{}_{}", plain, ++taken[plain]);
  }
  return tags;
}

std::string hlog(std::string_view tool, std::chrono::system_clock::time_point base,
                 std::vector<HdrInterval> intervals) {
  std::ranges::stable_sort(intervals, {}, &HdrInterval::start);
  const double epoch = std::chrono::duration<double>(base.time_since_epoch()).count();
  // Nothing may follow the legend but intervals: the C reader knows comments only before it.
  std::string log = fmt::format(
      "#[Logged with {}]\n"
      "#[Histogram log format version 1.3]\n"
      "#[BaseTime: {:.3f} (seconds since epoch)]\n"
      "#[StartTime: {:.3f} (seconds since epoch), {:%a %b %d %H:%M:%S UTC %Y}]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      tool, epoch, epoch, fmt::gmtime(std::chrono::system_clock::to_time_t(base)));
  for (const HdrInterval& interval : intervals) {
    if (!interval.tag.empty()) log += fmt::format("Tag={},", interval.tag);
    log += fmt::format("{:.3f},{:.3f},{:.3f},{}\n", seconds(interval.start), seconds(interval.length),
                       milliseconds(interval.max), interval.values);
  }
  return log;
}

std::string hgrm(const Histogram& histogram) {
  std::string text =
      fmt::format("{:>12} {:>14} {:>10} {:>14}\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
  const auto out = std::back_inserter(text);
  const auto total = static_cast<double>(histogram.count());
  const std::uint64_t in_buckets = histogram.count() - histogram.overflow();
  std::uint64_t seen = 0;
  double level = 0;
  for (std::size_t i = 0; seen < in_buckets; ++i) {
    if (histogram.counts()[i] == 0) continue;
    seen += histogram.counts()[i];
    const std::int64_t value = std::min(Histogram::highest_of(i), histogram.max().count());
    // Once the last value is reached, one row tells it, whatever levels lie above.
    for (bool more = true; more && 100.0 * static_cast<double>(seen) / total >= level; level = next_level(level)) {
      fmt::format_to(out, "{:12.3f} {:2.12f} {:10} {:14.2f}\n", static_cast<double>(value) / kNsPerMs, level / 100,
                     seen, 1 / (1 - level / 100));
      more = seen < histogram.count();
    }
  }
  if (histogram.count() > 0)
    fmt::format_to(out, "{:12.3f} {:2.12f} {:10}\n", milliseconds(histogram.max()), 1.0, histogram.count());
  fmt::format_to(out, "#[Mean    = {:12.3f}, StdDeviation   = {:12.3f}]\n", histogram.mean_ns() / kNsPerMs,
                 histogram.stddev_ns() / kNsPerMs);
  fmt::format_to(out, "#[Max     = {:12.3f}, Total count    = {:12}]\n", milliseconds(histogram.max()),
                 histogram.count());
  constexpr int kSubBuckets = 1 << Histogram::kSubBucketBits;
  fmt::format_to(out, "#[Buckets = {:12}, SubBuckets     = {:12}]\n", Histogram::kCounts / (kSubBuckets / 2) - 1,
                 kSubBuckets);
  return text;
}

}  // namespace loadgen::report
