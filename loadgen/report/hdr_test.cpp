#include "report/hdr.hpp"

#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

namespace loadgen::report {
namespace {

using stats::Histogram;

std::string bytes_of(std::string_view hex) {
  std::string bytes, digits;
  for (const char c : hex) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() < 2) continue;
    bytes += static_cast<char>(static_cast<unsigned char>(std::stoi(digits, nullptr, 16)));
    digits.clear();
  }
  return bytes;
}

std::vector<std::uint64_t> counts_of(const Histogram& h) {
  return {h.counts().begin(), h.counts().end()};
}

// Written by HdrHistogram's C and Java libraries alike: 0, twice 1, 2047, 2048, 2049, 300 times 1 ms, 123,456,789.
constexpr const char* kGolden =
    "1c849313 0000000e 00000000 00000003 0000000000000001 0000034630b8a000 3ff0000000000000"
    "02 04 f91f 02 04 bf8e01 d804 f16e 02";
constexpr const char* kGoldenBase64 = "HISTFAAAAC942pNpmSzMwMDAxwABzFCaEch0M9ixgMH+A0SAieWnPBPL/j7GGywf85gArEcJCA==";

Histogram golden() {
  Histogram h;
  for (const std::int64_t value : {0, 1, 1, 2047, 2048, 2049, 123'456'789}) h.record(Duration(value));
  for (int i = 0; i < 300; ++i) h.record(Duration(1'000'000));
  return h;
}

/// The golden head over other counts.
std::string block(std::string_view counts_hex) {
  const std::string counts = bytes_of(counts_hex);
  std::string bytes = bytes_of(kGolden).substr(0, 40);
  bytes[7] = static_cast<char>(counts.size());
  return bytes + counts;
}

TEST(Hdr, BytesAreThoseOfUpstream) {
  EXPECT_EQ(hdr_bytes(golden()), bytes_of(kGolden));
}

TEST(Hdr, ReadsWhatUpstreamWrote) {
  for (const auto& read : {histogram_of_hdr_bytes(bytes_of(kGolden)), histogram_of_hdr_base64(kGoldenBase64)}) {
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(counts_of(*read), counts_of(golden()));
    EXPECT_EQ(read->count(), 307U);
    EXPECT_EQ(read->percentile(0.5).count(), 1'000'447);
    EXPECT_EQ(read->percentile(0.999).count(), 123'469'823);
    EXPECT_EQ(read->max().count(), 123'469'823);
    EXPECT_EQ(read->min().count(), 0);
    // Middles: 1 ms lies in [999936, 1000447], 123,456,789 in [123404288, 123469823]; 2048 and 2049 share a bucket.
    EXPECT_EQ(read->sum().count(), 0 + 2 * 1 + 2047 + 2 * 2049 + 300 * 1'000'192LL + 123'437'056);
  }
}

TEST(Hdr, RoundTripsEveryMagnitude) {
  std::mt19937_64 random(5);
  for (const int size : {1, 2, 3, 50, 20'000}) {
    Histogram h;
    for (int i = 0; i < size; ++i) h.record(Duration(static_cast<std::int64_t>(random() >> (23 + random() % 41))));
    h.record(Duration(Histogram::kHighest));
    const auto read = histogram_of_hdr_base64(hdr_base64(h));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(counts_of(*read), counts_of(h));
    EXPECT_EQ(read->count(), h.count());
    const auto bytes = histogram_of_hdr_bytes(hdr_bytes(h));
    ASSERT_TRUE(bytes) << bytes.error();
    EXPECT_EQ(counts_of(*bytes), counts_of(h));
  }
  const auto empty = histogram_of_hdr_base64(hdr_base64(Histogram{}));
  ASSERT_TRUE(empty) << empty.error();
  EXPECT_EQ(empty->count(), 0U);
}

TEST(Hdr, WhatOverflowedIsAnHour) {
  Histogram h;
  for (int i = 0; i < 3; ++i) h.record(Duration(5 * Histogram::kHighest));
  const auto read = histogram_of_hdr_bytes(hdr_bytes(h));
  ASSERT_TRUE(read) << read.error();
  EXPECT_EQ(read->counts()[Histogram::index_of(Histogram::kHighest)], 3U);
}

TEST(Hdr, SingleZerosOfBothLibrariesAreRead) {
  for (const char* counts : {"01 02", "00 02"}) {  // C: -1, Java: 0
    const auto read = histogram_of_hdr_bytes(block(counts));
    ASSERT_TRUE(read) << read.error();
    EXPECT_EQ(read->counts()[0], 0U);
    EXPECT_EQ(read->counts()[1], 1U);
  }
}

struct Bad {
  const char* name;
  std::string bytes;
  const char* reason;
};

std::string changed(std::size_t at, char to) {
  std::string bytes = bytes_of(kGolden);
  bytes[at] = to;
  return bytes;
}

TEST(Hdr, WhatIsNoHistogramIsRefusedWithTheReason) {
  const std::string golden_bytes = bytes_of(kGolden);
  const std::string most = "feffffffffffffffff";  // 2^63 - 1, in nine bytes
  const Bad cases[] = {
      {"nothing", "", "shorter than its head"},
      {"cut head", golden_bytes.substr(0, 39), "shorter than its head"},
      {"version 1", changed(3, 0x11), "not those of version 2"},
      {"cut counts", golden_bytes.substr(0, 53), "shorter than it says"},
      {"length below 0", changed(4, '\xff'), "shorter than it says"},
      {"shifted", changed(11, 1), "shifted or scaled"},
      {"scaled", changed(33, 0), "shifted or scaled"},
      {"two digits", changed(15, 2), "3 significant digits"},
      {"microseconds", changed(22, 3), "3 significant digits"},
      {"count cut", block("02 84"), "ends within a count"},
      {"zeros past the end", block("ffffffffffffffffff"), "more than one hour"},
      {"a count past the end", block("998a04 02"), "more than one hour"},
      {"count overflow", block(most + most + most), "more than there can be"},
      {"sum overflow", block("f1f803" + most), "more than there can be"},
      {"damaged stream", bytes_of("1c849314 00000004 789c0000"), "damaged"},
      {"cut stream", bytes_of("1c849314 00000009 789c0000"), "shorter than it says"},
  };
  for (const auto& [name, bytes, reason] : cases) {
    const auto read = histogram_of_hdr_bytes(bytes);
    ASSERT_FALSE(read) << name;
    EXPECT_NE(read.error().find(reason), std::string::npos) << name << ": " << read.error();
  }
  const auto last = histogram_of_hdr_bytes(block("978a04 02"));  // a zero less: the bucket of one hour
  ASSERT_TRUE(last) << last.error();
  EXPECT_EQ(last->counts()[Histogram::index_of(Histogram::kHighest)], 1U);
  EXPECT_EQ(histogram_of_hdr_bytes(block(most))->count(), std::uint64_t{INT64_MAX});
}

TEST(Hdr, Base64IsStrict) {
  std::string text = kGoldenBase64;
  EXPECT_FALSE(histogram_of_hdr_base64(text.substr(1)));
  EXPECT_FALSE(histogram_of_hdr_base64(text + "===="));
  text[5] = '-';
  EXPECT_FALSE(histogram_of_hdr_base64(text));
  EXPECT_FALSE(histogram_of_hdr_base64(""));
}

}  // namespace
}  // namespace loadgen::report
