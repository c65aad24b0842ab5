#include "report/comparison_text.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "report/comparison_words.hpp"
#include "report/numbers.hpp"
#include "report/page.hpp"
#include "report/runner_noise.hpp"
#include "report/runs_table.hpp"

namespace loadgen::report {
namespace {

constexpr std::size_t kLeftOutShown = 5;

std::string_view color_of(const Comparison& comparison) {
  constexpr std::array<std::string_view, 4> colors{"1;32", "1;32", "1;33", "1;31"};  // by Decision
  if (comparison.design.mode == CompareMode::runs) return "1";
  return comparison.invalid ? "1;31" : colors[static_cast<std::size_t>(comparison.decision)];
}

void write_decision(Page& page, const Comparison& comparison, bool color) {
  const std::string_view name = headline(comparison);
  // Wrapped first, coloured second: escape sequences take no columns.
  std::string words = wrapped(fmt::format("{}  {}", name, printable(sentence(comparison))), page.width(), 2);
  if (color) words.replace(0, name.size(), fmt::format("\x1b[{}m{}\x1b[0m", color_of(comparison), name));
  page.line(words);
  if (const std::string words_of_advice = advice(comparison); !words_of_advice.empty())
    page.paragraph("  - " + words_of_advice + ".", 4);
}

std::vector<std::string> row_of(const Comparison& comparison, const Compared& compared) {
  const CompareMetric& metric = metric_of(comparison, compared);
  const Change change = change_of(metric, compared.figures);
  return {fmt::format("{}{}", metric.name, is_gated(comparison, compared) ? " *" : ""),
          std::string(decision_of(compared)),
          value_text(metric, compared.base),
          value_text(metric, compared.candidate),
          change_text(metric, change.value),
          change_text(metric, change.low),
          change_text(metric, change.high),
          margin_text(metric, compared.delta),
          margin_text(metric, detectable_of(metric, compared.figures)),
          std::to_string(compared.figures.blocks)};
}

/// The figures of one candidate.
void write_figures(Page& page, const Comparison& comparison, std::uint32_t target) {
  const CompareDesign& design = comparison.design;
  page.paragraph(fmt::format("{} against {}", shown(design.targets[target]), shown(design.targets[0])), 2);
  Table table;
  table.text_columns = 2;
  table.header = {"figure", "", "base", "candidate", "change", "from", "to", "margin", "detectable", "blocks"};
  for (const Compared& compared : comparison.compared)
    if (compared.target == target) table.rows.push_back(row_of(comparison, compared));
  page.table(table);
  for (const Compared& compared : comparison.compared) {
    if (compared.target != target || compared.reason.empty()) continue;
    page.paragraph(fmt::format("  - {}: {}.", metric_of(comparison, compared).name, compared.reason), 4);
  }
  page.blank();
}

/// The change in each block, of one figure: "+19.9' +18.2 +20.1'".
std::string by_block(const Comparison& comparison, const Compared& compared) {
  const CompareMetric& metric = metric_of(comparison, compared);
  std::string out;
  for (const BlockValues& block : compared.blocks) {
    const std::string change = change_text(metric, change_of(metric, block.difference.d));
    out += fmt::format(" {}{}", change.substr(0, change.find(' ')), block.difference.candidate_first ? "'" : "");
  }
  return out;
}

void write_blocks(Page& page, const Comparison& comparison) {
  bool any = false;
  for (const Compared& compared : comparison.compared) {
    if (!compared.decides || compared.blocks.empty()) continue;
    const bool several = comparison.design.targets.size() > 2;
    const std::string of = several ? " of " + shown(comparison.design.targets[compared.target]) : "";
    const CompareMetric& metric = metric_of(comparison, compared);
    page.fact("Blocks", fmt::format("{}{}, {}:{}", metric.name, of, metric.kind == FigureKind::share ? "pp" : "%",
                                    by_block(comparison, compared)));
    any = true;
  }
  if (any) page.fact("", "' where the candidate began");
}

void write_noise(Page& page, const Comparison& comparison) {
  const std::vector<NoiseOfMetric> noise = noise_of(comparison);
  page.line("What this machine can tell apart");
  Table table;
  table.header = {"figure", "spread", "margin", "false alarms"};
  for (const std::uint32_t blocks : kNoiseBlocks)
    table.header.push_back(fmt::format("{}{}", blocks == kNoiseBlocks.front() ? "with " : "", blocks));
  table.header.emplace_back("2x margin");
  for (const NoiseOfMetric& row : noise) {
    const CompareMetric& metric = *find_compare_metric(comparison.design.metrics[row.metric].name);
    auto& cells = table.rows.emplace_back();
    cells = {std::string(metric.name), margin_text(metric, delta_of(metric, row.spread)),
             margin_text(metric, delta_of(metric, row.margin)), fmt::format("{:.2f} %", 100 * row.false_alarm)};
    for (const double change : row.detectable) cells.push_back(margin_text(metric, change));
    cells.push_back(row.blocks_needed > 0 ? fmt::format("{} blocks", row.blocks_needed) : "too many");
  }
  page.table(table);
  page.paragraph(
      fmt::format("  spread: between blocks; false alarms: how often a gate of {} blocks would say REGRESSION of two "
                  "that are the same; with so many blocks: the change that is found 80 times in 100; last: how many "
                  "find one of twice the margin as often",
                  kDefaultBlocks),
      2);
  page.blank();
}

void write_left_out(Page& page, const Comparison& comparison) {
  const auto& left_out = comparison.left_out;
  if (left_out.empty()) return;
  page.fact("Left out", fmt::format("{} of {} slices were disturbed, or are not valid for times and rates",
                                    left_out.size(), comparison.slices.size()));
  for (std::size_t i = 0; i < std::min(left_out.size(), kLeftOutShown); ++i)
    page.fact("", printable(left_out_text(comparison, left_out[i])));
  if (left_out.size() > kLeftOutShown) page.fact("", fmt::format("and {} more", left_out.size() - kLeftOutShown));
}

void write_provenance(Page& page, const Comparison& comparison) {
  const CompareDesign& design = comparison.design;
  page.fact("Design", design_text(design));
  if (const std::string times = times_text(design); !times.empty()) page.fact("Times", times);
  if (design.mode != CompareMode::runs)
    page.fact("Made", fmt::format("{} of {} blocks, {} pairs of slices", comparison.blocks_made, design.blocks,
                                  comparison.pairs_made));
  write_left_out(page, comparison);
  const HostFacts& host = comparison.host;
  page.fact("Machine", fmt::format("{} ({}), {} of {} cores, {}; {}, Linux {}", printable(host.cpu_model),
                                   printable(host.architecture), host.usable_cores, host.cores,
                                   bytes_text(host.memory_bytes), printable(host.os), printable(host.kernel)));
  page.fact("Comparison", fmt::format("loadgen {}, started {}, {}", comparison.tool.version,
                                      utc_text(comparison.started), seconds_text(comparison.wall_s)));
}

}  // namespace

std::string comparison_text(const Comparison& comparison, const TextStyle& style) {
  const CompareDesign& design = comparison.design;
  Page page(std::max<std::size_t>(style.width, 40));
  write_decision(page, comparison, style.color);
  page.blank();
  if (design.mode == CompareMode::runs) {
    page.line(runs_text(comparison, page.width()));
  } else {
    for (std::uint32_t target = 1; target < design.targets.size(); ++target) write_figures(page, comparison, target);
    page.paragraph(fmt::format("  *: gated; change with its interval ({}), one-sided {:g} % each; detectable: found 80 "
                               "times in 100; a figure passes when the worse end lies within the margin",
                               confidence_text(design), 100 * (1 - design.alpha)),
                   2);
    page.blank();
    if (design.mode == CompareMode::same) write_noise(page, comparison);
    write_blocks(page, comparison);
  }
  write_provenance(page, comparison);
  return page.take();
}

}  // namespace loadgen::report
