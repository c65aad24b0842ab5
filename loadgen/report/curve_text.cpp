// The curve for people: in a terminal, in a pull request, in a spreadsheet.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "report/curve_reports.hpp"
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

std::string rate_text(double rate) {
  return rate < 100 ? fmt::format("{:.1f}", rate) : grouped(static_cast<std::uint64_t>(std::llround(rate)));
}

std::string figure(const stats::Estimate& estimate) {
  if (estimate.resolution == stats::Resolution::empty) return "-";
  return (estimate.at_least ? ">= " : "") + ms(estimate.value);
}

std::string completed_text(const Trial& trial) {
  return trial.completed_rate.resolution == stats::Resolution::empty ? "-" : rate_text(trial.completed_rate.value);
}

/// What it means that the search ended so; empty: nothing that the rate does not say.
std::string_view remark(SearchEnd end) {
  switch (end) {
    case SearchEnd::precise:
      return "";
    case SearchEnd::highest_rate:
      return "The objective held at the highest rate that was allowed; raise --to to go on.";
    case SearchEnd::generator:
      return "Beyond that rate the generator was the limit, not the target: give it more threads or cores, or a "
             "machine "
             "of its own.";
    case SearchEnd::lowest_rate:
      return "The objective failed at the lowest rate tried: the target does not keep it even when it has little to "
             "do.";
    case SearchEnd::trials:
      return "The trials were used up before the interval was as narrow as asked; allow more with --trials, or make "
             "them "
             "longer with --trial.";
    case SearchEnd::disturbed:
      return "The machine was too busy with other things to go on; what was measured until then stands above.";
    case SearchEnd::target_lost:
      return "The target could not be reached any more after the last trial.";
    case SearchEnd::broken:
      return "The program's own books did not balance in the last trial: this is a bug in loadgen.";
    case SearchEnd::interrupted:
      return "Interrupted: this is what the trials until then say.";
  }
  return "";
}

std::string_view enough(const Curve& curve) {
  const auto known = is_enough(curve);
  if (!known) return "not decided";
  return *known ? "met" : "missed";
}

}  // namespace

std::string curve_text(const Curve& curve, const TextStyle& style) {
  Page page(style.width);
  std::string head = fmt::format("Sustainable rate  {}", sustainable_rate(curve));
  page.line(style.color ? fmt::format("\x1b[1m{}\x1b[0m", head) : head);
  page.paragraph(fmt::format("  {}", fmt::join(curve.objective, ", ")), 2);
  if (const std::string_view words = remark(curve.end); !words.empty()) page.paragraph(fmt::format("  ! {}", words), 4);
  if (curve.at_least)
    page.paragraph(fmt::format("  --at-least {}/s: {}", rate_text(*curve.at_least), enough(curve)), 4);
  page.blank();
  page.line(shown(curve.name));
  page.line(printable(curve.target));
  page.blank();
  Table table{.text_columns = 3,
              .header = {"Trial", "Objective", "Verdict", "Rate/s", "Completed/s", "p50 ms", "p99 ms", "Error %"},
              .rows = {}};
  for (const Trial* trial : by_rate(curve)) {
    table.rows.push_back({fmt::format("{:>4}", trial - curve.trials.data() + 1), std::string(to_string(trial->says)),
                          std::string(to_string(trial->verdict)), rate_text(trial->rate), completed_text(*trial),
                          figure(trial->p50), figure(trial->p99), fmt::format("{:.2f}", 100 * trial->error_rate)});
  }
  page.table(table);
  page.paragraph(
      "  by rate; Trial is the order in which they were made; response times, due to last byte, of successes", 2);
  page.blank();
  for (const Trial* trial : by_rate(curve)) {
    if (trial->says != TrialSays::holds)
      page.fact(fmt::format("{}/s", rate_text(trial->rate)),
                fmt::format("{}: {}", to_string(trial->says), trial->reason));
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
  std::string out =
      fmt::format("**Sustainable rate: {}** for `{}`\n\n", sustainable_rate(curve), fmt::join(curve.objective, ", "));
  if (const std::string_view words = remark(curve.end); !words.empty()) out += fmt::format("{}\n\n", words);
  out +=
      "| rate/s | completed/s | p50 ms | p99 ms | errors % | objective | verdict |\n"
      "| ---: | ---: | ---: | ---: | ---: | --- | --- |\n";
  for (const Trial* trial : by_rate(curve))
    out += fmt::format("| {} | {} | {} | {} | {:.2f} | {} | {} |\n", rate_text(trial->rate), completed_text(*trial),
                       figure(trial->p50), figure(trial->p99), 100 * trial->error_rate, to_string(trial->says),
                       to_string(trial->verdict));
  return out;
}

}  // namespace loadgen::report
