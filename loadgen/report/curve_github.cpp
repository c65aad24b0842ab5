// The curve as GitHub Actions shows it.

#include <array>
#include <cmath>

#include <fmt/format.h>

#include "report/curve_reports.hpp"

namespace loadgen::report {
namespace {

/// Empty: not known.
std::string rate_output(double rate) {
  return rate > 0 && std::isfinite(rate) ? fmt::format("{:.1f}", rate) : std::string();
}

}  // namespace

std::string curve_github(const Curve& curve) {
  const Standing standing = standing_of(curve);
  const std::array<Annotation, 1> annotations{
      {{level_of(standing), fmt::format("loadgen find: {}", sustainable_rate(curve)), conclusion(curve)}}};
  return workflow_commands(annotations);
}

std::vector<StepOutput> step_outputs_of(const Curve& curve) {
  const bool bounded = curve.found.low > 0 && std::isfinite(curve.found.high);
  return {{"standing", std::string(to_string(standing_of(curve)))},
          {"rate", bounded ? rate_output(curve.found.rate) : std::string()},
          {"rate_low", rate_output(curve.found.low)},
          {"rate_high", rate_output(curve.found.high)}};
}

}  // namespace loadgen::report
