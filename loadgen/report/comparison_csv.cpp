#include "report/comparison_csv.hpp"

#include <cmath>

#include <fmt/format.h>

#include "report/comparison_words.hpp"
#include "report/escape.hpp"
#include "report/runs_table.hpp"

namespace loadgen::report {
namespace {

/// Empty where there is none.
std::string number(double x) {
  return std::isfinite(x) ? fmt::format("{:.6g}", x) : "";
}

std::string row_of(const Comparison& comparison, const Compared& compared) {
  const CompareMetric& metric = metric_of(comparison, compared);
  const Change change = change_of(metric, compared.figures);
  const stats::Comparison& figures = compared.figures;
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", for_csv(comparison.design.targets[compared.target]),
                     metric.name, metric.unit, is_gated(comparison, compared) ? "yes" : "no", number(compared.base),
                     number(compared.candidate), number(change.value), number(change.low), number(change.high),
                     number(compared.delta), number(detectable_of(metric, figures)), figures.blocks,
                     decision_of(compared), for_csv(compared.reason));
}

/// A row a run and target: JMeter's Throughput and Error %.
std::string runs_of(const Comparison& comparison) {
  const RunsTable table = runs_table(comparison);
  std::string out = "run,target,rps,error_percent\n";
  const auto add = [&](const std::string& run, const std::vector<RunCell>& cells) {
    for (std::size_t target = 0; target < cells.size(); ++target)
      out += fmt::format("{},{},{},{}\n", run, for_csv(comparison.design.targets[target]), number(cells[target].rps),
                         number(cells[target].error_percent));
  };
  for (std::size_t i = 0; i < table.runs.size(); ++i) add(std::to_string(i + 1), table.runs[i]);
  add("AVERAGE", table.average);
  return out;
}

}  // namespace

std::string comparison_csv(const Comparison& comparison) {
  if (comparison.design.mode == CompareMode::runs) return runs_of(comparison);
  std::string out =
      "target,figure,unit,gated,base,candidate,change,low,high,margin,detectable,blocks,decision,reason\n";
  for (const Compared& compared : comparison.compared) out += row_of(comparison, compared);
  return out;
}

}  // namespace loadgen::report
