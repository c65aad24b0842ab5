#pragma once
// Times counted by a few fixed limits, as monitoring systems want histograms: coarse, and the same for every run, so
// that those of several runs add up.

#include <algorithm>
#include <array>
#include <cstdint>

#include "stats/histogram.hpp"
#include "stats/interval_log.hpp"
#include "stats/moments.hpp"

namespace loadgen::report {

/// Upper limits in ns, each bucket's own value included: 1, 2.5, 5 of each power of ten from 0.1 ms to 10 s, and more.
inline constexpr std::array<std::int64_t, 18> kBucketLimits{
    100'000,       250'000,       500'000,       1'000'000,      2'500'000,      5'000'000,
    10'000'000,    25'000'000,    50'000'000,    100'000'000,    250'000'000,    500'000'000,
    1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000, 30'000'000'000, 60'000'000'000};

struct TimeBuckets {
  std::array<std::uint64_t, kBucketLimits.size()> counts{};  ///< above the limit before, up to its own
  std::uint64_t count = 0;                                   ///< all of them, also those above every limit
  std::int64_t sum_ns = 0;

  void add(const stats::Histogram& histogram) {
    for (std::size_t i = 0; i < histogram.counts().size(); ++i) add(i, histogram.counts()[i]);
    count += histogram.count();
    sum_ns += histogram.sum().count();
  }
  void add(const stats::IntervalLog::Piece& piece) {
    stats::IntervalLog::for_each_count(piece, [&](std::size_t index, std::uint64_t n) { add(index, n); });
    count += piece.exact.count;
    sum_ns += piece.exact.sum_ns;
  }

 private:
  /// A bucket of the fine histogram that a limit falls into counts below it: 0.1 % is what it is exact to.
  void add(std::size_t fine, std::uint64_t n) {
    if (n == 0) return;
    const auto limit = std::ranges::lower_bound(kBucketLimits, stats::Histogram::lowest_of(fine));
    if (limit != kBucketLimits.end()) counts[static_cast<std::size_t>(limit - kBucketLimits.begin())] += n;
  }
};

}  // namespace loadgen::report
