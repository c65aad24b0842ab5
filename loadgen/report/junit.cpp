#include "report/junit.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "report/fault.hpp"
#include "report/junit_document.hpp"

namespace loadgen::report {
namespace {

/// Every check that did not pass, a line each.
std::string evidence_of(const Verdict& verdict) {
  std::string out;
  for (const Check& check : verdict.evidence) {
    if (check.result != CheckResult::failed && check.result != CheckResult::warning) continue;
    out += fmt::format("{} ({}): {}. {}\n", check.name, to_string(check.result), check.evidence, check.remedy);
  }
  return out;
}

/// A verdict alone fails no test where it does not fail the run.
JunitCase measurement_of(const Summary& summary) {
  const Verdict& verdict = summary.verdict;
  const Fault fault = fault_of(summary);
  JunitCase test{"measurement", standing_of(fault), "verdict",
                 fmt::format("{}: {}", to_string(verdict.name), verdict.sentence), evidence_of(verdict)};
  if (fault != Fault::none) test.message += fmt::format(" Fails the run: {}.", words_of(fault));
  if (fault == Fault::none && summary.stop == stats::StopReason::interrupted) {
    test.standing = Standing::undecided;
    test.message = "interrupted: of the whole run nothing is known. " + test.message;
  }
  return test;
}

JunitCase case_of(const Gate& gate, const Verdict& verdict) {
  JunitCase test{gate.threshold, standing_of(gate), "threshold", evidence_of(gate), evidence_of(gate)};
  if (test.standing == Standing::doubtful) {
    test.message = gate.doubt;
    test.evidence = gate.evidence + "\n" + evidence_of(verdict);
  }
  return test;
}

std::vector<JunitCase> cases_of(const Summary& summary) {
  std::vector<JunitCase> cases;
  for (const Gate& gate : summary.gates) cases.push_back(case_of(gate, summary.verdict));
  JunitCase measurement = measurement_of(summary);
  if (cases.empty() || measurement.standing != Standing::passed) cases.push_back(std::move(measurement));
  return cases;
}

/// Readers split a class's name at its dots.
std::string class_name_of(const Summary& summary) {
  std::string plan = summary.name.empty() ? "run" : summary.name;
  std::ranges::replace(plan, '.', '_');
  return "loadgen." + plan;
}

}  // namespace

std::string junit(const Summary& summary) {
  return junit_document(
      {.name = class_name_of(summary),
       .cases = cases_of(summary),
       .time_s = summary.wall_s,
       .started = summary.started,
       .properties = {{"target", summary.target},
                      {"verdict", std::string(to_string(summary.verdict.name))},
                      {"load", fmt::format("{}: {}", summary.offered.model, summary.offered.description)},
                      {"completed", std::to_string(summary.total.completed)},
                      {"loadgen", summary.tool.version}}});
}

}  // namespace loadgen::report
