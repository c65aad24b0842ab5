#pragma once
// The loop. One shard a thread, the same loop for every engine and, in the tests, for a fake engine and a manual clock.

#include <algorithm>
#include <cstdint>

#include "base/time.hpp"
#include "engine/engine.hpp"
#include "run/control.hpp"
#include "run/pacer.hpp"
#include "stats/recorder.hpp"

namespace loadgen::run {

/// What a shard brings along: made by its own thread, for itself.
struct Shard {
  Pacer pacer;
  stats::Recorder recorder;
  Duration grace{};         ///< for requests in flight after a stop or the plan's end
  ShardProgress progress;   ///< out: what the last answer did not tell yet
  Duration longest_turn{};  ///< out: the longest time between two waits
};

/// How long the loop may sleep at most before it looks at the stop flag again.
inline constexpr Duration kStopCheck = std::chrono::milliseconds(50);

/// Reads what completed: the user moves on, the sample is counted.
template <engine::Engine E>
void reap(Shard& shard, E& engine, RunControl& control) {
  ShardProgress& progress = shard.progress;
  for (Sample& sample : engine.completed()) {
    if (shard.pacer.finish(sample)) engine.release(sample.slot);
    shard.recorder.record(sample);
    if (sample.error != ErrorKind::unfinished) progress.interval.record(sample.service_time(), !sample.succeeded());
    progress.worst_send_lag = std::max(progress.worst_send_lag, sample.send_lag());
  }
  if (shard.pacer.stop_wanted() != Stop::none) control.raise(shard.pacer.stop_wanted());
}

inline void answer_mail(Shard& shard, Mailbox& mailbox) {
  if (!mailbox.asked()) return;
  ShardProgress& progress = shard.progress;
  const PacerCounts& counts = shard.pacer.counts();
  progress.users_started = counts.users_started;
  progress.users_finished = counts.users_finished;
  progress.planned = counts.planned;
  progress.sent = counts.released;
  mailbox.answer(progress);
  progress.interval = {};
  progress.worst_send_lag = {};
}

/// Runs the shard's part of the plan to its end: everybody done, or the stop and its grace over. Afterwards every
/// request released has been recorded.
template <engine::Engine E, class Clock>
void run_shard(Shard& shard, E& engine, Clock& clock, RunControl& control, Mailbox& mailbox) {
  Pacer& pacer = shard.pacer;
  TimePoint woke = clock.now();
  TimePoint give_up = pacer.end() == kNever ? kNever : pacer.end() + shard.grace;
  bool stopping = false;
  for (;;) {
    const TimePoint now = clock.now();  // once a turn: pacing and stopping agree
    const Stop stop = control.stop();
    if (stop != Stop::none && !stopping) {
      stopping = true;
      pacer.stop();
      give_up = std::min(give_up, now + shard.grace);
    }
    for (const Release& due : pacer.release(now)) engine.start(due.slot, due.request);
    answer_mail(shard, mailbox);
    if (pacer.finished() || stop == Stop::now || now >= give_up) break;

    shard.longest_turn = std::max(shard.longest_turn, clock.now() - woke);
    engine.wait(std::min({pacer.next_due(), give_up, now + kStopCheck}));
    woke = clock.now();
    reap(shard, engine, control);
  }
  pacer.stop();
  engine.abort_all();
  reap(shard, engine, control);
}

}  // namespace loadgen::run
