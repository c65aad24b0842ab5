#include "run/run_plan.hpp"

#include <algorithm>
#include <latch>
#include <optional>
#include <semaphore>
#include <thread>

#include <fmt/format.h>

#include "base/wall_clock.hpp"
#include "run/accounts.hpp"
#include "run/lookout.hpp"
#include "run/schedule.hpp"
#include "run/shard_main.hpp"
#include "run/threshold_watch.hpp"

namespace loadgen::run {
namespace {

using std::chrono::milliseconds;

/// From the moment all shards are ready to t0: time to deal the schedule.
constexpr Duration kLead = milliseconds(5);

/// The shards' threads: they get ready, start together, and end.
class Crew {
 public:
  Crew(const Job& job, std::vector<ShardOutcome>& shards, RunControl& control) : running_(shards.size()) {
    const ShardMain shard_main = shard_main_of(job.options.engine, needs_of(job.plan));
    const auto count = static_cast<std::uint32_t>(shards.size());
    waiting_ = count;
    for (std::uint32_t k = 0; k < count; ++k)
      threads_.emplace_back([this, &job, &shards, &control, shard_main, k, count] {
        shard_main(job, {k, count}, control, shards[k], [this] {
          ready_.release();
          start_.wait();
          return t0_;
        });
        done_.release();
      });
  }

  /// Connections that the plan wants beforehand are open, engines are made.
  bool all_ready_within(Duration time) { return count_down(waiting_, ready_, time); }
  TimePoint start() {
    t0_ = SteadyClock::now() + kLead;
    start_.count_down();
    return t0_;
  }
  bool all_done_within(Duration time) {
    if (!count_down(running_, done_, time)) return false;
    threads_.clear();  // joins
    return true;
  }

 private:
  static bool count_down(std::size_t& left, std::counting_semaphore<>& one, Duration time) {
    while (left > 0 && one.try_acquire_for(time)) --left;
    return left == 0;
  }

  std::size_t waiting_ = 0;
  std::size_t running_;
  TimePoint t0_;
  std::counting_semaphore<> ready_{0};
  std::latch start_{1};
  std::counting_semaphore<> done_{0};
  std::vector<std::jthread> threads_;
};

/// Reads the shards' interval logs while they are being written.
class LogReaders {
 public:
  explicit LogReaders(const std::vector<ShardOutcome>& shards) : shards_(shards), readers_(shards.size()) {}

  /// Calls visit(shard, outcome, piece) for what has been written since the last time: times of successes, and bounds
  /// of what was cut off. Costs milliseconds.
  template <class Visit>
  void read(Visit&& visit) {
    for (std::size_t k = 0; k < shards_.size(); ++k) {
      if (!shards_[k].running.load(std::memory_order_acquire)) continue;
      const stats::Recorder& recorder = shards_[k].shard->recorder;
      if (!readers_[k])
        readers_[k].emplace(Pair{.intervals = stats::IntervalLog::Reader(recorder.intervals()),
                                 .cut_offs = stats::IntervalLog::Reader(recorder.cut_offs())});
      for (stats::IntervalLog::Piece piece; readers_[k]->intervals.next(piece);)
        visit(k, stats::OutcomeClass::succeeded, piece);
      for (stats::IntervalLog::Piece piece; readers_[k]->cut_offs.next(piece);)
        visit(k, stats::OutcomeClass::cut_off, piece);
    }
  }

 private:
  struct Pair {
    stats::IntervalLog::Reader intervals;
    stats::IntervalLog::Reader cut_offs;
  };
  const std::vector<ShardOutcome>& shards_;
  std::vector<std::optional<Pair>> readers_;
};

/// What ends a run early, looked at once a second by the main thread.
class Endings {
 public:
  Endings(const config::Plan& plan, const Program& program, const RunOptions& options, std::size_t shards)
      : see_(options.see) {
    if (options.until) precision_.emplace(*options.until, plan, shards);
    if (options.may_abort) watch_.emplace(plan, program.labels);
  }

  /// Whether anybody wants to know what the logs say.
  bool any() const { return precision_ || watch_ || see_; }
  void see(std::size_t shard, stats::OutcomeClass outcome, const stats::IntervalLog::Piece& piece) {
    if (watch_) watch_->see(outcome, piece);
    if (outcome != stats::OutcomeClass::succeeded) return;
    if (precision_) precision_->see(shard, piece);
    if (see_) see_(piece);
  }
  void look(const stats::Progress& progress, RunControl& control) {
    if (precision_ && precision_->reached()) control.raise(Stop::precise_enough);
    if (!watch_ || control.stop() != Stop::none) return;
    const auto stopped = watch_->look(progress);
    if (!stopped) return;
    stopped_by_ = *stopped;
    control.raise(Stop::threshold);
  }
  const stats::StoppedBy& stopped_by() const { return stopped_by_; }

