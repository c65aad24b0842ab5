#include "run/run_plan.hpp"

#include <algorithm>
#include <array>
#include <barrier>
#include <memory>
#include <optional>
#include <semaphore>
#include <thread>

#include "engine/engines.hpp"
#include "run/health.hpp"
#include "run/run_shard.hpp"
#include "run/schedule.hpp"

namespace loadgen::run {
namespace {

using std::chrono::milliseconds;

/// From the moment all shards are ready to t0: time to deal the schedule.
constexpr Duration kLead = milliseconds(5);
constexpr Duration kTickEvery = milliseconds(100);

/// What all shards of a run look at and none changes.
struct Job {
  const config::Plan& plan;
  const Program& program;
  const RunOptions& options;
  std::vector<UserStart> starts;
};

/// What a shard's thread leaves behind.
struct ShardOutcome {
  std::optional<Shard> shard;
  ThreadUsage before;
  ThreadUsage after;
  Mailbox mailbox;
};

/// Room for the per-second series, so that it does not grow while running.
Duration expected_length(const config::Plan& plan) {
  Duration longest = std::chrono::minutes(10);
  for (const config::ThreadGroup& group : plan.thread_groups)
    longest = std::max(longest, group.startup_delay + group.duration.value_or(group.ramp_up));
  return longest + plan.grace;
}

using WaitForStart = std::function<TimePoint()>;
using ShardMain = void (*)(const Job&, ShardIndex, RunControl&, ShardOutcome&, const WaitForStart&);

template <engine::Engine E>
void shard_main(const Job& job, ShardIndex index, RunControl& control, ShardOutcome& outcome,
                const WaitForStart& wait_for_start) {
  const config::HttpSettings& http = job.plan.http;
  const auto users = static_cast<std::uint32_t>(job.starts.size());
  E engine({.requests = job.program.requests,
                               .targets = job.options.targets,
                               .slots = (users + index.count - 1) / index.count,
                               .connect_timeout = http.connect_timeout,
                               .response_timeout = http.response_timeout,
                               .limits = {http.max_response_header, http.max_response}});
  SteadyClock clock;
  sharpen_timers();
  const TimePoint t0 = wait_for_start();
  Shard& shard = outcome.shard.emplace(
      Shard{.pacer = Pacer(job.plan, job.program, job.starts, index, t0),
            .recorder = stats::Recorder(job.program.labels.size(), job.program.label_of, t0, expected_length(job.plan)),
            .grace = job.plan.grace,
            .progress = {}});
  outcome.before = thread_usage();
  run_shard(shard, engine, clock, control, outcome.mailbox);
  outcome.after = thread_usage();
}

struct EngineRow {
  EngineInfo info;
  ShardMain shard_main;
  std::string (*why_unavailable)();  ///< empty: this machine offers it
};

constexpr std::array<EngineRow, 2> kEngines{{
    {{"uring", "HTTP/1.1 on io_uring (Linux 6.1)"}, &shard_main<engine::UringEngine>, &engine::UringTransport::why_unavailable},
    {{"native", "HTTP/1.1 on epoll"}, &shard_main<engine::NativeEngine>, [] { return std::string(); }},
}};

const EngineRow* engine_row(std::string_view name) {
  const auto row = std::find_if(kEngines.begin(), kEngines.end(), [&](const EngineRow& r) { return r.info.name == name; });
  return row == kEngines.end() ? nullptr : &*row;
}

/// Adds the answers that have come to what is known, and asks again.
class Lookout {
 public:
  Lookout(const config::Plan& plan, std::vector<ShardOutcome>& shards, TimePoint t0) : shards_(shards), t0_(t0) {
    latest_.resize(shards.size());
    progress_.users = plan.users();
    for (const config::ThreadGroup& group : plan.thread_groups) {
      if (group.duration)
        progress_.planned_length = std::max(progress_.planned_length, group.startup_delay + *group.duration);
      finite_ = finite_ && !group.for_ever() && !group.duration;
    }
  }

