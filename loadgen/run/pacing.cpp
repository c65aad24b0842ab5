#include "run/pacing.hpp"

#include <array>
#include <ctime>

#include <fmt/format.h>

#include "base/units.hpp"
#include "run/health.hpp"

namespace loadgen::run {
namespace {

/// Of a core and thread, that polling may cost without being asked for.
constexpr double kPollingAtMost = 0.10;

constexpr std::array<std::string_view, 3> kNames{"sleep", "hybrid", "spin"};

timespec to_timespec(TimePoint t) {
  const std::int64_t ns = t.time_since_epoch().count();
  return {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
}

std::string in_us(Duration d) {
  return fmt::format("{:.0f} us", seconds(d) * 1e6);
}

}  // namespace

Duration measure_wake_up_lateness() {
  constexpr std::size_t kSleeps = 40;
  sharpen_timers();
  std::array<Duration, kSleeps> late;
  for (Duration& l : late) {
    const TimePoint until = SteadyClock::now() + std::chrono::microseconds(200);
    const timespec at = to_timespec(until);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, nullptr);
    l = SteadyClock::now() - until;
  }
  std::sort(late.begin(), late.end());
  return late[kSleeps * 95 / 100];
}

double highest_due_rate(const config::Plan& plan) {
  double rate = 0;
  for (const config::ThreadGroup& group : plan.thread_groups) {
    if (group.open())
      rate += load::LoadProfile(group.arrivals).highest_rate();
    else if (group.ramp_up > Duration::zero())
      rate += group.users / seconds(group.ramp_up);
  }
  return rate;
}

Result<stats::PaceRecord> choose_pace(std::string_view name, const config::Plan& plan, const PaceFacts& facts) {
  using stats::Pace;
  if (name != "auto") {
    const auto found = std::find(kNames.begin(), kNames.end(), name);
    if (found == kNames.end()) return Error{fmt::format("--pace: \"{}\" is not auto, sleep, hybrid or spin", name)};
    const auto pace = static_cast<Pace>(found - kNames.begin());
    if (pace == Pace::spin && facts.threads >= facts.cores && facts.cores > 1)
      return Error{
          fmt::format("--pace spin: {} thread{} would poll on {} cores and leave none for anything else; use "
                      "fewer --threads, or --pace hybrid",
                      facts.threads, facts.threads == 1 ? "" : "s", facts.cores)};
    return stats::PaceRecord{pace, "asked for", facts.lateness};
  }
  const double rate = highest_due_rate(plan);
  if (rate == 0) return stats::PaceRecord{Pace::sleep, "nothing is due at a time of its own", facts.lateness};
  if (facts.threads >= facts.cores)
    return stats::PaceRecord{Pace::sleep,
                             fmt::format("no core is left over by {} threads on {}", facts.threads, facts.cores),
                             facts.lateness};
  const Duration guard = std::clamp(facts.lateness, kLeastGuard, kMostGuard);
  const double polling = rate / facts.threads * seconds(guard);
  const std::string cost = fmt::format("polling for {} before each of {:.0f} requests/s would cost {:.0f} % of a core",
                                       in_us(guard), rate / facts.threads, 100 * std::min(1.0, polling));
  return stats::PaceRecord{polling < kPollingAtMost ? Pace::hybrid : Pace::sleep, cost, facts.lateness};
}

std::string_view to_string(stats::Pace pace) {
  return kNames[static_cast<std::size_t>(pace)];
}

}  // namespace loadgen::run
