#pragma once
// Every limit of the verdict, in one place. They are starting points: run the same thing against itself on your
// machine before you tighten one. docs/METHODOLOGY.md has them as a table.

#include <cstdint>

#include "base/time.hpp"

namespace loadgen::report {

// Response time with the send lag against without it, at one percentile: the share the generator added. Relative,
// because a slow target forgives more; with absolute floors, because a wake-up alone takes up to 100 us on a shared
// machine, and an idle one's scheduler makes 200 us at times.
inline constexpr double kAddedWarning = 0.02;
inline constexpr double kAddedFailed = 0.10;
inline constexpr double kAddedWarningNs = 100e3;
inline constexpr double kAddedFailedNs = 200e3;

// A pass of the loop that took too long. A short stall makes few requests late: it counts as a warning unless the
// percentiles show it. One that is longer than kStallFailed is an event that the target's times must not be told with.
inline constexpr Duration kStallWarning = std::chrono::milliseconds(5);
inline constexpr Duration kStallFailed = std::chrono::milliseconds(50);

// Arrivals that were due and not started, over all that were due; and how many that must be at least, because the last
// of a window may start a moment after its end.
inline constexpr double kUndeliveredWarning = 0.005;
inline constexpr double kUndeliveredFailed = 0.01;
inline constexpr std::uint64_t kUndeliveredFloor = 10;

// The busiest thread's share of a core, polling left out; and with its waiting for a core added: near 1 it never
// rested, and then a closed loop goes as fast as the generator does, without any due time telling so.
inline constexpr double kProductiveWarning = 0.60;
inline constexpr double kProductiveFailed = 0.80;
inline constexpr double kNeverIdle = 0.95;

// Shares of time that others had the cores. High ones alone are warnings: only with harm to the times is the run called
// disturbed.
inline constexpr double kWaitWarning = 0.01;
inline constexpr double kWaitHigh = 0.05;
inline constexpr double kPressureWarning = 0.05;
inline constexpr double kPressureHigh = 0.20;
inline constexpr double kThrottledHigh = 0.01;
// A machine explains what is late when it took at least this part of the time that is to be explained.
inline constexpr double kExplains = 0.5;
inline constexpr double kTwice = 2;  ///< a drift of p99: what it took in the worse third over the other

// The generator's own threads had this part of the usable cores, or there are more of them than cores: what one of them
// waited for then was another.
inline constexpr double kOwnCores = 0.8;

// Arrival in the kernel to read, at p99.
inline constexpr double kReceiveLagWarningNs = 100e3;
inline constexpr double kReceiveLagFailedNs = 200e3;
inline constexpr double kReceiveLagFailed = 0.10;  ///< of service time at the same percentile

// Segments that the generator's own connections sent again, over requests.
inline constexpr double kRetransmitsWarning = 0.001;
inline constexpr double kRetransmitsFailed = 0.01;

// Achieved over planned ramp-up of users: later than this is not the load that was asked for.
inline constexpr double kRampWarning = 0.01;
inline constexpr double kRampFailed = 0.10;
inline constexpr Duration kRampWarningFloor = std::chrono::milliseconds(20);
inline constexpr Duration kRampFailedFloor = std::chrono::milliseconds(100);

// With more than one failure in a hundred the p99 of the successes no longer speaks for the requests.
inline constexpr double kErrorsFailed = 0.01;

// Cut-off and lost requests over all of the window: with more of them than lie beyond p99, p99 is unknown.
inline constexpr double kCensoredFailed = 0.01;

// Overload: over the window, requests in flight or the median response grow by more than their own median, and the last
// third is twice the first. The floors keep a queue of nothing from counting.
inline constexpr double kGrowthP = 0.01;
inline constexpr double kGrowth = 1.0;
inline constexpr double kGrowthOfThirds = 2.0;
inline constexpr double kGrowthInFlightFloor = 5;
inline constexpr double kGrowthResponseFloorNs = 10e6;

// Stationarity: the least window, the least values a batch, and differences between the first and the last third that a
// shared machine makes by itself (the floors of kAdded…).
inline constexpr Duration kShortestSteady = std::chrono::seconds(5);
inline constexpr std::uint64_t kLeastForMedian = 10;
inline constexpr std::uint64_t kLeastForTail = 100;
inline constexpr double kMedianDriftFloorNs = 100e3;
inline constexpr double kTailDriftFloorNs = 200e3;
inline constexpr std::size_t kLeastForWarmUp = 10;  ///< points of a second

// Merged runs: all of them under way for so much of the longest. Else their rates were never sent at the same time.
inline constexpr double kTogether = 0.9;

// Little's law: what edges do not explain. Bookkeeping is exact, so this is rounding.
inline constexpr double kLittleFailed = 0.01;

// Against what `calibrate` found on this host: the plan's rate over the ceiling, and p99 over the floor.
inline constexpr double kNearCeiling = 0.5;
inline constexpr double kNearFloor = 3;

}  // namespace loadgen::report
