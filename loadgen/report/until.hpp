#pragma once
// What came of --until: whether the figure is known as well as was asked for.

#include <limits>
#include <optional>
#include <string>

#include "config/plan.hpp"
#include "report/measured.hpp"
#include "stats/run_record.hpp"

namespace loadgen::report {

struct UntilOutcome {
  std::string goal;    ///< as it was asked for: "p99 ± 2%"
  std::string figure;  ///< "p99"
  bool met = false;
  double asked = 0;  ///< half of the interval over the value
  /// The same as it came out, of the measured window; infinite: there is no interval.
  double known = std::numeric_limits<double>::infinity();
  double longer = 0;                ///< about how many times as long a run would meet it; 0: met, or nobody can say
  double used_s = 0;                ///< the run's length
  std::optional<double> planned_s;  ///< nullopt: the plan ends with its iterations
};

/// nullopt: nothing was asked for.
std::optional<UntilOutcome> until_outcome(const config::Plan& plan, const stats::RunRecord& record,
                                          const Measured& measured);

/// A sentence without its full stop.
std::string to_text(const UntilOutcome& outcome);

}  // namespace loadgen::report
