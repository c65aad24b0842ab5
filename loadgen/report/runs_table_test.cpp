#include "report/runs_table.hpp"

#include <gtest/gtest.h>

#include "report/test_comparisons.hpp"

namespace loadgen::report {
namespace {

TEST(RunsTable, AveragesOverTheRunsThatCount) {
  const RunsTable table = runs_table(test::runs());
  ASSERT_EQ(table.runs.size(), 3U) << "the first of four is discarded";
  EXPECT_DOUBLE_EQ(table.runs[0][0].rps, 2997);
  EXPECT_DOUBLE_EQ(table.runs[1][1].rps, 652.5);
  EXPECT_DOUBLE_EQ(table.runs[1][1].error_percent, 8.5) << "510 of 6,000";
  EXPECT_DOUBLE_EQ(table.average[0].rps, 2998);
  EXPECT_DOUBLE_EQ(table.average[1].error_percent, 100.0 * 510 / 18'000);
}

TEST(RunsTable, ARunWithoutOneOfItsTargetsIsNone) {
  Comparison comparison = test::runs();
  comparison.slices.pop_back();
  EXPECT_EQ(runs_table(comparison).runs.size(), 2U);
  comparison.slices.clear();
  EXPECT_TRUE(runs_table(comparison).runs.empty());
  EXPECT_EQ(runs_table(comparison).average[0].rps, 0);
}

}  // namespace
}  // namespace loadgen::report
