#pragma once
// The formats of a run's report. To add one: a small file with a function Summary -> std::string, and a row here.

#include <array>
#include <string>
#include <string_view>

#include "report/csv.hpp"
#include "report/format.hpp"
#include "report/github.hpp"
#include "report/intervals.hpp"
#include "report/json.hpp"
#include "report/json_statistics.hpp"
#include "report/junit.hpp"
#include "report/markdown.hpp"
#include "report/prometheus.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace loadgen::report {

struct Reporter {
  Format format;
  std::string (*render)(const Summary&);
};

inline constexpr std::array<Reporter, 10> kReporters{{
    {{"text", "verdict, JMeter's summary line and table, percentiles, ledger; for people"},
     [](const Summary& summary) { return text(summary, TextStyle{}); }},
    {{"json", "everything measured, versioned as loadgen/run/v1; for programs"}, &json},
    {{"csv", "a row a label, JMeter's Summary Report with percentiles; for spreadsheets"}, &csv},
    {{"statistics", "the statistics.json of JMeter's dashboard"}, &statistics},
    {{"junit", "a test case a threshold; for Jenkins and GitLab"}, &junit},
    {{"markdown", "figures, thresholds and labels; for a pull request"}, &markdown},
    {{"github", "annotations, as a step of GitHub Actions prints them"}, &github},
    {{"prometheus", "counters, gauges and histograms; for a Pushgateway or a textfile collector"},
     [](const Summary& summary) { return prometheus(summary); }},
    {{"hlog", "response times by the second, HdrHistogram's interval log"},
     [](const Summary& summary) { return hlog(summary); }},
    {{"hgrm", "response times of the measured window, HdrHistogram's percentile distribution"},
     [](const Summary& summary) { return hgrm(summary); }},
}};

/// The formats of a table of reporters, for `--out` to choose from.
template <class Row, std::size_t n>
constexpr std::array<Format, n> formats_of(const std::array<Row, n>& reporters) {
  std::array<Format, n> formats{};
  for (std::size_t i = 0; i < n; ++i) formats[i] = reporters[i].format;
  return formats;
}
inline constexpr auto kFormats = formats_of(kReporters);

/// The row of that name; nullptr when there is none.
constexpr const Reporter* find_reporter(std::string_view name) {
  for (const Reporter& reporter : kReporters) {
    if (reporter.format.name == name) return &reporter;
  }
  return nullptr;
}

}  // namespace loadgen::report
