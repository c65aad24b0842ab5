#include "report/junit.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "report/escape.hpp"
#include "report/headline.hpp"

namespace loadgen::report {
namespace {

/// What a case says beside that it was made: the element within it. None: it passed.
enum class Outcome : std::uint8_t { passed, failure, skipped, error };

constexpr std::array<std::string_view, 4> kElements{"", "failure", "skipped", "error"};

struct Case {
  std::string name;
  Outcome outcome = Outcome::passed;
  std::string type;      ///< "threshold" or "verdict"
  std::string message;   ///< one line
  std::string evidence;  ///< what GitLab shows
};

/// What a verdict makes of the measurement itself: the target's failure, not decided, or not valid.
Outcome outcome_of(VerdictName verdict) {
  switch (verdict) {
    case VerdictName::trustworthy:
      return Outcome::passed;
    case VerdictName::under_sampled:
    case VerdictName::not_stationary:
      return Outcome::skipped;
    case VerdictName::overloaded:
    case VerdictName::censored:
    case VerdictName::errors:
      return Outcome::failure;
    case VerdictName::disturbed:
    case VerdictName::client_bound:
    case VerdictName::broken:
      break;
  }
  return Outcome::error;
}

std::string verdict_line(const Verdict& verdict) {
  return fmt::format("{}: {}", to_string(verdict.name), verdict.sentence);
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

Case case_of(const Verdict& verdict) {
  return {"measurement", outcome_of(verdict.name), "verdict", verdict_line(verdict), evidence_of(verdict)};
}

Case case_of(const Gate& gate, const Verdict& verdict) {
  if (!is_valid(verdict)) {
    return {gate.threshold, Outcome::error, "verdict", verdict_line(verdict),
            gate.evidence + "\n" + evidence_of(verdict)};
  }
  constexpr std::array<Outcome, 3> outcomes{Outcome::passed, Outcome::failure, Outcome::skipped};  // by GateResult
  return {gate.threshold, outcomes[static_cast<std::size_t>(gate.result)], "threshold", gate.evidence, gate.evidence};
}

std::vector<Case> cases_of(const Summary& summary) {
  std::vector<Case> cases;
  for (const Gate& gate : summary.gates) cases.push_back(case_of(gate, summary.verdict));
  if (cases.empty()) cases.push_back(case_of(summary.verdict));
  return cases;
}

/// Lines stay lines.
std::string xml_lines(std::string_view text) {
  std::string out;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1))
    out += for_xml(text.substr(0, end)) + '\n';
  return out + for_xml(text);
}

std::string element_of(const Case& test, const std::string& class_name, double time_s) {
  const std::string head = fmt::format(R"(<testcase classname="{}" name="{}" time="{:.3f}")", for_xml(class_name),
                                       for_xml(test.name), time_s);
  if (test.outcome == Outcome::passed) return fmt::format("    {}/>\n", head);
  const std::string_view element = kElements[static_cast<std::size_t>(test.outcome)];
  return fmt::format("    {}>\n      <{} type=\"{}\" message=\"{}\">{}</{}>\n    </testcase>\n", head, element,
                     test.type, for_xml(test.message), xml_lines(test.evidence), element);
}

/// Readers split a class's name at its dots.
std::string class_name_of(const Summary& summary) {
  std::string plan = summary.name.empty() ? "run" : summary.name;
  std::ranges::replace(plan, '.', '_');
  return "loadgen." + plan;
}

std::string properties_of(const Summary& summary) {
  const std::array<std::pair<std::string_view, std::string>, 5> properties{{
      {"target", summary.target},
      {"verdict", std::string(to_string(summary.verdict.name))},
      {"load", fmt::format("{}: {}", summary.offered.model, summary.offered.description)},
      {"completed", std::to_string(summary.total.completed)},
      {"loadgen", summary.tool.version},
  }};
  std::string out = "    <properties>\n";
  for (const auto& [name, value] : properties)
    out += fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", name, for_xml(value));
  return out + "    </properties>\n";
}

}  // namespace

std::string junit(const Summary& summary) {
  const std::vector<Case> cases = cases_of(summary);
  const auto count = [&](Outcome outcome) { return std::ranges::count(cases, outcome, &Case::outcome); };
  const std::string class_name = class_name_of(summary);
  const std::string counts = fmt::format(R"(tests="{}" failures="{}" errors="{}" time="{:.3f}")", cases.size(),
                                         count(Outcome::failure), count(Outcome::error), summary.wall_s);
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"loadgen\" {}>\n", counts);
  out += fmt::format("  <testsuite name=\"{}\" {} skipped=\"{}\" timestamp=\"{:%Y-%m-%dT%H:%M:%S}\">\n",
                     for_xml(class_name), counts, count(Outcome::skipped),
                     fmt::gmtime(std::chrono::system_clock::to_time_t(summary.started)));
  out += properties_of(summary);
  for (const Case& test : cases) out += element_of(test, class_name, summary.wall_s);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace loadgen::report
