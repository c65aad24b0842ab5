#pragma once
// How distributions, estimates and what is measured of a window stand in JSON.

#include <array>
#include <optional>
#include <string_view>

#include "report/json_described.hpp"
#include "report/measured.hpp"
#include "report/until.hpp"

namespace loadgen::report {

template <>
inline constexpr std::string_view kDefinition<Distribution> = "distribution";
template <>
inline constexpr std::string_view kDefinition<SeriesFigures> = "series";
template <>
inline constexpr std::string_view kDefinition<stats::Estimate> = "estimate";

inline std::string_view to_string(stats::Resolution resolution) {
  constexpr std::array<std::string_view, 5> names{"resolved", "upper_open", "too_short", "too_few", "empty"};
  return names[static_cast<std::size_t>(resolution)];
}

template <class Out>
void describe(Out& out, const Distribution& d) {
  out("count", d.count, {"values", "values"});
  out("overflow", d.overflow, {"of them above an hour: known as \"at least an hour\" only", "values"});
  out("min", d.min_ns, {"the least, exact; 0 without values", "ns"});
  out("mean", d.mean_ns, {"mean, exact", "ns"});
  out("stddev", d.stddev_ns, {"standard deviation of the population", "ns"});
  for (std::size_t i = 0; i < kPercentiles.size(); ++i)
    out(kPercentiles[i].key, d.percentiles_ns[i],
        {"percentile: the least value that this share of all values does not exceed, to 0.1 %", "ns"});
  out("max", d.max_ns, {"the largest, exact", "ns"});
}

inline std::optional<double> value_of(const stats::Estimate& e) {
  return e.resolution == stats::Resolution::empty ? std::nullopt : std::optional(e.value);
}

template <class Out>
void describe(Out& out, const stats::Estimate& e) {
  using stats::Resolution;
  const auto known = [](bool is, double x) { return is ? std::optional(x) : std::nullopt; };
  const bool resolved = e.resolution == Resolution::resolved;
  out("value", value_of(e), {"the figure; null without any value", "that of the figure: ns of times, 1/s of rates"});
  out("low", known(resolved || e.resolution == Resolution::upper_open, e.low),
      {"lower end of the 95 % interval; null when there is none", "that of the figure"});
  out("high", known(resolved && !e.at_least, e.high),
      {"upper end of the 95 % interval; null when it is not known", "that of the figure"});
  out("resolution", Word{e.resolution, Resolution::empty, &to_string},
      {"resolved: both ends are known; upper_open: the upper end lies beyond what was seen; too_short: fewer than ten "
       "independent batches, no interval; too_few: too few values for this figure; empty: no value"});
  out("at_least", e.at_least,
      {"requests that were cut off or never sent reach into it: the true figure is this or more"});
  out("n", e.n, {"values that it was made of", "values"});
  out("n_effective", e.n_effective,
      {"as many independent values would be as sure; 0: unknown, and of rates", "values"});
  out("batches", e.batches, {"parts of the window whose spread is the interval", "batches"});
  out("run_longer", e.run_longer,
      {"about how many times as long a run would resolve it; 0: nothing to gain, or unknown", "times"});
}

/// The intervals of a series' figures.
struct SeriesIntervals {
  const SeriesFigures& figures;
};

template <class Out>
void describe(Out& out, const SeriesIntervals& intervals) {
  out("mean", intervals.figures.mean, {"the mean with its interval"});
  for (std::size_t i = 0; i < kPercentiles.size(); ++i)
    out(kPercentiles[i].key, intervals.figures.percentiles[i], {"the percentile with its interval"});
}

template <class Out>
void describe(Out& out, const SeriesFigures& figures) {
  describe(out, figures.values);
  out("cut_off", figures.cut_off, {"requests that timed out or were unfinished: longer than a known time", "requests"});
  out("cut_off_max", figures.cut_off_max_ns, {"the longest of those known times", "ns"});
  out("lost", figures.lost, {"requests that were due and never sent: longer than every percentile", "requests"});
  out("intervals", SeriesIntervals{figures}, {"the same figures as estimates, with 95 % intervals of batch means"});
}

/// What begin and end are of stands in the description of the field that holds them.
template <class Out>
void describe(Out& out, const Span& span) {
  out("begin_s", seconds(span.begin), {"begin, since the run's t0", "s"});
  out("end_s", seconds(span.end), {"end, since the run's t0", "s"});
}

template <class Out>
void describe(Out& out, const Excluded& excluded) {
  describe(out, excluded.span);
  out("reason", excluded.reason, {"why it is left out: \"warm-up\", \"ramp\", \"ramp-up\", another stage"});
}

template <class Out>
void describe(Out& out, const WarmUpFound& warm_up) {
  out("automatic", warm_up.automatic, {"its end was to be found, not given"});
  out("time_s", seconds(warm_up.time), {"its end, since the run's t0; 0: none", "s"});
  out("found", warm_up.found, {"automatic, and there was enough of the run to look at"});
  out("ended", warm_up.ended, {"false: it may have gone on after the place where it was cut"});
}

struct WindowAndWarmUp {
  const Window& window;
  const WarmUpFound& warm_up;
};

template <class Out>
void describe(Out& out, const WindowAndWarmUp& measured) {
  const Window& window = measured.window;
  describe(out, window.span);
  out("reason", window.reason, {"why this part of the run, in words"});
  out("excluded", window.excluded, {"the parts that are left out"});
  out("offered", window.offered, {"arrivals a second by the plan, the mean over the window; 0: a closed loop", "1/s"});
  out("expected", window.expected, {"requests that the plan has in it; 0: a closed loop", "requests"});
  out("warm_up", measured.warm_up, {"the warm-up before it"});
}

template <class Out>
void describe(Out& out, const StageFigures& figures) {
  const Stage& stage = figures.stage;
  out("name", name_of(stage), {"\"stage 2\"; \"ramp\", \"pause\", \"warm-up\" when it is not measured"});
  describe(out, stage.span);
  out("measured", stage.measured(), {"its figures stand for one rate; false of ramps, pauses and the warm-up"});
  out("rate_from", stage.rate_from, {"planned arrivals a second at its begin", "1/s"});
  out("rate_to", stage.rate_to, {"planned arrivals a second at its end", "1/s"});
  out("rate_low", stage.rate_low, {"the least planned rate within it", "1/s"});
  out("rate_high", stage.rate_high, {"the largest planned rate within it", "1/s"});
  out("expected", stage.expected, {"requests that the plan has in it", "requests"});
  out("due", figures.due, {"requests sent that were due in it", "requests"});
  out("succeeded", figures.succeeded, {"of them, answered as expected", "requests"});
  out("failed", figures.failed, {"of them, failed; time-outs are cut off instead", "requests"});
  out("cut_off", figures.cut_off, {"of them, timed out or unfinished", "requests"});
  out("rate", figures.rate, {"completed requests a second that ended in it"});
  out("rps", value_of(figures.rate), {"rate.value", "1/s"});
  out("response_ns", figures.times.response, {"response time, due to last byte, of successes due in it"});
  out("service_ns", figures.times.service, {"service time, start to last byte, of successes due in it"});
  out("send_lag_ns", figures.times.send_lag, {"send lag, due to start, of successes due in it"});
}

template <class Out>
void describe(Out& out, const Drift& drift) {
  static constexpr std::array<std::string_view, 3> kSeries{"throughput", "p50", "p99"};
  out("series", Choice{drift.series, kSeries}, {"of completed requests a second, or of response time"});
  out("stationary", drift.stationary, {"no drift was found"});
  out("z", drift.z, {"Mann-Kendall's statistic: above 0 it grows", "standard deviations"});
  out("p", drift.p, {"two-sided significance of z", "0..1"});
  out("relative_change", drift.relative_change, {"change over the window over the median, by Theil and Sen", "ratio"});
  out("first_third", drift.first_third, {"mean of the window's first third", "1/s of throughput, else ns"});
  out("last_third", drift.last_third, {"mean of the window's last third", "1/s of throughput, else ns"});
}

template <class Out>
void describe(Out& out, const Steadiness& steadiness) {
  out("checked", steadiness.not_checked.empty(), {"there was enough of the run to look at"});
  out("reason", steadiness.not_checked, {"why it was not checked; empty when it was"});
  out("series", steadiness.series, {"the series that were looked at; empty when not checked"});
  out("lag_one_correlation", steadiness.correlation,
      {"Spearman's correlation of a batch's p50 with the next one's: how far batches depend on one another", "-1..1"});
}

/// A trend of one thing that may grow, with the means of the window's first and last third.
struct Trend {
  const stats::TrendTest& test;
  double first = 0;
  double last = 0;
  std::string_view unit;
};

template <class Out>
void describe(Out& out, const Trend& trend) {
  out("z", trend.test.z, {"Mann-Kendall's statistic: above 0 it grows", "standard deviations"});
  out("p", trend.test.p, {"two-sided significance of z", "0..1"});
  out("relative_change", trend.test.relative_change,
      {"change over the window over the median, by Theil and Sen", "ratio"});
  out("first_third", trend.first, {"mean of the window's first third", trend.unit});
  out("last_third", trend.last, {"mean of the window's last third", trend.unit});
}

template <class Out>
void describe(Out& out, const Growth& growth) {
  out("checked", growth.not_checked.empty(), {"there was enough of the run to look at"});
  out("reason", growth.not_checked, {"why it was not checked; empty when it was"});
  out("in_flight", Trend{growth.in_flight, growth.in_flight_first, growth.in_flight_last, "requests"},
      {"requests in flight, by batch"});
  out("response_p50_ns", Trend{growth.response, growth.response_first, growth.response_last, "ns"},
      {"the median response time, by batch"});
}

template <class Out>
void describe(Out& out, const LittlesLaw& law) {
  out("in_flight", law.in_flight, {"requests in flight, the average over the window's time", "requests"});
  out("rate", law.rate, {"completed requests a second that ended in the window", "1/s"});
  out("service_s", law.service_s, {"their mean service time", "s"});
  out("error", law.error, {"rate * service_s / in_flight - 1", "ratio"});
  out("edges", law.edges, {"the error that requests in flight at the window's edges can make up", "ratio"});
  out("cells_ns", law.cells_ns, {"of the whole run: time in flight, added up by the time it passed", "ns"});
  out("requests_ns", law.requests_ns, {"of the whole run: time in flight, added up by request; the same sum", "ns"});
}

template <class Out>
void describe(Out& out, const UntilOutcome& outcome) {
  out("figure", outcome.figure, {"the figure that was to be known: \"p99\", \"mean\", \"rate\""});
  out("met", outcome.met, {"the run ended because it was known as well as asked for"});
  out("asked", outcome.asked, {"half of the 95 % interval over the value, as asked for", "ratio"});
  out("known", finite(outcome.known), {"the same as it came out; null: there is no interval", "ratio"});
  out("run_longer", outcome.longer,
      {"about how many times as long a run would meet it; 0: met, or nobody can say", "times"});
  out("used_s", outcome.used_s, {"the run's length", "s"});
  out("planned_s", outcome.planned_s, {"the plan's own length; null: it ends with its iterations", "s"});
}

}  // namespace loadgen::report
