// What recording costs: nanoseconds a request of the whole Recorder, and of one that only counts outcomes and bytes.
// Ten million made-up requests, 30,000 a second, whose times are spread as those of a real run are. `record_cost` is
// built with the tests and is none: what it prints depends on the machine.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <random>
#include <vector>

#include "stats/recorder.hpp"

namespace {

using loadgen::Duration;
using loadgen::ErrorKind;
using loadgen::Sample;
using loadgen::TimePoint;
using namespace std::chrono_literals;

constexpr TimePoint kStart{1'000s};
constexpr std::size_t kSamples = 10'000'000;
constexpr Duration kApart = Duration(1s) / 30'000;

/// A recorder without this project's statistics: what every load generator has to do.
class Counter {
 public:
  void record(const Sample& sample) noexcept {
    if (sample.succeeded())
      ++outcomes_.succeeded;
    else
      ++outcomes_.failed_by_kind[static_cast<std::size_t>(sample.error)];
    ++outcomes_.by_status[sample.status < outcomes_.by_status.size() ? sample.status : 0];
    bytes_ += sample.bytes_in + sample.bytes_out;
  }
  void finish() {}
  std::uint64_t sum() const { return outcomes_.sent() + bytes_; }

 private:
  loadgen::stats::Outcomes outcomes_;
  std::uint64_t bytes_ = 0;
};

/// Requests due at 0, log-normal about 1 ms, on kept connections but for one in fifty; one in five hundred fails.
std::vector<Sample> made_up(std::size_t n) {
  std::mt19937_64 random(1);
  std::lognormal_distribution<double> service(std::log(1e6), 0.5);
  std::lognormal_distribution<double> lag(std::log(8e3), 0.7);
  const auto drawn = [&](auto& distribution) { return Duration(static_cast<std::int64_t>(distribution(random))); };
  std::vector<Sample> samples(n);
  for (Sample& s : samples) {
    s.due = TimePoint{};
    s.started = s.due + drawn(lag);
    s.finished = s.started + drawn(service);
    s.new_connection = random() % 50 == 0;
    if (s.new_connection) s.connected = s.started + (s.finished - s.started) / 4;
    s.first_byte = s.finished - (s.finished - s.started) / 20;
    s.bytes_in = 200;
    s.bytes_out = 90;
    s.status = 200;
    if (random() % 500 == 0) s.error = ErrorKind::reset;
  }
  return samples;
}

Sample moved(Sample s, Duration by) {
  for (TimePoint* const stamp : {&s.due, &s.started, &s.first_byte, &s.finished}) *stamp += by;
  if (s.new_connection) s.connected += by;
  return s;
}

struct Cost {
  double record_ns;
  double finish_ms;
};

/// CPU time of this thread: others on the machine do not count.
double cpu_ns() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

template <class R>
Cost cost_of(R& recorder, const std::vector<Sample>& samples) {
  const double begin = cpu_ns();
  for (std::size_t i = 0; i < kSamples; ++i)
    recorder.record(moved(samples[i % samples.size()], (kStart - TimePoint{}) + static_cast<std::int64_t>(i) * kApart));
  const double end = cpu_ns();
  recorder.finish();
  return {(end - begin) / kSamples, (cpu_ns() - end) / 1e6};
}

}  // namespace

int main() {
  const std::vector<Sample> samples = made_up(1 << 16);
  for (int round = 0; round < 3; ++round) {
    Counter counter;
    const Cost counting = cost_of(counter, samples);
    loadgen::stats::Recorder recorder(1, {0}, kStart, kSamples * kApart);
    const Cost whole = cost_of(recorder, samples);
    if (counter.sum() == 0 || recorder.total().outcomes.sent() != kSamples)
      return 1;  // so that neither is optimised away
    std::printf(
        "counting only %5.1f ns a request, the whole recorder %5.1f ns, difference %5.1f ns; finish() %.1f ms\n",
        counting.record_ns, whole.record_ns, whole.record_ns - counting.record_ns, whole.finish_ms);
  }
}
