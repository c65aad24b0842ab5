#include "report/fault.hpp"

#include <gtest/gtest.h>

#include "report/junit.hpp"
#include "report/test_runs.hpp"

namespace loadgen::report {
namespace {

Summary with_verdict(VerdictName verdict) {
  Summary summary = test::all_succeeded().summary();
  summary.verdict.name = verdict;
  return summary;
}

/// What JUnit's XML says of the measurement: "failure", "error", "skipped", "passed", or "" where it has no such case.
std::string measurement_in_junit(const Summary& summary) {
  const std::string text = junit(summary);
  const std::size_t at = text.find("name=\"measurement\"");
  if (at == std::string::npos) return "";
  const std::string rest = text.substr(at, text.find('\n', text.find('\n', at) + 1) - at);
  if (rest.substr(0, rest.find('\n')).ends_with("/>")) return "passed";
  for (const char* word : {"failure", "error", "skipped"})
    if (rest.find(std::string("<") + word) != std::string::npos) return word;
  return "?";
}

TEST(Fault, AVerdictAloneFailsARunOnlyWhenItIsAskedTo) {
  for (const VerdictName verdict :
       {VerdictName::under_sampled, VerdictName::not_stationary, VerdictName::overloaded, VerdictName::censored,
        VerdictName::errors, VerdictName::disturbed, VerdictName::client_bound}) {
    Summary summary = with_verdict(verdict);
    EXPECT_EQ(fault_of(summary), Fault::none) << to_string(verdict);
    EXPECT_EQ(measurement_in_junit(summary), "passed") << to_string(verdict);
    summary.strict = true;
    const bool errors = verdict == VerdictName::errors;
    EXPECT_EQ(fault_of(summary), errors ? Fault::errors : Fault::not_believed) << to_string(verdict);
    EXPECT_EQ(measurement_in_junit(summary), errors ? "failure" : "error") << to_string(verdict);
  }
  Summary good = with_verdict(VerdictName::trustworthy);
  good.strict = true;
  EXPECT_EQ(fault_of(good), Fault::none);
  EXPECT_EQ(measurement_in_junit(good), "passed");
}

TEST(Fault, SomeFailARunUnasked) {
  EXPECT_EQ(fault_of(with_verdict(VerdictName::broken)), Fault::broken);
  EXPECT_EQ(measurement_in_junit(with_verdict(VerdictName::broken)), "error");
  Summary nothing = with_verdict(VerdictName::errors);
  nothing.ledger.succeeded = 0;
  EXPECT_EQ(fault_of(nothing), Fault::no_success);
  EXPECT_EQ(measurement_in_junit(nothing), "failure");
}

TEST(Fault, IsACaseBesideThresholdsThatAllPassed) {
  Summary summary = with_verdict(VerdictName::client_bound);
  summary.gates = {{.threshold = "rps > 1/s", .result = GateResult::passed, .figure = {}, .limit = 1, .evidence = ""}};
  EXPECT_EQ(measurement_in_junit(summary), "") << "what is right needs no case where there are others";
  summary.strict = true;
  EXPECT_EQ(measurement_in_junit(summary), "error");
  summary = with_verdict(VerdictName::trustworthy);
  summary.stop = stats::StopReason::interrupted;
  EXPECT_EQ(measurement_in_junit(summary), "skipped") << "of the whole nothing is known";
}

}  // namespace
}  // namespace loadgen::report
