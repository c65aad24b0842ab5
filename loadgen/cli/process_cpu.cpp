#include "cli/process_cpu.hpp"

#include <array>
#include <charconv>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace loadgen::cli {
namespace {

std::map<pid_t, ProcessStat> all_processes() {
  std::map<pid_t, ProcessStat> processes;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
    std::ifstream file(entry.path() / "stat");
    const std::string line{std::istreambuf_iterator<char>(file), {}};
    if (const auto stat = parse_process_stat(line)) processes.emplace(pid, *stat);
  }
  return processes;
}

/// Of all its threads, those that have ended included; nullopt when the process has ended.
std::optional<Duration> own_cpu(pid_t pid) {
  clockid_t clock{};
  timespec time{};
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return std::nullopt;
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Duration of_ticks(long ticks) {
  return ticks * (Duration(std::chrono::seconds(1)) / sysconf(_SC_CLK_TCK));
}

}  // namespace

std::optional<ProcessStat> parse_process_stat(std::string_view line) {
  const std::size_t name_end = line.rfind(')');  // the name may hold anything, parentheses and blanks too
  if (name_end == std::string_view::npos) return std::nullopt;
  std::istringstream rest{std::string(line.substr(name_end + 1))};
  constexpr std::size_t kFields = 15;  // after the name: state 0, ppid 1, …, cutime 13, cstime 14; see proc(5)
  std::array<std::string, kFields> fields;
  for (std::string& field : fields)
    if (!(rest >> field)) return std::nullopt;
  const auto number = [&](std::size_t i) { return std::strtol(fields[i].c_str(), nullptr, 10); };
  return ProcessStat{.parent = static_cast<pid_t>(number(1)), .ended_ticks = number(13) + number(14)};
}

std::optional<Duration> cpu_of_tree(pid_t root) {
  const std::map<pid_t, ProcessStat> processes = all_processes();
  if (!processes.contains(root)) return std::nullopt;
  Duration sum{};
  std::vector<pid_t> tree{root};
  for (std::size_t i = 0; i < tree.size(); ++i) {
    const pid_t pid = tree[i];
    sum += own_cpu(pid).value_or(Duration::zero()) + of_ticks(processes.at(pid).ended_ticks);
    for (const auto& [other, stat] : processes)
      if (stat.parent == pid && other != pid) tree.push_back(other);
  }
  return sum;
}

}  // namespace loadgen::cli
