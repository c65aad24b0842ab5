#pragma once
// JMeter's console lines, to the character (Summariser.java): existing greps and log parsers keep working.
//   summary +   1234 in 00:00:30 =   41.1/s Avg:    12 Min:     1 Max:   240 Err:     0 (0.00%) Active: 10 Started: 10
//   Finished: 0 summary =   6000 in 00:00:15 =  412.1/s Avg:   318 Min:     0 Max:  1728 Err:  6000 (100.00%)
// Whole milliseconds, averages cut off, rate over wall time since the test's start (`=`) or the previous line (`+`):
// not the Summary Report's rate, which counts from the first request's start to the last one's end.

#include <cstdint>
#include <string>

#include "base/time.hpp"
#include "stats/progress.hpp"

namespace loadgen::report {

struct UserCounts {
  std::uint64_t started = 0;
  std::uint64_t finished = 0;
};

/// `summary =`: everything since the test's start.
std::string summary_total(const stats::Tally& tally, Duration elapsed);

/// `summary +`: since the previous such line.
std::string summary_delta(const stats::Tally& tally, Duration elapsed, UserCounts users);

}  // namespace loadgen::report
