#include "report/text_times.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>
#include <vector>

#include <fmt/format.h>

#include "report/numbers.hpp"

namespace loadgen::report {
namespace {

using stats::Estimate;
using stats::Resolution;

constexpr std::size_t kLabelsInFull = 20;  ///< with more labels than this: percentiles of the total only

constexpr std::int64_t kShown = 500;           ///< ns: less is printed as 0.000 ms
constexpr std::string_view kNoInterval = "*";  ///< explained below the table

/// What the cells could not say in numbers; told below the table.
struct Notes {
  bool intervals = false;
  bool blank = false;  ///< some have none
  bool at_least = false;
  std::uint64_t values_missing = 0;  ///< for the highest percentile that has no number
  std::string_view missing_percentile;
  std::array<bool, kPercentiles.size()> too_few{};  ///< percentiles that have no number
  double run_longer = 0;
  std::string_view open_percentile;  ///< the lowest whose upper end is unknown
};

/// "p99, p99.9"
std::string names_of(const std::array<bool, kPercentiles.size()>& chosen) {
  std::string out;
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    if (chosen[i]) out += (out.empty() ? "" : ", ") + std::string(kPercentiles[i].text);
  }
  return out;
}

std::string estimate_cell(const Estimate& e, double p, std::string_view name, Notes& notes) {
  switch (e.resolution) {
    case Resolution::empty:
      return "-";
    case Resolution::too_few:
      for (std::size_t i = 0; i < kPercentiles.size(); ++i)
        notes.too_few[i] = notes.too_few[i] || kPercentiles[i].text == name;
      if (p > 0 && e.n < values_needed(p)) {
        notes.values_missing = values_needed(p) - e.n;
        notes.missing_percentile = name;
      }
      return "-";
    default:
      notes.at_least = notes.at_least || e.at_least;
      return (e.at_least ? ">=" : "") + ms(e.value);
  }
}

bool has_low(const Estimate& e) {
  return !e.at_least && (e.resolution == Resolution::resolved || e.resolution == Resolution::upper_open);
}

std::string high_cell(const Estimate& e, std::string_view name, Notes& notes) {
  if (e.resolution == Resolution::too_short) return std::string(kNoInterval);
  if (e.at_least || e.resolution != Resolution::upper_open)
    return e.resolution == Resolution::resolved ? ms(e.high) : "";
  if (notes.open_percentile.empty()) {
    notes.open_percentile = name;
    notes.run_longer = e.run_longer;
  }
  return "?";
}

/// The longest of all: where something was cut off later than the slowest success, that and more.
std::string max_cell(const SeriesFigures& f) {
  if (f.cut_off > 0 && f.cut_off_max_ns > f.values.max_ns) return ">=" + ms(f.cut_off_max_ns);
  return f.values.count == 0 ? "-" : ms(f.values.max_ns);
}

class TimesTable {
 public:
  explicit TimesTable(bool by_label) : by_label_(by_label) {
    table_.text_columns = by_label ? 2 : 1;
    table_.header = {"Percentiles"};
    if (by_label) table_.header.emplace_back("");
    table_.header.insert(table_.header.end(), {"n", "mean"});
    for (const PercentileInfo& percentile : kPercentiles) table_.header.emplace_back(percentile.text);
    table_.header.emplace_back("max");
  }

  /// A row of words: what the rows below it are of.
  void add_title(std::string_view words) {
    std::vector<std::string> row = names("", words);
    row.resize(table_.header.size());
    table_.rows.push_back(std::move(row));
  }

  /// A series without intervals: its percentiles where there are values enough.
  void add(const std::string& label, std::string_view what, const Distribution& d) {
    std::vector<std::string> row = names(label, what);
    row.push_back(grouped(d.count));
    row.push_back(d.count == 0 ? "-" : ms(d.mean_ns));
    for (std::size_t i = 0; i < kPercentiles.size(); ++i)
      row.push_back(well_sampled(d.count, kPercentiles[i].p) ? ms(d.percentiles_ns[i]) : "-");
    row.push_back(d.count == 0 ? "-" : ms(d.max_ns));
    table_.rows.push_back(std::move(row));
  }

