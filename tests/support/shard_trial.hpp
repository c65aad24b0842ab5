#pragma once
// What the tests of the loop share: plans in a line, and a run of them by a fake engine and a manual clock.

#include <functional>
#include <vector>

#include <gtest/gtest.h>

#include "run/run_shard.hpp"
#include "tests/support/fake_engine.hpp"
#include "tests/support/manual_clock.hpp"

namespace loadgen::run {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::FakeEngine;
using test::ManualClock;

inline config::Step step(const char* name, Duration think_time = {}) {
  config::Step s;
  s.name = name;
  s.method = "GET";
  s.url = {.host = "h", .port = 80, .path_and_query = "/"};
  s.think_time = think_time;
  return s;
}

inline config::Plan plan_of(std::uint32_t users, Duration ramp_up, std::vector<config::Step> steps) {
  config::Plan plan;
  plan.thread_groups.emplace_back();
  plan.thread_groups[0].users = users;
  plan.thread_groups[0].ramp_up = ramp_up;
  plan.thread_groups[0].steps = std::move(steps);
  plan.grace = milliseconds(500);
  return plan;
}

/// Runs a plan over one or more shards with a fake engine that answers each request as behaviour says.
struct Trial {
  std::vector<test::Started> started;
  PacerCounts counts;
  stats::Recorder recorder;
  std::vector<std::uint32_t> released_slots;
  TimePoint end;
  std::vector<stats::SampleRow> rows;  ///< at most kRowsKept

  const std::vector<stats::LabelRecord>& labels() const { return recorder.labels(); }
  stats::Outcomes outcomes() const {
    stats::Outcomes sum;
    for (const auto& label : labels()) {
      sum.succeeded += label.outcomes.succeeded;
      sum.unfinished += label.outcomes.unfinished;
      for (std::size_t k = 0; k < kErrorKindCount; ++k) sum.failed_by_kind[k] += label.outcomes.failed_by_kind[k];
    }
    return sum;
  }
  void expect_balanced() const {
    EXPECT_EQ(counts.planned, counts.released + counts.not_started + counts.dropped);
    EXPECT_EQ(counts.released, outcomes().sent());
  }
};

inline constexpr TimePoint kT0{seconds(100)};
inline constexpr std::uint32_t kSlots = 64;  ///< more than any plan here has users and places
inline constexpr std::size_t kRowsKept = 8'192;

inline Trial run(const config::Plan& plan, const test::Behaviour& behaviour, ShardIndex shard = {},
                 const std::function<void(TimePoint, RunControl&)>& at_each_wait = {}) {
  const Program program = *compile(plan);
  const auto starts = schedule(plan);
  ManualClock clock(kT0);
  RunControl control;
  FakeEngine engine(clock, behaviour, [&](TimePoint now) {
    if (at_each_wait) at_each_wait(now, control);
  });
  stats::SampleRing ring(kRowsKept, {});
  Shard parts{.pacer = Pacer(plan, program, starts, shard, kT0),
              .recorder = stats::Recorder(program.labels.size(), program.label_of, kT0, seconds(60)),
              .pacing = Pacing(stats::PaceRecord{}),
              .watch = ShardWatch(kT0, seconds(60)),
              .grace = plan.grace,
              .progress = {},
              .rows = &ring};
  if (Visitors::wanted(plan)) parts.visitors.emplace(plan, program, kSlots);
  Mailbox mailbox;
  run_shard(parts, engine, clock, control, mailbox);
  parts.recorder.finish();
  Trial trial{engine.started(), parts.pacer.counts(), std::move(parts.recorder), engine.released(), clock.now(), {}};
  trial.rows.resize(kRowsKept);
  trial.rows.resize(ring.take(trial.rows));
  trial.expect_balanced();
  return trial;
}

inline test::Behaviour answers_after(Duration d) {
  return [d](const test::Started&) { return test::Reply{d, ErrorKind::none}; };
}

}  // namespace loadgen::run
