#include "http/status_set.hpp"

#include <initializer_list>
#include <utility>

#include <gtest/gtest.h>

namespace loadgen::http {
namespace {

StatusSet set_of(std::initializer_list<std::pair<int, int>> ranges) {
  StatusSet set;
  for (const auto& [first, last] : ranges) set.add(first, last);
  return set;
}

TEST(StatusSet, ReadsAsRanges) {
  EXPECT_EQ(StatusSet{}.to_string(), "");
  EXPECT_EQ(StatusSet::jmeter_success().to_string(), "200-399");
  EXPECT_EQ(set_of({{200, 200}}).to_string(), "200");
  EXPECT_EQ(set_of({{300, 399}, {204, 204}, {200, 200}}).to_string(), "200, 204, 300-399");
  EXPECT_EQ(set_of({{200, 250}, {251, 299}}).to_string(), "200-299");
  EXPECT_EQ(set_of({{100, 100}, {599, 599}}).to_string(), "100, 599");
}

TEST(StatusSet, HoldsOnlyCodesThatHttpHas) {
  const StatusSet set = set_of({{0, 1000}});
  EXPECT_EQ(set.to_string(), "100-599");
  EXPECT_FALSE(set.contains(99));
  EXPECT_FALSE(set.contains(600));
  EXPECT_FALSE(set.contains(-1));
  EXPECT_FALSE(set.empty());
  EXPECT_TRUE(set_of({{600, 700}}).empty());
}

TEST(StatusSet, JMeterSuccessEndsBefore400) {
  const StatusSet set = StatusSet::jmeter_success();
  EXPECT_FALSE(set.contains(199));
  EXPECT_TRUE(set.contains(200));
  EXPECT_TRUE(set.contains(399));
  EXPECT_FALSE(set.contains(400));
}

}  // namespace
}  // namespace loadgen::http