  const stats::Progress& look(TimePoint now) {
    progress_.interval = {};
    progress_.worst_send_lag = {};
    for (std::size_t k = 0; k < shards_.size(); ++k) {
      Mailbox& mailbox = shards_[k].mailbox;
      if (!mailbox.answered()) continue;
      add(k, mailbox.letter());
      mailbox.ask();
    }
    return sum_up(now);
  }

  /// After the threads have joined: what their last answers did not tell.
  const stats::Progress& last_look(TimePoint now) {
    look(now);
    for (std::size_t k = 0; k < shards_.size(); ++k) {
      ShardProgress rest = shards_[k].shard->progress;
      const PacerCounts& counts = shards_[k].shard->pacer.counts();
      rest.users_started = counts.users_started;
      rest.users_finished = counts.users_finished;
      rest.planned = counts.planned;
      rest.sent = counts.released;
      add(k, rest);
    }
    return sum_up(now);
  }

 private:
  void add(std::size_t k, const ShardProgress& letter) {
    latest_[k] = letter;
    progress_.interval.merge(letter.interval);
    progress_.total.merge(letter.interval);
    progress_.worst_send_lag = std::max(progress_.worst_send_lag, letter.worst_send_lag);
  }

  const stats::Progress& sum_up(TimePoint now) {
    progress_.elapsed = std::max(Duration::zero(), now - t0_);
    progress_.users_started = progress_.users_finished = progress_.sent = progress_.planned = 0;
    for (const ShardProgress& shard : latest_) {
      progress_.users_started += shard.users_started;
      progress_.users_finished += shard.users_finished;
      progress_.sent += shard.sent;
      if (finite_) progress_.planned += shard.planned;
    }
    return progress_;
  }

