#include "report/comparison.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "report/comparison_github.hpp"
#include "report/comparison_junit.hpp"
#include "report/comparison_pairs.hpp"
#include "report/comparison_words.hpp"
#include "report/test_comparisons.hpp"
#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

using stats::Decision;
using stats::Doubt;
using test::comparison_of;
using test::slower_by;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

Comparison concluded(Comparison comparison) {
  conclude(comparison);
  return comparison;
}

/// Sets the verdict of one target's slices in the first `blocks` blocks.
void judge(Comparison& comparison, std::uint32_t target, std::uint32_t blocks, VerdictName verdict) {
  for (Slice& slice : comparison.slices)
    if (slice.target == target && slice.block < blocks) slice.verdict = verdict;
}

TEST(Conclude, DecidesByTheMargin) {
  struct Case {
    const char* metric;
    double base, factor;
    Decision decision;
  };
  for (const Case& c : {Case{"p50", 20, 1.0, Decision::pass}, Case{"p50", 20, 1.03, Decision::pass},
                        Case{"p50", 20, 1.2, Decision::regression}, Case{"p50", 20, 0.8, Decision::improved},
                        Case{"p99", 20, 1.08, Decision::pass}, Case{"p99", 20, 1.2, Decision::regression},
                        Case{"rps", 2000, 0.8, Decision::regression}, Case{"rps", 2000, 1.2, Decision::improved},
                        Case{"server_cpu", 60, 1.15, Decision::regression}}) {
    const Comparison comparison = concluded(comparison_of({{c.metric, slower_by(c.base, c.factor)}}));
    EXPECT_EQ(comparison.decision, c.decision) << c.metric << " " << c.factor;
    EXPECT_FALSE(comparison.invalid);
    ASSERT_EQ(comparison.compared.size(), 1U);
    EXPECT_NEAR(comparison.compared[0].base, c.base, 0.005 * c.base);
    EXPECT_NEAR(comparison.compared[0].candidate, c.base * c.factor, 0.005 * c.base * c.factor);
    EXPECT_EQ(comparison.compared[0].figures.blocks, 12U);
  }
}

TEST(Conclude, ABlockIsTheMeanOfItsPasses) {
  // Two passes: ln(1.1) and ln(1.3) worse; d = ln(1.1 * 1.3) / 2, and of a rate the other way round.
  const auto twice = [](const Slice& place) {
    const double factor = place.pass == 0 ? 1.1 : 1.3;
    return place.target == 0 ? 10 : 10 * factor;
  };
  const Comparison comparison = concluded(comparison_of({{"p50", twice}, {"rps", twice}}));
  const double d = std::log(1.1 * 1.3) / 2;
  EXPECT_NEAR(comparison.compared[0].blocks[3].difference.d, d, 1e-12);
  EXPECT_NEAR(comparison.compared[1].blocks[3].difference.d, -d, 1e-12);
  EXPECT_NEAR(comparison.compared[0].blocks[3].candidate, 10 * std::sqrt(1.1 * 1.3), 1e-12);
  const Change change = change_of(metric_of(comparison, comparison.compared[1]), comparison.compared[1].figures);
  EXPECT_NEAR(change.value, std::sqrt(1.1 * 1.3) - 1, 1e-12) << "of a rate, more is a positive change";
}

TEST(Conclude, TheOrderIsThatOfTheSlices) {
  const Comparison comparison = concluded(comparison_of({{"p50", slower_by(20, 1)}}));
  int began = 0;
  for (const BlockValues& block : comparison.compared[0].blocks) {
    bool first = false;
    for (const Slice& slice : comparison.slices) {
      if (slice.block != block.block) continue;
      first = slice.target == 1;
      break;
    }
    EXPECT_EQ(block.difference.candidate_first, first);
    began += first ? 1 : 0;
  }
  EXPECT_EQ(began, 6);
}

