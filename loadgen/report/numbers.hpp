#pragma once
// Numbers as the text reports spell them.

#include <chrono>
#include <cstdint>
#include <string>

namespace loadgen::report {

/// "6,000"
std::string grouped(std::uint64_t n);

/// Nanoseconds as milliseconds with microseconds in sight: "0.034", "2.31", "1728.40"; three decimals below 1 ms.
std::string ms(std::int64_t ns);
std::string ms(double ns);

/// A fraction as "12.34 %"
std::string percent(double fraction);

/// "2.000 s"
std::string seconds_text(double s);

/// "999 B", "18.2 MB": powers of 1000.
std::string bytes_text(std::uint64_t bytes);

/// "2026-01-02T03:04:05Z": ISO 8601, UTC
std::string utc_text(std::chrono::system_clock::time_point t);

/// JMeter's Throughput column: "412.1/sec", and below one a second "24.7/min", then "12.0/hour".
std::string throughput(double per_second);

}  // namespace loadgen::report
