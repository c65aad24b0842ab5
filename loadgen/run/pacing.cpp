#include "run/pacing.hpp"

#include <array>
#include <ctime>
#include <utility>

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

std::string counted(std::uint32_t n, std::string_view noun) {
  return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s");
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
    const bool none_left = facts.threads > facts.cores || (facts.threads == facts.cores && facts.cores > 1);
    if (pace == Pace::spin && none_left)
      return Error{
          fmt::format("--pace spin: {} thread{} would poll on {} cores and leave none for anything else; use "
                      "fewer --threads, or --pace hybrid",
                      facts.threads, facts.threads == 1 ? "" : "s", facts.cores)};
    return stats::PaceRecord{pace, "asked for", facts.lateness};
  }
  const auto sleep = [&](std::string why) {
    return stats::PaceRecord{.pace = Pace::sleep, .reason = std::move(why), .guard = facts.lateness};
  };
  const double rate = highest_due_rate(plan) / facts.threads;
  if (rate == 0) return sleep("nothing is due at a time of its own");
  if (facts.threads >= facts.cores)
    return sleep(fmt::format("no core is left over by {} on {}", counted(facts.threads, "thread"),
                             counted(facts.cores, "core")));
  const Duration guard = std::clamp(facts.lateness, kLeastGuard, kMostGuard);
  const double polling = rate * seconds(guard);
  std::string cost = fmt::format("polling for {} before each of {:g} requests/s would cost {:.0f} % of a core",
                                 in_us(guard), rate, 100 * std::min(1.0, polling));
  if (polling >= kPollingAtMost) return sleep(std::move(cost));
  const auto most = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(kPollingAtMost / rate));
  return stats::PaceRecord{
      .pace = Pace::hybrid, .reason = std::move(cost), .guard = guard, .most_guard = std::min(most, kMostGuard)};
}

std::string_view to_string(stats::Pace pace) {
  return kNames[static_cast<std::size_t>(pace)];
}

}  // namespace loadgen::run
