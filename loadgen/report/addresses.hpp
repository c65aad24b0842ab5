#pragma once
// The addresses of a run in words.

#include <string>

#include "stats/run_record.hpp"

namespace loadgen::report {

/// "3 of 1 target in turn, 1 more did not answer; sent from 2 in turn"; empty where each target has one address and the
/// kernel chose where from.
std::string addresses_text(const stats::AddressRecord& addresses);

}  // namespace loadgen::report
