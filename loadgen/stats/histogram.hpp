#pragma once
// HdrHistogram's layout in nanoseconds: 1 ns to 1 h, 3 significant digits, so a value is off by at most 0.1 %.
// Exact count, sum, sum of squares, minimum and maximum stand beside it, because bucket edges would lose them.
// Layout and percentile definition: HdrHistogram (Gil Tene), AbstractHistogram; rank = max(1, ceil(p*n)),
// value = highest equivalent value of that bucket, never above the exact maximum.

#include <cassert>
#include <cstdint>
#include <span>

#include "base/time.hpp"
#include "stats/moments.hpp"
#include "stats/zeroed_array.hpp"

namespace loadgen::stats {

/// A moved-from Histogram may only be destroyed or assigned to.
class Histogram {
 public:
  static constexpr int kSubBucketBits = 11;  ///< 2048 sub-buckets: 3 significant digits
  static constexpr std::int64_t kHighest = 3'600'000'000'000;
  static constexpr std::size_t kCounts = 33'792;

  Histogram() = default;  ///< 264 KiB of address space; a page becomes memory only when a value falls into it
  Histogram(const Histogram&);
  Histogram& operator=(const Histogram&);
  Histogram(Histogram&&) noexcept = default;
  Histogram& operator=(Histogram&&) noexcept = default;

  /// Counts one value. Below 0 counts as 0; above kHighest counts in overflow() (and in count, sum, min, max).
  void record(Duration value) noexcept;

  /// Adds values that were counted elsewhere by the same index_of: for_each(visit) calls visit(index, count) for every
  /// bucket, and exact is of all of them. Those that no bucket holds were above kHighest.
  template <class ForEach>
  void add(const Moments& exact, ForEach&& for_each) noexcept;

  /// Bucket-wise addition: lossless, associative, commutative.
  void merge(const Histogram& other) noexcept;

  std::uint64_t count() const { return exact_.count; }
  std::uint64_t overflow() const { return overflow_; }
  Duration min() const { return Duration(count() != 0 ? exact_.min_ns : 0); }
  Duration max() const { return Duration(count() != 0 ? exact_.max_ns : 0); }
  double mean_ns() const { return exact_.mean_ns(); }
  double stddev_ns() const { return exact_.stddev_ns(); }  ///< of the population, as JMeter's Std. Dev.
  Duration sum() const { return Duration(exact_.sum_ns); }
  const Moments& exact() const { return exact_; }

  /// The p-quantile, p in [0, 1]; 0 when empty. p = 0 is min() and p = 1 is max(), exactly. An overflowed rank gives
  /// max().
  Duration percentile(double p) const;
  /// The value of a rank in 1..count(), the smallest value being of rank 1: percentile(p) is at_rank(rank_of(p, n)).
  Duration at_rank(std::uint64_t rank) const;
  /// max(1, ceil(p*n)), where a product that differs from a whole number only by rounding is that whole number.
  static std::uint64_t rank_of(double p, std::uint64_t n);
  /// How many values lie in value's bucket or below it.
  std::uint64_t count_up_to(Duration value) const;

  /// Raw counts by bucket index, for encoders and tests.
  std::span<const std::uint64_t> counts() const { return {counts_.get(), kCounts}; }

  static std::size_t index_of(std::int64_t value) noexcept;    ///< of a value in [0, kHighest]
  static std::int64_t lowest_of(std::size_t index) noexcept;   ///< lowest value of the bucket
  static std::int64_t highest_of(std::size_t index) noexcept;  ///< highest value of the bucket

 private:
  ZeroedArray<std::uint64_t, kCounts> counts_ = zeroed_array<std::uint64_t, kCounts>();
  std::uint64_t overflow_ = 0;
  Moments exact_;  ///< what bucket edges would lose
};

template <class ForEach>
void Histogram::add(const Moments& exact, ForEach&& for_each) noexcept {
  std::uint64_t counted = 0;
  for_each([&](std::size_t index, std::uint64_t count) {
    assert(index < kCounts && lowest_of(index) <= exact.max_ns && highest_of(index) >= exact.min_ns);
    counts_[index] += count;
    counted += count;
  });
  assert(counted <= exact.count);
  overflow_ += exact.count - counted;
  exact_.merge(exact);
}

}  // namespace loadgen::stats