  std::vector<ShardOutcome>& shards_;
  TimePoint t0_;
  std::vector<ShardProgress> latest_;
  stats::Progress progress_;
  bool finite_ = true;
};

stats::Ledger ledger_of(const std::vector<ShardOutcome>& shards, const stats::Recorder& recorder) {
  stats::Ledger ledger;
  for (const ShardOutcome& outcome : shards) {
    const PacerCounts& counts = outcome.shard->pacer.counts();
    ledger.planned += counts.planned;
    ledger.not_started += counts.not_started;
    ledger.sent += counts.released;
  }
  ledger.outcomes = recorder.total().outcomes;
  return ledger;
}

stats::RampRecord ramp_of(const Job& job, const std::vector<ShardOutcome>& shards) {
  stats::RampRecord ramp;
  ramp.users_planned = job.starts.size();
  if (!job.starts.empty()) ramp.planned = job.starts.back().offset - job.starts.front().offset;
  TimePoint first = kNever, last = kUnset;
  for (const ShardOutcome& outcome : shards) {
    const PacerCounts& counts = outcome.shard->pacer.counts();
    ramp.users_started += counts.users_started;
    first = std::min(first, counts.first_user_start);
    last = std::max(last, counts.last_user_start);
  }
  if (last > first) ramp.achieved = last - first;
  return ramp;
}

stats::GeneratorHealth health_of(const std::vector<ShardOutcome>& shards, const ProcessUsage& before, Duration wall) {
  const ProcessUsage after = process_usage();
  stats::GeneratorHealth health;
  health.cpu_user = after.cpu_user - before.cpu_user;
  health.cpu_system = after.cpu_system - before.cpu_system;
  health.max_rss_bytes = after.max_rss_bytes;
  health.wall = wall;
  bool run_queue_known = true;
  for (const ShardOutcome& outcome : shards) {
    const double share = seconds(outcome.after.cpu - outcome.before.cpu) / std::max(seconds(wall), 1e-9);
    health.busiest_thread = std::max(health.busiest_thread, share);
    health.longest_turn = std::max(health.longest_turn, outcome.shard->longest_turn);
    if (outcome.before.run_queue_wait && outcome.after.run_queue_wait)
      health.run_queue_wait += *outcome.after.run_queue_wait - *outcome.before.run_queue_wait;
    else
      run_queue_known = false;
  }
  if (!run_queue_known) health.not_checked.push_back("run-queue wait (no /proc/thread-self/schedstat)");
  return health;
}

}  // namespace

std::span<const EngineInfo> engines() {
  static constexpr std::array<EngineInfo, kEngines.size()> infos = [] {
    std::array<EngineInfo, kEngines.size()> list{};
    for (std::size_t i = 0; i < kEngines.size(); ++i) list[i] = kEngines[i].info;
    return list;
  }();
  return infos;
}

Result<EngineInfo> choose_engine(std::string_view name) {
  if (name == "auto")
    for (const EngineRow& row : kEngines)
      if (row.why_unavailable().empty()) return row.info;
  const EngineRow* row = engine_row(name);
  if (row == nullptr) {
    std::string known = "auto";
    for (const EngineRow& r : kEngines) known.append(", ").append(r.info.name);
    return Error{"--engine: there is no engine \"" + std::string(name) + "\"; there are " + known};
  }
  if (const std::string why = row->why_unavailable(); !why.empty())
    return Error{"--engine " + std::string(name) + ": " + why + ". --engine auto takes one that works here."};
  return row->info;
}

std::uint32_t threads_needed(const config::Plan& plan, std::uint32_t cores, bool server_is_local) {
  constexpr double kRateOfOneThread = 20'000;
  double rate = 0;
  for (const config::ThreadGroup& group : plan.thread_groups) {
    const auto requests = static_cast<double>(group.steps.size());
    const bool pauses = std::any_of(group.steps.begin(), group.steps.end(),
                                    [](const config::Step& step) { return step.think_time > Duration::zero(); });
    const bool once = !group.for_ever() && group.iterations_of(0) <= 1;
    if (!once && !pauses) return std::max(1U, server_is_local ? cores / 2 : cores);
    if (group.ramp_up > Duration::zero()) rate += group.users * requests / seconds(group.ramp_up);
  }
  return static_cast<std::uint32_t>(std::clamp(rate / kRateOfOneThread, 1.0, static_cast<double>(std::max(1U, cores))));
}

stats::RunRecord run_plan(const config::Plan& plan, const Program& program, const RunOptions& options,
                          RunControl& control, const Tick& tick) {
  const Job job{plan, program, options, schedule(plan)};
  const auto count = static_cast<std::uint32_t>(
      std::clamp<std::size_t>(options.threads, 1, std::max<std::size_t>(1, job.starts.size())));
  const ShardMain shard_main = engine_row(options.engine)->shard_main;

  std::vector<ShardOutcome> shards(count);
  TimePoint t0;
  std::barrier ready(static_cast<std::ptrdiff_t>(count) + 1, [&t0]() noexcept { t0 = SteadyClock::now() + kLead; });
  std::counting_semaphore<> done(0);
  const ProcessUsage usage_before = process_usage();

  std::vector<std::jthread> threads;
  for (std::uint32_t k = 0; k < count; ++k)
    threads.emplace_back([&, k] {
      shard_main(job, {k, count}, control, shards[k], [&] {
        ready.arrive_and_wait();
        return t0;
      });
      done.release();
    });

  ready.arrive_and_wait();
  const auto wall_start =
      std::chrono::system_clock::now() + std::chrono::duration_cast<std::chrono::system_clock::duration>(kLead);
  Lookout lookout(plan, shards, t0);
  for (std::uint32_t running = count; running > 0;) {
    if (done.try_acquire_for(kTickEvery))
      --running;
    else
      tick(lookout.look(SteadyClock::now()));
  }
  threads.clear();
  const TimePoint end = SteadyClock::now();
  tick(lookout.last_look(end));

  stats::Recorder recorder = std::move(shards[0].shard->recorder);
  for (std::uint32_t k = 1; k < count; ++k) recorder.merge(shards[k].shard->recorder);
  stats::Ledger ledger = ledger_of(shards, recorder);
  return {.labels = program.labels,
          .recorder = std::move(recorder),
          .ledger = ledger,
          .ramp = ramp_of(job, shards),
          .generator = health_of(shards, usage_before, end - t0),
          .threads = count,
          .engine = std::string(options.engine),
          .start = t0,
          .end = end,
          .wall_start = wall_start,
          .stop = control.stop() == Stop::none ? stats::StopReason::finished : stats::StopReason::on_error};
}

}  // namespace loadgen::run
