#include "report/gates.hpp"

#include <gtest/gtest.h>

#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

using namespace std::chrono_literals;

/// "passed", with "?" behind it where the run cannot answer for it.
std::string result_of(const Gate& gate) {
  return std::string(to_string(gate.result)) + (gate.doubt.empty() ? "" : "?");
}

std::vector<Gate> gates_of(const test::Run& run, const std::vector<std::string>& thresholds) {
  config::Plan plan = run.plan;
  for (const std::string& text : thresholds) {
    const auto threshold = config::parse_threshold(text);
    if (!threshold) ADD_FAILURE() << threshold.error();
    plan.thresholds.push_back(*threshold);
  }
  HostFacts host;
  host.usable_cores = 2;
  return summarize(plan, run.record, host).gates;
}

Gate gate_of(const test::Run& run, const std::string& threshold) {
  return gates_of(run, {threshold}).at(0);
}

void expect_results(const test::Run& run, const std::vector<std::pair<std::string, std::string>>& expected) {
  for (const auto& [threshold, result] : expected) {
    const Gate gate = gate_of(run, threshold);
    EXPECT_EQ(result_of(gate), result) << threshold << ": " << gate.evidence << " " << gate.doubt;
  }
}

/// 1,000 arrivals a second; each 50th takes 20 ms, the others 2 ms.
test::Run steady(Duration length = 6s) {
  int i = 0;
  return test::open_run({{.duration = length, .from = 1000, .to = 1000}},
                        [&](Duration) { return test::Late{.service = ++i % 50 == 0 ? 20ms : 2ms}; });
}

TEST(Gates, EachFigureIsHeldAgainstItsLimit) {
  expect_results(steady(), {
                               {"p50 < 3ms", "passed"},
                               {"p50 < 1ms", "failed"},
                               {"p50 > 1ms", "passed"},
                               {"p97.5 < 3ms", "passed"},  // not one of the percentiles that reports print
                               {"p99 < 10ms", "failed"},
                               {"p99 < 25ms", "passed"},
                               {"mean < 2.5ms", "passed"},  // 2.36 ms, and 0.02 ms of send lag
                               {"mean < 2.2ms", "failed"},
                               {"max < 25ms", "passed"},
                               {"max < 15ms", "failed"},
                               {"min >= 2ms", "passed"},
                               {"min > 2.1ms", "failed"},
                               {"service.max <= 20ms", "passed"},
                               {"response.max <= 20ms", "failed"},
                               {"send_lag.p99 < 1ms", "passed"},
                               {"send_lag.max >= 1ms", "failed"},
                               {"rps >= 990", "passed"},
                               {"rps >= 1010", "failed"},
                               {"delivered >= 99%", "passed"},
                           });
}

TEST(Gates, FailuresAreAProportionOfWhatWasDue) {
  // None of 6,000: the upper end is z² / (n + z²) = 0.064 %.
  expect_results(steady(), {
                               {"error_rate < 0.1%", "passed"},
                               {"error_rate < 0.05%", "undecided"},
                               {"error_rate <= 0%", "passed"},  // whether there was any is counted
                               {"error_rate > 0%", "failed"},
                           });
  // 500 of 6,000 were unfinished: all in the last two of 30 cells of 200 ms and a half.
  const test::Run run = test::censored();
  expect_results(run, {{"error_rate < 1%", "failed"}, {"error_rate < 50%", "passed"}, {"error_rate <= 0%", "failed"}});
  EXPECT_NEAR(gate_of(run, "error_rate < 1%").figure.value, 500.0 / 6000, 1e-12);
}

TEST(Gates, AFigureOfOneLabelIsOfItsRequestsAlone) {
  std::vector<Sample> samples;
  for (int i = 0; i < 8000; ++i) {
    Sample sample = test::sample_at(1ms * i, 10us, i % 2 == 0 ? 2ms : 30ms);
    sample.request = static_cast<std::uint16_t>(i % 2);
    if (i % 8 == 1) sample.error = ErrorKind::status, sample.status = 500;
    samples.push_back(sample);
  }
  test::Run run = test::run_of({"fast", "slow"}, samples);
  run.plan.thread_groups.resize(1);
  run.plan.thread_groups[0].steps.resize(2);
  run.plan.thread_groups[0].duration = 8s;
  run.plan.thread_groups[0].loops.reset();
  const auto gates = gates_of(run, {"p90{fast} < 5ms", "p90{slow} < 5ms", "p90 < 5ms", "error_rate{fast} < 1%",
                                    "error_rate{slow} < 50%", "error_rate{slow} < 10%"});
  std::vector<std::string> results;
  for (const Gate& gate : gates) results.push_back(result_of(gate));
  EXPECT_EQ(results, (std::vector<std::string>{"passed", "failed", "failed", "passed", "passed", "failed"}));
  EXPECT_EQ(gates[5].figure.value, 0.25) << "1,000 of 4,000, over the whole run";
}

