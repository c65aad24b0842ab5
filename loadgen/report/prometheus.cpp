#include "report/prometheus.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "report/escape.hpp"
#include "report/headline.hpp"
#include "report/page.hpp"

namespace loadgen::report {
namespace {

using Labels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

double in_seconds(std::int64_t ns) {
  return static_cast<double>(ns) / 1e9;
}

/// The text, family by family: all samples of one name stand together.
class Exposition {
 public:
  void counter(std::string_view name, std::string_view help) { family(name, "counter", help); }
  void gauge(std::string_view name, std::string_view help) { family(name, "gauge", help); }
  void histogram(std::string_view name, std::string_view help) { family(name, "histogram", help); }

  template <class Number>
  void sample(Labels labels, Number value) {
    line("", labels, value);
  }
  /// Of the family named last, which is a histogram.
  void buckets(const std::string& label, const TimeBuckets& times) {
    std::uint64_t up_to = 0;
    for (std::size_t i = 0; i < kBucketLimits.size(); ++i) {
      up_to += times.counts[i];
      line("_bucket", {{"label", label}, {"le", fmt::format("{}", in_seconds(kBucketLimits[i]))}}, up_to);
    }
    line("_bucket", {{"label", label}, {"le", "+Inf"}}, times.count);
    line("_sum", {{"label", label}}, in_seconds(times.sum_ns));
    line("_count", {{"label", label}}, times.count);
  }

  std::string take() { return std::move(out_); }

 private:
  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    out_ += fmt::format("# HELP loadgen_{} {}\n# TYPE loadgen_{} {}\n", name, help, name, type);
  }
  template <class Number>
  void line(std::string_view suffix, Labels labels, Number value) {
    out_ += fmt::format("loadgen_{}{}", name_, suffix);
    char before = '{';
    for (const auto& [name, text] : labels) {
      out_ += fmt::format("{}{}=\"{}\"", before, name, for_prometheus(text));
      before = ',';
    }
    if (before == ',') out_ += '}';
    out_ += fmt::format(" {}\n", value);
  }

  std::string name_;
  std::string out_;
};

/// What a run tells at any time.
struct Now {
  std::string_view version;
  double seconds = 0;
  std::uint64_t planned = 0;
  std::uint64_t sent = 0;
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t users_active = 0;
  double worst_send_lag_s = 0;
};

void write_now(Exposition& out, const Now& now) {
  out.gauge("build_info", "The version of loadgen.");
  out.sample({{"version", now.version}}, 1);
  out.gauge("run_seconds", "Time since the run began, or its length.");
  out.sample({}, now.seconds);
  out.gauge("requests_planned", "Requests that the plan asks for; 0 where it ends by its duration.");
  out.sample({}, now.planned);
  out.counter("requests_sent_total", "Requests sent, whatever came of them.");
  out.sample({}, now.sent);
  out.counter("requests_completed_total", "Requests that succeeded or failed.");
  out.sample({}, now.completed);
  out.counter("requests_failed_total", "Requests that failed.");
  out.sample({}, now.failed);
  out.gauge("requests_in_flight", "Requests sent and not yet ended.");
  out.sample({}, now.in_flight);
  out.gauge("users_active", "Users who have started and not yet finished.");
  out.sample({}, now.users_active);
  out.gauge("send_lag_worst_seconds", "The longest that a request was sent after it was due.");
  out.sample({}, now.worst_send_lag_s);
}

/// A histogram of each label, by the members of what holds them.
template <class Rows, class Name>
void write_times(Exposition& out, const Rows& rows, Name&& name, auto response, auto service) {
  out.histogram("response_time_seconds", "From when a request was due to its last byte, of successes.");
  for (const auto& row : rows) out.buckets(name(row), row.*response);
  out.histogram("service_time_seconds", "From when a request was started to its last byte, of successes.");
  for (const auto& row : rows) out.buckets(name(row), row.*service);
}

void write_outcomes(Exposition& out, const Summary& summary) {
  out.counter("label_requests_total", "Requests by label and outcome.");
  for (const Row& row : summary.labels) {
    const std::string label = shown(row.label);
    out.sample({{"label", label}, {"outcome", "succeeded"}}, row.succeeded);
    out.sample({{"label", label}, {"outcome", "failed"}}, row.failed);
    out.sample({{"label", label}, {"outcome", "unfinished"}}, row.unfinished);
  }
  out.counter("label_failures_total", "Failed requests by label and cause.");
  for (const Row& row : summary.labels)
    for (const ErrorCount& error : row.errors)
      out.sample({{"label", shown(row.label)}, {"kind", info(error.kind).key}}, error.count);
  out.counter("label_responses_total", "Completed requests by label and status code.");
  for (const Row& row : summary.labels) {
    for (const StatusCount& status : row.statuses) {
      const std::string code = status.status == 0 ? "none" : std::to_string(status.status);
      out.sample({{"label", shown(row.label)}, {"status", code}}, status.count);
    }
  }
}

void write_figures(Exposition& out, const Summary& summary) {
  if (is_known(summary.rate)) {
    out.gauge("completed_per_second", "Completed requests a second in the measured window.");
    out.sample({}, summary.rate.value);
  }
  out.gauge("percentile_seconds",
            "Percentiles of the measured window, of successes; those with too few values are left out.");
  for (const Row& row : summary.labels) {
    const std::array<std::pair<std::string_view, const SeriesFigures*>, 2> all{
        {{"response", &row.times.response}, {"service", &row.times.service}}};
    for (const auto& [series, figures] : all) {
      for (std::size_t i = 0; i < kPercentiles.size(); ++i) {
        const stats::Estimate& estimate = figures->percentiles[i];
        if (!is_known(estimate)) continue;
        out.sample({{"label", shown(row.label)}, {"series", series}, {"percentile", kPercentiles[i].text}},
                   estimate.value / 1e9);
      }
    }
  }
}

void write_judgement(Exposition& out, const Summary& summary) {
  out.gauge("verdict", "1 for the verdict on the measurement.");
  out.sample({{"verdict", to_string(summary.verdict.name)}}, 1);
  if (summary.gates.empty()) return;
  out.gauge("threshold", "1 for what came of each threshold.");
  for (const Gate& gate : summary.gates)
    out.sample({{"threshold", gate.threshold}, {"result", to_string(standing_of(gate))}}, 1);
}

void write_costs(Exposition& out, const Summary& summary) {
  out.counter("received_bytes_total", "Bytes received by completed requests.");
  out.sample({}, summary.total.bytes_in);
  if (summary.total.bytes_decoded > 0) {
    out.counter("decoded_bytes_total", "Bytes of bodies that were decoded, without their content coding.");
    out.sample({}, summary.total.bytes_decoded);
  }
  out.counter("sent_bytes_total", "Bytes sent.");
  out.sample({}, summary.total.bytes_out);
  out.counter("connections_opened_total", "Connections opened by requests.");
  out.sample({}, summary.total.connections_opened);
  out.counter("generator_cpu_seconds_total", "CPU time of the generator.");
  out.sample({{"mode", "user"}}, summary.generator.cpu_user_s);
  out.sample({{"mode", "system"}}, summary.generator.cpu_system_s);
}

}  // namespace

