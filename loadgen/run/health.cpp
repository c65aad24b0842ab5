#include "run/health.hpp"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <span>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace loadgen::run {
namespace {

Duration to_duration(const timeval& t) {
  return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
}

std::string whole_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// VmHWM; ru_maxrss would count the process that became this one by exec. 0 where there is no /proc.
std::uint64_t peak_resident_bytes() {
  std::ifstream status("/proc/self/status");
  std::uint64_t kib = 0;
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) kib = std::stoull(line.substr(6));
  return kib * 1024;
}

std::vector<std::uint32_t> usable_cores() {
  cpu_set_t set;
  std::vector<std::uint32_t> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (std::uint32_t i = 0; i < CPU_SETSIZE; ++i)
    if (CPU_ISSET(i, &set)) cores.push_back(i);
  return cores;
}

/// cpu.stat of this process's control group: version 2's, or version 1's cpu controller.
std::string cgroup_cpu_stat() {
  std::ifstream groups("/proc/self/cgroup");
  std::string unified, cpu;
  for (std::string line; std::getline(groups, line);) {
    if (line.starts_with("0::")) unified = line.substr(3);
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string controllers = ',' + line.substr(first + 1, second - first - 1) + ',';
    if (controllers.find(",cpu,") != controllers.npos) cpu = line.substr(second + 1);
  }
  const std::array<std::string, 4> candidates{
      "/sys/fs/cgroup" + unified + "/cpu.stat", "/sys/fs/cgroup/cpu" + cpu + "/cpu.stat",
      "/sys/fs/cgroup/cpu,cpuacct" + cpu + "/cpu.stat", "/sys/fs/cgroup/unified" + unified + "/cpu.stat"};
  for (const std::string& path : candidates)
    if (throttled_of(whole_file(path))) return path;
  return {};
}

std::string_view next_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
  const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

std::optional<std::uint64_t> number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::optional<std::uint64_t> dropped_packets() {
  std::error_code error;
  std::optional<std::uint64_t> sum;
  for (const auto& entry : std::filesystem::directory_iterator("/sys/class/net", error)) {
    for (const char* counter : {"rx_dropped", "tx_dropped"}) {
      std::ifstream file(entry.path() / "statistics" / counter);
      std::uint64_t value = 0;
      if (file >> value) sum = sum.value_or(0) + value;
    }
  }
  return sum;
}

template <class T>
std::optional<T> difference(const std::optional<T>& before, const std::optional<T>& after) {
  if (!before || !after) return std::nullopt;
  return *after >= *before ? *after - *before : T{};
}

}  // namespace

ProcessUsage process_usage() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return {to_duration(usage.ru_utime), to_duration(usage.ru_stime), peak_resident_bytes()};
}

