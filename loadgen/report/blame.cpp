// Whose fault lateness was: evidence of the generator's own threads against evidence of the machine.

#include <algorithm>

#include <fmt/format.h>

#include "report/checks.hpp"
#include "report/limits.hpp"
#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

constexpr Duration kSecond = std::chrono::seconds(1);

/// Time on one core that others took from the generator during one second.
struct Taken {
  Duration waited{};  ///< runnable without a core: the thread that waited longest
  Duration stolen{};  ///< by the hypervisor
  Duration throttled{};
  Duration held_up{};  ///< as the thread itself saw it, whoever it was unless it was stopped; the same time again

  Duration sum() const { return std::max(waited + stolen + throttled, held_up); }
  Taken& operator+=(const Taken& other) {
    waited += other.waited;
    stolen += other.stolen;
    throttled += other.throttled;
    held_up += other.held_up;
    return *this;
  }
};

/// Whether the cores were the generator's in that second, so that its threads waited for one another.
bool own_contention(const Evidence& e, const stats::HealthSecond& second) {
  if (more_threads_than_cores(e)) return true;
  Duration cpu{};
  for (const stats::ShardSecond& shard : second.shards) cpu += shard.cpu;
  return second.shards.size() > 1 && seconds(cpu) > kOwnCores * e.cores;
}

bool stopped_in(const stats::HealthSecond& second) {
  return std::any_of(second.shards.begin(), second.shards.end(), [](const auto& shard) { return shard.stopped; });
}

Taken taken_in(const Evidence& e, const stats::HealthSecond& second) {
  Taken taken;
  if (!own_contention(e, second)) {
    for (const stats::ShardSecond& shard : second.shards) {
      taken.waited = std::max(taken.waited, shard.run_queue_wait);
      taken.held_up = std::max(taken.held_up, shard.held_up);
    }
    if (stopped_in(second)) taken.held_up = Duration::zero();
  }
  // Which core the hypervisor took is not known: all of it may have been the generator's.
  taken.stolen = std::chrono::duration_cast<Duration>(
      std::chrono::duration<double>(second.host.steal.value_or(0) * static_cast<double>(e.cores)));
  taken.throttled = second.host.throttled.value_or(Duration::zero());
  return taken;
}

std::string words(const Taken& taken) {
  std::string out;
  const auto add = [&](Duration time, std::string_view what) {
    if (time > Duration::zero()) out += fmt::format("{}{} ms {}", out.empty() ? "" : ", ", ms(time.count()), what);
  };
  add(taken.waited, "waiting for a core that others had (the target among them if it runs here)");
  add(taken.stolen, "of steal time");
  add(taken.throttled, "throttled by the CPU quota");
  if (taken.held_up > taken.waited + taken.stolen + taken.throttled)
    add(taken.held_up, "in which it neither ran nor meant to sleep (woken later than asked)");
  return out;
}

/// The share of a span that the machine took, whole seconds that reach into it.
double share_taken(const Evidence& e, Span span) {
  const auto& seconds = e.record.generator.seconds;
  Taken taken;
  Duration length{};
  for (auto i = static_cast<std::size_t>(span.begin / kSecond);
       i < seconds.size() && kSecond * static_cast<int>(i) < span.end; ++i) {
    taken += taken_in(e, seconds[i]);
    length += kSecond;
  }
  return length > Duration::zero() ? static_cast<double>(taken.sum().count()) / static_cast<double>(length.count()) : 0;
}

/// How many of a second's late requests the time taken accounts for. Whichever of two is more:
///   - requests come evenly, so the share of late ones is about the share of time in which none could be started;
///   - a thread that sleeps from request to request waits for its core just when one is due: then the time taken is
///     the sum of the send lags, which counts a moment in which several waited more than once and so never too little.
double explained_by(Duration taken, const LateSecond& second) {
  const auto part = [&](Duration whole) {
    return std::min(1.0, static_cast<double>(taken.count()) / static_cast<double>(whole.count()));
  };
  const double late = static_cast<double>(second.late);
  return std::max(std::min(late, part(kSecond) * static_cast<double>(second.values)), part(second.late_sum) * late);
}

}  // namespace

