#include "stats/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

namespace loadgen::stats {
namespace {

constexpr int kHalfBits = Histogram::kSubBucketBits - 1;
constexpr std::uint64_t kHalf = std::uint64_t{1} << kHalfBits;
constexpr std::uint64_t kSubBucketMask = 2 * kHalf - 1;

}  // namespace

Histogram::Histogram(const Histogram& other) : Histogram() {
  merge(other);
}

Histogram& Histogram::operator=(const Histogram& other) {
  if (this != &other) *this = Histogram(other);
  return *this;
}

// Bucket b >= 0 holds values of (b + 11) bits cut to their leading 11, of which the first is always 1 (except in bucket
// 0, which holds 0..2047 as they are); so each bucket but the first adds 1024 counts, and the index is b * 1024 + the
// leading bits. `| mask` makes bucket 0 of every small value without a branch.
std::size_t Histogram::index_of(std::int64_t value) noexcept {
  const auto v = static_cast<std::uint64_t>(value);
  const int bucket = static_cast<int>(std::bit_width(v | kSubBucketMask)) - kSubBucketBits;
  return (static_cast<std::size_t>(bucket) << kHalfBits) + static_cast<std::size_t>(v >> bucket);
}

std::int64_t Histogram::lowest_of(std::size_t index) noexcept {
  if (index < 2 * kHalf) return static_cast<std::int64_t>(index);
  const std::size_t bucket = (index >> kHalfBits) - 1;
  return static_cast<std::int64_t>(((index & (kHalf - 1)) + kHalf) << bucket);
}

std::int64_t Histogram::highest_of(std::size_t index) noexcept {
  return lowest_of(index + 1) - 1;
}

void Histogram::record(Duration value) noexcept {
  const std::int64_t ns = std::max<std::int64_t>(value.count(), 0);
  if (ns > kHighest) [[unlikely]]
    ++overflow_;
  else
    ++counts_[index_of(ns)];
  exact_.record(Duration(ns));
}

void Histogram::merge(const Histogram& other) noexcept {
  if (other.count() == 0) return;
  // Only where the other has values, and never writing a zero: pages without counts stay unbacked.
  if (other.exact_.min_ns <= kHighest) {
    const std::size_t last = index_of(std::min(other.exact_.max_ns, kHighest));
    for (std::size_t i = index_of(other.exact_.min_ns); i <= last; ++i)
      if (other.counts_[i] != 0) counts_[i] += other.counts_[i];
  }
  overflow_ += other.overflow_;
  exact_.merge(other.exact_);
}

// 0.07 * 100 is rank 7 and not 8. Reading 99.9, dividing it by 100 and multiplying by n round by half an ulp each: 2
// ulps cover it.
std::uint64_t Histogram::rank_of(double p, std::uint64_t n) {
  const double product = p * static_cast<double>(n);
  const double nearest = std::round(product);
  const bool whole = std::abs(product - nearest) <= 2 * product * std::numeric_limits<double>::epsilon();
  const auto rank = static_cast<std::uint64_t>(whole ? nearest : std::ceil(product));
  return std::clamp<std::uint64_t>(rank, 1, n);
}

Duration Histogram::percentile(double p) const {
  assert(p >= 0 && p <= 1);
  if (count() == 0) return Duration{};
  return p <= 0 ? min() : at_rank(rank_of(p, count()));
}

Duration Histogram::at_rank(std::uint64_t rank) const {
  assert(rank >= 1 && rank <= count());
  if (rank > count() - overflow_) return max();
  std::uint64_t seen = 0;
  std::size_t index = index_of(exact_.min_ns);
  for (; index + 1 < kCounts; ++index) {
    seen += counts_[index];
    if (seen >= rank) break;
  }
  return Duration(std::min(highest_of(index), exact_.max_ns));
}

std::uint64_t Histogram::count_up_to(Duration value) const {
  if (value >= max()) return count();
  std::uint64_t seen = 0;
  const std::size_t last = index_of(std::clamp<std::int64_t>(value.count(), 0, kHighest));
  for (std::size_t i = index_of(std::min(exact_.min_ns, kHighest)); i <= last; ++i) seen += counts_[i];
  return seen;
}

}  // namespace loadgen::stats
