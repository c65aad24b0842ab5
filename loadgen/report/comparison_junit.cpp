#include "report/comparison_junit.hpp"

#include "report/comparison_words.hpp"
#include "report/junit_document.hpp"

namespace loadgen::report {
namespace {

std::vector<JunitCase> cases_of(const Comparison& comparison) {
  std::vector<JunitCase> cases;
  for (const Compared& compared : comparison.compared) {
    if (!compared.decides) continue;
    cases.push_back({name_of(comparison, compared), standing_of(comparison, compared), "comparison",
                     sentence(comparison), evidence_of(comparison, compared)});
  }
  if (cases.empty()) {  // a table of runs, or nothing gated: something to show all the same
    const Standing standing = comparison.invalid ? Standing::doubtful : Standing::passed;
    cases.push_back({"comparison", standing, "comparison", sentence(comparison), ""});
  }
  return cases;
}

}  // namespace

std::string comparison_junit(const Comparison& comparison) {
  return junit_document({.name = "loadgen.compare",
                         .cases = cases_of(comparison),
                         .time_s = comparison.wall_s,
                         .started = comparison.started,
                         .properties = {{"decision", std::string(headline(comparison))},
                                        {"blocks", std::to_string(comparison.blocks_made)},
                                        {"loadgen", comparison.tool.version}}});
}

}  // namespace loadgen::report
