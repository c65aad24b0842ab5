#include "report/hdr_log.hpp"

#include <chrono>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "report/hdr.hpp"

namespace loadgen::report {
namespace {

using namespace std::chrono_literals;

stats::Histogram histogram_of(const std::vector<std::int64_t>& values) {
  stats::Histogram h;
  for (const std::int64_t value : values) h.record(Duration(value));
  return h;
}

TEST(Hlog, IsTheFormatOfUpstream) {
  const stats::Histogram first = histogram_of({1'000'000, 123'470'000});
  const stats::Histogram second = histogram_of({120'000'600});
  std::vector<HdrInterval> intervals;
  intervals.push_back(hdr_interval(1s, 500ms, "send_lag", second));
  intervals.push_back(hdr_interval(0s, 1s, "", first));
  intervals.push_back(hdr_interval(1s, 1s, "", {}));
  const std::chrono::system_clock::time_point base(1'700'000'000'123ms);
  EXPECT_EQ(hlog("loadgen 1.2.3", base, std::move(intervals)),
            "#[Logged with loadgen 1.2.3]\n"
            "#[Histogram log format version 1.3]\n"
            "#[BaseTime: 1700000000.123 (seconds since epoch)]\n"
            "#[StartTime: 1700000000.123 (seconds since epoch), Tue Nov 14 22:13:20 UTC 2023]\n"
            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n"
            "0.000,1.000,123.470," +
                hdr_base64(first) + "\n" + "Tag=send_lag,1.000,0.500,120.001," + hdr_base64(second) + "\n" +
                "1.000,1.000,0.000," + hdr_base64({}) + "\n");
}

TEST(HdrTags, EndAtNoBlankAndObeyNothing) {
  const auto tags = hdr_tags({"GET /a", "a,b", "x\n\x1b[31m", "\xe2\x80\xae", "\xff", "漢字", ""});
  EXPECT_EQ(tags.at("GET /a"), "GET_/a");
  EXPECT_EQ(tags.at("a,b"), "a_b");
  EXPECT_EQ(tags.at("x\n\x1b[31m"), R"(x\x0a\x1b[31m)");
  EXPECT_EQ(tags.at("\xe2\x80\xae"), R"(\u202e)");
  EXPECT_EQ(tags.at("\xff"), R"(\xff)");
  EXPECT_EQ(tags.at("漢字"), "漢字");
  EXPECT_EQ(tags.at(""), "_") << "no tag at all is the sum of all labels";
}

TEST(HdrTags, NoTwoLabelsShareOne) {
  const std::map<std::string, std::string> expected{{"a b", "a_b_2"},   {"a,b", "a_b_4"},    {"a_b", "a_b"},
                                                    {"a_b_3", "a_b_3"}, {"\x1b", "\\x1b_2"}, {"\\x1b", "\\x1b"}};
  EXPECT_EQ(hdr_tags({"a b", "a,b", "a_b", "a_b_3", "\x1b", "\\x1b"}), expected);
}

TEST(Hgrm, IsWhatJavaPrints) {
  // Printed by HdrHistogram 2.2.2 (Java) for these values, each the highest of its bucket; but upstream's mean and
  // deviation are those of the buckets' middles, 1.800 and 1.166, and ours are exact.
  EXPECT_EQ(hgrm(histogram_of({1'000'447, 4'001'791, 1'000'447, 1'000'447, 2'000'895})),
            R"(       Value     Percentile TotalCount 1/(1-Percentile)

       1.000 0.000000000000          3           1.00
       1.000 0.100000000000          3           1.11
       1.000 0.200000000000          3           1.25
       1.000 0.300000000000          3           1.43
       1.000 0.400000000000          3           1.67
       1.000 0.500000000000          3           2.00
       1.000 0.550000000000          3           2.22
       1.000 0.600000000000          3           2.50
       2.001 0.650000000000          4           2.86
       2.001 0.700000000000          4           3.33
       2.001 0.750000000000          4           4.00
       2.001 0.775000000000          4           4.44
       2.001 0.800000000000          4           5.00
       4.002 0.825000000000          5           5.71
       4.002 1.000000000000          5
#[Mean    =        1.801, StdDeviation   =        1.167]
#[Max     =        4.002, Total count    =            5]
#[Buckets =           32, SubBuckets     =         2048]
)");
}

TEST(Hgrm, OfNothingHasNoRows) {
  EXPECT_EQ(hgrm({}),
            "       Value     Percentile TotalCount 1/(1-Percentile)\n\n"
            "#[Mean    =        0.000, StdDeviation   =        0.000]\n"
            "#[Max     =        0.000, Total count    =            0]\n"
            "#[Buckets =           32, SubBuckets     =         2048]\n");
}

TEST(Hgrm, WhatOverflowedIsInTheLastRow) {
  const std::string text = hgrm(histogram_of({1'000'000, 7'200'000'000'000}));
  EXPECT_NE(text.find(" 1.000 0.500000000000          1           2.00\n 7200000.000 1.000000000000          2\n"),
            std::string::npos)
      << text;
}

}  // namespace
}  // namespace loadgen::report
