#include "run/health.hpp"

#include <gtest/gtest.h>

#include "run/shard_watch.hpp"

namespace loadgen::run {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(ProcStat, StealIsTheEighthColumnOfTheCoresInUse) {
  constexpr std::string_view text =
      "cpu  10 0 0 0 0 0 0 99 0 0\n"
      "cpu0 1 2 3 4 5 6 7 30 9 10\n"
      "cpu1 1 2 3 4 5 6 7 4 9 10\n"
      "cpu2 1 2 3 4 5 6 7 500 9 10\n"
      "intr 1 2 3\n";
  const std::vector<std::uint32_t> cores{0, 1};
  EXPECT_EQ(steal_of(text, cores, 100), milliseconds(340));
  EXPECT_EQ(steal_of("intr 1\n", cores, 100), std::nullopt);
  EXPECT_EQ(steal_of("cpu0 1 2 3\n", cores, 100), std::nullopt) << "an old kernel without that column";
}

TEST(ProcPressure, TheTotalOfSome) {
  EXPECT_EQ(pressure_of("some avg10=0.00 avg60=0.00 avg300=0.49 total=3442863331\nfull avg10=0 total=0\n"),
            microseconds(3442863331));
  EXPECT_EQ(pressure_of(""), std::nullopt);
}

TEST(CpuStat, BothVersionsOfControlGroups) {
  EXPECT_EQ(throttled_of("usage_usec 5\nnr_throttled 2\nthrottled_usec 1500\n"), microseconds(1500));
  EXPECT_EQ(throttled_of("nr_periods 0\nnr_throttled 2\nthrottled_time 1500\n"), Duration(1500));
  EXPECT_EQ(throttled_of("usage_usec 5\n"), std::nullopt);
}

TEST(ProcNet, CountersStandBelowTheirNames) {
  constexpr std::string_view text =
      "Ip: Forwarding RetransSegs\nIp: 1 7\nTcp: RtoMin RetransSegs OutRsts\nTcp: 200 41 5\n";
  EXPECT_EQ(net_counter(text, "Tcp", "RetransSegs"), 41u);
  EXPECT_EQ(net_counter(text, "Tcp", "InErrs"), std::nullopt);
  EXPECT_EQ(net_counter(text, "Udp", "RetransSegs"), std::nullopt);
}

TEST(HostProbe, SignalsAreDifferencesAndWhatIsMissingStaysMissing) {
  HostCounters before, after;
  before.steal = milliseconds(100);
  after.steal = milliseconds(140);
  before.retransmits = 5;
  after.retransmits = 8;
  after.throttled = milliseconds(1);
  const stats::HostSignals signals = signals_between(before, after, seconds(1), 2);
  EXPECT_DOUBLE_EQ(signals.steal.value(), 0.02) << "40 ms of two cores' second";
  EXPECT_EQ(signals.retransmits, 3u);
  EXPECT_FALSE(signals.throttled) << "known only afterwards";
  EXPECT_FALSE(signals.cpu_pressure);
}

TEST(ThreadProbe, CountsThisThreadsOwnTime) {
  const ThreadProbe probe;
  const ThreadUsage before = probe.read();
  const TimePoint until = SteadyClock::now() + milliseconds(20);
  while (SteadyClock::now() < until) {
  }
  const ThreadUsage after = probe.read();
  const Duration waited = after.run_queue_wait.value_or(Duration{}) - before.run_queue_wait.value_or(Duration{});
  EXPECT_GE(after.cpu - before.cpu + waited, milliseconds(10));
  EXPECT_LE(after.cpu - before.cpu, milliseconds(200));
}

constexpr TimePoint kT0{seconds(100)};

Turn turn(Duration begun, Duration waits, Duration until, Duration woke, std::size_t reaped = 1) {
  return {.begun = kT0 + begun, .waits = kT0 + waits, .until = kT0 + until, .woke = kT0 + woke, .reaped = reaped};
}

TEST(ShardWatch, SeesWorkThatTookLongAndSleepThatDid) {
  ShardWatch watch(kT0, seconds(10));
  watch.begin();
  watch.on_turn(turn(milliseconds(0), milliseconds(1), milliseconds(3), milliseconds(3)));
  watch.on_turn(turn(milliseconds(3), milliseconds(10), milliseconds(12), milliseconds(11)));
  watch.on_turn(turn(milliseconds(11), milliseconds(12), milliseconds(14), milliseconds(214)));
  watch.end();
  EXPECT_EQ(watch.longest_turn(), milliseconds(7));
  ASSERT_EQ(watch.stalls().size(), 2u);
  EXPECT_EQ(watch.stalls()[0].length, milliseconds(200));
  EXPECT_EQ(watch.stalls()[0].at, milliseconds(14));
  EXPECT_EQ(watch.stalls()[1].length, milliseconds(7));
}

TEST(ShardWatch, PollingThatBroughtNothingIsNotWork) {
  ShardWatch watch(kT0, seconds(10));
  watch.begin();
  watch.on_turn(turn(microseconds(0), microseconds(1), microseconds(0), microseconds(3), 0));     // polled in vain
  watch.on_turn(turn(microseconds(3), microseconds(4), microseconds(0), microseconds(9), 1));     // polled with success
  watch.on_turn(turn(microseconds(9), microseconds(10), microseconds(50), microseconds(50), 0));  // slept
  watch.end();
  EXPECT_EQ(watch.polling(), microseconds(3));
}

void work(Duration cpu) {
  const Duration until = ThreadProbe::cpu() + cpu;
  while (ThreadProbe::cpu() < until) {
  }
}

TEST(ShardWatch, AThreadIsHeldUpWhenItNeitherRanNorMeantToSleep) {
  const auto held_up_in = [](const Turn& turn, Duration worked = {}) {
    ShardWatch watch(kT0, seconds(10));
    watch.begin();
    watch.before_wait(turn.waits);
    work(worked);
    watch.on_turn(turn);
    watch.end();
    return watch.seconds()[0].held_up;
  };
  constexpr Duration kNone{};
  const Turn woken_late = turn(kNone, microseconds(10), milliseconds(1), milliseconds(7));
  EXPECT_LE(held_up_in(woken_late), milliseconds(6));
  EXPECT_GE(held_up_in(woken_late), milliseconds(5));
  EXPECT_LE(held_up_in(woken_late, milliseconds(2)), milliseconds(4)) << "what it worked meanwhile is its own";
  EXPECT_EQ(held_up_in(woken_late, milliseconds(8)), kNone);

  EXPECT_EQ(held_up_in(turn(kNone, microseconds(10), milliseconds(7), milliseconds(7))), kNone) << "as asked";
  EXPECT_EQ(held_up_in(turn(kNone, microseconds(10), milliseconds(9), milliseconds(7))), kNone) << "something came";
  EXPECT_EQ(held_up_in(turn(kNone, microseconds(10), milliseconds(1), microseconds(1'190))), kNone) << "soon enough";
  EXPECT_EQ(held_up_in(turn(kNone, milliseconds(7), milliseconds(9), milliseconds(9))), kNone) << "it worked";
  EXPECT_GE(held_up_in(turn(kNone, microseconds(10), milliseconds(1), milliseconds(52))), milliseconds(50));

  EXPECT_GE(held_up_in(turn(kNone, microseconds(10), kNone, milliseconds(3), 0)), milliseconds(2)) << "an empty look";
  EXPECT_EQ(held_up_in(turn(kNone, microseconds(10), kNone, milliseconds(3), 1)), kNone) << "a look that read";
}

TEST(ShardWatch, WhoeverWakesLateKnowsThatTheProcessWasStopped) {
  ProcessStop::hold();
  ShardWatch watch(kT0, seconds(10));
  watch.begin();
  const auto wakes_late = [&](int second, const auto& meanwhile) {
    const Duration from = seconds(second) + milliseconds(100);
    watch.on_turn(turn(seconds(second), seconds(second), from, from));  // the second before it is over
    watch.before_wait(kT0 + from);
    meanwhile();
    watch.on_turn(turn(from, from + microseconds(10), from + milliseconds(1), from + milliseconds(71)));
  };
  const auto stopped = [] { raise(SIGCONT); };
  const auto stopped_and_counted = [] { raise(SIGCONT), ProcessStop::take(); };
  wakes_late(0, [] {});
  wakes_late(1, stopped);
  wakes_late(2, [] { ProcessStop::take(); });  // it is counted once, whether it was seen pending or not
  wakes_late(3, stopped_and_counted);
  watch.end();
  ASSERT_EQ(watch.seconds().size(), 4u);
  for (std::size_t second = 0; second < 4; ++second) {
    EXPECT_EQ(watch.seconds()[second].stopped, second == 1 || second == 3) << second;
    EXPECT_GE(watch.seconds()[second].held_up, milliseconds(60)) << second;
  }
  for (const stats::Stall& stall : watch.stalls()) EXPECT_GE(stall.held_up, milliseconds(60));
}

TEST(ShardWatch, EachSecondHasItsAccountEvenIfTheLoopSleptThroughIt) {
  ShardWatch watch(kT0, seconds(10));
  watch.begin();
  Turn first = turn(milliseconds(0), milliseconds(1), milliseconds(500), milliseconds(500));
  first.released = 3;
  watch.on_turn(first);
  Turn second = turn(milliseconds(500), milliseconds(501), milliseconds(3200), milliseconds(3200));
  second.released = 2;
  watch.on_turn(second);
  watch.end();
  ASSERT_EQ(watch.seconds().size(), 4u);
  EXPECT_EQ(watch.seconds()[0].released, 5u);
  EXPECT_EQ(watch.seconds()[1].released, 0u);
}

TEST(ShardWatch, KeepsTheWorstStallsOnly) {
  ShardWatch watch(kT0, seconds(10));
  watch.begin();
  for (int i = 0; i < 100; ++i)
    watch.on_turn(
        turn(milliseconds(50 * i), milliseconds(50 * i + 5 + i % 40), milliseconds(50 * i), milliseconds(50 * i + 45)));
  ASSERT_EQ(watch.stalls().size(), stats::kStallsKept);
  EXPECT_EQ(watch.stalls().front().length, milliseconds(44));
  EXPECT_TRUE(std::is_sorted(watch.stalls().begin(), watch.stalls().end(),
                             [](const auto& a, const auto& b) { return a.length > b.length; }));
}

}  // namespace
}  // namespace loadgen::run
