#pragma once
// The loop. One shard a thread, the same loop for every engine and, in the tests, for a fake engine and a manual clock.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>

#include "base/time.hpp"
#include "engine/engine.hpp"
#include "run/control.hpp"
#include "run/pacer.hpp"
#include "run/pacing.hpp"
#include "run/shard_watch.hpp"
#include "run/visitors.hpp"
#include "stats/recorder.hpp"
#include "stats/sample_ring.hpp"

namespace loadgen::run {

/// What a shard brings along: made by its own thread, for itself.
struct Shard {
  Pacer pacer;
  stats::Recorder recorder;
  Pacing pacing;
  ShardWatch watch;
  Duration grace{};                    ///< for requests in flight after a stop or the plan's end
  ShardProgress progress;              ///< out: what the last answer did not tell yet
  TimePoint publishes = kNever;        ///< when all that was recorded is next written for others to read: each second
  stats::SampleRing* rows = nullptr;   ///< takes a row for each request, or each that it wants; nullptr: nobody reads
  std::optional<Visitors> visitors{};  ///< where the plan wants more of users than its steps
};

inline constexpr Duration kPublishEvery = std::chrono::seconds(1);

inline stats::SampleRow row_of(const Sample& sample, const UserSeen& user) {
  return {.started = sample.started,
          .connected = sample.secured != kUnset ? sample.secured : sample.connected,
          .first_byte = sample.first_byte,
          .finished = sample.finished,
          .bytes_in = sample.bytes_in,
          .bytes_out = sample.bytes_out,
          .user = user.number,
          .active_in_group = user.active_in_group,
          .active = user.active,
          .request = sample.request,
          .status = sample.status,
          .system_error = sample.system_error,
          .error = sample.error,
          .user_left = user.left};
}

/// Begins a request that is due.
template <engine::Engine E>
void start(Shard& shard, E& engine, const Release& due) {
  const http::PreparedRequest* own = shard.visitors ? shard.visitors->first(due.slot, due.request) : nullptr;
  own == nullptr ? engine.start(due.slot, due.request) : engine.start(due.slot, due.request, *own);
}

/// Whether the sample's response led on to another request, which was sent.
template <engine::Engine E>
bool led_on(Shard& shard, E& engine, Sample& sample) {
  if (!shard.visitors) return false;
  const http::PreparedRequest* next = shard.visitors->next(sample, engine.headers_of(sample));
  if (next != nullptr) engine.start(sample.slot, sample.request, *next);
  return next != nullptr;
}

/// Reads what completed: the user moves on, the sample is counted. How many there were.
template <engine::Engine E>
std::size_t reap(Shard& shard, E& engine, RunControl& control) {
  ShardProgress& progress = shard.progress;
  const std::span<Sample> samples = engine.completed();
  for (Sample& sample : samples) {
    if (sample.only_connected()) continue;  // was still being opened when a stop cut the opening short
    if (led_on(shard, engine, sample)) continue;
    if (shard.pacer.finish(sample)) engine.release(sample.slot);
    shard.recorder.record(sample);
    if (shard.rows != nullptr && shard.rows->wants_next())
      shard.rows->offer(row_of(sample, shard.pacer.user_seen(sample.slot)));
    if (sample.error != ErrorKind::unfinished) progress.interval.record(sample.service_time(), !sample.succeeded());
    progress.worst_send_lag = std::max(progress.worst_send_lag, sample.send_lag());
  }
  if (shard.pacer.stop_wanted() != Stop::none) control.raise(shard.pacer.stop_wanted());
  return samples.size();
}

inline void publish(Shard& shard, TimePoint now) {
  if (now < shard.publishes) return;
  shard.recorder.publish();
  shard.publishes += kPublishEvery;
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
  Turn turn{.woke = clock.now()};
  TimePoint give_up = pacer.end() == kNever ? kNever : pacer.end() + shard.grace;
  bool stopping = false;
  shard.watch.begin();
  for (;;) {
    const TimePoint now = clock.now();  // once a turn: pacing and stopping agree
    const Stop stop = control.stop();
    if (stop != Stop::none && !stopping) {
      stopping = true;
      pacer.stop(now);
      give_up = std::min(give_up, now + shard.grace);
    }
    const std::uint64_t dropped_before = pacer.counts().users_dropped;
    const std::span<const Release> due = pacer.release(now);
    for (const Release& next : due) start(shard, engine, next);
    publish(shard, now);
    answer_mail(shard, mailbox);
    if (pacer.finished() || stop == Stop::now || now >= give_up) break;

    turn = {.begun = turn.woke, .waits = clock.now(), .released = due.size()};
    turn.dropped = pacer.counts().users_dropped - dropped_before;
    const TimePoint next_due = pacer.next_due();
    turn.until = shard.pacing.sleep_until(turn.waits, next_due, std::min(give_up, now + kStopCheck));
    if (next_due != kNever) shard.watch.before_wait(turn.waits);
    engine.wait(turn.until);
    turn.woke = clock.now();
    turn.reaped = reap(shard, engine, control);
    if (turn.reaped == 0) shard.pacing.slept(turn.waits, turn.until, turn.woke);
    shard.watch.on_turn(turn);
  }
  shard.watch.end();
  pacer.stop(clock.now());
  if (shard.visitors) shard.visitors->stop();
  engine.abort_all();
  reap(shard, engine, control);
}

}  // namespace loadgen::run
