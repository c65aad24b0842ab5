#pragma once
// Whether a run's numbers may be believed: independent checks, each with its evidence; the worst of them is the
// verdict. Their limits stand in report/limits.hpp, the checks in report/checks.hpp.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loadgen::report {

struct Evidence;

/// From best to worst.
enum class VerdictName : std::uint8_t {
  trustworthy,
  under_sampled,   ///< too few values for the percentiles that matter
  not_stationary,  ///< the figures changed while they were measured
  overloaded,      ///< more was asked for than the target can do: its queue grew, and percentiles with it
  censored,        ///< what was cut off or dropped reaches into the percentiles
  errors,          ///< the target failed too often for its times to stand for it
  disturbed,       ///< something else on this machine made the times what they are
  client_bound,    ///< the generator, not the target, was measured
  broken,          ///< the program's own books do not agree
};

enum class CheckResult : std::uint8_t { passed, warning, failed, not_checked };

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

/// What this host can do and cannot go below, as `loadgen calibrate` measured it.
struct Calibration {
  double rtt_p50_ns = 0;
  double rtt_p99_9_ns = 0;
  double rate_per_core = 0;  ///< requests per second of one thread
  std::uint64_t open_connections = 0;
  bool operator==(const Calibration&) const = default;
};

Verdict judge(const Evidence& evidence);

/// The check that gave the run its name, with its figures; the sentence where there is none.
std::string reason_of(const Verdict& verdict);

std::string_view to_string(VerdictName name);    ///< "CLIENT-BOUND"
std::string_view to_string(CheckResult result);  ///< "passed"

}  // namespace loadgen::report
