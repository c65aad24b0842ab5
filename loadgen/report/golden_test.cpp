// The reports, byte for byte, against tests/golden: the text report's pages, and every other format of a few runs in a
// folder of its own. LOADGEN_APPROVE=1 (tools/approve) writes them anew: read the difference before committing it.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "report/golden_file.hpp"
#include "report/reporter.hpp"
#include "report/test_runs.hpp"
#include "report/text.hpp"

namespace loadgen::report {
namespace {

void expect_golden(const std::string& name, const std::string& actual) {
  test::expect_golden_file(name + ".txt", actual);
}

/// A run whose thresholds came out in every way.
Summary judged() {
  Summary summary = test::all_succeeded().summary();
  summary.gates = {
      {.threshold = "p99 <= 250ms",
       .result = GateResult::passed,
       .figure = {},
       .limit = 250e6,
       .evidence = "23.15 ms (95 %: 22.10 ms to 24.02 ms)",
       .aborted = false},
      {.threshold = "p95{GET /a|b,\"c\"} < 1ms",
       .result = GateResult::failed,
       .figure = {},
       .limit = 1e6,
       .evidence = "it stopped the run at 1.200 s, when it was 2.95 ms; over the measured part 2.96 ms (95 %: 2.95 ms "
                   "to 2.97 ms)",
       .aborted = true},
      {.threshold = "rps >= 2997/s",
       .result = GateResult::undecided,
       .figure = {},
       .limit = 2997,
       .evidence = "2998.5/s (95 %: 2990.2/s to 3003.8/s); about 21 times as long a run would tell",
       .aborted = false},
  };
  return summary;
}

/// The same, and what is not decided counts as failed.
Summary judged_by_policy() {
  Summary summary = judged();
  for (Gate& gate : summary.gates) gate.undecided = config::Undecided::fail;
  return summary;
}

/// The same figures, and a generator that was the limit: the run cannot answer for any of them.
Summary judged_in_vain() {
  Summary summary = judged();
  summary.verdict = test::generator_bound().summary().verdict;
  for (Gate& gate : summary.gates) gate.doubt = "the run is CLIENT-BOUND";
  return summary;
}

/// Failures that no threshold allows: one that failed all the same counts, one that passed does not.
Summary judged_among_errors() {
  test::Run run = test::many_errors();
  for (const char* text : {"p99 < 1h", "p50 < 1ms"}) run.plan.thresholds.push_back(*config::parse_threshold(text));
  return run.summary();
}

/// Labels that mean something to one format or another.
Summary hostile_markup() {
  const std::vector<std::string> labels{"=cmd|' /C calc'!A1",
                                        "</testcase><script>alert(1)</script>]]>&amp;",
                                        "[click](http://evil.example) ![i](x) @octocat #1 :tada: **b** `c` | d",
                                        "a \"quoted\", \\back\\slash\\",
                                        "::error title=x::y%0A::stop-commands::z",
                                        "${{ github.token }}",
                                        "Total"};
  std::vector<Sample> samples;
  for (int i = 0; i < 7000; ++i) {
    samples.push_back(test::sample_at(std::chrono::milliseconds(i), Duration(10'000), std::chrono::milliseconds(2)));
    samples.back().request = static_cast<std::uint16_t>(i % 7);
  }
  test::Run run = test::run_of(labels, samples);
  run.plan.name = "<b>\"plan\" 1.5 | x</b>";
  run.plan.target = "http://localhost/?a=1&b=<2>";
  Summary summary = run.summary();
  summary.gates = {{.threshold = "p99{</testcase>} < 1ms @octocat",
                    .result = GateResult::failed,
                    .figure = {},
                    .limit = 1e6,
                    .evidence = "p99 of </testcase> is 2.00 ms,\nLOADGEN_END, limit 1 ms",
                    .aborted = false}};
  return summary;
}

struct GoldenRun {
  std::string_view name;
  Summary (*summary)();
};

constexpr std::array<GoldenRun, 10> kRuns{{
    {"all_succeeded", [] { return test::all_succeeded().summary(); }},
    {"many_errors", [] { return test::many_errors().summary(); }},
    {"empty", [] { return test::empty().summary(); }},
    {"hostile_labels", [] { return test::hostile_labels().summary(); }},
    {"hostile_markup", &hostile_markup},
    {"open_stages", [] { return test::open_stages().summary(); }},
    {"judged", &judged},
    {"judged_by_policy", &judged_by_policy},
    {"judged_in_vain", &judged_in_vain},
    {"judged_among_errors", &judged_among_errors},
}};

constexpr std::array<std::array<std::string_view, 2>, 6> kGoldenFormats{{
    {"csv", "csv"},
    {"statistics", "json"},
    {"junit", "xml"},
    {"markdown", "md"},
    {"github", "txt"},
    {"prometheus", "txt"},
}};

TEST(Golden, EveryOtherFormat) {
  for (const GoldenRun& run : kRuns) {
    const Summary summary = run.summary();
    for (const auto& [format, extension] : kGoldenFormats) {
      SCOPED_TRACE(fmt::format("{} of {}", format, run.name));
      test::expect_golden_file(fmt::format("{}/{}.{}", format, run.name, extension),
                               find_reporter(format)->render(summary));
    }
  }
}

TEST(Golden, AllSucceeded) {
  expect_golden("all_succeeded", text(test::all_succeeded().summary(), {}));
}
TEST(Golden, ManyErrors) {
  expect_golden("many_errors", text(test::many_errors().summary(), {}));
}
TEST(Golden, ManyErrorsOnANarrowPage) {
  expect_golden("many_errors_narrow", text(test::many_errors().summary(), {.color = false, .width = 56}));
}
TEST(Golden, Empty) {
  expect_golden("empty", text(test::empty().summary(), {}));
}
TEST(Golden, HostileLabels) {
  expect_golden("hostile_labels", text(test::hostile_labels().summary(), {}));
}
TEST(Golden, GeneratorBoundInColor) {
  expect_golden("generator_bound_color", text(test::generator_bound().summary(), {.color = true, .width = 80}));
}

TEST(Golden, OpenStages) {
  expect_golden("open_stages", text(test::open_stages().summary(), {}));
}
TEST(Golden, OpenStagesOnANarrowPage) {
  expect_golden("open_stages_narrow", text(test::open_stages().summary(), {.color = false, .width = 80}));
}
TEST(Golden, Censored) {
  expect_golden("censored", text(test::censored().summary(), {}));
}
/// Each result, a figure of a label and a stretch; some of a run that cannot answer for them.
test::Run with_thresholds(test::Run run) {
  for (const char* text : {"p99 < 25ms", "p50 < 1ms", "error_rate < 0.05%", "service.p95{HTTP Request} < 5ms",
                           "p99 < 25ms over 2s", "delivered >= 99%"})
    run.plan.thresholds.push_back(*config::parse_threshold(text));
  return run;
}
TEST(Golden, Thresholds) {
  expect_golden("thresholds", text(with_thresholds(test::open_stages()).summary(), {}));
}
TEST(Golden, ThresholdsOfARunThatCannotAnswer) {
  expect_golden("thresholds_doubted", text(with_thresholds(test::disturbed()).summary(), {.color = true, .width = 80}));
}
TEST(Golden, Disturbed) {
  expect_golden("disturbed", text(test::disturbed().summary(), {}));
}

}  // namespace
}  // namespace loadgen::report
