#include "cli/guards.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <fmt/format.h>
#include <sys/resource.h>

#include "config/files.hpp"

namespace loadgen::cli {
namespace {

/// Descriptors beside the users' sockets: stdio, reports, an epoll and a timer a thread, the libraries'.
constexpr std::uint64_t kOwnDescriptors = 64;
/// Linux: TIME_WAIT lasts a minute (TCP_TIMEWAIT_LEN).
constexpr double kTimeWaitSeconds = 60;

/// Connections that a group of users opens within the first minute, if nothing slows it down; 0 when nobody can say.
double connections_of_users(const config::ThreadGroup& group, bool keep_alive) {
  const bool one_each = keep_alive && (group.same_user_on_next_iteration || (group.loops && *group.loops <= 1));
  const double a_user = keep_alive ? 1 : static_cast<double>(group.steps.size());
  const double iterations = one_each || group.for_ever() ? 1 : static_cast<double>(group.iterations_of(0));
  const double within = std::min(1.0, kTimeWaitSeconds / std::max(seconds(group.ramp_up), 1.0));
  return group.users * a_user * iterations * within;
}

/// The same of arrivals. Kept connections serve one arrival after another; how many that takes, the target decides.
double connections_of_arrivals(const config::ThreadGroup& group, bool keep_alive) {
  if (keep_alive) return group.connections;
  const load::LoadProfile profile(group.arrivals);
  const double in_a_minute = std::min(profile.total(), profile.highest_rate() * kTimeWaitSeconds);
  return in_a_minute * static_cast<double>(group.steps.size());
}

double connections_in_a_minute(const config::Plan& plan) {
  double sum = 0;
  for (const config::ThreadGroup& group : plan.thread_groups)
    sum += group.open() ? connections_of_arrivals(group, plan.http.keep_alive)
                        : connections_of_users(group, plan.http.keep_alive);
  return sum;
}

/// How many may be connected at the same time: users, and arrivals under way.
struct AtOnce {
  std::uint64_t fixed = 0;     ///< as the plan says
  std::uint64_t defaults = 0;  ///< by the default of max_in_flight
  std::uint64_t groups_by_default = 0;
  std::uint32_t most_connections = 0;  ///< asked for in a group that has that default
};

bool by_default(const config::ThreadGroup& group) {
  return group.open() && !group.max_in_flight_given;
}

AtOnce at_once(const config::Plan& plan) {
  AtOnce sum;
  for (const config::ThreadGroup& group : plan.thread_groups) {
    if (by_default(group)) {
      sum.defaults += group.max_in_flight;
      ++sum.groups_by_default;
      sum.most_connections = std::max(sum.most_connections, group.connections);
    } else {
      sum.fixed += group.open() ? group.max_in_flight : group.users;
    }
  }
  return sum;
}

/// Descriptors that there are, and what users and everything else take of them.
struct Descriptors {
  std::uint64_t limit;
  std::uint64_t own;  ///< loadgen's; files to be sent stay open
  double of_a_user;
};

std::uint64_t users_that_fit(const Descriptors& have) {
  return have.limit > have.own ? static_cast<std::uint64_t>(static_cast<double>(have.limit - have.own) / have.of_a_user)
                               : 0;
}

Error too_few_descriptors(std::uint64_t at_once, const Descriptors& have) {
  const auto needed = static_cast<std::uint64_t>(std::ceil(static_cast<double>(at_once) * have.of_a_user)) + have.own;
  return Error{fmt::format(
      "the plan needs {} file descriptors ({} users at the same time, {:.3g} for each, {} of loadgen's own) "
      "and this process may open {}. Raise the limit (ulimit -Hn {}, as root, or LimitNOFILE= of the "
      "service) or plan for {} users at the same time (users, max_in_flight, connections).",
      needed, at_once, have.of_a_user, have.own, have.limit, needed, users_that_fit(have))};
}

}  // namespace

Result<Warning> fit_to_descriptors(config::Plan& plan, double of_a_user, std::uint64_t limit) {
  const Descriptors have{
      .limit = limit, .own = kOwnDescriptors + config::sent_files(plan).size(), .of_a_user = of_a_user};
  const std::uint64_t fit = users_that_fit(have);
  const AtOnce wanted = at_once(plan);
  if (wanted.fixed + wanted.defaults <= fit) return Warning();
  const std::uint64_t least = std::max<std::uint64_t>(1, wanted.most_connections) * wanted.groups_by_default;
  if (wanted.fixed + least > fit || wanted.groups_by_default == 0)
    return too_few_descriptors(wanted.fixed + least, have);
  const auto lowered = static_cast<std::uint32_t>((fit - wanted.fixed) / wanted.groups_by_default);
  for (config::ThreadGroup& group : plan.thread_groups)
    if (by_default(group)) group.max_in_flight = std::min(group.max_in_flight, lowered);
  return Warning(fmt::format(
      "max_in_flight is lowered from its default {} to {}, since this process may open {} file descriptors. Raise the "
      "limit (ulimit -Hn, as root, or LimitNOFILE= of the service), or set max_in_flight.",
      config::ThreadGroup::kMaxInFlight, lowered, limit));
}

std::uint64_t raise_descriptors() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
  }
  return limit.rlim_cur;
}

Result<Warning> fit_to_descriptors(config::Plan& plan, double of_a_user) {
  return fit_to_descriptors(plan, of_a_user, raise_descriptors());
}

Warning port_warning(const config::Plan& plan, std::size_t targets, const LocalPorts& ports) {
  if (ports.pairs == 0) return std::nullopt;
  const std::uint64_t room = std::uint64_t{ports.count} * ports.pairs;
  const std::string of_pairs =
      ports.pairs == 1 ? "" : fmt::format(" ({} for each of {} pairs of addresses)", ports.count, ports.pairs);
  const auto per_target = static_cast<double>(room);
  const auto divisor = static_cast<double>(std::max<std::size_t>(1, targets));
  std::uint64_t connected = plan.users();
  for (const config::ThreadGroup& group : plan.thread_groups) connected += group.connections;
  connected /= plan.http.streams_per_connection;
  if (static_cast<double>(connected) > per_target)
    return fmt::format(
        "the plan wants {} connections to one target at the same time and this machine has {} local ports for it{} "
        "(net.ipv4.ip_local_port_range); the rest will fail with no_local_port. More addresses to send from "
        "(--interface) have as many each.",
        connected, room, of_pairs);
  const double wanted = connections_in_a_minute(plan) / plan.http.streams_per_connection / divisor;
  if (ports.reused || wanted <= per_target) return std::nullopt;
  return fmt::format(
      "the plan opens about {:.0f} connections to one target within a minute and this machine has {} local ports for "
      "it{}, each held for {:.0f} s after its connection was closed (TIME_WAIT); expect no_local_port errors. Keep "
      "connections alive, lower the rate, widen net.ipv4.ip_local_port_range, or send from more addresses "
      "(--interface).",
      wanted, room, of_pairs, kTimeWaitSeconds);
}

Warning port_warning(const config::Plan& plan, std::size_t targets, std::uint32_t pairs) {
  std::uint32_t first = 32'768, last = 60'999;
  std::ifstream("/proc/sys/net/ipv4/ip_local_port_range") >> first >> last;
  int tw_reuse = 0;
  std::ifstream("/proc/sys/net/ipv4/tcp_tw_reuse") >> tw_reuse;
  return port_warning(plan, targets, {.count = last - first + 1, .reused = tw_reuse == 1, .pairs = pairs});
}

}  // namespace loadgen::cli