TEST(Gates, BoundsDecideWhatTheyCan) {
  // Of a twelfth nothing is known but that it took 1 s and more.
  const test::Run run = test::censored();
  expect_results(run, {
                          {"p50 < 10ms", "passed"},
                          {"p99 < 100ms", "failed"},
                          {"p99 < 1h", "undecided"},
                          {"p99 > 100ms", "passed"},
                          {"p99 > 1h", "undecided"},
                          {"max < 100ms", "failed"},
                          {"max < 1h", "undecided"},
                          {"mean < 1ms", "failed"},
                          {"mean < 1h", "undecided"},
                          {"min < 10ms", "passed"},
                      });
  EXPECT_TRUE(gate_of(run, "p99 < 100ms").evidence.starts_with("at least ")) << gate_of(run, "p99 < 1s").evidence;
}

TEST(Gates, WithoutAnIntervalEveryValueMustAgree) {
  // 1 s is five cells: no batches. Of 1,000 values ten are beyond p99.
  expect_results(steady(1s), {
                                 {"p50 < 25ms", "passed"},
                                 {"p50 < 10ms", "undecided"},  // the value is 2 ms, some took 20
                                 {"p50 < 1ms", "failed"},
                                 {"p99 < 25ms", "passed"},
                                 {"rps >= 900", "passed"},
                                 {"rps >= 1100", "failed"},
                             });
  // 100 a second for 6 s: too few for p99; p98.3 they allow.
  int i = 0;
  const test::Run few = test::open_run({{.duration = 6s, .from = 100, .to = 100}},
                                       [&](Duration) { return test::Late{.service = ++i % 2 == 0 ? 20ms : 2ms}; });
  expect_results(few, {
                          {"p99 < 25ms", "undecided"},
                          {"p99 < 10ms", "failed"},  // even p98.3 is above
                          {"p99 > 10ms", "passed"},
                          {"p90 < 25ms", "passed"},
                      });
}

TEST(Gates, NoSamplesFail) {
  for (const char* threshold : {"p99 < 1s", "p99 > 1s", "mean < 1s", "min < 1s", "max < 1s", "error_rate < 1%",
                                "error_rate <= 0%", "rps >= 0", "rps > 1"}) {
    const Gate gate = gate_of(test::empty(), threshold);
    EXPECT_EQ(gate.result, GateResult::failed) << threshold;
    EXPECT_NE(gate.evidence.find("of no requests at all"), std::string::npos) << gate.evidence;
  }
}

TEST(Gates, RequestsOfWhichNoneSucceededHaveNoTimes) {
  std::vector<Sample> samples;
  for (int i = 0; i < 2000; ++i) {
    Sample sample = test::sample_at(1ms * i, 10us, 2ms);
    sample.request = static_cast<std::uint16_t>(i % 2);
    if (sample.request == 1) sample.error = ErrorKind::status, sample.status = 500;
    samples.push_back(sample);
  }
  test::Run run = test::run_of({"well", "ill"}, samples);
  run.plan.thread_groups.resize(1);
  run.plan.thread_groups[0].steps.resize(2);
  run.plan.thread_groups[0].duration = 2s;
  run.plan.thread_groups[0].loops.reset();
  const Gate gate = gate_of(run, "p99{ill} < 1s");
  EXPECT_EQ(gate.result, GateResult::failed);
  EXPECT_EQ(
      gate.evidence,
      "of 1,000 requests of that name in the whole run none in the window succeeded, so there is no time to tell");
  for (Sample& sample : samples) sample.error = ErrorKind::status, sample.status = 500;
  run.record = test::run_of({"well", "ill"}, samples).record;
  EXPECT_EQ(gate_of(run, "p99 < 1s").evidence,
            "of 2,000 requests that were due none in the window succeeded, so there is no time to tell");
}

