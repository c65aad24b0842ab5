#include "report/text.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "report/addresses.hpp"
#include "report/jtl.hpp"
#include "report/numbers.hpp"
#include "report/page.hpp"
#include "report/summariser.hpp"
#include "report/text_gates.hpp"
#include "report/text_times.hpp"

namespace loadgen::report {
namespace {

std::string_view color_of(VerdictName name) {
  switch (name) {
    case VerdictName::trustworthy:
      return "1;32";  // green
    case VerdictName::under_sampled:
    case VerdictName::not_stationary:
    case VerdictName::overloaded:
    case VerdictName::censored:
    case VerdictName::errors:
      return "1;33";  // yellow
    case VerdictName::disturbed:
    case VerdictName::client_bound:
    case VerdictName::broken:
      return "1;31";  // red
  }
  return "0";
}

/// What did not pass: first what gave the run its name, then the target's errors, then what else failed.
std::vector<Check> worst_first(const Verdict& verdict) {
  std::vector<Check> out;
  std::ranges::copy_if(verdict.evidence, std::back_inserter(out),
                       [](const Check& check) { return check.result != CheckResult::passed; });
  std::ranges::stable_sort(out, {}, [&](const Check& check) {
    if (check.result != CheckResult::failed) return 3;
    if (check.verdict == verdict.name) return 0;
    return check.verdict == VerdictName::errors ? 1 : 2;
  });
  return out;
}

void write_verdict(Page& page, const Verdict& verdict, bool color) {
  const std::string_view name = to_string(verdict.name);
  // Wrapped first, coloured second: escape sequences take no columns.
  std::string words = wrapped(fmt::format("{}  {}", name, verdict.sentence), page.width(), 2);
  if (color) words.replace(0, name.size(), fmt::format("\x1b[{}m{}\x1b[0m", color_of(verdict.name), name));
  page.line(words);
  std::vector<std::string_view> advised;
  for (const Check& check : worst_first(verdict)) {
    std::string found =
        fmt::format("  {} {}: {}.", check.result == CheckResult::failed ? "!" : "-", check.name, check.evidence);
    if (std::ranges::find(advised, check.remedy) == advised.end()) found += " " + check.remedy;
    advised.push_back(check.remedy);
    page.paragraph(found, 4);
  }
}

void write_summary_line(Page& page, const Summary& summary) {
  const Row& total = summary.total;
  stats::Tally tally;
  tally.completed = total.completed;
  tally.failed = total.failed;
  tally.elapsed_sum = Duration(total.elapsed.sum_ns);
  tally.elapsed_min = Duration(total.elapsed.min_ns);
  tally.elapsed_max = Duration(total.elapsed.max_ns);
  page.line(summary_total(tally, std::chrono::duration_cast<Duration>(summary.ended - summary.started)));
}

std::vector<std::string> report_cells(const Row& row) {
  const bool any = row.completed > 0;
  const auto time = [any](auto ns) { return any ? ms(ns) : "-"; };
  return {shown(row.label),
          grouped(row.completed),
          time(row.elapsed.mean_ns),
          time(row.elapsed.min_ns),
          time(row.elapsed.max_ns),
          time(row.elapsed.stddev_ns),
          fmt::format("{:.2f}%", 100 * row.error_rate),
          any ? throughput(row.rps) : "-",
          fmt::format("{:.2f}", row.received_kib_per_s),
          fmt::format("{:.2f}", row.sent_kib_per_s),
          fmt::format("{:.1f}", row.average_bytes)};
}

void write_summary_report(Page& page, const Summary& summary) {
  Table table;
  table.header = {"Label",   "# Samples",  "Average",         "Min",         "Max",       "Std. Dev.",
                  "Error %", "Throughput", "Received KB/sec", "Sent KB/sec", "Avg. Bytes"};
  for (const Row& row : summary.labels) table.rows.push_back(report_cells(row));
  table.rows.push_back(report_cells(summary.total));
  page.table(table);
  page.paragraph(
      "  ms of service time, failures too; throughput over last end - first start, summary line over wall time", 2);
}

std::string rate_text(const stats::Estimate& rate) {
  if (rate.resolution == stats::Resolution::empty) return "too short for a rate: not one whole cell of 200 ms";
  const bool sure = rate.resolution == stats::Resolution::resolved;
  const std::string interval = sure ? fmt::format(" (95 %: {:.1f} to {:.1f})", rate.low, rate.high) : "";
  return fmt::format("{:.1f} completed/s{}", rate.value, interval);
}

void write_window(Page& page, const Summary& summary) {
  const Window& window = summary.window;
  if (window.empty()) {
    page.fact("Measured", window.reason.empty() ? "nothing" : window.reason);
    return;
  }
  page.fact("Measured", fmt::format("{:.1f} s to {:.1f} s, {}", seconds(window.span.begin), seconds(window.span.end),
                                    window.reason));
  page.fact("Rate", rate_text(summary.rate));
  if (summary.until_outcome) page.fact("Until", to_text(*summary.until_outcome));
}

void write_load(Page& page, const Summary& summary) {
  const OfferedLoad& load = summary.offered;
  const bool arrivals_planned = !summary.arrivals.spacing.empty();
  const bool of_window = arrivals_planned && summary.rate.resolution != stats::Resolution::empty;
  // What failed was completed, but is nothing to have achieved.
  const std::string achieved = fmt::format("{} {:.1f}/s", summary.total.failed > 0 ? "completed" : "achieved",
                                           of_window ? summary.rate.value : summary.total.rps);
  const bool of_requests = load.model.starts_with("open");
  if (load.rate > 0 && of_requests) {
    const std::string succeeded =
        summary.total.failed > 0 ? fmt::format("; {} of those succeeded", percent(1 - summary.total.error_rate)) : "";
    page.fact("Load",
              fmt::format("{}: offered {:.1f}/s ({}), {}, {} of {}{}", load.model, load.rate, load.description,
                          achieved, percent(load.achieved),
                          arrivals_planned && summary.arrivals.spacing != "uniform" ? "what came" : "it", succeeded));
  } else if (load.rate > 0) {
    page.fact("Load", fmt::format("{}: offered {:.1f} iterations/s ({}), {} requests", load.model, load.rate,
                                  load.description, achieved));
  } else {
    page.fact("Load", fmt::format("{}: no offered rate, {}", load.description, achieved));
  }
  const Ramp& ramp = summary.ramp;
  if (ramp.users_planned > 0) {
    page.fact("Ramp-up",
              fmt::format("planned {}, achieved {}; {} of {} users started", seconds_text(ramp.planned_s),
                          seconds_text(ramp.achieved_s), grouped(ramp.users_started), grouped(ramp.users_planned)));
  }
  const ArrivalLines& arrivals = summary.arrivals;
  if (!arrivals.spacing.empty()) {
    const bool by_chance = arrivals.spacing != "uniform" && summary.stop == stats::StopReason::finished;
    const std::string expected = by_chance ? fmt::format(" of {:.1f} expected", arrivals.expected) : "";
    const std::uint64_t lost = summary.ledger.dropped;
    const std::string dropped = lost > 0 ? fmt::format(", {} requests dropped", grouped(lost)) : "";
    page.fact("Arrivals", fmt::format("{}{} ({}, seed {}), at most {} under way, {} waited for a place{}",
                                      grouped(arrivals.arrived), expected, arrivals.spacing, arrivals.seed,
                                      grouped(arrivals.most_under_way), grouped(arrivals.waited), dropped));
  }
  const Opening& opening = summary.opening;
  if (opening.asked > 0) {
    const std::string each = opening.opened > 0 ? fmt::format(", each within {} ms", ms(opening.connect.max_ns)) : "";
    page.fact("Opened", fmt::format("{} of {} connections ahead of time in {}{}", grouped(opening.opened),
                                    grouped(opening.asked), seconds_text(opening.took_s), each));
  }
}

void write_ledger(Page& page, const LedgerLines& ledger) {
  const std::string planned = grouped(ledger.planned);
  const std::string sent = grouped(ledger.sent);
  const std::size_t width = std::max(planned.size(), sent.size());
  const std::string dropped = ledger.dropped > 0 ? " + dropped " + grouped(ledger.dropped) : "";
  page.fact("Ledger", fmt::format("planned {:>{}} = sent {} + not started {}{}", planned, width, sent,
                                  grouped(ledger.not_started), dropped));
  page.fact("", fmt::format("sent    {:>{}} = succeeded {} + failed {} + unfinished {}", sent, width,
                            grouped(ledger.succeeded), grouped(ledger.failed), grouped(ledger.unfinished)));
  if (!ledger.balanced) page.fact("", "DOES NOT BALANCE");
}

void write_errors(Page& page, const Row& total) {
  if (total.failed == 0) {
    page.fact("Errors", "none");
  } else {
    page.fact("Errors", fmt::format("{} of {} completed requests failed ({})", grouped(total.failed),
                                    grouped(total.completed), percent(total.error_rate)));
    const std::size_t width = grouped(total.errors.front().count).size();
    for (const ErrorCount& error : total.errors) {
      page.fact("", fmt::format("{:>{}}  {}", grouped(error.count), width, info(error.kind).text));
    }
  }
  std::string statuses;
  for (const StatusCount& status : total.statuses) {
    if (!statuses.empty()) statuses += ", ";
    statuses +=
        fmt::format("{} x {}", status.status == 0 ? "none" : std::to_string(status.status), grouped(status.count));
  }
  if (!statuses.empty()) page.fact("Status", statuses);
}

std::string pace_text(const stats::PaceRecord& pace) {
  const std::string guard =
      pace.pace == stats::Pace::hybrid
          ? fmt::format(", polling from {:.0f} us before each due time", 1e6 * seconds(pace.guard))
          : "";
  return fmt::format("{}{}; {}", to_string(pace.pace), guard, printable(pace.reason));
}

void write_generator(Page& page, const Summary& summary) {
  const Row& total = summary.total;
  const std::string ahead =
      summary.opening.opened > 0 ? fmt::format(", {} ahead of time", grouped(summary.opening.opened)) : "";
  // Those of follow-ups are not told apart from the rest of their time.
  const char* const but = total.redirects_followed + total.challenges_answered > 0 ? " (follow-ups' left out)" : "";
  const std::string tls = total.tls.count > 0
                              ? fmt::format(", {} TLS handshakes{} of which {} resumed a session",
                                            grouped(total.tls.count), but, grouped(total.handshakes_resumed))
                              : "";
  const std::string redirects =
      total.redirects_followed > 0 ? fmt::format(", {} redirects followed", grouped(total.redirects_followed)) : "";
  const std::string challenges =
      total.challenges_answered > 0 ? fmt::format(", {} challenges answered", grouped(total.challenges_answered)) : "";
  const std::string resent =
      total.requests_resent > 0 ? fmt::format(", {} refused requests sent again", grouped(total.requests_resent)) : "";
  const std::string decoded =
      total.bytes_decoded > 0 ? fmt::format(" (bodies decoded to {})", bytes_text(total.bytes_decoded)) : "";
  page.fact("Connections",
            fmt::format("{} opened by requests{}, {} reopened{}{}{}{}; received {}{}, sent {}",
                        grouped(total.connections_opened), ahead, grouped(total.connections_reopened), resent, tls,
                        redirects, challenges, bytes_text(total.bytes_in), decoded, bytes_text(total.bytes_out)));
  if (const std::string addresses = addresses_text(summary.addresses); !addresses.empty())
    page.fact("Addresses", addresses);
  const Generator& g = summary.generator;
  page.fact("Generator",
            fmt::format("{} engine, {} thread{}; CPU {} (user {:.3f} + system {:.3f}), {:.1f} us a request; "
                        "max RSS {}",
                        g.engine, g.threads, g.threads == 1 ? "" : "s", seconds_text(g.cpu_user_s + g.cpu_system_s),
                        g.cpu_user_s, g.cpu_system_s, g.cpu_us_per_request, bytes_text(g.max_rss_bytes)));
  const std::string productive =
      g.pace.pace == stats::Pace::sleep ? "" : fmt::format(" ({:.1f} % without polling)", 100 * g.productive_share);
  page.fact("", fmt::format("busiest thread {:.1f} % of a core{}, waiting for a core {:.1f} %, longest turn {} ms",
                            100 * g.busiest_thread, productive, 100 * g.run_queue_share, ms(1e9 * g.longest_turn_s)));
  if (!g.pace.reason.empty()) page.fact("Pace", pace_text(g.pace));
  if (summary.rows) page.fact("JTL", rows_text(*summary.rows));
  std::string unread;
  for (const std::string& signal : summary.verdict.not_checked) unread += (unread.empty() ? "" : ", ") + signal;
  if (!unread.empty()) page.fact("Not checked", printable(unread));
}

void write_machine(Page& page, const Summary& summary) {
  const HostFacts& host = summary.host;
  const std::string cores = host.usable_cores == host.cores
                                ? fmt::format("{} cores", host.cores)
                                : fmt::format("{} of {} cores", host.usable_cores, host.cores);
  if (summary.merged) page.fact("Merged", to_text(*summary.merged));
  page.fact("Machine",
            fmt::format("{} ({}), {}, {}; {}, Linux {}", printable(host.cpu_model), printable(host.architecture), cores,
                        bytes_text(host.memory_bytes), printable(host.os), printable(host.kernel)));
  page.fact("Run", fmt::format("loadgen {}, started {}, {}", summary.tool.version, utc_text(summary.started),
                               seconds_text(summary.wall_s)));
}

}  // namespace

std::string shown(const std::string& label) {
  return label.empty() ? "(no name)" : printable(label);
}

std::string text(const Summary& summary, const TextStyle& style) {
  Page page(std::max<std::size_t>(style.width, 40));
  write_verdict(page, summary.verdict, style.color);
  page.blank();
  page.line(truncated(printable(summary.name), page.width()));
  page.line(truncated(printable(summary.target), page.width()));
  page.blank();
  write_gates(page, summary, style);
  write_summary_line(page, summary);
  page.blank();
  write_summary_report(page, summary);
  page.blank();
  write_percentiles(page, summary);
  page.blank();
  write_stages(page, summary);
  write_window(page, summary);
  write_load(page, summary);
  write_ledger(page, summary.ledger);
  write_errors(page, summary.total);
  write_generator(page, summary);
  write_machine(page, summary);
  return page.take();
}

}  // namespace loadgen::report
