// The curve as a test case.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/curve_reports.hpp"
#include "report/junit_document.hpp"

namespace loadgen::report {

std::string curve_junit(const Curve& curve) {
  const std::string sustains =
      curve.at_least ? fmt::format("sustains {}/s", per_second(*curve.at_least)) : std::string("sustainable rate");
  return junit_document({.name = "loadgen.find",
                         .cases = {{.name = fmt::format("{}: {}", sustains, fmt::join(curve.objective, ", ")),
                                    .standing = standing_of(curve),
                                    .type = "search",
                                    .message = sustainable_rate(curve),
                                    .evidence = conclusion(curve)}},
                         .time_s = curve.wall_s,
                         .started = curve.started,
                         .properties = {{"target", curve.target},
                                        {"trials", std::to_string(curve.trials.size())},
                                        {"loadgen", curve.tool.version}}});
}

}  // namespace loadgen::report