TEST(Gates, ShareOfFailuresThatIsNotDecidedSaysHowManyRequestsWouldTell) {
  // z² (1 - L) / L without a failure: 1.96² * 0.9995 / 0.0005.
  const std::string none = gate_of(steady(), "error_rate < 0.05%").evidence;
  EXPECT_TRUE(none.ends_with("; at this share of failures about 7,680 requests would tell, and there were 6,000"))
      << none;
  const std::string few = gate_of(steady(1s), "error_rate < 0.1%").evidence;
  EXPECT_TRUE(few.ends_with("; at this share of failures about 3,838 requests would tell, and there were 1,000"))
      << few;
}

TEST(Gates, TheWorstStretchDecides) {
  const test::Run run = test::open_run({{.duration = 8s, .from = 1000, .to = 1000}}, [](Duration due) {
    return test::Late{.service = due >= 3s && due < 4s ? 50ms : 2ms};
  });
  expect_results(run, {
                          {"p50 < 10ms", "passed"},
                          {"p50 < 10ms over 1s", "failed"},
                          {"p50 < 60ms over 1s", "passed"},
                          {"p50 < 10ms over 4s", "undecided"},  // a quarter of it took 50 ms
                          {"p50 < 10ms over 1h", "passed"},
                          {"rps > 500 over 1s", "passed"},
                      });
  const Gate gate = gate_of(run, "p50 < 10ms over 1s");
  EXPECT_NE(gate.evidence.find("the worst of 8 stretches, 3.000 s to 4.000 s"), std::string::npos) << gate.evidence;
  EXPECT_NE(gate_of(run, "p50 < 10ms over 1h").evidence.find("not longer than one stretch"), std::string::npos);
}

TEST(Gates, AStretchInWhichNothingEndedIsARateOfNothing) {
  const test::Run run = test::open_run({{.duration = 8s, .from = 100, .to = 100}}, [](Duration due) {
    return test::Late{.service = due >= 3s && due < 5s ? 5s - due : 2ms};
  });
  EXPECT_EQ(result_of(gate_of(run, "rps > 50 over 1s")).substr(0, 6), "failed");
}

TEST(Gates, OfPartsOfARunThatDisagreeNothingIsSaid) {
  const test::Run run = test::open_run({{.duration = 10s, .from = 1000, .to = 1000}},
                                       [](Duration due) { return test::Late{.service = 2ms + due / 2500}; });
  ASSERT_EQ(run.summary().verdict.name, VerdictName::not_stationary);
  expect_results(run, {
                          {"p50 < 100ms", "passed"},  // whichever part is asked
                          {"p50 < 1ms", "failed"},
                          {"p50 < 4.8ms", "undecided"},  // the last part is at 5.3 ms
                          {"p50 > 3.2ms", "undecided"},
                          {"error_rate < 1%", "passed"},
                      });
}

TEST(Gates, WhatEachVerdictAllows) {
  struct Case {
    test::Run run;
    VerdictName verdict;
    std::vector<std::pair<std::string, std::string>> expected;
  };
  // A queue that grows for as long as the load lasts.
  test::Run overloaded = test::open_run({{.duration = 10s, .from = 1000, .to = 1000}},
                                        [](Duration due) { return test::Late{.service = 2ms + due / 10}; });
  std::vector<Case> cases;
  cases.push_back({steady(), VerdictName::trustworthy, {{"p50 < 3ms", "passed"}, {"p50 < 1ms", "failed"}}});
  cases.push_back(
      {std::move(overloaded),
       VerdictName::overloaded,
       {{"p50 < 10ms", "failed"}, {"p50 < 10s", "passed?"}, {"rps > 10", "passed"}, {"error_rate < 1%", "passed?"}}});
  cases.push_back({test::censored(), VerdictName::censored, {{"p50 < 10ms", "passed"}}});
  cases.push_back({test::many_errors(),
                   VerdictName::errors,
                   {{"p50 < 1h", "passed?"}, {"p50 < 1us", "failed"}, {"error_rate < 50%", "passed"}}});
  cases.push_back({test::disturbed(), VerdictName::disturbed, {{"p50 < 1h", "passed?"}, {"p50 < 1us", "failed?"}}});
  cases.push_back(
      {test::generator_bound(), VerdictName::client_bound, {{"p50 < 1h", "passed?"}, {"p50 < 1us", "failed?"}}});
  for (const Case& c : cases) {
    EXPECT_EQ(c.run.summary().verdict.name, c.verdict) << to_string(c.run.summary().verdict.name);
    expect_results(c.run, c.expected);
  }
  const auto limited = gates_of(test::many_errors(), {"p50 < 1h", "error_rate < 50%"});
  EXPECT_EQ(result_of(limited.at(0)), "passed") << "how many may fail is said";
}

