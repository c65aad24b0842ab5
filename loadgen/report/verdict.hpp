#pragma once
// Whether a run's numbers may be believed: independent checks, each with its evidence; the worst of them is the
// verdict. Thresholds are starting points to be calibrated by runs of the same thing against itself.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stats/run_record.hpp"

namespace loadgen::report {

/// From best to worst.
enum class VerdictName : std::uint8_t {
  trustworthy,
  errors,        ///< the target failed too often for its times to stand for it
  client_bound,  ///< the generator, not the target, was measured
  broken,        ///< the program's own books do not agree
};

enum class CheckResult : std::uint8_t { passed, warning, failed };

struct Check {
  std::string name;
  CheckResult result = CheckResult::passed;
  VerdictName verdict = VerdictName::trustworthy;  ///< what the run is called when this check failed
  std::string evidence{};                          ///< the numbers
  std::string remedy{};                            ///< what to do; empty when passed
};

struct Verdict {
  VerdictName name = VerdictName::trustworthy;
  std::string sentence;                  ///< for people: what the name means for this run
  std::vector<Check> evidence;           ///< every check made, passed ones too
  std::vector<std::string> not_checked;  ///< signals nobody looked at: not passed, not failed
};

Verdict judge(const stats::RunRecord& record);

/// Time that threads were runnable without a core, over their whole time: 0 to 1, the mean of all threads.
double run_queue_share(const stats::RunRecord& record);

std::string_view to_string(VerdictName name);    ///< "CLIENT-BOUND"
std::string_view to_string(CheckResult result);  ///< "passed"

}  // namespace loadgen::report
