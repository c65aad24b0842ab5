// Whose fault it was: the generator's lateness against what the machine did.

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "report/test_runs.hpp"
#include "report/verdict.hpp"

namespace loadgen::report {
namespace {

using namespace std::chrono_literals;
using test::check_of;
using test::Late;

/// 1,000/s for 6 s of 2 ms each; in the third second every second request is late by 8 ms.
test::Run late_in_one_second() {
  test::Run run = test::disturbed();
  run.record.generator.seconds[2].shards[0].run_queue_wait = {};
  run.record.generator.run_queue_wait = {};
  run.record.generator.stalls.clear();
  return run;
}

test::Run quiet(Duration service = 2ms) {
  return test::open_run({{.duration = 6s, .from = 1000, .to = 1000}},
                        [=](Duration) { return Late{.service = service}; });
}

VerdictName name_of(const test::Run& run) {
  return run.summary().verdict.name;
}

TEST(Blame, LatenessThatNothingExplainsIsTheGenerators) {
  const Verdict verdict = late_in_one_second().summary().verdict;
  EXPECT_EQ(verdict.name, VerdictName::client_bound);
  EXPECT_NE(check_of(verdict, "send lag").evidence.find("nothing that the machine did"), std::string::npos);
}

TEST(Blame, LatenessIsTheMachinesWhenItTookHalfOfTheTimeThatIsToBeExplained) {
  // Half of the requests of that second were late: the machine has to have had the core for a quarter of it.
  test::Run run = late_in_one_second();
  auto& second = run.record.generator.seconds[2];
  second.shards[0].run_queue_wait = 260ms;
  EXPECT_EQ(name_of(run), VerdictName::disturbed);
  second.shards[0].run_queue_wait = 240ms;
  EXPECT_EQ(name_of(run), VerdictName::client_bound);
  second.shards[0].run_queue_wait = {};
  second.host.steal = 0.13;  // of two cores: 260 ms of one
  EXPECT_EQ(name_of(run), VerdictName::disturbed);
  second.host.steal = 0;
  second.host.throttled = 260ms;
  EXPECT_EQ(name_of(run), VerdictName::disturbed);
}

/// 100/s for 6 s; a thread that sleeps between requests is woken 4 ms late for every fourth one.
test::Run woken_late(Duration waited_a_second) {
  int i = 0;
  test::Run run = test::open_run({{.duration = std::chrono::seconds(6), .from = 100, .to = 100}}, [&](Duration) {
    return test::Late{.lag = i++ % 4 == 0 ? std::chrono::milliseconds(4) : std::chrono::microseconds(20),
                      .service = std::chrono::milliseconds(2)};
  });
  run.record.generator.seconds.resize(6);
  for (stats::HealthSecond& second : run.record.generator.seconds) {
    second.shards.resize(1);
    second.shards[0].run_queue_wait = waited_a_second;
    second.host.steal = 0;
  }
  run.record.generator.run_queue_wait = 6 * waited_a_second;
  return run;
}

TEST(Blame, AThreadThatWaitsForItsCoreJustWhenARequestIsDueIsDisturbed) {
  // 25 requests a second late by 4 ms: 100 ms of waiting explain all of it, 55 ms half, 40 ms too little.
  EXPECT_EQ(check_of(woken_late(std::chrono::milliseconds(100)).summary().verdict, "send lag").verdict,
            VerdictName::disturbed);
  EXPECT_EQ(check_of(woken_late(std::chrono::milliseconds(55)).summary().verdict, "send lag").verdict,
            VerdictName::disturbed);
  EXPECT_EQ(check_of(woken_late(std::chrono::milliseconds(40)).summary().verdict, "send lag").verdict,
            VerdictName::client_bound);
}

TEST(Blame, AThreadThatWasHeldUpIsDisturbedUnlessItsOwnThreadsDidIt) {
  // 25 requests a second late by 4 ms: 100 ms a second are to be explained.
  const auto held_up = [](Duration time) {
    test::Run run = woken_late({});
    for (stats::HealthSecond& second : run.record.generator.seconds) second.shards[0].held_up = time;
    return run;
  };
  test::Run run = held_up(55ms);
  const Check check = check_of(run.summary().verdict, "send lag");
  EXPECT_EQ(check.verdict, VerdictName::disturbed);
  EXPECT_NE(check.evidence.find("330.00 ms in which it neither ran nor meant to sleep"), std::string::npos)
      << check.evidence;
  EXPECT_EQ(check_of(held_up(40ms).summary().verdict, "send lag").verdict, VerdictName::client_bound);
  run.record.threads = 3;
  EXPECT_EQ(check_of(run.summary().verdict, "send lag").verdict, VerdictName::client_bound);
}

TEST(Blame, BeingHeldUpExplainsAStallUnlessASignalStoppedTheProcess) {
  test::Run run = quiet();
  run.record.generator.seconds.resize(6);
  for (stats::HealthSecond& second : run.record.generator.seconds) second.shards.resize(1);
  run.record.generator.seconds[2].shards[0].held_up = 60ms;
  const auto with = [&](Duration held_up) {
    run.record.generator.stalls = {{2s, 60ms, 0ns, 0ns, held_up, 0}};
    return check_of(run.summary().verdict, "loop stall");
  };
  const Check machine = with(59ms);
  EXPECT_EQ(machine.verdict, VerdictName::disturbed);
  EXPECT_NE(machine.evidence.find("59.00 ms of it neither running nor meaning to sleep"), std::string::npos)
      << machine.evidence;
  EXPECT_EQ(with(29ms).verdict, VerdictName::client_bound) << "another moment of that second";
  run.record.generator.seconds[2].shards[0].stopped = true;
  EXPECT_EQ(with(59ms).verdict, VerdictName::client_bound);
}

TEST(Blame, AProcessThatASignalStoppedIsToldSo) {
  test::Run run = woken_late({});
  for (stats::HealthSecond& second : run.record.generator.seconds) second.shards[0].held_up = 100ms;
  EXPECT_EQ(check_of(run.summary().verdict, "send lag").verdict, VerdictName::disturbed);
  for (stats::HealthSecond& second : run.record.generator.seconds) second.shards[0].stopped = true;
  const Check check = check_of(run.summary().verdict, "send lag");
  EXPECT_EQ(check.verdict, VerdictName::client_bound);
  EXPECT_NE(check.evidence.find("stopped and continued by a signal"), std::string::npos) << check.evidence;
}

TEST(Blame, WhatTheMachineDidInOtherSecondsExplainsNothing) {
  test::Run run = late_in_one_second();
  run.record.generator.seconds[4].shards[0].run_queue_wait = 900ms;
  EXPECT_EQ(name_of(run), VerdictName::client_bound);
}

TEST(Blame, AThreadWithoutRoomIsTheLimitWhateverTheMachineDid) {
  test::Run run = late_in_one_second();
  run.record.generator.seconds[2].shards[0].run_queue_wait = 500ms;
  run.record.generator.productive_share = 0.81;
  EXPECT_EQ(name_of(run), VerdictName::client_bound);
}

TEST(Blame, AStoppedGeneratorIsClientBoundWhereNoPercentileShowsIt) {
  test::Run run = quiet();
  run.record.generator.stalls = {{2s, 200ms, 0ns, 0ns, {}, 0}};
  EXPECT_EQ(name_of(run), VerdictName::client_bound);
  run.record.generator.stalls = {{2s, 200ms, 100ms, 0ns, {}, 0}};
  EXPECT_EQ(name_of(run), VerdictName::disturbed) << "half of it without a core";
  run.record.generator.stalls = {{2s, 200ms, 99ms, 0ns, {}, 0}};
  EXPECT_EQ(name_of(run), VerdictName::client_bound);
  run.record.generator.stalls.push_back({3s, 60ms, 60ms, 0ns, 0ns, 0});
  EXPECT_EQ(name_of(run), VerdictName::client_bound) << "one that is explained excuses no other";
}

TEST(Blame, ThreadsWithoutCoresOfTheirOwnWaitForOneAnother) {
  test::Run run = test::disturbed();
  EXPECT_EQ(name_of(run), VerdictName::disturbed);
  run.record.threads = 3;  // on the two cores of the made-up host
  run.record.generator.run_queue_wait = run.record.generator.wall;
  const Verdict verdict = run.summary().verdict;
  EXPECT_EQ(verdict.name, VerdictName::client_bound);
  EXPECT_NE(check_of(verdict, "send lag").evidence.find("its 3 threads had 2 cores"), std::string::npos);
  EXPECT_EQ(check_of(verdict, "run-queue wait").verdict, VerdictName::client_bound);
  for (const Check& check : verdict.evidence) {
    const bool blames_others = check.result != CheckResult::passed && check.verdict == VerdictName::disturbed;
    EXPECT_FALSE(blames_others) << check.name << ": " << check.evidence;
  }
}

TEST(Blame, CoresThatTheGeneratorFilledItselfWereNobodyElses) {
  test::Run run = late_in_one_second();
  auto& second = run.record.generator.seconds[2];
  second.shards.resize(2);
  second.shards[0].run_queue_wait = 400ms;
  second.shards[0].cpu = second.shards[1].cpu = 790ms;
  EXPECT_EQ(name_of(run), VerdictName::disturbed) << "79 % of two cores";
  second.shards[0].cpu = second.shards[1].cpu = 810ms;
  EXPECT_EQ(name_of(run), VerdictName::client_bound);
}

TEST(Blame, AShortStallIsAWarning) {
  test::Run run = quiet();
  run.record.generator.stalls = {{2s, 49ms, 0ns, 0ns, {}, 0}};
  EXPECT_EQ(name_of(run), VerdictName::trustworthy);
  EXPECT_EQ(check_of(run.summary().verdict, "loop stall").result, CheckResult::warning);
  run.record.generator.stalls = {{2s, 51ms, 0ns, 0ns, {}, 0}};
  EXPECT_EQ(name_of(run), VerdictName::client_bound);
}

TEST(Blame, AStallInTheWarmUpIsAWarning) {
  test::Run run = quiet();
  run.plan.warm_up.time = 3s;
  run.record.generator.stalls = {{1s, 200ms, 0ns, 0ns, {}, 0}};
  EXPECT_EQ(name_of(run), VerdictName::trustworthy);
  run.record.generator.stalls[0].at = 2900ms;
  EXPECT_EQ(name_of(run), VerdictName::client_bound) << "it reaches into the measured part";
}

TEST(Blame, StealTimeExplainsAStall) {
  test::Run run = quiet();
  run.record.generator.seconds.resize(6);
  run.record.generator.stalls = {{2s, 200ms, 0ns, 0ns, {}, 0}};
  run.record.generator.seconds[2].host.steal = 0.05;  // of two cores
  EXPECT_EQ(name_of(run), VerdictName::disturbed);
}

TEST(Machine, HighSharesAloneAreWarnings) {
  test::Run run = quiet();
  run.record.generator.host.steal = 0.20;
  run.record.generator.host.cpu_pressure = 0.60;
  run.record.generator.run_queue_wait = run.record.generator.wall / 5;
  const Verdict verdict = run.summary().verdict;
  EXPECT_EQ(verdict.name, VerdictName::trustworthy);
  for (const char* name : {"steal time", "CPU pressure", "run-queue wait"})
    EXPECT_EQ(check_of(verdict, name).result, CheckResult::warning) << name;
}

TEST(Machine, HighSharesWithHarmDisturb) {
  // A tenth of the requests late by 150 us, of 2 ms: 7.5 %, a warning by itself.
  int i = 0;
  test::Run run = test::open_run({{.duration = 6s, .from = 1000, .to = 1000}},
                                 [&](Duration) { return Late{.lag = i++ % 10 == 0 ? 150us : 5us}; });
  EXPECT_EQ(name_of(run), VerdictName::trustworthy);
  run.record.generator.host.steal = 0.06;
  EXPECT_EQ(name_of(run), VerdictName::disturbed);
  run.record.generator.host.steal = 0.02;
  EXPECT_EQ(name_of(run), VerdictName::trustworthy);
  EXPECT_EQ(check_of(run.summary().verdict, "steal time").result, CheckResult::warning);
}

TEST(Machine, SmallSharesAreNotWorthALine) {
  test::Run run = quiet();
  run.record.generator.host.steal = 0.02;
  EXPECT_EQ(check_of(run.summary().verdict, "steal time").result, CheckResult::passed);
}

TEST(Machine, ThrottlingAndRetransmitsHaveLimits) {
  test::Run run = quiet();
  run.record.generator.host.throttled = 1ms;
  EXPECT_EQ(check_of(run.summary().verdict, "CPU throttling").result, CheckResult::warning);
  run.record.generator.host.throttled = 100ms;  // of 6 s
  EXPECT_EQ(name_of(run), VerdictName::disturbed);
  run.record.generator.host.throttled = 0ms;
  run.record.generator.retransmits = 6;  // of 6,000
  EXPECT_EQ(check_of(run.summary().verdict, "TCP retransmits").result, CheckResult::passed);
  run.record.generator.retransmits = 7;
  EXPECT_EQ(check_of(run.summary().verdict, "TCP retransmits").result, CheckResult::warning);
  run.record.generator.retransmits = 61;
  EXPECT_EQ(name_of(run), VerdictName::disturbed);
}

TEST(Machine, DropsAreWarnings) {
  test::Run run = quiet();
  run.record.generator.host.listen_drops = 1;
  run.record.generator.host.network_drops = 1;
  const Verdict verdict = run.summary().verdict;
  EXPECT_EQ(verdict.name, VerdictName::trustworthy);
  EXPECT_EQ(check_of(verdict, "full accept queues").result, CheckResult::warning);
  EXPECT_EQ(check_of(verdict, "dropped packets").result, CheckResult::warning);
}

TEST(Machine, WhatCannotBeReadIsNotChecked) {
  test::Run run = quiet();
  run.record.generator.not_checked = {"steal time (no /proc/stat)"};
  const std::vector<std::string> names = run.summary().verdict.not_checked;
  EXPECT_EQ(std::ranges::count_if(names, [](const auto& n) { return n.starts_with("steal time"); }), 1);
  EXPECT_EQ(std::ranges::count(names, "CPU pressure"), 1);
  EXPECT_EQ(std::ranges::count(names, "calibration (run `loadgen calibrate`)"), 1);
}

/// Of every sample the time from its arrival in the kernel to the read.
test::Run with_receive_lag(Duration lag) {
  std::vector<Sample> samples;
  for (int i = 0; i < 2000; ++i) {
    samples.push_back(test::sample_at(1ms * i, 10us, 2ms));
    samples.back().receive_lag_ns = static_cast<std::uint32_t>(lag.count());
  }
  return test::run_of({"r"}, samples);
}

TEST(ReceiveLag, IsMeasuredAgainstServiceTime) {
  EXPECT_EQ(check_of(with_receive_lag(90us).summary().verdict, "receive lag").result, CheckResult::passed);
  EXPECT_EQ(check_of(with_receive_lag(190us).summary().verdict, "receive lag").result, CheckResult::warning);
  EXPECT_EQ(name_of(with_receive_lag(300us)), VerdictName::client_bound) << "15 % of 2 ms";
}

TEST(Resources, WhatTheGeneratorLacksIsItsOwn) {
  for (const ErrorKind lack : {ErrorKind::no_local_port, ErrorKind::no_descriptor, ErrorKind::upload}) {
    std::vector<Sample> samples;
    for (int i = 0; i < 2000; ++i) samples.push_back(test::sample_at(1ms * i, 10us, 2ms));
    samples[5].error = lack;
    EXPECT_EQ(name_of(test::run_of({"r"}, samples)), VerdictName::client_bound) << info(lack).key;
  }
}

}  // namespace
}  // namespace loadgen::report
