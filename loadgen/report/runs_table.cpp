#include "report/runs_table.hpp"

#include <map>
#include <utility>

#include <fmt/format.h>

#include "report/escape.hpp"
#include "report/printable.hpp"
#include "report/table.hpp"

namespace loadgen::report {
namespace {

RunCell cell_of(const Slice& slice) {
  const auto completed = static_cast<double>(slice.completed);
  return {slice.throughput, completed > 0 ? 100 * static_cast<double>(slice.failed) / completed : 0};
}

/// The slices of each run by target; nullptr: missing.
using Runs = std::map<std::uint32_t, std::vector<const Slice*>>;

Runs runs_of(const Comparison& comparison) {
  Runs runs;
  for (const Slice& slice : comparison.slices) {
    if (slice.block < comparison.design.runs_discarded) continue;
    auto& run = runs[slice.block];
    run.resize(comparison.design.targets.size());
    run[slice.target] = &slice;
  }
  std::erase_if(runs, [](const auto& run) {
    for (const Slice* slice : run.second)
      if (slice == nullptr) return true;
    return false;
  });
  return runs;
}

RunCell average_of(const Runs& runs, std::size_t target) {
  double rates = 0, completed = 0, failed = 0;
  for (const auto& [block, run] : runs) {
    rates += run[target]->throughput;
    completed += static_cast<double>(run[target]->completed);
    failed += static_cast<double>(run[target]->failed);
  }
  return {runs.empty() ? 0 : rates / static_cast<double>(runs.size()), completed > 0 ? 100 * failed / completed : 0};
}

/// Header and rows as text.
Table table_of(const Comparison& comparison) {
  Table table{.text_columns = 1, .header = {""}, .rows = {}};
  for (const std::string& target : comparison.design.targets) {
    table.header.push_back(target + " Avg RPS");
    table.header.push_back("Error %");
  }
  const auto add = [&](std::string name, const std::vector<RunCell>& cells) {
    std::vector<std::string> row{std::move(name)};
    for (const RunCell& cell : cells) {
      row.push_back(fmt::format("{:.1f}", cell.rps));
      row.push_back(fmt::format("{:.2f}", cell.error_percent));
    }
    table.rows.push_back(std::move(row));
  };
  const RunsTable figures = runs_table(comparison);
  for (std::size_t i = 0; i < figures.runs.size(); ++i) add(fmt::format("Run {}", i + 1), figures.runs[i]);
  add("AVERAGE", figures.average);
  return table;
}

}  // namespace

RunsTable runs_table(const Comparison& comparison) {
  const Runs runs = runs_of(comparison);
  RunsTable table;
  for (const auto& [block, run] : runs) {
    auto& cells = table.runs.emplace_back();
    for (const Slice* slice : run) cells.push_back(cell_of(*slice));
  }
  for (std::size_t target = 0; target < comparison.design.targets.size(); ++target)
    table.average.push_back(average_of(runs, target));
  return table;
}

std::string runs_text(const Comparison& comparison, std::size_t width) {
  Table table = table_of(comparison);
  for (std::string& cell : table.header) cell = printable(cell);
  return render(table, width);
}

std::string runs_markdown(const Comparison& comparison) {
  const Table table = table_of(comparison);
  std::string out = "|";
  for (const std::string& cell : table.header) out += fmt::format(" {} |", for_markdown(cell));
  out += "\n| --- |";
  for (std::size_t i = 1; i < table.header.size(); ++i) out += " ---: |";
  for (const auto& row : table.rows) {
    out += "\n|";
    for (const std::string& cell : row) out += fmt::format(" {} |", cell);
  }
  return out + "\n";
}

}  // namespace loadgen::report
