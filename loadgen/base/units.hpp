#pragma once
// Quantities with their units, as plans and the command line spell them. A bare number is an error wherever a unit is
// needed: "5" of what is the mistake this file exists to catch.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace loadgen {

/// "2s", "250ms", "1m30s", "1.5h"; units ns us ms s m h, parts add up. Error: says what is wrong and gives an example.
Result<Duration> parse_duration(std::string_view text);

/// "64KiB", "10MB", "512B"; units B, kB MB GB (powers of 1000), KiB MiB GiB (powers of 1024).
Result<std::uint64_t> parse_bytes(std::string_view text);

/// A count as people type it: "6000", "10k", "1.5M". Must come out whole.
Result<std::uint64_t> parse_count(std::string_view text);

/// A rate in events a second: "3000/s", "0.5/s", "1.2k/s", "90/m", "10/h". The number is read to the nearest double.
Result<double> parse_rate(std::string_view text);

/// A share of a whole, with its unit: "5%", "0.1%". Not above 100 %.
Result<double> parse_share(std::string_view text);

/// One spelling for each duration, which parse_duration reads back exactly: "2s", "250ms", "1.5s", "1m30s", "0s".
std::string to_string(Duration d);

/// The shortest exact spelling, "64KiB", "10MB", "1500B"; parse_bytes reads it back.
std::string bytes_to_string(std::uint64_t bytes);

/// "3000/s", "0.5/s"; "10/h" for what is less than one a second and has no short decimal there. parse_rate reads back
/// the same double.
std::string rate_to_string(double per_second);

}  // namespace loadgen
