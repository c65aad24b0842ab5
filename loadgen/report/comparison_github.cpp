#include "report/comparison_github.hpp"

#include <string_view>

#include <fmt/format.h>

#include "report/comparison_words.hpp"
#include "report/printable.hpp"

namespace loadgen::report {
namespace {

AnnotationLevel level_of(const Comparison& comparison) {
  const bool decides = comparison.design.mode != CompareMode::runs || comparison.invalid;
  return decides ? level_of(standing_of(comparison)) : AnnotationLevel::notice;
}

/// What the decision means, what to do where there is none, and where all is well the figures.
std::string message_of(const Comparison& comparison) {
  std::string out = printable(sentence(comparison));
  if (const std::string words = advice(comparison); !words.empty()) out += fmt::format("\n{}.", words);
  if (level_of(comparison) != AnnotationLevel::notice) return out;
  for (const Compared& compared : comparison.compared) {
    if (!compared.decides) continue;
    const std::string& target = comparison.design.targets[compared.target];
    out += fmt::format("\n{}: {}", printable(target), evidence_of(comparison, compared));
  }
  return out;
}

std::string figures_with(const Comparison& comparison, Standing standing) {
  int count = 0;
  for (const Compared& compared : comparison.compared)
    if (compared.decides && standing_of(comparison, compared) == standing) ++count;
  return std::to_string(count);
}

std::string failed_figures(const Comparison& comparison) {
  std::string out;
  for (const Compared& compared : comparison.compared)
    if (compared.decides && standing_of(comparison, compared) == Standing::failed)
      out += (out.empty() ? "" : "\n") + printable(name_of(comparison, compared));
  return out;
}

}  // namespace

std::vector<Annotation> annotations_of(const Comparison& comparison) {
  std::vector<Annotation> out{
      {level_of(comparison), fmt::format("loadgen compare: {}", headline(comparison)), message_of(comparison)}};
  if (comparison.invalid || comparison.interrupted) return out;
  for (const Compared& compared : comparison.compared) {
    const Standing standing = standing_of(comparison, compared);
    if (!compared.decides || standing == Standing::passed) continue;
    out.push_back({level_of(standing),
                   fmt::format("loadgen compare: {}: {}", name_of(comparison, compared), decision_of(compared)),
                   evidence_of(comparison, compared)});
  }
  return out;
}

std::vector<StepOutput> step_outputs_of(const Comparison& comparison) {
  return {{"decision", std::string(headline(comparison))},
          {"figures_passed", figures_with(comparison, Standing::passed)},
          {"figures_failed", figures_with(comparison, Standing::failed)},
          {"figures_undecided", figures_with(comparison, Standing::undecided)},
          {"figures_doubtful", figures_with(comparison, Standing::doubtful)},
          {"failed_figures", failed_figures(comparison)}};
}

std::string comparison_github(const Comparison& comparison) {
  return workflow_commands(annotations_of(comparison));
}

}  // namespace loadgen::report
