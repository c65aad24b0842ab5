#include "report/hdr.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "http/base64.hpp"
#include "report/packing.hpp"

namespace loadgen::report {
namespace {

using stats::Histogram;

constexpr std::uint32_t kCookie = 0x1c849303;
constexpr std::uint32_t kCompressedCookie = 0x1c849304;
constexpr std::uint32_t kWordBits = 0xf0;  ///< of a cookie: a word size that V2 has no use for; writers put 0x10
constexpr std::uint32_t kWritten = 0x10;
constexpr std::uint32_t kDigits = 3;
constexpr std::uint64_t kRatio = std::bit_cast<std::uint64_t>(1.0);  ///< of whole numbers to doubles
constexpr std::size_t kHead = 40;
constexpr std::size_t kCompressedHead = 8;
constexpr int kLebBytes = 9;  ///< the ninth holds eight bits
constexpr std::size_t kMostBytes = kHead + Histogram::kCounts * kLebBytes;

std::size_t last_index() {
  return Histogram::index_of(Histogram::kHighest);
}

// --- writing ---------------------------------------------------------------------------------------------------------

template <class Word>
void put(std::string& bytes, Word word) {
  for (int shift = 8 * sizeof(Word) - 8; shift >= 0; shift -= 8)
    bytes += static_cast<char>(static_cast<unsigned char>(word >> shift));
}

void put_leb(std::string& bytes, std::int64_t value) {
  std::uint64_t rest = (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
  for (int i = 1; i < kLebBytes && rest >= 0x80; ++i, rest >>= 7) bytes += static_cast<char>((rest & 0x7f) | 0x80);
  bytes += static_cast<char>(static_cast<unsigned char>(rest));
}

/// Counts up to the last that is not 0; a run of n zeros is the number -n. Nothing at all is one zero.
std::string encoded_counts(const Histogram& histogram) {
  std::string bytes;
  std::int64_t zeros = 0;
  for (std::size_t i = 0; i <= last_index(); ++i) {
    const std::uint64_t overflow = i == last_index() ? histogram.overflow() : 0;
    const auto count = static_cast<std::int64_t>(histogram.counts()[i] + overflow);
    if (count == 0) {
      ++zeros;
      continue;
    }
    if (zeros > 0) put_leb(bytes, -std::exchange(zeros, 0));
    put_leb(bytes, count);
  }
  if (bytes.empty()) put_leb(bytes, -1);
  return bytes;
}

// --- reading ---------------------------------------------------------------------------------------------------------

/// Big-endian words from the front of bytes that are long enough.
template <class Word>
Word take(std::string_view& bytes) {
  Word word = 0;
  for (std::size_t i = 0; i < sizeof(Word); ++i)
    word = static_cast<Word>(word << 8 | static_cast<unsigned char>(bytes[i]));
  bytes.remove_prefix(sizeof(Word));
  return word;
}

std::optional<std::int64_t> take_leb(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (int i = 0; i < kLebBytes; ++i) {
    if (bytes.empty()) return std::nullopt;
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    const bool last = i == kLebBytes - 1 || byte < 0x80;
    value |= static_cast<std::uint64_t>(i == kLebBytes - 1 ? byte : byte & 0x7f) << (7 * i);
    if (last) break;
  }
  return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

Error error(std::string_view what) {
  return Error{std::string("no HdrHistogram that can be read: ").append(what)};
}

struct Bucket {
  std::size_t index;
  std::uint64_t count;
};

Result<std::vector<Bucket>> decoded_counts(std::string_view bytes) {
  std::vector<Bucket> buckets;
  for (std::size_t index = 0; !bytes.empty();) {
    const std::optional<std::int64_t> number = take_leb(bytes);
    if (!number) return error("it ends within a count");
    // One zero is -1 to the C library and 0 to the Java library.
    const std::uint64_t step = *number < 0 ? 0 - static_cast<std::uint64_t>(*number) : 1;
    if (step > last_index() + 1 - index) return error("it has counts of more than one hour");
    if (*number > 0) buckets.push_back({index, static_cast<std::uint64_t>(*number)});
    index += step;
  }
  return buckets;
}

/// Count, sums and extremes as buckets tell them; nullopt when the sum has no room in 63 bits.
std::optional<stats::Moments> moments_of(std::span<const Bucket> buckets) {
  stats::Moments moments;
  if (buckets.empty()) return moments;
  moments.min_ns = Histogram::lowest_of(buckets.front().index);
  moments.max_ns = Histogram::highest_of(buckets.back().index);
  for (const auto [index, count] : buckets) {
    const std::int64_t low = Histogram::lowest_of(index);
    const std::int64_t middle = low + (Histogram::highest_of(index) + 1 - low) / 2;
    std::int64_t sum = 0;
    if (__builtin_mul_overflow(middle, count, &sum)) return std::nullopt;
    if (__builtin_add_overflow(moments.sum_ns, sum, &moments.sum_ns)) return std::nullopt;
    if (__builtin_add_overflow(moments.count, count, &moments.count)) return std::nullopt;
    moments.sum_of_squares += static_cast<double>(middle) * static_cast<double>(middle) * static_cast<double>(count);
  }
  return moments;
}

Result<Histogram> histogram_of_counts(std::string_view bytes) {
  const Result<std::vector<Bucket>> buckets = decoded_counts(bytes);
  if (!buckets) return Error{buckets.error()};
  const std::optional<stats::Moments> moments = moments_of(*buckets);
  if (!moments) return error("its counts add up to more than there can be");
  Histogram histogram;
  histogram.add(*moments, [&](auto&& visit) {
    for (const auto [index, count] : *buckets) visit(index, count);
  });
  return histogram;
}

Result<Histogram> histogram_of_block(std::string_view bytes) {
  if (bytes.size() < kHead) return error("it is shorter than its head");
  const auto cookie = take<std::uint32_t>(bytes);
  if ((cookie & ~kWordBits) != kCookie) return error("its first bytes are not those of version 2");
  const auto length = take<std::uint32_t>(bytes);
  const auto offset = take<std::uint32_t>(bytes);
  const auto digits = take<std::uint32_t>(bytes);
  const auto lowest = take<std::uint64_t>(bytes);
  take<std::uint64_t>(bytes);  // the highest value does not change where a value is counted
  const auto ratio = take<std::uint64_t>(bytes);
  if (offset != 0 || ratio != kRatio) return error("its values are shifted or scaled");
  if (digits != kDigits || lowest != 1) return error("it has not 3 significant digits from 1 on");
  if (length > bytes.size()) return error("it is shorter than it says");
  return histogram_of_counts(bytes.substr(0, length));
}

}  // namespace

std::string hdr_bytes(const Histogram& histogram) {
  const std::string counts = encoded_counts(histogram);
  std::string bytes;
  put(bytes, kCookie | kWritten);
  put(bytes, static_cast<std::uint32_t>(counts.size()));
  put(bytes, std::uint32_t{0});
  put(bytes, kDigits);
  put(bytes, std::uint64_t{1});
  put(bytes, std::uint64_t{Histogram::kHighest});
  put(bytes, kRatio);
  return bytes + counts;
}

std::string hdr_base64(const Histogram& histogram) {
  const std::string block = hdr_bytes(histogram);
  const std::string compressed = deflated(block, Effort::most);
  std::string bytes;
  put(bytes, kCompressedCookie | kWritten);
  put(bytes, static_cast<std::uint32_t>(compressed.size()));
  return http::base64(bytes + compressed);
}

Result<Histogram> histogram_of_hdr_bytes(std::string_view bytes) {
  std::string_view rest = bytes;
  if (rest.size() < kCompressedHead) return error("it is shorter than its head");
  if ((take<std::uint32_t>(rest) & ~kWordBits) != kCompressedCookie) return histogram_of_block(bytes);
  const auto length = take<std::uint32_t>(rest);
  if (length > rest.size()) return error("it is shorter than it says");
  const Result<std::string> block = inflated(rest.substr(0, length), kMostBytes);
  return block ? histogram_of_block(*block) : error(block.error());
}

Result<Histogram> histogram_of_hdr_base64(std::string_view text) {
  const Result<std::string> bytes = http::bytes_of_base64(text);
  return bytes ? histogram_of_hdr_bytes(*bytes) : error(bytes.error());
}

}  // namespace loadgen::report
