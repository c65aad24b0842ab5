#include "report/comparison_junit.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "report/comparison_words.hpp"
#include "report/escape.hpp"

namespace loadgen::report {
namespace {

enum class Outcome : std::uint8_t { passed, failure, skipped, error };
constexpr std::array<std::string_view, 4> kElements{"", "failure", "skipped", "error"};

struct Case {
  std::string name;
  Outcome outcome = Outcome::passed;
  std::string message;
  std::string evidence;
};

Outcome outcome_of(const Comparison& comparison, const Compared& compared) {
  if (comparison.invalid || !compared.valid) return Outcome::error;
  if (comparison.interrupted) return Outcome::skipped;
  constexpr std::array<Outcome, 4> outcomes{Outcome::passed, Outcome::passed, Outcome::skipped, Outcome::failure};
  return outcomes[static_cast<std::size_t>(compared.figures.decision)];
}

std::vector<Case> cases_of(const Comparison& comparison) {
  std::vector<Case> cases;
  for (const Compared& compared : comparison.compared) {
    if (!comparison.design.metrics[compared.metric].gated) continue;
    const std::string name = fmt::format("{} of {} against {}", metric_of(comparison, compared).name,
                                         comparison.design.targets[compared.target], comparison.design.targets[0]);
    cases.push_back({name, outcome_of(comparison, compared), sentence(comparison), evidence_of(comparison, compared)});
  }
  if (cases.empty())  // a table of runs, or nothing gated: something to show all the same
    cases.push_back({"comparison", comparison.invalid ? Outcome::error : Outcome::passed, sentence(comparison), ""});
  return cases;
}

std::string element_of(const Case& test) {
  const std::string head = fmt::format("    <testcase classname=\"loadgen.compare\" name=\"{}\"", for_xml(test.name));
  if (test.outcome == Outcome::passed) return head + "/>\n";
  const std::string_view element = kElements[static_cast<std::size_t>(test.outcome)];
  return fmt::format("{}>\n      <{} type=\"comparison\" message=\"{}\">{}</{}>\n    </testcase>\n", head, element,
                     for_xml(test.message), for_xml(test.evidence), element);
}

}  // namespace

std::string comparison_junit(const Comparison& comparison) {
  const std::vector<Case> cases = cases_of(comparison);
  const auto count = [&](Outcome outcome) { return std::ranges::count(cases, outcome, &Case::outcome); };
  const std::string counts = fmt::format(R"(tests="{}" failures="{}" errors="{}")", cases.size(),
                                         count(Outcome::failure), count(Outcome::error));
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"loadgen\" {}>\n", counts);
  out += fmt::format("  <testsuite name=\"loadgen.compare\" {} skipped=\"{}\">\n", counts, count(Outcome::skipped));
  for (const Case& test : cases) out += element_of(test);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace loadgen::report
