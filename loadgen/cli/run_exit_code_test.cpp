#include "cli/run_exit_code.hpp"

#include <gtest/gtest.h>

namespace loadgen::cli {
namespace {

using report::GateResult;
using report::VerdictName;

report::Summary summary_of(VerdictName verdict, std::vector<GateResult> results) {
  report::Summary summary;
  summary.verdict.name = verdict;
  summary.ledger.sent = summary.ledger.succeeded = 10;
  for (const GateResult result : results)
    summary.gates.push_back({.threshold = "", .result = result, .figure = {}, .limit = 0, .evidence = ""});
  return summary;
}

TEST(RunExitCode, OfARunByItsVerdictAndItsThresholds) {
  struct Case {
    VerdictName verdict;
    std::vector<GateResult> results;
    ExitCode code, strict;
  };
  const Case cases[] = {
      {VerdictName::trustworthy, {}, ExitCode::ok, ExitCode::ok},
      {VerdictName::client_bound, {}, ExitCode::ok, ExitCode::invalid},
      {VerdictName::errors, {}, ExitCode::ok, ExitCode::target_failed},
      {VerdictName::broken, {}, ExitCode::invalid, ExitCode::invalid},
      {VerdictName::trustworthy, {GateResult::passed}, ExitCode::ok, ExitCode::ok},
      {VerdictName::trustworthy, {GateResult::failed}, ExitCode::gate_failed, ExitCode::gate_failed},
      {VerdictName::trustworthy, {GateResult::undecided}, ExitCode::undecided, ExitCode::undecided},
      {VerdictName::errors, {GateResult::failed}, ExitCode::gate_failed, ExitCode::gate_failed},
      {VerdictName::errors, {GateResult::passed}, ExitCode::ok, ExitCode::target_failed},
      {VerdictName::overloaded, {GateResult::failed}, ExitCode::gate_failed, ExitCode::invalid},
      {VerdictName::broken, {GateResult::failed}, ExitCode::invalid, ExitCode::invalid},
  };
  for (const Case& c : cases) {
    report::Summary summary = summary_of(c.verdict, c.results);
    EXPECT_EQ(exit_code_of(summary, {}), c.code) << to_string(c.verdict);
    summary.strict = true;
    EXPECT_EQ(exit_code_of(summary, {}), c.strict) << to_string(c.verdict);
  }
}

TEST(RunExitCode, WhatComesBeforeThresholds) {
  report::Summary summary = summary_of(VerdictName::errors, {GateResult::failed});
  EXPECT_EQ(exit_code_of(summary, {.interrupted = true}), ExitCode::interrupted);
  summary.ledger.succeeded = 0;
  EXPECT_EQ(exit_code_of(summary, {}), ExitCode::target_failed);
  summary.ledger.sent = 0;
  EXPECT_EQ(exit_code_of(summary, {}), ExitCode::gate_failed) << "nothing was sent, so nothing was met";
}

TEST(RunExitCode, ThePolicyIsAboutTheUndecided) {
  report::Summary summary = summary_of(VerdictName::trustworthy, {GateResult::undecided});
  const auto code_by = [&](config::Undecided policy) {
    summary.gates.front().undecided = policy;
    return exit_code_of(summary, {});
  };
  EXPECT_EQ(code_by(config::Undecided::exit), ExitCode::undecided);
  EXPECT_EQ(code_by(config::Undecided::pass), ExitCode::ok);
  EXPECT_EQ(code_by(config::Undecided::fail), ExitCode::gate_failed);
}

}  // namespace
}  // namespace loadgen::cli
