#include "report/markdown.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "report/addresses.hpp"
#include "report/escape.hpp"
#include "report/headline.hpp"
#include "report/numbers.hpp"
#include "report/page.hpp"

namespace loadgen::report {
namespace {

constexpr std::size_t kNameWidth = 120;  ///< columns of a label or a threshold

std::string_view mark_of(const Verdict& verdict) {
  if (verdict.name == VerdictName::trustworthy) return "✅";
  return is_valid(verdict) ? "⚠️" : "❌";
}

std::string_view mark_of(Standing standing) {
  constexpr std::array<std::string_view, 4> marks{"✅ passed", "❌ failed", "⚠️ not decided", "❓ doubtful"};
  return marks[static_cast<std::size_t>(standing)];
}

std::string name_cell(const std::string& text) {
  return for_markdown(truncated(shown(text), kNameWidth));
}

void add_row(std::string& out, std::initializer_list<std::string_view> cells) {
  for (const std::string_view cell : cells) out.append("| ").append(cell).append(" ");
  out += "|\n";
}

/// Both ends, or why there are none.
template <class Format>
std::string interval_of(const stats::Estimate& estimate, Format&& format) {
  switch (estimate.resolution) {
    case stats::Resolution::resolved:
      return fmt::format("{} to {}", format(estimate.low), format(estimate.high));
    case stats::Resolution::upper_open:
      return estimate.at_least ? "at least this: cut-off requests reach into it"
                               : fmt::format("from {}", format(estimate.low));
    case stats::Resolution::too_short:
      return "none: run longer";
    default:
      return "";
  }
}

template <class Format>
std::string value_of(const stats::Estimate& estimate, Format&& format) {
  if (!is_known(estimate)) return "–";
  return (estimate.at_least ? "≥ " : "") + format(estimate.value);
}

std::string milliseconds_text(double ns) {
  return ms(ns) + " ms";
}

std::string rate_text(double per_second) {
  return fmt::format("{:.1f}/s", per_second);
}

void write_figures(std::string& out, const Summary& summary) {
  const std::string_view what = is_closed(summary) ? "service time" : "response time";
  out += "| figure | value | 95 % interval |\n| --- | ---: | --- |\n";
  add_row(out, {"completed", value_of(summary.rate, rate_text), interval_of(summary.rate, rate_text)});
  for (const std::size_t i : {kP50, kP95, kP99}) {
    const stats::Estimate& estimate = headline_of(summary, summary.total).percentiles[i];
    add_row(out, {fmt::format("{} {}", what, kPercentiles[i].text), value_of(estimate, milliseconds_text),
                  interval_of(estimate, milliseconds_text)});
  }
  const std::string errors = percent(summary.total.error_rate);
  add_row(out,
          {"errors",
           fmt::format("{} ({} of {})", errors, grouped(summary.total.failed), grouped(summary.total.completed)), ""});
  const OfferedLoad& load = summary.offered;
  if (load.rate > 0) {
    const std::string of_it = load.achieved > 0 ? fmt::format(" ({} achieved)", percent(load.achieved)) : "";
    add_row(out, {"offered", rate_text(load.rate) + of_it, ""});
  }
  out += "\n";
}

void write_thresholds(std::string& out, const Summary& summary) {
  if (summary.gates.empty()) return;
  const std::size_t rows = std::min(summary.gates.size(), kMarkdownRows);
  out += "| threshold | | found |\n| --- | --- | --- |\n";
  for (std::size_t i = 0; i < rows; ++i) {
    const Gate& gate = summary.gates[i];
    add_row(out, {name_cell(gate.threshold), mark_of(standing_of(gate)), for_markdown(evidence_of(gate))});
  }
  if (rows < summary.gates.size())
    out += fmt::format("\n{} more are in run.json.\n", grouped(summary.gates.size() - rows));
  out += "\n";
}

void write_label(std::string& out, const Summary& summary, const Row& row) {
  const SeriesFigures& times = headline_of(summary, row);
  const auto percentile = [&](std::size_t i) {
    return value_of(times.percentiles[i], [](double ns) { return ms(ns); });
  };
  const bool any = row.completed > 0;
  add_row(out, {name_cell(row.label), grouped(row.completed), any ? ms(row.elapsed.mean_ns) : "–", percentile(kP50),
                percentile(kP95), percentile(kP99), any ? ms(row.elapsed.max_ns) : "–",
                fmt::format("{:.2f} %", 100 * row.error_rate), any ? throughput(row.rps) : "–"});
}

void write_labels(std::string& out, const Summary& summary) {
  const std::size_t rows = std::min(summary.labels.size(), kMarkdownRows);
  out += "| label | samples | average | p50 | p95 | p99 | max | errors | throughput |\n";
  out += "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n";
  for (std::size_t i = 0; i < rows; ++i) write_label(out, summary, summary.labels[i]);
  write_label(out, summary, summary.total);
  out += fmt::format(
      "\nms; p50 to p99 are of {}, of successes in the measured window; average and max of service time, "
      "failures too\n",
      is_closed(summary) ? "service time" : "response time");
  if (rows < summary.labels.size())
    out += fmt::format("\n{} more labels are in run.json.\n", grouped(summary.labels.size() - rows));
  out += "\n";
}

void write_checks(std::string& out, const Verdict& verdict) {
  for (const Check& check : verdict.evidence) {
    if (check.result != CheckResult::failed && check.result != CheckResult::warning) continue;
    out += fmt::format("- **{}** ({}): {}. {}\n", for_markdown(check.name), to_string(check.result),
                       for_markdown(check.evidence), for_markdown(check.remedy));
  }
}

void write_errors(std::string& out, const Row& total) {
  if (total.errors.empty()) return;
  out += "| failed | because |\n| ---: | --- |\n";
  for (const ErrorCount& error : total.errors) add_row(out, {grouped(error.count), info(error.kind).text});
  out += "\n";
}

void write_details(std::string& out, const Summary& summary) {
  const Window& window = summary.window;
  const LedgerLines& ledger = summary.ledger;
  const Generator& generator = summary.generator;
  const HostFacts& host = summary.host;
  const std::string measured = window.empty() ? window.reason
                                              : fmt::format("{:.1f} s to {:.1f} s, {}", seconds(window.span.begin),
                                                            seconds(window.span.end), window.reason);
  std::vector<std::pair<std::string_view, std::string>> facts{
      {"Target", truncated(printable(summary.target), kNameWidth)},
      {"Load", fmt::format("{}: {}", summary.offered.model, summary.offered.description)},
      {"Measured", measured},
      {"Ledger", fmt::format("planned {} = sent {} + not started {} + dropped {}", grouped(ledger.planned),
                             grouped(ledger.sent), grouped(ledger.not_started), grouped(ledger.dropped))},
      {"", fmt::format("sent {} = succeeded {} + failed {} + unfinished {}", grouped(ledger.sent),
                       grouped(ledger.succeeded), grouped(ledger.failed), grouped(ledger.unfinished))},
      {"Generator", fmt::format("{} engine, {} thread{}, {:.1f} us of CPU a request, busiest thread {:.1f} % of a core",
                                generator.engine, generator.threads, generator.threads == 1 ? "" : "s",
                                generator.cpu_us_per_request, 100 * generator.busiest_thread)},
      {"Machine", fmt::format("{}, {} of {} cores; {}, Linux {}", host.cpu_model, host.usable_cores, host.cores,
                              host.os, host.kernel)},
      {"Run", fmt::format("loadgen {}, started {}, {}", summary.tool.version, utc_text(summary.started),
                          seconds_text(summary.wall_s))},
  };
  if (std::string addresses = addresses_text(summary.addresses); !addresses.empty())
    facts.emplace_back("Addresses", std::move(addresses));
  out += "<details><summary>How it was measured</summary>\n\n| | |\n| --- | --- |\n";
  for (const auto& [key, value] : facts) add_row(out, {key, for_markdown(value)});
  out += "\n";
  write_errors(out, summary.total);
  write_checks(out, summary.verdict);
  out += "\n</details>\n";
}

}  // namespace

std::string markdown(const Summary& summary) {
  const Verdict& verdict = summary.verdict;
  std::string out =
      fmt::format("### {} {}: {}\n\n", mark_of(verdict), to_string(verdict.name), for_markdown(verdict.sentence));
  out += fmt::format("**{}**\n\n", name_cell(summary.name));
  write_figures(out, summary);
  write_thresholds(out, summary);
  write_labels(out, summary);
  write_details(out, summary);
  return out;
}

}  // namespace loadgen::report
