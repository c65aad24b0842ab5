#include "report/test_runs.hpp"

#include <algorithm>
#include <utility>

namespace loadgen::report::test {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

constexpr TimePoint kStart{std::chrono::seconds(1000)};

Sample failed(Sample sample, ErrorKind kind, std::uint16_t status = 0) {
  sample.error = kind;
  sample.status = status;
  if (status == 0) {
    sample.first_byte = kUnset;
    sample.bytes_in = 0;
  }
  return sample;
}

Sample of_request(Sample sample, std::uint16_t request) {
  sample.request = request;
  return sample;
}

config::ThreadGroup group_of(std::uint32_t users, Duration ramp_up, std::size_t steps) {
  config::ThreadGroup group;
  group.name = "Thread Group";
  group.users = users;
  group.ramp_up = ramp_up;
  config::Step step;
  step.name = "HTTP Request";
  step.method = "GET";
  step.url = {.host = "localhost", .port = 3000, .path_and_query = "/"};
  group.steps.assign(steps, step);
  return group;
}

/// A tail without a random number: 2.0 to 3.0 ms, every hundredth ten times as long.
Duration service_of(int i) {
  const Duration usual = microseconds(2000 + i * 7919 % 1000);
  return i % 100 == 50 ? 10 * usual : usual;
}

}  // namespace

Summary Run::summary() const {
  const HostFacts host{.cpu_model = "Example CPU @ 2.00GHz",
                       .architecture = "x86_64",
                       .cores = 2,
                       .usable_cores = 2,
                       .memory_bytes = 8'000'000'000,
                       .kernel = "6.1.0",
                       .os = "Debian GNU/Linux 12 (bookworm)"};
  Summary summary = summarize(plan, record, host);
  summary.tool = {"1.2.3", "gcc"};
  return summary;
}

Check check_of(const Verdict& verdict, const std::string& name) {
  const auto found = std::ranges::find(verdict.evidence, name, &Check::name);
  return found != verdict.evidence.end() ? *found : Check{.name = {}, .result = CheckResult::not_checked};
}

Sample sample_at(Duration due, Duration lag, Duration service) {
  Sample sample{};
  sample.due = kStart + due;
  sample.started = sample.due + lag;
  sample.connected = sample.started + service / 10;
  sample.first_byte = sample.started + service * 9 / 10;
  sample.finished = sample.started + service;
  sample.bytes_in = 123;
  sample.bytes_out = 95;
  sample.status = 200;
  sample.new_connection = true;
  return sample;
}