/// A run in which the generator was the limit, and of which every third request failed for these causes in turn.
test::Run bound_and_failing(const std::vector<ErrorKind>& causes) {
  std::vector<Sample> samples;
  for (int i = 0; i < 6000; ++i) {
    Sample sample = test::sample_at(1ms * i, 10ms, 2ms);
    if (i % 3 == 0) {
      sample.error = causes[static_cast<std::size_t>(i) / 3 % causes.size()];
      sample.status = sample.error == ErrorKind::status ? 500 : 0;
    }
    samples.push_back(sample);
  }
  test::Run run = test::run_of({"HTTP Request"}, samples);
  run.plan.thread_groups.resize(1);
  run.plan.thread_groups[0].steps.resize(1);
  run.plan.thread_groups[0].duration = 6s;
  run.plan.thread_groups[0].loops.reset();
  run.record.generator.busiest_thread = run.record.generator.productive_share = 0.97;
  return run;
}

TEST(Gates, WhatTheTargetAnswersFailsItEvenWhereTheGeneratorWasTheLimit) {
  using enum ErrorKind;
  struct Case {
    std::vector<ErrorKind> causes;
    std::string threshold;
    std::string result;
  };
  const Case cases[] = {
      {{status}, "error_rate < 10%", "failed"},
      {{connect_refused}, "error_rate < 10%", "failed"},
      {{reset, closed_before_response, closed_mid_body, malformed_response}, "error_rate < 10%", "failed"},
      {{status}, "error_rate{HTTP Request} < 10%", "failed"},
      {{status}, "error_rate <= 0%", "failed"},
      {{status}, "error_rate < 10% over 2s", "failed"},
      // A third failed, a sixth by the target: enough for the first limit and not for the second.
      {{status, response_timeout}, "error_rate < 10%", "failed"},
      {{status, response_timeout}, "error_rate < 20%", "failed?"},
      {{status, no_local_port}, "error_rate < 10%", "failed"},
      {{status, no_local_port}, "error_rate < 20%", "failed?"},
      {{status, unfinished}, "error_rate{HTTP Request} < 20%", "failed?"},
      // Not the target's, or not for sure.
      {{response_timeout}, "error_rate < 10%", "failed?"},
      {{no_descriptor}, "error_rate < 10%", "failed?"},
      {{upload}, "error_rate < 10%", "failed?"},
      {{unfinished}, "error_rate <= 0%", "failed?"},
      {{other}, "error_rate{HTTP Request} < 10%", "failed?"},
      // What was spared a target is no merit of it, and of times nothing is known.
      {{status}, "error_rate < 90%", "passed?"},
      {{status}, "error_rate > 90%", "failed?"},
      {{status}, "p50 < 1ms", "failed?"},
  };
  for (const Case& c : cases) {
    const test::Run run = bound_and_failing(c.causes);
    ASSERT_EQ(run.summary().verdict.name, VerdictName::client_bound);
    expect_results(run, {{c.threshold, c.result}});
  }
  EXPECT_NE(gate_of(bound_and_failing({status, response_timeout}), "error_rate < 10%")
                .evidence.find("; 16.67 % by what the target answered or refused alone, which counts though the run "
                               "is CLIENT-BOUND"),
            std::string::npos);
  test::Run broken = bound_and_failing({status});
  broken.record.ledger.planned += 1;
  ASSERT_EQ(broken.summary().verdict.name, VerdictName::broken);
  expect_results(broken, {{"error_rate < 10%", "failed?"}});
}

TEST(Gates, TheOneThatStoppedTheRunHasFailed) {
  test::Run run = steady();
  run.record.stop = stats::StopReason::threshold;
  run.record.stopped_by = {"p99 < 1s abort", 4500ms, 2e9};
  const auto gates = gates_of(run, {"p99 < 1s abort", "p99 < 1s"});
  EXPECT_EQ(gates.at(0).result, GateResult::failed);
  EXPECT_TRUE(gates[0].aborted);
  EXPECT_TRUE(gates[0].evidence.starts_with("it stopped the run at 4.500 s, when it was 2000.00 ms"))
      << gates[0].evidence;
  EXPECT_EQ(gates.at(1).result, GateResult::passed);
  EXPECT_FALSE(gates[1].aborted);
  run.record.stopped_by.value = -1;
  EXPECT_TRUE(gates_of(run, {"p99 < 1s abort"})[0].evidence.starts_with(
      "it stopped the run at 4.500 s, when no request gave the figure a value; over the measured part "));
}