  void add(const std::string& label, std::string_view what, const SeriesFigures& f) {
    std::vector<std::string> row = names(label, what);
    row.push_back(grouped(f.values.count));
    row.push_back(f.values.count == 0 ? "-" : (f.mean.at_least ? ">=" : "") + ms(f.values.mean_ns));
    notes_.at_least = notes_.at_least || f.mean.at_least;
    for (std::size_t i = 0; i < kPercentiles.size(); ++i)
      row.push_back(estimate_cell(f.percentiles[i], kPercentiles[i].p, kPercentiles[i].text, notes_));
    row.push_back(max_cell(f));
    table_.rows.push_back(std::move(row));
  }

  /// Two more rows below the one of the same series; none when nothing of it has an interval.
  void add_intervals(const SeriesFigures& f) {
    std::vector<Estimate> all{f.mean};
    all.insert(all.end(), f.percentiles.begin(), f.percentiles.end());
    if (std::ranges::none_of(all, has_low)) return;
    notes_.intervals = true;
    notes_.blank = notes_.blank || std::ranges::find(all, Resolution::too_short, &Estimate::resolution) != all.end();
    std::vector<std::string> low = names("", "  95 % low");
    std::vector<std::string> high = names("", "  95 % high");
    low.emplace_back("");
    high.emplace_back("");
    for (std::size_t i = 0; i < all.size(); ++i) {
      low.push_back(has_low(all[i])                              ? ms(all[i].low)
                    : all[i].resolution == Resolution::too_short ? std::string(kNoInterval)
                                                                 : "");
      high.push_back(high_cell(all[i], i == 0 ? "mean" : kPercentiles[i - 1].text, notes_));
    }
    low.emplace_back("");
    high.emplace_back("");
    table_.rows.push_back(std::move(low));
    table_.rows.push_back(std::move(high));
  }

  const Table& table() const { return table_; }
  const Notes& notes() const { return notes_; }

 private:
  std::vector<std::string> names(const std::string& label, std::string_view what) const {
    std::vector<std::string> out;
    if (by_label_) out.push_back(label);
    out.emplace_back(what);
    return out;
  }

  bool by_label_;
  Table table_;
  Notes notes_;
};

/// "p50 5,012, p99 811": as many independent values would be as sure.
std::string effective_values(const SeriesFigures& f) {
  std::string out;
  for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
    const Estimate& e = f.percentiles[i];
    if (!has_low(e) || e.n_effective <= 0) continue;
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", kPercentiles[i].text,
                       grouped(static_cast<std::uint64_t>(std::llround(e.n_effective))));
  }
  return out;
}

void write_notes(Page& page, const Summary& summary, const SeriesFigures& headline, const Notes& notes) {
  page.paragraph(
      "  ms; response = due to last byte, service = start to last byte, both of successes; send lag = due to start", 2);
  if (headline.cut_off + headline.lost > 0) {
    page.paragraph(fmt::format("  n counts successes; beside those of the measured part {} were cut off and {} lost",
                               grouped(headline.cut_off), grouped(headline.lost)),
                   2);
  }
  if (!summary.window.excluded.empty())
    page.paragraph("  response, service and send lag of the measured part; the others of the whole run", 2);
  if (notes.intervals) {
    const std::string effective = effective_values(headline);
    page.paragraph("  95 %: from batch means" + (effective.empty() ? "" : "; n effective of " + effective), 2);
    if (notes.blank) page.paragraph("  * no interval: batches depend on one another too much, run longer", 2);
  } else if (summary.total.times.response.values.count > 0) {
    page.paragraph("  no intervals: the measured window holds fewer than ten independent batches", 2);
  }
  if (notes.values_missing > 0) {
    page.paragraph(fmt::format("  - too few values for {}: {} takes {} more", names_of(notes.too_few),
                               notes.missing_percentile, grouped(notes.values_missing)),
                   2);
  }
  if (!notes.open_percentile.empty()) {
    const std::string longer = notes.run_longer > 1 && !notes.at_least
                                   ? fmt::format(": run about {:.0f} times as long", std::ceil(notes.run_longer))
                                   : "";
    page.paragraph(fmt::format("  ? the upper end from {} on is unresolved{}", notes.open_percentile, longer), 2);
  }
  if (notes.at_least)
    page.paragraph("  >= what was cut off or lost reaches into it: the true figure is this or more", 2);
}

}  // namespace

