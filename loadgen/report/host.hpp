#pragma once
// The machine a run was made on, so that two results can be told comparable or not. No host name, no address.

#include <cstdint>
#include <string>
#include <string_view>

namespace loadgen::report {

struct HostFacts {
  std::string cpu_model;
  std::string architecture;
  std::uint32_t cores = 0;         ///< online in the machine
  std::uint32_t usable_cores = 0;  ///< this process may run on (taskset, cpuset)
  std::uint64_t memory_bytes = 0;
  std::string kernel;
  std::string os;
};

/// What bounds a process on that machine, in the kernel's words; "unknown" where it cannot be read.
struct HostLimits {
  std::string governor;  ///< of the first core's frequency
  std::string cpu;       ///< of the control group: cpu.max
  std::string memory;    ///< of the control group: memory.max
};
HostLimits read_host_limits();

/// Reads /proc, /etc/os-release and uname; what cannot be read is "unknown" or 0.
HostFacts read_host();

/// The value of the first "key<spaces>separator<spaces>value" line, quotes taken off; empty when there is none.
std::string field_of(std::string_view text, std::string_view key, char separator);

}  // namespace loadgen::report