KernelFile::KernelFile(const char* path) : fd_(*path == '\0' ? -1 : ::open(path, O_RDONLY | O_CLOEXEC)) {}
KernelFile::~KernelFile() {
  if (fd_ >= 0) ::close(fd_);
}
KernelFile::KernelFile(KernelFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

std::string_view KernelFile::read(std::span<char> buffer) const {
  if (fd_ < 0) return {};
  const ssize_t n = ::pread(fd_, buffer.data(), buffer.size(), 0);
  return n > 0 ? std::string_view(buffer.data(), static_cast<std::size_t>(n)) : std::string_view{};
}

ThreadProbe::ThreadProbe() : schedstat_("/proc/thread-self/schedstat") {}

Duration ThreadProbe::cpu() {
  timespec cpu{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
  return std::chrono::seconds(cpu.tv_sec) + Duration(cpu.tv_nsec);
}

ThreadUsage ThreadProbe::read() const {
  ThreadUsage usage{cpu(), std::nullopt};
  std::array<char, 128> buffer;
  std::string_view text = schedstat_.read(buffer);
  next_word(text);  // time on a core
  if (const auto waiting = number(next_word(text)))
    usage.run_queue_wait = Duration(static_cast<std::int64_t>(*waiting));
  return usage;
}

HostProbe::HostProbe()
    : cores_(usable_cores()), stat_("/proc/stat"), pressure_("/proc/pressure/cpu"), cgroup_cpu_(cgroup_cpu_stat()) {}

HostCounters HostProbe::read_often() const {
  // The lines of the cores come first; the long list of interrupts after them is cut off.
  std::array<char, 16U << 10> buffer;
  HostCounters counters;
  counters.steal = steal_of(stat_.read(buffer), cores_, sysconf(_SC_CLK_TCK));
  counters.cpu_pressure = pressure_of(pressure_.read(buffer));
  counters.throttled = throttled_of(cgroup_cpu_.read(buffer));
  return counters;
}

HostCounters HostProbe::read_all() const {
  HostCounters counters = read_often();
  const std::string snmp = whole_file("/proc/net/snmp");
  const std::string netstat = whole_file("/proc/net/netstat");
  counters.retransmits = net_counter(snmp, "Tcp", "RetransSegs");
  const auto overflows = net_counter(netstat, "TcpExt", "ListenOverflows");
  const auto drops = net_counter(netstat, "TcpExt", "ListenDrops");
  if (overflows && drops) counters.listen_drops = std::max(*overflows, *drops);  // an overflow counts as a drop too
  counters.network_drops = dropped_packets();
  return counters;
}

std::vector<std::string> HostProbe::missing() const {
  const HostCounters now = read_all();
  std::vector<std::string> names;
  const auto note = [&](bool there, const char* name) {
    if (!there) names.emplace_back(name);
  };
  note(now.steal.has_value(), "steal time (no /proc/stat)");
  note(now.cpu_pressure.has_value(), "CPU pressure (no /proc/pressure)");
  note(now.throttled.has_value(), "CPU throttling (no cpu.stat of a control group)");
  note(now.retransmits.has_value(), "the host's TCP retransmits (no /proc/net/snmp)");
  note(now.listen_drops.has_value(), "full accept queues (no /proc/net/netstat)");
  note(now.network_drops.has_value(), "dropped packets (no /sys/class/net)");
  return names;
}

stats::HostSignals signals_between(const HostCounters& before, const HostCounters& after, Duration wall,
                                   std::uint32_t cores) {
  const double time = std::max(seconds(wall), 1e-9);
  stats::HostSignals signals;
  if (const auto steal = difference(before.steal, after.steal); steal && cores > 0)
    signals.steal = std::min(1.0, seconds(*steal) / (time * cores));
  if (const auto pressure = difference(before.cpu_pressure, after.cpu_pressure))
    signals.cpu_pressure = std::min(1.0, seconds(*pressure) / time);
  signals.throttled = difference(before.throttled, after.throttled);
  signals.retransmits = difference(before.retransmits, after.retransmits);
  signals.listen_drops = difference(before.listen_drops, after.listen_drops);
  signals.network_drops = difference(before.network_drops, after.network_drops);
  return signals;
}

void sharpen_timers() {
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
}

std::optional<Duration> steal_of(std::string_view proc_stat, std::span<const std::uint32_t> cores,
                                 long ticks_per_second) {
  constexpr int kStealColumn = 8;
  std::optional<Duration> sum;
  while (!proc_stat.empty()) {
    std::string_view line = next_line(proc_stat);
    const std::string_view name = next_word(line);
    if (!name.starts_with("cpu")) break;
    const auto core = number(name.substr(3));
    if (!core || std::find(cores.begin(), cores.end(), *core) == cores.end()) continue;
    std::string_view word;
    for (int column = 0; column < kStealColumn; ++column) word = next_word(line);
    if (const auto ticks = number(word))
      sum = sum.value_or(Duration{}) +
            Duration(static_cast<std::int64_t>(*ticks) * (1'000'000'000 / std::max(1L, ticks_per_second)));
  }
  return sum;
}

std::optional<Duration> pressure_of(std::string_view proc_pressure) {
  std::string_view line = next_line(proc_pressure);
  const std::size_t at = line.find("total=");
  if (!line.starts_with("some") || at == line.npos) return std::nullopt;
  const auto us = number(line.substr(at + 6));
  if (!us) return std::nullopt;
  return std::chrono::microseconds(static_cast<std::int64_t>(*us));
}

std::optional<Duration> throttled_of(std::string_view cpu_stat) {
  while (!cpu_stat.empty()) {
    std::string_view line = next_line(cpu_stat);
    const std::string_view name = next_word(line);
    const auto value = number(next_word(line));
    if (!value) continue;
    if (name == "throttled_usec") return std::chrono::microseconds(static_cast<std::int64_t>(*value));
    if (name == "throttled_time") return Duration(static_cast<std::int64_t>(*value));
  }
  return std::nullopt;
}

std::optional<std::uint64_t> net_counter(std::string_view text, std::string_view group, std::string_view name) {
  while (!text.empty()) {
    std::string_view names = next_line(text);
    std::string_view values = next_line(text);
    std::string_view head = next_word(names);
    next_word(values);
    if (!head.ends_with(':') || head.substr(0, head.size() - 1) != group) continue;
    while (!names.empty()) {
      const std::string_view here = next_word(names);
      const std::string_view value = next_word(values);
      if (here == name) return number(value);
    }
  }
  return std::nullopt;
}

}  // namespace loadgen::run
