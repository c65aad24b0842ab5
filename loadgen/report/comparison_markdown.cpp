#include "report/comparison_markdown.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include <fmt/format.h>

#include "report/comparison_words.hpp"
#include "report/escape.hpp"
#include "report/numbers.hpp"
#include "report/runner_noise.hpp"
#include "report/runs_table.hpp"

namespace loadgen::report {
namespace {

constexpr std::size_t kLeftOutShown = 20;

std::string_view mark_of(const Compared& compared) {
  constexpr std::array<std::string_view, 4> marks{"✅", "✅", "⚠️", "❌"};  // by Decision
  return compared.valid ? marks[static_cast<std::size_t>(compared.figures.decision)] : "❌";
}

void add_row(std::string& out, std::initializer_list<std::string_view> cells) {
  for (const std::string_view cell : cells) out.append("| ").append(cell).append(" ");
  out += "|\n";
}

void write_figures(std::string& out, const Comparison& comparison, std::uint32_t target) {
  const CompareDesign& design = comparison.design;
  out +=
      fmt::format("**{}** against **{}**\n\n", for_markdown(design.targets[target]), for_markdown(design.targets[0]));
  out += fmt::format("| figure | | base | candidate | change | {} interval | margin | detectable | blocks |\n",
                     confidence_text(design));
  out += "| --- | --- | ---: | ---: | ---: | --- | ---: | ---: | ---: |\n";
  for (const Compared& compared : comparison.compared) {
    if (compared.target != target) continue;
    const CompareMetric& metric = metric_of(comparison, compared);
    const Change change = change_of(metric, compared.figures);
    add_row(out,
            {is_gated(comparison, compared) ? fmt::format("**{}**", metric.name) : std::string(metric.name),
             fmt::format("{} {}", mark_of(compared), decision_of(compared)), value_text(metric, compared.base),
             value_text(metric, compared.candidate), change_text(metric, change.value), interval_text(metric, change),
             margin_text(metric, compared.delta), margin_text(metric, detectable_of(metric, compared.figures)),
             std::to_string(compared.figures.blocks)});
  }
  out += "\n";
  std::string reasons;
  for (const Compared& compared : comparison.compared)
    if (compared.target == target && !compared.reason.empty())
      reasons += fmt::format("- {}: {}\n", metric_of(comparison, compared).name, for_markdown(compared.reason));
  if (!reasons.empty()) out += reasons + "\n";
}

void write_noise(std::string& out, const Comparison& comparison) {
  out += "| figure | spread | false alarms |";
  for (const std::uint32_t blocks : kNoiseBlocks) out += fmt::format(" {} blocks |", blocks);
  out += " 2x margin takes |\n| --- | ---: | ---: |";
  for (std::size_t i = 0; i <= kNoiseBlocks.size(); ++i) out += " ---: |";
  out += "\n";
  for (const NoiseOfMetric& noise : noise_of(comparison)) {
    const CompareMetric& metric = *find_compare_metric(comparison.design.metrics[noise.metric].name);
    out += fmt::format("| {} | {} | {:.2f} % |", metric.name, margin_text(metric, delta_of(metric, noise.spread)),
                       100 * noise.false_alarm);
    for (const double change : noise.detectable) out += fmt::format(" {} |", margin_text(metric, change));
    out += noise.blocks_needed > 0 ? fmt::format(" {} blocks |\n", noise.blocks_needed) : " too many |\n";
  }
  out += "\n";
}

void write_details(std::string& out, const Comparison& comparison) {
  const HostFacts& host = comparison.host;
  out += "<details><summary>How it was measured</summary>\n\n";
  out += fmt::format("- {}\n", for_markdown(design_text(comparison.design)));
  if (const std::string times = times_text(comparison.design); !times.empty())
    out += fmt::format("- {}\n", for_markdown(times));
  for (std::size_t i = 0; i < std::min(comparison.left_out.size(), kLeftOutShown); ++i)
    out += fmt::format("- left out: {}\n", for_markdown(left_out_text(comparison, comparison.left_out[i])));
  if (comparison.left_out.size() > kLeftOutShown)
    out += fmt::format("- left out: {} more\n", comparison.left_out.size() - kLeftOutShown);
  out += fmt::format("- {}, {} of {} cores; {}, Linux {}\n", for_markdown(host.cpu_model), host.usable_cores,
                     host.cores, for_markdown(host.os), for_markdown(host.kernel));
  out += fmt::format("- loadgen {}, started {}, {}\n\n</details>\n", comparison.tool.version,
                     utc_text(comparison.started), seconds_text(comparison.wall_s));
}

}  // namespace

std::string comparison_markdown(const Comparison& comparison) {
  const CompareDesign& design = comparison.design;
  std::string out = fmt::format("### {}: {}\n\n", headline(comparison), for_markdown(sentence(comparison)));
  if (const std::string words = advice(comparison); !words.empty()) out += fmt::format("{}\n\n", for_markdown(words));
  if (design.mode == CompareMode::runs)
    out += runs_markdown(comparison) + "\n";
  else
    for (std::uint32_t target = 1; target < design.targets.size(); ++target) write_figures(out, comparison, target);
  if (design.mode == CompareMode::same) write_noise(out, comparison);
  write_details(out, comparison);
  return out;
}

}  // namespace loadgen::report