std::optional<std::string> machine_drifted(const Evidence& e, bool upwards) {
  const Span window = e.measured.timeline.window.span;
  const Duration third = window.length() / 3;
  const double first = share_taken(e, {window.begin, window.begin + third});
  const double last = share_taken(e, {window.end - third, window.end});
  const double more = upwards ? last : first;
  const double less = upwards ? first : last;
  if (more <= kWaitWarning || more < kTwice * less) return std::nullopt;
  return fmt::format("the machine took {:.1f} % of the first third and {:.1f} % of the last", 100 * first, 100 * last);
}

bool was_stopped(const Evidence& e, Span span) {
  const auto& seconds = e.record.generator.seconds;
  for (auto i = static_cast<std::size_t>(std::max<Duration>(span.begin, {}) / kSecond);
       i < seconds.size() && kSecond * static_cast<int>(i) <= span.end; ++i) {
    if (stopped_in(seconds[i])) return true;
  }
  return false;
}

std::optional<std::string> machine_explains(const Evidence& e, const stats::Stall& stall) {
  const auto enough = [&](Duration time) {
    return static_cast<double>(time.count()) >= kExplains * static_cast<double>(stall.length.count());
  };
  const auto& seconds = e.record.generator.seconds;
  const auto at = static_cast<std::size_t>(std::max<Duration>(stall.at, {}) / kSecond);
  const bool own = more_threads_than_cores(e) || (at < seconds.size() && own_contention(e, seconds[at]));
  if (!own && enough(stall.run_queue_wait)) {
    return fmt::format("{} ms of it waiting for a core that others had (the target among them if it runs here)",
                       ms(stall.run_queue_wait.count()));
  }
  Taken taken;
  for (std::size_t i = at; i < seconds.size() && kSecond * static_cast<int>(i) <= stall.at + stall.length; ++i) {
    taken += taken_in(e, seconds[i]);
  }
  taken.waited = taken.held_up = Duration::zero();  // what of these fell into the stall is known
  if (enough(taken.sum())) return words(taken);
  if (own || was_stopped(e, {stall.at, stall.at + stall.length}) || !enough(stall.held_up)) return std::nullopt;
  return fmt::format("{} ms of it neither running nor meaning to sleep, and no signal had stopped it",
                     ms(stall.held_up.count()));
}

Blame blame_for_lateness(const Evidence& e) {
  const stats::GeneratorHealth& health = e.record.generator;
  if (health.productive_share > kProductiveFailed) {
    return {VerdictName::client_bound,
            fmt::format("its busiest thread worked {:.1f} % of the time", 100 * health.productive_share)};
  }
  double late = 0;
  double explained = 0;
  Taken taken;
  for (std::size_t i = 0; i < e.measured.late.size(); ++i) {
    const LateSecond& second = e.measured.late[i];
    if (second.late == 0) continue;
    late += static_cast<double>(second.late);
    if (i >= health.seconds.size()) continue;
    const Taken now = taken_in(e, health.seconds[i]);
    taken += now;
    explained += explained_by(now.sum(), second);
  }
  if (late > 0 && explained >= kExplains * late)
    return {VerdictName::disturbed, "in the seconds concerned the machine took " + words(taken)};
  if (more_threads_than_cores(e)) {
    return {VerdictName::client_bound, fmt::format("its {} threads had {} core{} and waited for one another",
                                                   e.record.threads, e.cores, e.cores == 1 ? "" : "s")};
  }
  if (was_stopped(e, {Duration::zero(), Duration::max()}))
    return {VerdictName::client_bound, std::string(kStoppedBySignal)};
  return {VerdictName::client_bound, "nothing that the machine did explains it"};
}

bool times_harmed(const Evidence& e) {
  for (const CheckFunction check : {&check_added_time, &check_receive_lag}) {
    const std::optional<Finding> finding = check(e);
    if (finding && (finding->result == CheckResult::warning || finding->result == CheckResult::failed)) return true;
  }
  return false;
}

}  // namespace loadgen::report