void write_percentiles(Page& page, const Summary& summary) {
  const Row& total = summary.total;
  const bool closed = summary.offered.model == "closed";
  const bool by_label = summary.labels.size() > 1 && summary.labels.size() <= kLabelsInFull;
  TimesTable table(by_label);
  if (by_label) {
    for (const Row& row : summary.labels) {
      table.add(shown(row.label), "response", row.times.response);
      table.add("", "service", row.times.service);
    }
  }
  // In a closed loop the service time is what was measured: a due time there is only the end of the request before.
  const auto add_response = [&](const std::string& label) {
    table.add(label, "response", total.times.response);
    if (!closed) table.add_intervals(total.times.response);
  };
  const auto add_service = [&](const std::string& label) {
    table.add(label, "service", total.times.service);
    table.add_intervals(total.times.service);
  };
  if (closed) {
    add_service(total.label);
    add_response("");
  } else {
    add_response(total.label);
    add_service("");
  }
  table.add("", "send lag", total.times.send_lag);
  if (!summary.window.excluded.empty()) table.add_title("of the whole run:");
  if (total.connection_wait.count > 0) table.add("", "connection wait", total.connection_wait);
  table.add("", "connect", total.connect);
  if (total.tls.count > 0) table.add("", "TLS handshake", total.tls);
  table.add("", "first byte", total.first_byte);
  if (total.follow_ups.count > 0) table.add("", "follow-ups", total.follow_ups);
  // Most small responses come in one read: a row of zeros says nothing.
  if (total.download.count > 0 && total.download.max_ns >= kShown) table.add("", "download", total.download);
  if (total.failed_response.count > 0) table.add("", "failed", total.failed_response);
  if (total.cut_off_response.count > 0) table.add("", "cut off", total.cut_off_response);
  if (total.receive_lag.count > 0) table.add("", "receive lag", total.receive_lag);
  if (closed) {
    page.paragraph(fmt::format("closed loop, C={}: service times of a loop that waits for each response",
                               grouped(summary.ramp.users_planned)),
                   2);
  }
  page.table(table.table());
  write_notes(page, summary, closed ? total.times.service : total.times.response, table.notes());
}

void write_stages(Page& page, const Summary& summary) {
  if (summary.stages.size() < 2) return;
  const auto rate = [](double r) { return fmt::format("{:.1f}", r); };
  Notes notes;
  Table table;
  table.text_columns = 2;
  table.header = {"Stages", "planned/s", "from s", "to s", "due", "failed", "cut off",
                  "done/s", "p50",       "p95",    "p99",  "low", "high",   "max"};
  for (const StageFigures& figures : summary.stages) {
    const Stage& stage = figures.stage;
    const bool wave = stage.kind == StageKind::wave;
    const double from = wave ? stage.rate_low : stage.rate_from;
    const double to = wave ? stage.rate_high : stage.rate_to;
    // Shorter than a cell: nothing can be told apart in it.
    const bool any = stage.cells.first < stage.cells.last;
    const auto count = [any](std::uint64_t n) { return any ? grouped(n) : "-"; };
    std::vector<std::string> row{name_of(stage),
                                 from == to ? rate(from) : rate(from) + " to " + rate(to),
                                 fmt::format("{:.1f}", seconds(stage.span.begin)),
                                 fmt::format("{:.1f}", seconds(stage.span.end)),
                                 count(figures.due),
                                 count(figures.failed),
                                 count(figures.cut_off),
                                 figures.rate.resolution == Resolution::empty ? "-" : rate(figures.rate.value)};
    const SeriesFigures& response = figures.times.response;
    for (const std::size_t i : {kP50, kP95, kP99})
      row.push_back(estimate_cell(response.percentiles[i], kPercentiles[i].p, kPercentiles[i].text, notes));
    const Estimate& p99 = response.percentiles[kP99];
    row.push_back(has_low(p99) ? ms(p99.low) : "");
    row.push_back(high_cell(p99, "p99", notes));
    row.push_back(stage.measured() ? max_cell(response) : "-");
    table.rows.push_back(std::move(row));
  }
  page.table(table);
  page.paragraph("  ms of response time, by due time; low and high are of p99; warm-up and ramps are not measured", 2);
  page.paragraph("  edges are rounded inwards to cells, so due need not add up to all; - less than a cell", 2);
  page.blank();
}

}  // namespace loadgen::report
