#pragma once
// A plan's requests at a rate of one's own choice: what `find` asks a target with.

#include "base/result.hpp"
#include "base/time.hpp"
#include "config/plan.hpp"

namespace loadgen::config {

struct ConstantLoad {
  double rate = 0;     ///< arrivals a second
  Duration warm_up{};  ///< before the measured part
  Duration length{};   ///< of the measured part
};

/// Whether at_rate() can do it. Error: the plan has several thread groups, whose shares of a rate nobody has said.
Result<double> rate_of(const Plan& plan);

/// The plan's one thread group as open load of that rate: its steps stay, its users become connections that are opened
/// beforehand, its spacing is kept.
Plan at_rate(Plan plan, const ConstantLoad& load);

}  // namespace loadgen::config
