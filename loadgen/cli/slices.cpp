#include "cli/slices.hpp"

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/calibration_file.hpp"
#include "report/host.hpp"
#include "report/limits.hpp"
#include "run/run_plan.hpp"

namespace loadgen::cli {
namespace {

using std::chrono::milliseconds;

/// Reads the server's CPU time once the warm-up is over, without one before the run; and again at the end.
class CpuWatch {
 public:
  CpuWatch(const TargetProcess& target, Duration warm_up) : target_(target), warm_up_(warm_up) {
    if (warm_up_ == Duration::zero()) begin();
  }

  void tick(Duration elapsed) {
    if (!before_ && elapsed >= warm_up_) begin();
  }
  ServerCpu result(const stats::RunRecord& record) const {
    const std::optional<Duration> after = target_.cpu();
    if (!before_ || !after) return {.seconds = std::numeric_limits<double>::quiet_NaN()};
    return {.seconds = seconds(*after - *before_), .requests = completed_after(record.recorder, began_ - record.start)};
  }

 private:
  void begin() {
    before_ = target_.cpu();
    began_ = SteadyClock::now();
  }

  const TargetProcess& target_;
  Duration warm_up_;
  std::optional<Duration> before_;
  TimePoint began_;
};

/// Why one request got no answer; empty: it got one.
std::string why_no_answer(const config::Plan& plan, Interrupts& interrupts) {
  auto prepared = make_ready(plan, {.threads = 1, .pace = "sleep"});
  if (const auto* none = std::get_if<NoRun>(&prepared)) return none->message;
  const Ready& ready = std::get<Ready>(prepared);
  run::RunControl control;
  const auto record = run::run_plan(ready.plan, ready.program, ready.options, control,
                                    [&](const stats::Progress&) { interrupts.pass_on(control); });
  const auto& failed = record.ledger.outcomes.failed_by_kind;
  if (record.ledger.outcomes.succeeded > 0) return {};
  const auto kind = std::ranges::find_if(failed, [](std::uint64_t count) { return count > 0; });
  if (kind == failed.end()) return "no answer came";
  return std::string(info(static_cast<ErrorKind>(kind - failed.begin())).text);
}

}  // namespace

std::variant<SliceRun, NoRun> make_slice(const SliceJob& job, const TargetProcess& target, Interrupts& interrupts) {
  auto prepared = make_ready(job.plan, job.manner);
  if (auto* none = std::get_if<NoRun>(&prepared)) return std::move(*none);
  const Ready& ready = std::get<Ready>(prepared);
  run::RunControl control;
  CpuWatch cpu(target, job.plan.warm_up.time);
  stats::RunRecord record =
      run::run_plan(ready.plan, ready.program, ready.options, control, [&](const stats::Progress& progress) {
        cpu.tick(progress.elapsed);
        interrupts.pass_on(control);
        if (job.stop_after && progress.elapsed >= *job.stop_after) control.raise(run::Stop::graceful);
      });
  SliceRun slice;
  slice.cpu = cpu.result(record);
  slice.warnings = ready.warnings;
  slice.interrupted = interrupts.asked() > 0;
  if (slice.interrupted) record.stop = stats::StopReason::interrupted;
  slice.summary = report::summarize(ready.plan, record, report::read_host(), find_calibration(record.engine));
  return slice;
}

std::string disturbance_of(const report::Summary& summary) {
  const stats::HostSignals& host = summary.generator.host;
  const double steal = host.steal.value_or(0);
  if (steal > report::kWaitHigh) return fmt::format("steal time {:.1f} %", 100 * steal);
  const double throttled = seconds(host.throttled.value_or(Duration::zero()));
  if (throttled <= report::kThrottledHigh * summary.generator.wall_s) return {};
  return fmt::format("CPU throttled for {:.0f} ms", 1000 * throttled);
}

config::Plan ready_plan(const config::Plan& plan, const std::string& path) {
  config::Plan one = plan;
  config::ThreadGroup group;
  group.steps = {plan.thread_groups.front().steps.front()};
  config::Step& step = group.steps.front();
  if (!path.empty()) {
    step.method = "GET";
    step.body.clear();
    step.url.path_and_query = path;
  }
  step.think_time = Duration::zero();
  step.expect = {};
  step.expect.status.add(100, 599);
  one.thread_groups = {std::move(group)};
  one.warm_up = {};
  return one;
}

std::optional<std::string> wait_until_ready(TargetProcess& target, const ReadyQuestion& question,
                                            Interrupts& interrupts) {
  constexpr Duration kPause = milliseconds(20);
  const TimePoint deadline = SteadyClock::now() + question.timeout;
  config::Plan plan = question.plan;
  plan.http.connect_timeout = std::min(plan.http.connect_timeout, question.timeout);
  plan.http.response_timeout = std::min(plan.http.response_timeout, question.timeout);
  while (interrupts.asked() == 0) {
    const std::string why = why_no_answer(plan, interrupts);
    if (why.empty()) return std::nullopt;
    if (!target.running()) return fmt::format("ended before it answered, with {}", target.ending());
    if (SteadyClock::now() >= deadline)
      return fmt::format("did not answer at {} within {}: {}", target.url(), to_string(question.timeout), why);
    std::this_thread::sleep_for(kPause);
  }
  return "was not waited for any longer";
}

double completed_after(const stats::Recorder& recorder, Duration from) {
  double sum = 0;
  for (std::uint32_t i = 0; i < recorder.cells().size(); ++i) {
    const Duration end = stats::cell_begin(i) + stats::cell_length(i);
    const double share = std::clamp(seconds(end - from) / seconds(stats::cell_length(i)), 0.0, 1.0);
    sum += share * static_cast<double>(recorder.cells()[i].ended.completed);
  }
  return sum;
}

}  // namespace loadgen::cli
