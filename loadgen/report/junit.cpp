#include "report/junit.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "report/junit_document.hpp"

namespace loadgen::report {
namespace {

/// What a verdict makes of the measurement itself: the target's failure, not decided, or not valid.
Standing standing_by(VerdictName verdict) {
  switch (verdict) {
    case VerdictName::trustworthy:
      return Standing::passed;
    case VerdictName::under_sampled:
    case VerdictName::not_stationary:
      return Standing::undecided;
    case VerdictName::overloaded:
    case VerdictName::censored:
    case VerdictName::errors:
      return Standing::failed;
    case VerdictName::disturbed:
    case VerdictName::client_bound:
    case VerdictName::broken:
      break;
  }
  return Standing::doubtful;
}

/// Every check that did not pass, a line each.
std::string evidence_of(const Verdict& verdict) {
  std::string out;
  for (const Check& check : verdict.evidence) {
    if (check.result != CheckResult::failed && check.result != CheckResult::warning) continue;
    out += fmt::format("{} ({}): {}. {}\n", check.name, to_string(check.result), check.evidence, check.remedy);
  }
  return out;
}

JunitCase case_of(const Verdict& verdict) {
  return {"measurement", standing_by(verdict.name), "verdict",
          fmt::format("{}: {}", to_string(verdict.name), verdict.sentence), evidence_of(verdict)};
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
  if (cases.empty()) cases.push_back(case_of(summary.verdict));
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
