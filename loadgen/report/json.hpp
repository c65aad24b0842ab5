#pragma once
// run.json: every field of Summary, versioned as "loadgen/run/v1". The only file of report/ that knows JSON.

#include <string>

#include "report/summary.hpp"

namespace loadgen::report {

inline constexpr const char* kRunSchema = "loadgen/run/v1";

/// Keys keep their order; text that is no UTF-8 has its bad bytes replaced by U+FFFD.
std::string json(const Summary& summary);

}  // namespace loadgen::report
