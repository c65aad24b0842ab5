#include "cli/guards.hpp"

#include <algorithm>
#include <fstream>

#include <fmt/format.h>
#include <sys/resource.h>

namespace loadgen::cli {
namespace {

/// Descriptors beside the users' sockets: stdio, reports, an epoll and a timer a thread, the libraries'.
constexpr std::uint64_t kOwnDescriptors = 64;
/// Linux: TIME_WAIT lasts a minute (TCP_TIMEWAIT_LEN).
constexpr double kTimeWaitSeconds = 60;

/// Connections that the plan opens within the first minute, if nothing slows it down; 0 when nobody can say.
double connections_in_a_minute(const config::Plan& plan) {
  double sum = 0;
  for (const config::ThreadGroup& group : plan.thread_groups) {
    const bool one_each =
        plan.http.keep_alive && (group.same_user_on_next_iteration || (group.loops && *group.loops <= 1));
    const double a_user = one_each ? 1 : plan.http.keep_alive ? 1 : static_cast<double>(group.steps.size());
    const double iterations = one_each || group.for_ever() ? 1 : static_cast<double>(group.iterations_of(0));
    const double within = std::min(1.0, kTimeWaitSeconds / std::max(seconds(group.ramp_up), 1.0));
    sum += group.users * a_user * iterations * within;
  }
  return sum;
}

}  // namespace

Result<std::uint64_t> ensure_descriptors(const config::Plan& plan, std::size_t targets) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  const std::uint64_t needed = plan.users() * std::max<std::size_t>(1, targets) + kOwnDescriptors;
  if (needed > limit.rlim_cur)
    return Error{fmt::format(
        "the plan needs {} file descriptors ({} users, {} target{}, {} of loadgen's own) and this process may open {}. "
        "Raise the limit (ulimit -Hn {}, as root, or LimitNOFILE= of the service) or plan fewer users (--users {}).",
        needed, plan.users(), targets, targets == 1 ? "" : "s", kOwnDescriptors, limit.rlim_cur, needed,
        limit.rlim_cur > kOwnDescriptors ? (limit.rlim_cur - kOwnDescriptors) / std::max<std::size_t>(1, targets) : 1)};
  return limit.rlim_cur;
}

std::optional<std::string> port_warning(const config::Plan& plan, std::size_t targets, std::uint32_t ports,
                                        bool reused) {
  const auto per_target = static_cast<double>(ports);
  const auto divisor = static_cast<double>(std::max<std::size_t>(1, targets));
  if (static_cast<double>(plan.users()) > per_target)
    return fmt::format(
        "the plan wants {} users connected to one target and this machine has {} local ports for it "
        "(net.ipv4.ip_local_port_range); the rest will fail with no_local_port.",
        plan.users(), ports);
  const double wanted = connections_in_a_minute(plan) / divisor;
  if (reused || wanted <= per_target) return std::nullopt;
  return fmt::format(
      "the plan opens about {:.0f} connections to one target within a minute and this machine has {} local ports for "
      "it, each "
      "held for {:.0f} s after its connection was closed (TIME_WAIT); expect no_local_port errors. Keep connections "
      "alive, "
      "lower the rate, or widen net.ipv4.ip_local_port_range.",
      wanted, ports, kTimeWaitSeconds);
}

std::optional<std::string> port_warning(const config::Plan& plan, std::size_t targets) {
  std::uint32_t first = 32'768, last = 60'999;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first >> last;
  int tw_reuse = 0;
  std::ifstream("/proc/sys/net/ipv4/tcp_tw_reuse") >> tw_reuse;
  return port_warning(plan, targets, last - first + 1, tw_reuse == 1);
}

}  // namespace loadgen::cli