 private:
  const See& see_;
  std::optional<Precision> precision_;
  std::optional<ThresholdWatch> watch_;
  stats::StoppedBy stopped_by_;
};

stats::StopReason reason_of(Stop stop, const stats::StoppedBy& stopped_by) {
  if (!stopped_by.threshold.empty()) return stats::StopReason::threshold;  // whatever was asked for while it drained
  switch (stop) {
    case Stop::none:
      return stats::StopReason::finished;
    case Stop::precise_enough:
      return stats::StopReason::precise_enough;
    case Stop::threshold:
    case Stop::graceful:
    case Stop::now:
      break;
  }
  return stats::StopReason::on_error;
}

stats::AddressRecord addresses_of(const RunOptions& options) {
  stats::AddressRecord out{.targets = static_cast<std::uint32_t>(options.targets.size()),
                           .sources = static_cast<std::uint32_t>(options.sources.size())};
  for (const engine::Target& target : options.targets) {
    out.used += static_cast<std::uint32_t>(target.in_turn());
    out.refused += static_cast<std::uint32_t>(target.refusals.size());
  }
  return out;
}

}  // namespace

std::uint32_t threads_needed(const config::Plan& plan, std::uint32_t cores, bool server_is_local) {
  constexpr double kRateOfOneThread = 20'000;
  double rate = 0;
  for (const config::ThreadGroup& group : plan.thread_groups) {
    const auto requests = static_cast<double>(group.steps.size());
    if (group.open()) {
      rate += load::LoadProfile(group.arrivals).highest_rate() * requests;
      continue;
    }
    const bool pauses = std::any_of(group.steps.begin(), group.steps.end(),
                                    [](const config::Step& step) { return step.think_time > Duration::zero(); });
    const bool once = !group.for_ever() && group.iterations_of(0) <= 1;
    if (!once && !pauses) return std::max(1U, server_is_local ? cores / 2 : cores);
    if (group.ramp_up > Duration::zero()) rate += group.users * requests / seconds(group.ramp_up);
  }
  return static_cast<std::uint32_t>(std::clamp(rate / kRateOfOneThread, 1.0, static_cast<double>(std::max(1U, cores))));
}

std::uint32_t shards_of(const config::Plan& plan, std::size_t users, std::uint32_t threads) {
  std::size_t most = users;
  for (const config::ThreadGroup& group : plan.thread_groups)
    if (group.open()) most = std::max<std::size_t>(most, group.max_in_flight);
  for (const config::ThreadGroup& group : plan.thread_groups)
    if (group.open()) most = std::min<std::size_t>(most, group.max_in_flight);
  return static_cast<std::uint32_t>(std::clamp<std::size_t>(threads, 1, std::max<std::size_t>(1, most)));
}

stats::RunRecord run_plan(const config::Plan& plan, const Program& program, const RunOptions& options,
                          RunControl& control, const Tick& tick) {
  const Job job{plan, program, options, schedule(plan)};
  const std::uint32_t count = shards_of(plan, job.starts.size(), options.threads);
  std::vector<ShardOutcome> shards(count);
  HostReadings host;
  const ProcessUsage usage_before = process_usage();

  Crew crew(job, shards, control);
  while (!crew.all_ready_within(kTickEvery)) tick(stats::Progress{});
  host.begin();
  const TimePoint t0 = crew.start();
  const std::chrono::system_clock::time_point wall_start(t0.time_since_epoch() + epoch_of_steady_clock());
  Lookout lookout(plan, count, t0);
  LogReaders logs(shards);
  Endings endings(plan, program, options, count);
  while (!crew.all_done_within(kTickEvery)) {
    const TimePoint now = SteadyClock::now();
    ProcessStop::take();
    const stats::Progress& progress = lookout.look(now, [&](std::size_t k) -> Mailbox& { return shards[k].mailbox; });
    tick(progress);
    if (now < t0 + (host.seconds.size() + 1) * std::chrono::seconds(1)) continue;
    host.add_second();
    if (!endings.any()) continue;
    logs.read([&](auto&&... piece) { endings.see(piece...); });
    endings.look(progress, control);
  }
  const TimePoint end = SteadyClock::now();
  for (std::uint32_t k = 0; k < count; ++k) lookout.add(k, last_letter(*shards[k].shard));
  tick(lookout.sum_up(end));
  host.end();

  stats::GeneratorHealth health = health_of(shards, usage_before, host, end - t0);
  const Duration guard = health.pace.guard;
  health.pace = options.pace;
  health.pace.guard = guard;
  stats::Recorder recorder = std::move(shards[0].shard->recorder);
  for (std::uint32_t k = 1; k < count; ++k) recorder.merge(std::move(shards[k].shard->recorder));
  stats::Ledger ledger = ledger_of(shards, recorder);
  return {.labels = program.labels,
          .recorder = std::move(recorder),
          .ledger = std::move(ledger),
          .ramp = ramp_of(job.starts, shards),
          .opening = opening_of(shards),
          .arrivals = arrivals_of(shards),
          .generator = std::move(health),
          .threads = count,
          .engine = std::string(options.engine),
          .start = t0,
          .end = end,
          .wall_start = wall_start,
          .stop = reason_of(control.stop(), endings.stopped_by()),
          .until = options.until ? config::to_string(*options.until) : std::string(),
          .stopped_by = endings.stopped_by(),
          .rows = {},
          .parts = {},
          .addresses = addresses_of(options)};
}

}  // namespace loadgen::run
