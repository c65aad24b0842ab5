#pragma once
// What the generator itself cost, and what the machine did meanwhile: read from the operating system.

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "stats/run_record.hpp"

namespace loadgen::run {

struct ProcessUsage {
  Duration cpu_user{};
  Duration cpu_system{};
  std::uint64_t max_rss_bytes = 0;
};
/// All threads of this process since it began: getrusage, and /proc/self/status for the memory (0 where there is none).
ProcessUsage process_usage();

struct ThreadUsage {
  Duration cpu{};  ///< CLOCK_THREAD_CPUTIME_ID
  std::optional<Duration>
      run_queue_wait;  ///< runnable but not running; /proc/thread-self/schedstat, where there is one
};

/// A file that the kernel makes up anew for each reading; kept open, so that reading it is one system call.
class KernelFile {
 public:
  explicit KernelFile(const char* path);
  explicit KernelFile(const std::string& path) : KernelFile(path.c_str()) {}
  ~KernelFile();
  KernelFile(KernelFile&& other) noexcept;
  KernelFile& operator=(KernelFile&&) = delete;
  bool there() const { return fd_ >= 0; }
  /// At most buffer.size() bytes of it; empty when it cannot be read.
  std::string_view read(std::span<char> buffer) const;

 private:
  int fd_ = -1;
};

/// Reads one thread's usage, from that thread: about a microsecond, nothing allocated.
class ThreadProbe {
 public:
  ThreadProbe();
  ThreadUsage read() const;
  /// The first half of it: half a microsecond.
  static Duration cpu();

 private:
  KernelFile schedstat_;
};

/// Counters of the machine since it started; what cannot be read here is nullopt.
struct HostCounters {
  std::optional<Duration> steal;         ///< of the cores this process may use, summed
  std::optional<Duration> cpu_pressure;  ///< PSI "some"
  std::optional<Duration> throttled;
  std::optional<std::uint64_t> retransmits;
  std::optional<std::uint64_t> listen_drops;
  std::optional<std::uint64_t> network_drops;
};

class HostProbe {
 public:
  HostProbe();
  /// The signals that are cheap enough for once a second: steal, pressure, throttling.
  HostCounters read_often() const;
  /// All of them.
  HostCounters read_all() const;
  std::uint32_t cores() const { return static_cast<std::uint32_t>(cores_.size()); }
  /// Names of the signals that this machine does not offer.
  std::vector<std::string> missing() const;

 private:
  std::vector<std::uint32_t> cores_;  ///< that this process may use
  KernelFile stat_;
  KernelFile pressure_;
  KernelFile cgroup_cpu_;
};

/// What happened between two readings that lie `wall` apart, on so many cores.
stats::HostSignals signals_between(const HostCounters& before, const HostCounters& after, Duration wall,
                                   std::uint32_t cores);

/// Timers of this thread are late by the least the kernel can do (default slack: 50 us).
void sharpen_timers();

// Parsers of the kernel's files, apart so that they can be tested.

/// Column 8 (steal) of the "cpuN" lines of /proc/stat that are in cores, in units of 1/ticks_per_second.
std::optional<Duration> steal_of(std::string_view proc_stat, std::span<const std::uint32_t> cores,
                                 long ticks_per_second);
/// "some … total=N" of /proc/pressure/cpu, microseconds.
std::optional<Duration> pressure_of(std::string_view proc_pressure);
/// throttled_usec (control groups v2) or throttled_time (v1, ns) of cpu.stat.
std::optional<Duration> throttled_of(std::string_view cpu_stat);
/// A counter of /proc/net/snmp or netstat, whose lines come in pairs: "Tcp: Name …" and "Tcp: value …".
std::optional<std::uint64_t> net_counter(std::string_view text, std::string_view group, std::string_view name);

}  // namespace loadgen::run
