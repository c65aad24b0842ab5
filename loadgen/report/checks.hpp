#pragma once
// The checks that a verdict is made of. One is a function of the finished run: it finds that all is well, that
// something is amiss, that nobody could look (CheckResult::not_checked, with the reason as evidence), or that it does
// not concern this run (nullopt). To add one: a function here, a row in verdict.cpp, its limits in limits.hpp.

#include <optional>
#include <string>
#include <string_view>

#include "config/plan.hpp"
#include "report/measured.hpp"
#include "report/verdict.hpp"
#include "stats/run_record.hpp"

namespace loadgen::report {

/// What a check looks at.
struct Evidence {
  const config::Plan& plan;
  const stats::RunRecord& record;
  const stats::LabelRecord& total;  ///< all labels, the whole run
  const Measured& measured;
  std::uint32_t cores = 1;                   ///< that this process may use
  const Calibration* calibration = nullptr;  ///< nullptr: nobody has calibrated this host
};

/// The name and what it says when it fails stand in the table of verdict.cpp.
struct Finding {
  CheckResult result = CheckResult::passed;
  VerdictName verdict = VerdictName::trustworthy;
  std::string evidence{};
  std::string remedy{};
};
using CheckFunction = std::optional<Finding> (*)(const Evidence&);

// checks_books.cpp: whether the program's own books agree
std::optional<Finding> check_ledger(const Evidence& e);
std::optional<Finding> check_histograms(const Evidence& e);
std::optional<Finding> check_phases(const Evidence& e);
std::optional<Finding> check_littles_law(const Evidence& e);

// checks_generator.cpp: whether the generator was the limit
std::optional<Finding> check_added_time(const Evidence& e);
std::optional<Finding> check_stalls(const Evidence& e);
std::optional<Finding> check_delivered(const Evidence& e);
std::optional<Finding> check_cpu(const Evidence& e);
std::optional<Finding> check_receive_lag(const Evidence& e);
std::optional<Finding> check_ramp(const Evidence& e);
std::optional<Finding> check_resources(const Evidence& e);
std::optional<Finding> check_calibration(const Evidence& e);

// checks_machine.cpp: what else the machine did
std::optional<Finding> check_run_queue(const Evidence& e);
std::optional<Finding> check_steal(const Evidence& e);
std::optional<Finding> check_pressure(const Evidence& e);
std::optional<Finding> check_throttling(const Evidence& e);
std::optional<Finding> check_retransmits(const Evidence& e);
std::optional<Finding> check_listen_drops(const Evidence& e);
std::optional<Finding> check_network_drops(const Evidence& e);

// checks_target.cpp: what the figures can be quoted as
std::optional<Finding> check_errors(const Evidence& e);
std::optional<Finding> check_censoring(const Evidence& e);
std::optional<Finding> check_overload(const Evidence& e);
/// The places of the plan's open groups (max_in_flight), where arrivals had to wait for one: the queue was then here.
std::optional<std::uint64_t> own_limit(const Evidence& e);
std::optional<Finding> check_warm_up(const Evidence& e);
std::optional<Finding> check_stationarity(const Evidence& e);
std::optional<Finding> check_sample_size(const Evidence& e);
std::optional<Finding> check_end(const Evidence& e);
std::optional<Finding> check_together(const Evidence& e);

/// The generator has more threads than cores: what they wait for is one another.
bool more_threads_than_cores(const Evidence& e);
/// Time that threads were runnable without a core, over their whole time: 0 to 1, the mean of all threads.
double run_queue_share(const stats::RunRecord& record);

/// Whose fault lateness was.
struct Blame {
  VerdictName verdict = VerdictName::client_bound;
  std::string evidence;  ///< in words, to go on a sentence with
};
/// Of the requests that were late: the generator's own when its busiest thread had no room, the machine's when that
/// took at least half of the time that is to be explained, else the generator's.
Blame blame_for_lateness(const Evidence& e);
/// Whether the machine explains that a loop did not turn.
std::optional<std::string> machine_explains(const Evidence& e, const stats::Stall& stall);

/// Whether a signal stopped the process in a second that reaches into the span.
bool was_stopped(const Evidence& e, Span span);
inline constexpr std::string_view kStoppedBySignal =
    "the process was stopped and continued by a signal (SIGSTOP, Ctrl-Z, cpulimit)";
/// Whether the machine took at least twice as much time in one third of the window as in the other, and more than
/// kWaitWarning of it: then what differs between them may be the machine's.
std::optional<std::string> machine_drifted(const Evidence& e, bool upwards);
/// The generator's delays reached the times: the machine's signals are then more than a note.
bool times_harmed(const Evidence& e);

inline constexpr std::string_view kMoreRoom =
    "Leave the generator a core of its own (taskset for the server), raise --threads, or move it to another machine.";
inline constexpr std::string_view kFewerThreads = "Give the generator as many cores as threads, or lower --threads.";
inline constexpr std::string_view kQuieter = "Repeat the run while nothing else uses this machine's cores.";
inline constexpr std::string_view kReportBug =
    "This is a bug of loadgen: please report it together with the JSON report.";

}  // namespace loadgen::report
