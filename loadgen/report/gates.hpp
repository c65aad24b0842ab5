#pragma once
// Thresholds judged: each figure with its 95 % interval against its limit.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/threshold.hpp"
#include "stats/confidence.hpp"

namespace loadgen::report {

enum class GateResult : std::uint8_t {
  passed,
  failed,
  undecided,  ///< the limit lies inside the figure's interval
};

struct Gate {
  std::string threshold;  ///< as config::to_string has it
  GateResult result = GateResult::failed;
  stats::Estimate figure;  ///< in the threshold's unit
  double limit = 0;
  std::string evidence;  ///< for people: "p99 is 231 ms (95 %: 220 to 244), limit 250 ms"
  bool aborted = false;  ///< it stopped the run
};

std::string_view to_string(GateResult result);  ///< "passed", "failed", "undecided"

}  // namespace loadgen::report
