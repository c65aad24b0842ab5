// A run.json as of a long run, without the run, on stdout; on stderr what it costs to write it, to read it and to
// report it again. usage: long_run SECONDS LABELS REQUESTS_PER_SECOND > run.json

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "config/parse.hpp"
#include "report/json.hpp"
#include "report/run_file.hpp"
#include "report/summary.hpp"
#include "report/text.hpp"

namespace {

using namespace loadgen;

constexpr TimePoint kStart{std::chrono::seconds(1'000)};

config::Plan plan_of(int seconds, int labels, int rate) {
  std::string steps;
  for (int i = 0; i < labels; ++i)
    steps += fmt::format(R"({}{{"name": "step {}", "get": "/{}"}})", i > 0 ? "," : "", i, i);
  return std::get<config::Plan>(config::parse_plan(
      fmt::format(
          R"({{"target": "http://localhost:3000", "thread_groups": [{{"arrivals": [{{"rate": "{}/s", "for": "{}s"}}],
                  "steps": [{}]}}]}})",
          static_cast<double>(rate) / labels, seconds, steps),
      {}));
}

/// Due evenly, one label after the other; service times that spread as real ones do: log-normal, 4 ms in the middle.
stats::Recorder recorder_of(int seconds, int labels, int rate) {
  std::vector<std::uint16_t> label_of(static_cast<std::size_t>(labels));
  for (std::size_t i = 0; i < label_of.size(); ++i) label_of[i] = static_cast<std::uint16_t>(i);
  stats::Recorder recorder(label_of.size(), label_of, kStart, std::chrono::seconds(seconds));
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> service_ns(std::log(4e6), 0.5);
  std::exponential_distribution<double> lag_ns(1.0 / 30e3);
  const std::int64_t requests = std::int64_t{seconds} * rate;
  for (std::int64_t i = 0; i < requests; ++i) {
    Sample s{};
    s.due = kStart + Duration(std::int64_t{1'000'000'000} * i / rate);
    s.started = s.due + Duration(static_cast<std::int64_t>(lag_ns(random)));
    s.finished = s.started + Duration(static_cast<std::int64_t>(service_ns(random)));
    s.first_byte = s.finished - Duration(5'000);
    s.request = static_cast<std::uint16_t>(i % labels);
    s.status = 200;
    s.bytes_in = 120;
    s.bytes_out = 90;
    recorder.record(s);
  }
  recorder.finish();
  return recorder;
}

template <class Work>
auto timed(const char* what, Work&& work) {
  const TimePoint start = SteadyClock::now();
  auto result = work();
  std::fprintf(stderr, "%-22s %6.3f s\n", what, loadgen::seconds(SteadyClock::now() - start));
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "usage: %s SECONDS LABELS REQUESTS_PER_SECOND > run.json\n", argv[0]), 64;
  const int seconds = std::atoi(argv[1]), labels = std::atoi(argv[2]), rate = std::atoi(argv[3]);
  stats::RunRecord record;
  for (int i = 0; i < labels; ++i) record.labels.push_back(fmt::format("step {}", i));
  record.recorder = recorder_of(seconds, labels, rate);
  record.ledger.outcomes = record.recorder.total().outcomes;
  record.ledger.planned = record.ledger.sent = record.ledger.outcomes.sent();
  record.engine = "native";
  record.start = kStart;
  record.end = kStart + std::chrono::seconds(seconds);
  record.generator.wall = std::chrono::seconds(seconds);
  record.generator.seconds.resize(static_cast<std::size_t>(seconds));
  for (stats::HealthSecond& second : record.generator.seconds) second.shards.resize(2);
  const config::Plan plan = plan_of(seconds, labels, rate);
  const std::string text =
      timed("summary and run.json", [&] { return report::json(report::summarize(plan, record, report::read_host())); });
  const auto run = timed("reading it", [&] { return report::read_run(text); });
  if (!run) return std::fprintf(stderr, "%s\n", run.error().c_str()), 1;
  const report::Summary summary = timed("its summary", [&] { return report::summarize(*run); });
  timed("its text", [&] { return report::text(summary, {}); });
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
}