TEST(Gates, RpsOfArrivalsIsToldToBeAnInput) {
  EXPECT_NE(gate_of(steady(), "rps > 5").evidence.find("\"delivered\" tells"), std::string::npos);
  EXPECT_EQ(gate_of(test::all_succeeded(), "rps > 5").evidence.find("\"delivered\" tells"), std::string::npos);
}

Gate with(GateResult result, std::string doubt = "") {
  Gate gate{.threshold = "", .result = result, .figure = {}, .limit = 0, .evidence = "9.00 ms"};
  gate.doubt = std::move(doubt);
  return gate;
}

TEST(Gates, AResultThatTheRunCannotAnswerForIsDoubtfulWhateverItIs) {
  EXPECT_EQ(standing_of(with(GateResult::passed)), Standing::passed);
  EXPECT_EQ(standing_of(with(GateResult::failed)), Standing::failed);
  EXPECT_EQ(standing_of(with(GateResult::undecided)), Standing::undecided);
  for (const GateResult result : {GateResult::passed, GateResult::failed, GateResult::undecided})
    EXPECT_EQ(standing_of(with(result, "why")), Standing::doubtful);
  for (const config::Undecided policy : {config::Undecided::pass, config::Undecided::fail}) {
    Gate doubted = with(GateResult::undecided, "why");
    doubted.undecided = policy;
    EXPECT_EQ(standing_of(doubted), Standing::doubtful);
  }
  EXPECT_EQ(evidence_of(with(GateResult::failed)), "9.00 ms");
  EXPECT_EQ(evidence_of(with(GateResult::failed, "why")), "9.00 ms. This does not count: why");
}

TEST(Gates, TheUndecidedIsWhatThePolicyTakesItFor) {
  test::Run run = steady();
  const auto told = [&](config::Undecided policy) {
    run.plan.undecided = policy;
    const Gate gate = gate_of(run, "error_rate < 0.05%");
    EXPECT_EQ(gate.result, GateResult::undecided);
    const std::string evidence = evidence_of(gate);
    return std::pair(standing_of(gate), evidence.substr(std::min(gate.evidence.size(), evidence.size())));
  };
  EXPECT_EQ(told(config::Undecided::exit), std::pair(Standing::undecided, std::string()));
  EXPECT_EQ(told(config::Undecided::pass),
            std::pair(Standing::passed, std::string(". Not decided, taken as passed (--undecided pass)")));
  EXPECT_EQ(told(config::Undecided::fail),
            std::pair(Standing::failed, std::string(". Not decided, taken as failed (--undecided fail)")));
  run.plan.undecided = config::Undecided::fail;
  EXPECT_EQ(evidence_of(gate_of(run, "p50 < 3ms")), gate_of(run, "p50 < 3ms").evidence) << "decided ones are left";
}

TEST(Gates, WhatTheyComeToTogether) {
  const Gate passed = with(GateResult::passed);
  const Gate failed = with(GateResult::failed), undecided = with(GateResult::undecided);
  const Gate doubted = with(GateResult::passed, "why"), in_vain = with(GateResult::failed, "why");
  struct Case {
    std::vector<Gate> gates;
    Standing exit, pass, fail;  ///< by policy
  };
  const auto outcome_by = [](std::vector<Gate> gates, config::Undecided policy) {
    for (Gate& gate : gates) gate.undecided = policy;
    return outcome_of(gates);
  };
  const Case cases[] = {
      {{}, Standing::passed, Standing::passed, Standing::passed},
      {{passed}, Standing::passed, Standing::passed, Standing::passed},
      {{passed, undecided}, Standing::undecided, Standing::passed, Standing::failed},
      {{undecided, failed}, Standing::failed, Standing::failed, Standing::failed},
      {{doubted, passed}, Standing::doubtful, Standing::doubtful, Standing::doubtful},
      {{in_vain}, Standing::doubtful, Standing::doubtful, Standing::doubtful},
      {{doubted, failed}, Standing::failed, Standing::failed, Standing::failed},
      {{doubted, undecided}, Standing::doubtful, Standing::doubtful, Standing::failed},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(outcome_by(c.gates, config::Undecided::exit), c.exit);
    EXPECT_EQ(outcome_by(c.gates, config::Undecided::pass), c.pass);
    EXPECT_EQ(outcome_by(c.gates, config::Undecided::fail), c.fail);
  }
}

}  // namespace
}  // namespace loadgen::report