LiveRun::LiveRun(const std::vector<std::string>& labels) {
  for (const std::string& name : labels) labels_.push_back({name, {}, {}});
}

void LiveRun::tick(const stats::Progress& progress) {
  progress_ = progress;
  worst_send_lag_ = std::max(worst_send_lag_, progress.worst_send_lag);
}

void LiveRun::see(const stats::IntervalLog::Piece& piece) {
  if (piece.series == stats::Series::response) labels_[piece.label].response.add(piece);
  if (piece.series == stats::Series::service) labels_[piece.label].service.add(piece);
}

std::string prometheus(const LiveRun& run) {
  const stats::Progress& progress = run.progress_;
  Exposition out;
  write_now(out, {.version = LOADGEN_VERSION,
                  .seconds = seconds(progress.elapsed),
                  .planned = progress.planned,
                  .sent = progress.sent,
                  .completed = progress.total.completed,
                  .failed = progress.total.failed,
                  .in_flight = progress.sent - std::min(progress.sent, progress.total.completed),
                  .users_active = progress.users_started - std::min(progress.users_started, progress.users_finished),
                  .worst_send_lag_s = seconds(run.worst_send_lag_)});
  write_times(
      out, run.labels_, [](const LiveRun::Label& label) { return shown(label.name); }, &LiveRun::Label::response,
      &LiveRun::Label::service);
  return out.take();
}

std::string prometheus(const Summary& summary) {
  std::int64_t worst_send_lag_ns = 0;
  for (const Second& second : summary.per_second)
    worst_send_lag_ns = std::max(worst_send_lag_ns, second.worst_send_lag_ns);
  Exposition out;
  write_now(out, {.version = summary.tool.version,
                  .seconds = summary.wall_s,
                  .planned = summary.ledger.planned,
                  .sent = summary.ledger.sent,
                  .completed = summary.total.completed,
                  .failed = summary.total.failed,
                  .in_flight = 0,
                  .users_active = 0,
                  .worst_send_lag_s = in_seconds(worst_send_lag_ns)});
  write_times(
      out, summary.labels, [](const Row& row) { return shown(row.label); }, &Row::response_buckets,
      &Row::service_buckets);
  write_outcomes(out, summary);
  write_figures(out, summary);
  write_judgement(out, summary);
  write_costs(out, summary);
  return out.take();
}

}  // namespace loadgen::report
