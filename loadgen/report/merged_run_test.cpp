#include "report/merged_run.hpp"

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "report/json.hpp"
#include "report/reporter.hpp"
#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

using namespace std::chrono_literals;

NamedRun named(std::string name, const test::Run& run, Duration begun = 0s) {
  Result<SavedRun> saved = read_run(json(run.summary()));
  EXPECT_TRUE(saved) << saved.error();
  saved->record.wall_start += std::chrono::duration_cast<std::chrono::system_clock::duration>(begun);
  return {std::move(name), std::move(*saved)};
}

Result<SavedRun> merged(NamedRun a, NamedRun b) {
  std::vector<NamedRun> runs;
  runs.push_back(std::move(a));
  runs.push_back(std::move(b));
  return merge(std::move(runs));
}

TEST(MergedRun, TwoGeneratorsOfferTwiceTheLoadAndAreJudgedAnew) {
  const Summary one = test::open_stages().summary();
  const auto both = merged(named("a", test::open_stages()), named("b", test::open_stages(), 10ms));
  ASSERT_TRUE(both) << both.error();
  const Summary summary = summarize(*both);
  EXPECT_EQ(summary.total.completed, 2 * one.total.completed);
  EXPECT_EQ(summary.responses.count(), 2 * one.responses.count());
  EXPECT_DOUBLE_EQ(summary.window.offered, 2 * one.window.offered);
  EXPECT_DOUBLE_EQ(summary.rate.value, 2 * one.rate.value);
  EXPECT_NEAR(summary.offered.achieved, one.offered.achieved, 1e-9);
  EXPECT_EQ(summary.host.usable_cores, 4U);
  EXPECT_TRUE(summary.ledger.balanced);
  EXPECT_EQ(summary.verdict.name, one.verdict.name) << summary.verdict.sentence;
  EXPECT_EQ(test::check_of(summary.verdict, "merged runs").result, CheckResult::passed);
  EXPECT_NE(text(summary, {}).find("2 runs, begun within 0.010 s; all under way for"), std::string::npos);
}

TEST(MergedRun, BooksThatDoNotBalanceAreSeenInTheMergedRunToo) {
  NamedRun broken = named("b", test::all_succeeded(), 10ms);
  ++broken.run.record.ledger.sent;
  const auto both = merged(named("a", test::all_succeeded()), std::move(broken));
  ASSERT_TRUE(both) << both.error();
  EXPECT_EQ(summarize(*both).verdict.name, VerdictName::broken);
}

TEST(MergedRun, RunsOneAfterAnotherAreNotOneLoad) {
  const auto both = merged(named("a", test::all_succeeded()), named("b", test::all_succeeded(), 60s));
  ASSERT_TRUE(both);
  const Check check = test::check_of(summarize(*both).verdict, "merged runs");
  EXPECT_EQ(check.result, CheckResult::warning);
  EXPECT_NE(check.evidence.find("begun within 60.000 s; never all under way at the same time"), std::string::npos);
}

TEST(MergedRun, IsSavedAndReportedAgain) {
  const auto both = merged(named("a", test::many_errors()), named("b", test::many_errors(), 10ms));
  ASSERT_TRUE(both) << both.error();
  const Summary live = summarize(*both);
  const auto saved = read_run(json(live));
  ASSERT_TRUE(saved) << saved.error();
  const Summary again = summarize(*saved);
  for (const Reporter& reporter : kReporters) EXPECT_EQ(reporter.render(again), reporter.render(live));
}

TEST(MergedRun, OnlyTheSeedOfAPlanMayDiffer) {
  test::Run other = test::all_succeeded();
  other.plan.seed = 7;
  EXPECT_TRUE(merged(named("a", test::all_succeeded()), named("b", other, 10ms)));
  other.plan.thread_groups[0].ramp_up = 3s;
  const auto refused = merged(named("a.json", test::all_succeeded()), named("b.json", other));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(),
            "\"b.json\" is of another plan than \"a.json\": /thread_groups/0/ramp_up is \"3s\" and not \"2s\"");
}

TEST(MergedRun, TheSameRunTwiceIsRefused) {
  const auto refused = merged(named("a.json", test::all_succeeded()), named("copy.json", test::all_succeeded()));
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error(),
      "\"a.json\" and \"copy.json\" hold the same run, begun at 2023-11-14T22:13:20.000Z: its requests would count "
      "twice; name each run once");
  EXPECT_TRUE(merged(named("a.json", test::all_succeeded()), named("b.json", test::all_succeeded(), 1ns)));
}

TEST(MergedRun, ARunIsFoundWithinTwoMergedOnes) {
  const auto part = [](Duration begun) { return named("part", test::all_succeeded(), begun); };
  auto first = merged(part(0s), part(10ms));
  auto second = merged(part(10ms), part(20ms));
  ASSERT_TRUE(first && second);
  const auto refused = merged({"first.json", std::move(*first)}, {"second.json", std::move(*second)});
  ASSERT_FALSE(refused);
  EXPECT_EQ(
      refused.error(),
      "\"first.json\" and \"second.json\" hold the same run, begun at 2023-11-14T22:13:20.010Z: its requests would "
      "count twice; name each run once");
}

TEST(MergedRun, AnotherEngineIsRefusedByName) {
  test::Run other = test::all_succeeded();
  other.record.engine = "uring";
  const auto refused = merged(named("a.json", test::all_succeeded()), named("b.json", other, 10ms));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(),
            "\"b.json\" cannot be merged with \"a.json\": it was sent by the engine uring and not by native");
}

}  // namespace
}  // namespace loadgen::report
