#pragma once
// Quantities as the command line and the query spell them. Times are nanoseconds of the steady clock throughout.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace loadgen_server {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Nanos = std::chrono::nanoseconds;

/// "2ms", "1.5s", "250us", "0s"; units ns us ms s m h. A bare number is refused: nobody can tell 5 s from 5 ms.
std::optional<Nanos> parse_duration(std::string_view text);

/// "1MiB", "64KiB", "10kB", "512B". The unit is obligatory.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// Decimal digits only, no sign, no space, no overflow.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// A decimal fraction, finite and not negative: "3", "1.5".
std::optional<double> parse_fraction(std::string_view text);

}  // namespace loadgen_server