Run run_of(std::vector<std::string> labels, const std::vector<Sample>& samples) {
  std::vector<std::uint16_t> label_of(labels.size());
  for (std::size_t i = 0; i < label_of.size(); ++i) label_of[i] = static_cast<std::uint16_t>(i);
  stats::Recorder recorder(labels.size(), label_of, kStart, std::chrono::seconds(5));
  TimePoint last_start = kStart;
  TimePoint end = kStart;
  for (const Sample& sample : samples) {
    recorder.record(sample);
    last_start = std::max(last_start, sample.started);
    end = std::max(end, sample.finished);
  }
  recorder.finish();
  const stats::Outcomes outcomes = recorder.total().outcomes;
  Run run{.plan = {},
          .record = {.labels = std::move(labels),
                     .recorder = std::move(recorder),
                     .ledger = {},
                     .ramp = {},
                     .opening = {},
                     .arrivals = {},
                     .generator = {},
                     .threads = 1,
                     .engine = "native",
                     .start = kStart,
                     .end = end,
                     .wall_start = std::chrono::system_clock::time_point(std::chrono::seconds(1'700'000'000)),
                     .stop = stats::StopReason::finished,
                     .until = {}}};
  run.plan.name = "made up";
  run.plan.http.user_agent = "loadgen/1.2.3";
  run.plan.target = "http://localhost:3000";
  run.record.ledger.planned = run.record.ledger.sent = samples.size();
  run.record.ledger.outcomes = outcomes;
  run.record.ramp = {samples.size(), samples.size(), last_start - kStart, last_start - kStart};
  stats::GeneratorHealth& health = run.record.generator;
  health.wall = end - kStart;
  health.cpu_user = microseconds(11) * static_cast<int>(samples.size());
  health.cpu_system = microseconds(29) * static_cast<int>(samples.size());
  health.max_rss_bytes = 18'200'000;
  health.busiest_thread = health.productive_share = samples.empty() ? 0 : 0.12;
  health.connections_asked = 1;
  health.run_queue_wait = health.wall / 200;
  health.longest_turn = microseconds(420);
  return run;
}

Run open_run(std::vector<load::Segment> segments, const std::function<Late(Duration due)>& late) {
  std::vector<Sample> samples;
  const load::LoadProfile profile(segments);
  for (load::Arrivals arrivals(profile, load::Spacing::uniform, 1, 0, 0, 1); arrivals.due() < Duration::max();
       arrivals.advance()) {
    const Late that = late(arrivals.due());
    samples.push_back(sample_at(arrivals.due(), that.lag, that.service));
    samples.back().new_connection = samples.size() <= 10;
    if (!samples.back().new_connection) samples.back().connected = kUnset;
  }
  Run run = run_of({"HTTP Request"}, samples);
  config::ThreadGroup group = group_of(0, Duration::zero(), 1);
  group.arrivals = std::move(segments);
  run.plan.thread_groups = {std::move(group)};
  run.record.ramp = {};
  run.record.arrivals = {samples.size(), 0, 10};
  run.record.generator.pace = {stats::Pace::hybrid, "a core is left over", microseconds(60)};
  return run;
}

Run all_succeeded() {
  std::vector<Sample> samples;
  for (int i = 0; i < 6000; ++i) {
    const Duration due = Duration(std::chrono::seconds(2)) * i / 6000;
    samples.push_back(sample_at(due, microseconds(10 + i % 50), service_of(i)));
  }
  Run run = run_of({"HTTP Request"}, samples);
  run.plan.name = "async, 6000 users in 2 s";
  run.plan.thread_groups = {group_of(6000, std::chrono::seconds(2), 1)};
  return run;
}

Run many_errors() {
  std::vector<Sample> samples;
  for (int i = 0; i < 3000; ++i) {
    Sample sample = sample_at(milliseconds(i), microseconds(15), service_of(i));
    if (i % 10 == 3) sample = failed(sample, ErrorKind::status, i % 20 == 3 ? 500 : 503);
    if (i % 100 == 7) sample = failed(sample, ErrorKind::reset);
    if (i % 100 == 11) sample = failed(sample, ErrorKind::closed_mid_body, 200);
    if (i % 500 == 20) sample = failed(sample, ErrorKind::response_timeout);
    if (i > 2995) sample = failed(sample, ErrorKind::unfinished);
    samples.push_back(of_request(sample, static_cast<std::uint16_t>(i % 3)));
  }
  Run run = run_of({"GET /", "login", "GET /never/asked/for/so/often/that/its/name/needs/cutting"}, samples);
  run.plan.name = "three steps";
  run.plan.thread_groups = {group_of(100, std::chrono::seconds(1), 3)};
  run.plan.thread_groups.front().loops = 10;
  run.record.ramp = {100, 100, milliseconds(990), milliseconds(991)};
  run.record.ledger.planned = 3012;
  run.record.ledger.not_started = 12;
  run.record.stop = stats::StopReason::on_error;
  run.record.generator.not_checked = {"run-queue wait (/proc/thread-self/schedstat)"};
  return run;
}

Run empty() {
  Run run = run_of({"HTTP Request"}, {});
  run.plan.thread_groups = {group_of(10, Duration::zero(), 1)};
  run.record.ledger.planned = run.record.ledger.not_started = 10;
  run.record.ramp = {10, 0, Duration::zero(), Duration::zero()};
  run.record.stop = stats::StopReason::interrupted;
  return run;
}

Run hostile_labels() {
  const std::vector<std::string> labels{"\x1b[2J\x1b]0;owned\x07red",
                                        "two\nlines\tand\r a bell",
                                        "\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e \xf0\x9f\x9a\x80 caf\xc3\xa9",
                                        "broken \xff\xc0\xaf utf-8 \xe2\x82",
                                        "\xe2\x80\xae\xd7\x90 right to left",
                                        std::string(300, 'x'),
                                        ""};
  std::vector<Sample> samples;
  for (int i = 0; i < 700; ++i) {
    samples.push_back(
        of_request(sample_at(milliseconds(i), microseconds(12), service_of(i)), static_cast<std::uint16_t>(i % 7)));
  }
  Run run = run_of(labels, samples);
  run.plan.name = "\x1b[31mname";
  run.plan.target = "http://localhost/\x07";
  run.plan.thread_groups = {group_of(100, Duration::zero(), 7)};
  run.record.ramp = {100, 100, Duration::zero(), milliseconds(1)};
  return run;
}

Run generator_bound() {
  std::vector<Sample> samples;
  for (int i = 0; i < 2000; ++i) samples.push_back(sample_at(milliseconds(i), milliseconds(10), milliseconds(2)));
  Run run = run_of({"HTTP Request"}, samples);
  run.plan.thread_groups = {group_of(2000, std::chrono::seconds(2), 1)};
  run.record.generator.busiest_thread = run.record.generator.productive_share = 0.97;
  return run;
}

Run open_stages() {
  const std::vector<load::Segment> segments{
      {.duration = std::chrono::seconds(2), .from = 0, .to = 500},
      {.duration = std::chrono::seconds(6), .from = 500, .to = 500},
      {.duration = std::chrono::seconds(1), .from = 500, .to = 1000},
      {.duration = std::chrono::seconds(6), .from = 1000, .to = 1000},
  };
  int i = 0;
  Run run = open_run(segments, [&](Duration) { return Late{.service = service_of(i++)}; });
  run.plan.name = "two stages";
  run.plan.warm_up.time = std::chrono::seconds(3);
  run.record.opening.asked = run.record.opening.opened = 10;
  run.record.opening.took = milliseconds(25);
  for (int n = 0; n < 10; ++n) run.record.opening.connect.record(microseconds(100 + 10 * n));
  return run;
}

Run censored() {
  const Duration length = std::chrono::seconds(6);
  const Duration frozen = length - milliseconds(500);
  std::vector<Sample> samples;
  for (int i = 0; i < 6000; ++i) {
    const Duration due = microseconds(1000 * i + 500);
    Sample sample = sample_at(due, microseconds(20), service_of(i));
    sample.new_connection = false;
    sample.connected = kUnset;
    if (due >= frozen) {
      sample = failed(sample, ErrorKind::unfinished);
      sample.finished = kStart + length + std::chrono::seconds(1);
    }
    samples.push_back(sample);
  }
  Run run = run_of({"HTTP Request"}, samples);
  config::ThreadGroup group = group_of(0, Duration::zero(), 1);
  group.arrivals = {{.duration = length, .from = 1000, .to = 1000}};
  run.plan.name = "a target that stops";
  run.plan.thread_groups = {std::move(group)};
  run.record.ramp = {};
  run.record.arrivals = {6000, 0, 502};
  return run;
}

Run disturbed() {
  const Duration from = std::chrono::seconds(2);
  const Duration to = std::chrono::seconds(3);
  int i = 0;
  Run run = open_run({{.duration = std::chrono::seconds(6), .from = 1000, .to = 1000}}, [&](Duration due) {
    const bool late = due >= from && due < to && i % 2 == 0;
    return Late{.lag = late ? milliseconds(8) : microseconds(20), .service = service_of(i++)};
  });
  run.plan.name = "a neighbour";
  run.record.generator.seconds.resize(6);
  for (stats::HealthSecond& second : run.record.generator.seconds) {
    second.shards.resize(1);
    second.host.steal = 0;
  }
  run.record.generator.seconds[2].shards[0].run_queue_wait = milliseconds(520);
  run.record.generator.run_queue_wait = milliseconds(520);
  run.record.generator.stalls = {{milliseconds(2300), milliseconds(9), milliseconds(9), Duration::zero(), {}, 0}};
  run.record.generator.host = {.steal = 0,
                               .cpu_pressure = 0.02,
                               .throttled = Duration::zero(),
                               .retransmits = 0,
                               .listen_drops = 0,
                               .network_drops = 0};
  return run;
}

}  // namespace loadgen::report::test
