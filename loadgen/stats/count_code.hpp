#pragma once
// Counts by rising index in few bits. Of every bucket that holds something: the empty ones since the last, and its
// count less one, each in a Golomb-Rice code: n >> k ones, a zero, and the low k bits of n. k follows the mean of what
// came before, as in JPEG-LS (ITU-T T.87), so that nothing needs to be known beforehand and dense and sparse histograms
// both take 4 to 6 bits a bucket.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace loadgen::stats {

/// Numbers up to 65,535 whose mean changes slowly.
class RiceCode {
 public:
  static constexpr unsigned kEscape = 20;  ///< so many ones: the number follows as it is
  static constexpr unsigned kPlain = 16;   ///< bits of it
  static constexpr unsigned kMostBits = kEscape + kPlain;

  /// ln 2 times the mean is the best divisor for numbers that fall off geometrically (Golomb 1966); the next power of
  /// two is near enough.
  unsigned k() const { return static_cast<unsigned>(std::bit_width(sixteenths_ * 11 / 256)); }
  void learn(std::uint32_t n) { sixteenths_ = sixteenths_ - sixteenths_ / kMemory + n * 16 / kMemory; }

 private:
  static constexpr std::uint32_t kMemory = 8;
  std::uint32_t sixteenths_ = 16;  ///< the mean, in sixteenths
};

/// Appends to a buffer that has kMostBytes for each bucket added, and eight more.
class CountEncoder {
 public:
  static constexpr std::size_t kMostBytes = 2 * RiceCode::kMostBits / 8;

  explicit CountEncoder(std::byte* to) : at_(to) {}

  /// Indexes in rising order, below 65,536; count from 1 to 65,536.
  void add(std::size_t index, std::uint64_t count) {
    if (buckets_++ == 0) first_ = next_ = index;
    put(gaps_, static_cast<std::uint32_t>(index - next_));
    put(counts_, static_cast<std::uint32_t>(count - 1));
    next_ = index + 1;
  }
  /// Writes the bits that are left; returns the end.
  std::byte* finish() {
    for (; bits_ > 0; bits_ -= std::min(bits_, 8U)) put_byte();
    return at_;
  }
  std::size_t first() const { return first_; }
  std::size_t buckets() const { return buckets_; }

 private:
  void put(RiceCode& code, std::uint32_t n) {
    const unsigned k = code.k();
    const std::uint32_t ones = n >> k;
    if (ones < RiceCode::kEscape) {
      append((std::uint64_t{1} << ones) - 1, ones + 1);
      append(n & ((std::uint64_t{1} << k) - 1), k);
    } else {
      append((std::uint64_t{1} << RiceCode::kEscape) - 1, RiceCode::kEscape);
      append(n, RiceCode::kPlain);
    }
    code.learn(n);
  }
  /// Fewer than 32 bits, the lowest first.
  void append(std::uint64_t value, unsigned bits) {
    pending_ |= value << bits_;
    for (bits_ += bits; bits_ >= 8; bits_ -= 8) put_byte();
  }
  void put_byte() {
    *at_++ = static_cast<std::byte>(pending_);
    pending_ >>= 8;
  }

  std::byte* at_;
  RiceCode gaps_;
  RiceCode counts_;
  std::uint64_t pending_ = 0;  ///< the lowest bits_ of it are still to be written
  unsigned bits_ = 0;
  std::size_t first_ = 0;
  std::size_t next_ = 0;  ///< the index that would leave no gap
  std::size_t buckets_ = 0;
};

/// Reads what CountEncoder wrote; first index and number of buckets are known from elsewhere.
class CountDecoder {
 public:
  CountDecoder(const std::byte* from, std::size_t size, std::size_t first)
      : at_(from), end_(from + size), next_(first) {}

  template <class Visit>
  void next(Visit&& visit) {
    const std::size_t index = next_ + take(gaps_);
    visit(index, std::uint64_t{take(counts_)} + 1);
    next_ = index + 1;
  }

 private:
  std::uint32_t take(RiceCode& code) {
    for (; bits_ <= 56 && at_ != end_; bits_ += 8) pending_ |= std::to_integer<std::uint64_t>(*at_++) << bits_;
    const unsigned k = code.k();
    const auto ones = static_cast<unsigned>(std::countr_one(pending_));
    std::uint32_t n = 0;
    if (ones < RiceCode::kEscape) {
      drop(ones + 1);
      n = ones << k | drop(k);
    } else {
      drop(RiceCode::kEscape);
      n = drop(RiceCode::kPlain);
    }
    code.learn(n);
    return n;
  }
  std::uint32_t drop(unsigned bits) {
    const auto value = static_cast<std::uint32_t>(pending_ & ((std::uint64_t{1} << bits) - 1));
    pending_ >>= bits;
    bits_ -= bits;
    return value;
  }

  const std::byte* at_;
  const std::byte* end_;
  RiceCode gaps_;
  RiceCode counts_;
  std::uint64_t pending_ = 0;
  unsigned bits_ = 0;
  std::size_t next_;
};

}  // namespace loadgen::stats
