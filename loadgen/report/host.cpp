#include "report/host.hpp"

#include <fstream>
#include <iterator>

#include <sched.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace loadgen::report {
namespace {

std::string contents(const char* path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string_view trimmed(std::string_view text) {
  const auto is_edge = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '"'; };
  while (!text.empty() && is_edge(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_edge(text.back())) text.remove_suffix(1);
  return text;
}

std::string or_unknown(std::string_view text) {
  return std::string(text.empty() ? "unknown" : text);
}

/// The first line of a file; empty when there is none.
std::string line_of(const std::string& path) {
  const std::string text = contents(path.c_str());
  return text.substr(0, text.find('\n'));
}

std::uint32_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<std::uint32_t>(CPU_COUNT(&set)) : 0;
}

std::uint64_t positive(long value) {
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

}  // namespace

std::string field_of(std::string_view text, std::string_view key, char separator) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    const std::size_t at = line.find(separator);
    if (at != std::string_view::npos && trimmed(line.substr(0, at)) == key) {
      return std::string(trimmed(line.substr(at + 1)));
    }
  }
  return {};
}

HostLimits read_host_limits() {
  // Version 2 has one line, "0::/path"; where the group's own files cannot be seen, those of the root of what can are
  // this container's.
  const std::string path = field_of(contents("/proc/self/cgroup"), "0", ':');
  const std::string group = path.starts_with(':') ? "/sys/fs/cgroup" + path.substr(1) : "/sys/fs/cgroup";
  const auto limit = [&](const std::string& name) {
    const std::string own = line_of(group + name);
    return own.empty() ? or_unknown(line_of("/sys/fs/cgroup" + name)) : own;
  };
  return {.governor = or_unknown(line_of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")),
          .cpu = limit("/cpu.max"),
          .memory = limit("/memory.max")};
}

HostFacts read_host() {
  HostFacts host;
  utsname name{};
  const bool named = uname(&name) == 0;
  host.cpu_model = or_unknown(field_of(contents("/proc/cpuinfo"), "model name", ':'));
  host.architecture = named ? name.machine : "unknown";
  host.cores = static_cast<std::uint32_t>(positive(sysconf(_SC_NPROCESSORS_ONLN)));
  host.usable_cores = usable_cores();
  host.memory_bytes = positive(sysconf(_SC_PHYS_PAGES)) * positive(sysconf(_SC_PAGESIZE));
  host.kernel = named ? name.release : "unknown";
  host.os = or_unknown(field_of(contents("/etc/os-release"), "PRETTY_NAME", '='));
  return host;
}

}  // namespace loadgen::report
