#pragma once
// How much CPU time a server has used: a process with all that descend from it.

#include <optional>
#include <string_view>

#include <sys/types.h>

#include "base/time.hpp"

namespace loadgen::cli {

/// User and system time of the process and its descendants since they began, those that have ended and were waited for
/// included. To the nanosecond for what lives (the scheduler's own count), in clock ticks for what has ended. nullopt:
/// there is no such process.
std::optional<Duration> cpu_of_tree(pid_t root);

/// What /proc/PID/stat says of a process.
struct ProcessStat {
  pid_t parent = 0;
  long ended_ticks = 0;  ///< user and system time of children that it has waited for
};

/// nullopt: that is no such line.
std::optional<ProcessStat> parse_process_stat(std::string_view line);

}  // namespace loadgen::cli