TEST(Conclude, DifferencesBelowTheFloorAreNone) {
  // 0.1 ms and 0.14 ms: 40 % more, but 0.04 ms.
  Comparison comparison = concluded(comparison_of({{"p50", slower_by(0.1, 1.4)}}));
  EXPECT_EQ(comparison.decision, Decision::pass);
  EXPECT_NEAR(comparison.compared[0].delta, 0.5, 0.01) << "0.05 ms of 0.1 ms";
  comparison.design.floor_ms = 0;
  EXPECT_EQ(concluded(comparison).decision, Decision::regression);
  EXPECT_EQ(concluded(comparison_of({{"p50", slower_by(0.1, 1.6)}})).decision, Decision::regression);
  EXPECT_DOUBLE_EQ(time_floor_ms(std::nullopt), 0.05);
  EXPECT_DOUBLE_EQ(time_floor_ms(Calibration{.rtt_p50_ns = 40'000}), 0.12);
  EXPECT_DOUBLE_EQ(time_floor_ms(Calibration{.rtt_p50_ns = 10'000}), 0.05);
}

TEST(Conclude, AClientBoundSliceIsNeverTheServersFault) {
  Comparison comparison = comparison_of({{"p50", slower_by(20, 1.2)}});
  judge(comparison, 1, 2, VerdictName::client_bound);  // 4 of 24 pairs
  comparison = concluded(comparison);
  EXPECT_FALSE(comparison.invalid);
  EXPECT_EQ(comparison.decision, Decision::regression);
  EXPECT_EQ(comparison.compared[0].figures.blocks, 10U) << "the others decide";
  EXPECT_EQ(comparison.left_out.size(), 4U);
  judge(comparison, 0, 3, VerdictName::client_bound);  // 6 of 24
  comparison = concluded(comparison);
  EXPECT_TRUE(comparison.invalid);
  EXPECT_EQ(comparison.decision, Decision::inconclusive);
  EXPECT_EQ(comparison.reason, "p50: 6 of 24 pairs of slices are not valid, by the generator's doing or its machine's");
}

TEST(Conclude, TheTargetsOwnClockIsNotTheGenerators) {
  Comparison comparison = comparison_of({{"p50", slower_by(20, 1.2), false}, {"server_cpu", slower_by(60, 1.15)}});
  judge(comparison, 1, 12, VerdictName::client_bound);
  comparison = concluded(comparison);
  EXPECT_FALSE(comparison.invalid) << "p50 is not gated";
  EXPECT_FALSE(comparison.compared[0].valid);
  EXPECT_EQ(comparison.decision, Decision::regression);
}

TEST(Conclude, WhatATargetCannotKeepUpWithIsItsOwnDoing) {
  // Its times are at least these: slower stands, not slower does not.
  Comparison slower = comparison_of({{"p50", slower_by(20, 1.2)}});
  judge(slower, 1, 12, VerdictName::overloaded);
  EXPECT_EQ(concluded(slower).decision, Decision::regression);
  Comparison same = comparison_of({{"p50", slower_by(20, 1)}});
  judge(same, 1, 12, VerdictName::overloaded);
  EXPECT_EQ(concluded(same).decision, Decision::inconclusive);
  EXPECT_NE(concluded(same).reason.find("could not keep up"), std::string::npos);
  // The other way round for the first target.
  judge(slower, 1, 12, VerdictName::trustworthy);
  judge(slower, 0, 1, VerdictName::censored);
  EXPECT_EQ(concluded(slower).decision, Decision::inconclusive);
  judge(same, 1, 12, VerdictName::trustworthy);
  judge(same, 0, 1, VerdictName::censored);
  EXPECT_EQ(concluded(same).decision, Decision::pass);
}

TEST(Conclude, FailuresAreJudgedByTheirRate) {
  const auto failing = [](const Slice& place) { return place.target == 0 ? 0 : 5 * test::wobble(place); };
  Comparison comparison = comparison_of({{"p50", slower_by(20, 0.5)}, {"error_rate", failing}});
  judge(comparison, 1, 12, VerdictName::errors);
  comparison = concluded(comparison);
  EXPECT_EQ(comparison.compared[0].figures.decision, Decision::inconclusive) << "fast failures are no improvement";
  EXPECT_EQ(comparison.compared[1].figures.decision, Decision::regression);
  EXPECT_EQ(comparison.decision, Decision::regression);
  EXPECT_NEAR(change_of(metric_of(comparison, comparison.compared[1]), comparison.compared[1].figures).value, 0.05,
              0.001);
}

/// The candidate fails this share of its requests, the base that one, in per cent and with a little noise.
Comparison failing_ungated(double base, double candidate) {
  const auto failing = [=](const Slice& place) { return (place.target == 0 ? base : candidate) * test::wobble(place); };
  return comparison_of({{"p50", slower_by(20, 0.5)}, {"error_rate", failing, false}, {"p99", slower_by(40, 1)}});
}

TEST(Conclude, AnErrorRateThatHidesTheOthersDecidesUngated) {
  Comparison comparison = failing_ungated(0, 50);
  judge(comparison, 1, 12, VerdictName::errors);
  comparison = concluded(comparison);
  EXPECT_EQ(comparison.decision, Decision::regression);
  EXPECT_EQ(comparison.reason, "error_rate: not gated, but it is why p50, p99 cannot be decided");
  EXPECT_TRUE(comparison.compared[1].decides);
  EXPECT_FALSE(is_gated(comparison, comparison.compared[1]));
  EXPECT_EQ(sentence(comparison),
            "Worse by more than the margin: error_rate, which was not gated, +50.00 pp (margin 0.10 pp).");
  const std::string junit = comparison_junit(comparison);
  EXPECT_NE(junit.find(R"(tests="3" failures="1" errors="0")"), std::string::npos) << junit;
  EXPECT_NE(junit.find(R"(name="p50 of candidate against base" time="312.500")"), std::string::npos) << junit;
  EXPECT_NE(junit.find(R"(timestamp="2026-01-02T03:04:05")"), std::string::npos) << junit;
}

TEST(Conclude, WhereNothingSucceededTheErrorRateDecides) {
  Comparison comparison = failing_ungated(0, 100);
  judge(comparison, 1, 12, VerdictName::errors);
  for (Slice& slice : comparison.slices)
    if (slice.target == 1) slice.values[0] = slice.values[2] = kUnknown;
  comparison = concluded(comparison);
  EXPECT_EQ(comparison.compared[0].reason, "not known of any slice");
  EXPECT_EQ(comparison.decision, Decision::regression);
}

TEST(Conclude, AnUngatedErrorRateDecidesNothingElse) {
  // It hides p50 and p99, and is no worse.
  Comparison both = failing_ungated(5, 5);
  judge(both, 0, 12, VerdictName::errors);
  judge(both, 1, 12, VerdictName::errors);
  both = concluded(both);
  EXPECT_EQ(both.decision, Decision::inconclusive);
  EXPECT_EQ(advice(both), "see why its requests fail; until they do not, there is nothing else to compare");
  // It is worse, and hides nothing.
  Comparison few = concluded(failing_ungated(0, 0.5));
  EXPECT_EQ(few.compared[1].figures.decision, Decision::regression);
  EXPECT_EQ(few.decision, Decision::improved) << few.reason;
  // What hides them is the base.
  Comparison base = failing_ungated(0, 0.5);
  judge(base, 0, 1, VerdictName::errors);
  EXPECT_EQ(concluded(base).decision, Decision::inconclusive);
  EXPECT_FALSE(concluded(base).compared[1].decides);
  // Of one slice that failed, the interval knows that it is but one.
  Comparison one = failing_ungated(0, 0);
  one.slices[9].values[1] = 60;
  one.slices[9].verdict = VerdictName::errors;
  EXPECT_EQ(concluded(one).decision, Decision::inconclusive);
}

TEST(Conclude, NothingFailedTakesRequestsToSay) {
  const auto none = [](const Slice&) { return 0.0; };
  // -ln(0.05) / n = 0.1 % takes 2,996 requests; 24 slices of 125 are 3,000, and of 124 are 2,976.
  Comparison comparison = comparison_of({{"error_rate", none}});
  for (Slice& slice : comparison.slices) slice.completed = 125;
  EXPECT_EQ(concluded(comparison).decision, Decision::pass);
  for (Slice& slice : comparison.slices) slice.completed = 124;
  comparison = concluded(comparison);
  EXPECT_EQ(comparison.decision, Decision::inconclusive);
  EXPECT_EQ(comparison.reason, "error_rate: nothing failed, but 2976 requests are too few to say so");
}

TEST(Conclude, DisturbedPairsAreLeftOutByCovariates) {
  Comparison comparison = comparison_of({{"p50", slower_by(20, 1.0)}});
  comparison.slices[7].disturbed = true;
  comparison = concluded(comparison);
  EXPECT_EQ(comparison.decision, Decision::pass);
  ASSERT_EQ(comparison.left_out.size(), 1U);
  EXPECT_TRUE(comparison.left_out[0].disturbed);
  // If what was left out decides, nothing is decided.
  comparison.slices[7].values[0] *= 40;
  EXPECT_EQ(concluded(comparison).decision, Decision::inconclusive);
  EXPECT_EQ(concluded(comparison).reason, "p50: with the pairs that were disturbed (1) it would be INCONCLUSIVE");
  // More than a fifth: that is the machine, and stays in.
  for (std::size_t i = 0; i < comparison.slices.size(); i += 6) comparison.slices[i].disturbed = true;
  EXPECT_EQ(concluded(comparison).compared[0].figures.doubt, Doubt::wide);
}

TEST(Conclude, BrokenBooksEndIt) {
  Comparison comparison = comparison_of({{"server_cpu", slower_by(60, 1)}});
  comparison.slices[3].balanced = false;
  EXPECT_TRUE(concluded(comparison).invalid);
  comparison.slices[3].balanced = true;
  comparison.slices[3].little_error = 0.011;
  EXPECT_TRUE(concluded(comparison).invalid);
  EXPECT_NE(concluded(comparison).reason.find("Little's law"), std::string::npos);
  comparison.slices[3].little_error = 0.009;
  EXPECT_FALSE(concluded(comparison).invalid);
  comparison.slices[3].verdict = VerdictName::broken;
  EXPECT_TRUE(concluded(comparison).invalid);
}

TEST(Conclude, UnknownValuesAreNotGuessed) {
  const auto sometimes = [](std::uint32_t blocks) {
    return [blocks](const Slice& place) { return place.block < blocks ? kUnknown : 20.0 * test::wobble(place); };
  };
  EXPECT_EQ(concluded(comparison_of({{"p99", sometimes(2)}})).decision, Decision::pass);
  EXPECT_EQ(concluded(comparison_of({{"p99", sometimes(3)}})).reason, "p99: not known in 6 of 24 pairs of slices");
  const Comparison none = concluded(comparison_of({{"server_cpu", [](const Slice&) { return kUnknown; }}}));
  EXPECT_EQ(none.decision, Decision::inconclusive);
  EXPECT_EQ(none.reason, "server_cpu: not known of any slice");
  EXPECT_FALSE(none.invalid);
}

TEST(Conclude, ZeroesHaveNoRatio) {
  const auto dead = [](const Slice& place) { return place.target == 0 ? 100.0 : 0.0; };
  const Comparison comparison = concluded(comparison_of({{"rps", dead}}));
  EXPECT_EQ(comparison.decision, Decision::inconclusive);
  EXPECT_EQ(comparison.compared[0].figures.doubt, Doubt::not_finite);
}

TEST(Conclude, OneOfManyMustBeClearer) {
  // p of about 0.03 alone: enough for one gated figure, not for two.
  const auto barely = [](const Slice& place) {
    const double noise = 0.05 * std::sin(7.0 * place.block);
    return place.target == 0 ? 20.0 : 20 * 1.05 * std::exp(0.0140 + noise);
  };
  const Comparison one = concluded(comparison_of({{"p50", barely}}));
  ASSERT_EQ(one.decision, Decision::regression);
  ASSERT_GT(one.compared[0].figures.p, 0.025);
  const Comparison two = concluded(comparison_of({{"p50", barely}, {"server_cpu", slower_by(60, 1)}}));
  EXPECT_EQ(two.decision, Decision::inconclusive);
  EXPECT_EQ(two.compared[0].figures.doubt, Doubt::family);
  const Comparison shown = concluded(comparison_of({{"p50", barely}, {"server_cpu", slower_by(60, 1), false}}));
  EXPECT_EQ(shown.decision, Decision::regression) << "what is only shown takes nothing away";
}

TEST(Conclude, WhatIsNotGatedDecidesNothing) {
  const Comparison comparison = concluded(comparison_of({{"p50", slower_by(20, 1)}, {"p99", slower_by(20, 2), false}}));
  EXPECT_EQ(comparison.decision, Decision::pass);
  EXPECT_EQ(comparison.compared[1].figures.decision, Decision::regression);
  EXPECT_EQ(concluded(comparison_of({{"p50", slower_by(20, 1), false}})).reason, "no figure is gated");
}

TEST(Conclude, Interrupted) {
  Comparison comparison = comparison_of({{"p50", slower_by(20, 1.2)}});
  comparison.interrupted = true;
  comparison.slices.resize(4 * 7 + 1);  // seven blocks and a slice without its other half
  comparison = concluded(comparison);
  EXPECT_EQ(comparison.blocks_made, 7U);
  EXPECT_EQ(comparison.pairs_made, 14U);
  EXPECT_EQ(comparison.compared[0].figures.decision, Decision::regression) << "shown as what there is";
  EXPECT_EQ(comparison.decision, Decision::inconclusive);
  comparison.slices.clear();
  comparison = concluded(comparison);
  EXPECT_EQ(comparison.decision, Decision::inconclusive);
  EXPECT_FALSE(comparison.invalid);
}

TEST(Conclude, CutShortBecauseATargetFailed) {
  Comparison comparison = comparison_of({{"p50", slower_by(20, 1.2)}});
  comparison.cut_short = "target candidate in block 8: it ended with exit status 3";
  comparison.slices.resize(4 * 7 + 1);
  comparison = concluded(comparison);
  EXPECT_EQ(comparison.blocks_made, 7U);
  EXPECT_EQ(comparison.compared[0].figures.decision, Decision::regression) << "shown as what there is";
  EXPECT_EQ(comparison.reason, comparison.cut_short);
  EXPECT_EQ(headline(comparison), "INVALID");
  EXPECT_EQ(sentence(comparison),
            "Cut short, nothing is decided. target candidate in block 8: it ended with exit status 3.");
  EXPECT_EQ(advice(comparison), "") << "the generator was not to blame";
  EXPECT_EQ(standing_of(comparison, comparison.compared[0]), Standing::doubtful);
  EXPECT_EQ(annotations_of(comparison).front().level, AnnotationLevel::error);
}

TEST(Conclude, RunsThatWereCutShortSaySoToo) {
  Comparison comparison = test::runs();
  EXPECT_EQ(annotations_of(comparison).front().level, AnnotationLevel::notice);
  comparison.cut_short = "target a in block 2: it was gone";
  conclude(comparison);
  EXPECT_EQ(headline(comparison), "INVALID");
  EXPECT_EQ(annotations_of(comparison).front().level, AnnotationLevel::error);
}

TEST(Conclude, EachTargetAgainstTheFirst) {
  const Comparison comparison = test::hostile();
  ASSERT_EQ(comparison.compared.size(), 2U);
  EXPECT_EQ(comparison.compared[0].target, 1U);
  EXPECT_EQ(comparison.compared[1].target, 2U);
  EXPECT_EQ(comparison.pairs_made, 48U);
  EXPECT_EQ(comparison.blocks_made, 12U);
  EXPECT_EQ(comparison.decision, Decision::regression);
}

TEST(Conclude, RunsAreNotJudged) {
  const Comparison comparison = test::runs();
  EXPECT_TRUE(comparison.compared.empty());
  EXPECT_TRUE(comparison.reason.empty());
}

TEST(CompareMetrics, MarginsAndBack) {
  for (const CompareMetric& metric : kCompareMetrics) {
    EXPECT_NEAR(delta_of(metric, difference_of(metric, 0.07)), 0.07, 1e-12) << metric.name;
    EXPECT_EQ(find_compare_metric(metric.name), &metric);
  }
  EXPECT_EQ(find_compare_metric("p51"), nullptr);
  EXPECT_NEAR(difference_of(*find_compare_metric("p50"), 0.05), std::log(1.05), 1e-12);
  EXPECT_NEAR(difference_of(*find_compare_metric("rps"), 0.05), std::log(1 / 0.95), 1e-12) << "5 % less";
  EXPECT_NEAR(difference_of(*find_compare_metric("error_rate"), 0.001), 0.1, 1e-12) << "per cent";
}

TEST(CompareMetrics, OfARun) {
  CompareDesign design;
  for (const CompareMetric& metric : kCompareMetrics) design.metrics.push_back({std::string(metric.name)});
  // 6,000 users in 2 s, one request each: a schedule says when, and response times count.
  const Summary summary = test::all_succeeded().summary();
  const Slice slice = slice_of(summary, design, 61.5);
  ASSERT_EQ(slice.values.size(), kCompareMetrics.size());
  EXPECT_TRUE(by_schedule(summary));
  EXPECT_DOUBLE_EQ(slice.values[0], summary.rate.value);
  EXPECT_DOUBLE_EQ(slice.values[1], summary.total.times.response.percentiles[0].value / 1e6);
  EXPECT_DOUBLE_EQ(slice.values[4], summary.total.times.response.percentiles[3].value / 1e6);
  EXPECT_TRUE(std::isnan(slice.values[5])) << "6,000 values are too few for p99.9";
  EXPECT_DOUBLE_EQ(slice.values[6], summary.total.times.response.values.mean_ns / 1e6);
  EXPECT_DOUBLE_EQ(slice.values[7], 0);
  EXPECT_DOUBLE_EQ(slice.values[8], 61.5);
  EXPECT_EQ(slice.completed, 6000U);
  EXPECT_TRUE(slice.balanced);
  EXPECT_TRUE(slice.evidence.empty());

  Summary closed = test::many_errors().summary();
  closed.offered.model = "closed";
  const Slice failing = slice_of(closed, design, kUnknown);
  EXPECT_FALSE(by_schedule(closed));
  EXPECT_DOUBLE_EQ(failing.values[7],
                   100.0 * static_cast<double>(failing.failed) / static_cast<double>(failing.completed));
  EXPECT_GT(failing.values[7], 0);
  EXPECT_EQ(failing.verdict, VerdictName::errors);
  EXPECT_EQ(failing.evidence, "errors: " + test::check_of(closed.verdict, "errors").evidence);
  EXPECT_TRUE(std::isnan(failing.values[8]));
  const Slice nothing = slice_of(test::empty().summary(), design, kUnknown);
  for (const double value : nothing.values) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace loadgen::report
