// The curve for people: in a terminal, in a pull request, in a spreadsheet.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/curve_reports.hpp"
#include "report/escape.hpp"
#include "report/numbers.hpp"
#include "report/page.hpp"

namespace loadgen::report {
namespace {

std::vector<const Trial*> by_rate(const Curve& curve) {
  std::vector<const Trial*> trials;
  for (const Trial& trial : curve.trials) trials.push_back(&trial);
  std::ranges::stable_sort(trials, {}, &Trial::rate);
  return trials;
}

std::string figure(const stats::Estimate& estimate) {
  if (estimate.resolution == stats::Resolution::empty) return "-";
  return (estimate.at_least ? ">= " : "") + ms(estimate.value);
}

std::string completed_text(const Trial& trial) {
  return trial.completed_rate.resolution == stats::Resolution::empty ? "-" : per_second(trial.completed_rate.value);
}

}  // namespace

std::string curve_text(const Curve& curve, const TextStyle& style) {
  Page page(style.width);
  std::string head = fmt::format("Sustainable rate  {}", sustainable_rate(curve));
  page.line(style.color ? fmt::format("\x1b[1m{}\x1b[0m", head) : head);
  page.paragraph(printable(fmt::format("  {}", fmt::join(curve.objective, ", "))), 2);
  if (const std::string_view words = remark(curve.end); !words.empty()) page.paragraph(fmt::format("  ! {}", words), 4);
  if (curve.at_least) page.paragraph("  " + at_least_text(curve), 4);
  page.blank();
  page.line(shown(curve.name));
  page.line(printable(curve.target));
  page.blank();
  Table table{.text_columns = 3,
              .header = {"Trial", "Objective", "Verdict", "Rate/s", "Completed/s", "p50 ms", "p99 ms", "Error %"},
              .rows = {}};
  for (const Trial* trial : by_rate(curve)) {
    table.rows.push_back({fmt::format("{:>4}", trial - curve.trials.data() + 1), std::string(to_string(trial->says)),
                          std::string(to_string(trial->verdict)), per_second(trial->rate), completed_text(*trial),
                          figure(trial->p50), figure(trial->p99), fmt::format("{:.2f}", 100 * trial->error_rate)});
  }
  page.table(table);
  page.paragraph(
      "  by rate; Trial is the order in which they were made; response times, due to last byte, of successes", 2);
  page.blank();
  for (const Trial* trial : by_rate(curve)) {
    if (trial->says != TrialSays::holds)
      page.fact(fmt::format("{}/s", per_second(trial->rate)),
                fmt::format("{}: {}", to_string(trial->says), printable(trial->reason)));
  }
  page.blank();
  page.fact("Search", fmt::format("{} trials in {}; interval asked for: {:.0f} %; ended: {}", curve.trials.size(),
                                  seconds_text(curve.wall_s), 100 * curve.precision, to_string(curve.end)));
  page.fact("Machine", fmt::format("{} ({}), {} core{}; {}, {}", curve.host.cpu_model, curve.host.architecture,
                                   curve.host.usable_cores, curve.host.usable_cores == 1 ? "" : "s", curve.host.os,
                                   curve.host.kernel));
  page.fact("Run", fmt::format("loadgen {}, {} engine", curve.tool.version, curve.engine));
  return page.take();
}

std::string curve_csv(const Curve& curve) {
  const auto ms_of = [](const stats::Estimate& estimate) {
    return estimate.resolution == stats::Resolution::empty ? std::string()
                                                           : fmt::format("{:.3f}", estimate.value / 1e6);
  };
  std::string out = "trial,rate,completed_rate,p50_ms,p99_ms,error_rate,completed,objective,verdict\n";
  for (const Trial* trial : by_rate(curve))
    out += fmt::format("{},{:.3f},{:.3f},{},{},{:.6f},{},{},{}\n", trial - curve.trials.data() + 1, trial->rate,
                       trial->completed_rate.value, ms_of(trial->p50), ms_of(trial->p99), trial->error_rate,
                       trial->completed, to_string(trial->says), to_string(trial->verdict));
  return out;
}

std::string curve_markdown(const Curve& curve) {
  std::string out = fmt::format("**Sustainable rate: {}** for {}\n\n", sustainable_rate(curve),
                                for_markdown(fmt::format("{}", fmt::join(curve.objective, ", "))));
  if (const std::string_view words = remark(curve.end); !words.empty()) out += fmt::format("{}\n\n", words);
  if (curve.at_least) out += fmt::format("`{}`\n\n", at_least_text(curve));
  out +=
      "| rate/s | completed/s | p50 ms | p99 ms | errors % | objective | verdict |\n"
      "| ---: | ---: | ---: | ---: | ---: | --- | --- |\n";
  for (const Trial* trial : by_rate(curve))
    out += fmt::format("| {} | {} | {} | {} | {:.2f} | {} | {} |\n", per_second(trial->rate), completed_text(*trial),
                       figure(trial->p50), figure(trial->p99), 100 * trial->error_rate, to_string(trial->says),
                       to_string(trial->verdict));
  return out;
}

}  // namespace loadgen::report
