#include "report/test_comparisons.hpp"

#include <chrono>
#include <cmath>
#include <utility>

#include "load/interleaving.hpp"

namespace loadgen::report::test {
namespace {

/// Fills design.targets.size() * blocks * passes slices.
void fill(Comparison& comparison, const std::vector<Figure>& figures) {
  const CompareDesign& design = comparison.design;
  const auto targets = static_cast<std::uint32_t>(design.targets.size());
  for (const load::SlicePlace& place : load::interleave(targets, design.blocks, design.passes, design.seed)) {
    Slice slice;
    slice.block = place.block;
    slice.pass = place.pass;
    slice.target = place.target;
    slice.completed = 10'000;
    slice.throughput = 2'000;
    for (const Figure& figure : figures) slice.values.push_back(figure.value(slice));
    comparison.slices.push_back(std::move(slice));
  }
}

Comparison asked(const std::vector<Figure>& figures, std::vector<std::string> targets) {
  Comparison comparison;
  comparison.tool = {"0.1.0", "a compiler"};
  comparison.host.cpu_model = "A processor";
  comparison.host.architecture = "x86_64";
  comparison.host.cores = comparison.host.usable_cores = 4;
  comparison.host.memory_bytes = 8'000'000'000;
  comparison.host.kernel = "6.1.0";
  comparison.host.os = "An OS";
  comparison.started = std::chrono::sys_days(std::chrono::January / 2 / 2026) + std::chrono::seconds(11'045);
  comparison.wall_s = 312.5;
  comparison.design.targets = std::move(targets);
  comparison.design.plan_json = R"({"name": "a plan"})";
  for (const Figure& figure : figures)
    comparison.design.metrics.push_back({figure.metric, figure.gated, find_compare_metric(figure.metric)->delta});
  return comparison;
}

double nothing(const Slice&) {
  return 0;
}

}  // namespace

double wobble(const Slice& place) {
  const auto phase = 5.0 * place.block + 3.0 * place.pass + 2.0 * place.target;
  return 1 + 0.01 * std::sin(phase);
}

ValueAt slower_by(double base, double factor) {
  return [=](const Slice& place) { return base * (place.target == 0 ? 1 : factor) * wobble(place); };
}

Comparison comparison_of(const std::vector<Figure>& figures) {
  Comparison comparison = asked(figures, {"base", "candidate"});
  fill(comparison, figures);
  return comparison;
}

Comparison passing() {
  Comparison comparison = comparison_of({{"rps", slower_by(2000, 0.99), false},
                                         {"p50", slower_by(12.5, 1.02)},
                                         {"error_rate", nothing},
                                         {"server_cpu", slower_by(61, 1.005), false}});
  conclude(comparison);
  return comparison;
}

Comparison regressing() {
  Comparison comparison = comparison_of({{"p50", slower_by(12.5, 1.2)},
                                         {"p99", slower_by(40, 1.05), false},
                                         {"error_rate", nothing},
                                         {"server_cpu", slower_by(61, 1.15)}});
  comparison.slices[5].disturbed = true;
  comparison.slices[5].evidence = "steal time 3.1 %";
  conclude(comparison);
  return comparison;
}

Comparison undecided() {
  Comparison comparison = comparison_of({{"p50", [](const Slice& place) {
                                            const double noise = 1 + 25 * (wobble(place) - 1);
                                            return 12.5 * (place.target == 0 ? 1 : 1.06) * noise;
                                          }}});
  conclude(comparison);
  return comparison;
}

Comparison invalid() {
  Comparison comparison = comparison_of({{"rps", slower_by(2000, 0.8)}});
  for (std::size_t i = 0; i < comparison.slices.size(); i += 4) {
    comparison.slices[i].verdict = VerdictName::client_bound;
    comparison.slices[i].evidence = "The generator was the limit: these numbers describe it, not the target.";
  }
  conclude(comparison);
  return comparison;
}

Comparison hostile() {
  const std::vector<Figure> figures{{"p50", slower_by(12.5, 1.2)}};
  Comparison comparison = asked(figures, {"=cmd|' /C calc'!A0", "<b>\x1b[31m| ]]>\n", "@ops `x` \"quoted\" 漢字 \xff"});
  fill(comparison, figures);
  conclude(comparison);
  return comparison;
}

Comparison same_server() {
  const std::vector<Figure> figures{{"p50", slower_by(12.5, 1)}, {"server_cpu", slower_by(61, 1)}};
  Comparison comparison = asked(figures, {"server", "server again"});
  comparison.design.mode = CompareMode::same;
  comparison.design.blocks = 20;
  fill(comparison, figures);
  conclude(comparison);
  return comparison;
}

Comparison small() {
  const std::vector<Figure> figures{{"p50", slower_by(12.5, 1.2)}};
  Comparison comparison = asked(figures, {"server", "server again"});
  comparison.design.mode = CompareMode::same;
  comparison.design.blocks = 5;
  comparison.design.passes = 1;
  fill(comparison, figures);
  comparison.slices[2].disturbed = true;
  conclude(comparison);
  return comparison;
}

Comparison runs() {
  const std::vector<Figure> figures{{"p50", slower_by(12.5, 1.2), false}};
  Comparison comparison = asked(figures, {"Axum", "Blacksheep"});
  comparison.design.mode = CompareMode::runs;
  comparison.design.blocks = 4;
  comparison.design.passes = 1;
  comparison.design.runs_discarded = 1;
  fill(comparison, figures);
  for (Slice& slice : comparison.slices) {
    slice.completed = 6'000;
    slice.failed = slice.target == 1 && slice.block == 2 ? 510 : 0;
    slice.throughput = slice.target == 0 ? 2'996 + slice.block : 452.5 + 100 * slice.block;
  }
  conclude(comparison);
  return comparison;
}

}  // namespace loadgen::report::test
