#include "load/load_profile.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numbers>

namespace loadgen::load {
namespace {

constexpr double kSecond = 1e9;  // nanoseconds

/// Change of the straight part of the rate: arrivals per second, per second.
double slope(const Segment& s) {
  return (s.to - s.from) / seconds(s.duration);
}

struct RateAndCount {
  double rate;
  double count;
};

/// r(t) and its integral from 0 to t; t in seconds from the segment's begin. The wave A sin wt, w = 2 pi / P, has the
/// integral A / w * (1 - cos wt).
RateAndCount at(const Segment& s, double t) {
  const double a = slope(s);
  RateAndCount line{.rate = s.from + a * t, .count = s.from * t + a * t * t / 2};
  if (s.amplitude == 0) return line;
  const double w = 2 * std::numbers::pi / seconds(s.period);
  return {.rate = line.rate + s.amplitude * std::sin(w * t),
          .count = line.count + s.amplitude / w * (1 - std::cos(w * t))};
}

/// When y of the n arrivals of a segment without a wave have come, in seconds. y = r0 t + a t² / 2 gives
/// t = 2y / (r0 + r(t)) with r(t)² = r0² + 2ay: no difference of near numbers as a goes to 0. On a falling ramp that
/// sum is one, near its end; there the same r(t)² is counted from the end, r1² - 2a (n - y).
double time_on_line(const Segment& s, double n, double y) {
  const double a = slope(s);
  const double square = a < 0 ? s.to * s.to - 2 * a * (n - y) : s.from * s.from + 2 * a * y;
  return 2 * y / (s.from + std::sqrt(square));
}

/// The same with a wave, by Newton's method on L(t) - y. The wave adds between 0 and 2A / w arrivals to those of the
/// line, which brackets t; L never falls, so the bracket closes. A step that leaves it (the rate may touch 0 at the
/// trough), or that is not half as long as the one before (Newton's method may run in circles), is replaced by halving.
double time_on_wave(const Segment& s, double y) {
  constexpr double kEnough = 0.1 / kSecond;  // a tenth of a nanosecond
  constexpr int kMostSteps = 200;            // only a guard: steps at least halve every second time
  const double line = (s.from + s.to) / 2 * seconds(s.duration);
  const double most = s.amplitude * seconds(s.period) / std::numbers::pi;
  double low = y > most ? time_on_line(s, line, y - most) : 0;
  double high = y < line ? time_on_line(s, line, y) : seconds(s.duration);
  double step = high - low;
  double t = low + step / 2;
  for (int i = 0; i < kMostSteps && std::abs(step) > kEnough; ++i) {
    const auto [rate, count] = at(s, t);
    const double newton = t - (count - y) / rate;
    if (std::abs(newton - t) < kEnough) return newton;
    (count > y ? high : low) = t;
    const bool usable = newton > low && newton < high && 2 * std::abs(newton - t) < std::abs(step);
    const double next = usable ? newton : low + (high - low) / 2;
    step = next - t;
    t = next;
  }
  return t;
}

}  // namespace

LoadProfile::LoadProfile(std::vector<Segment> segments) : segments_(std::move(segments)), begins_{{}}, counts_{0} {
  for (const Segment& s : segments_) {
    assert(s.duration > Duration::zero() && s.from >= 0 && s.to >= 0 && s.amplitude >= 0);
    assert(s.amplitude == 0 || s.period > Duration::zero());
    begins_.push_back(begins_.back() + s.duration);
    counts_.push_back(counts_.back() + at(s, seconds(s.duration)).count);
  }
}

Duration LoadProfile::length() const {
  return begins_.back();
}

double LoadProfile::total() const {
  return counts_.back();
}

double LoadProfile::rate(Duration t) const {
  if (t < Duration::zero() || t >= length()) return 0;
  const auto i = static_cast<std::size_t>(std::ranges::upper_bound(begins_, t) - begins_.begin()) - 1;
  return at(segments_[i], seconds(t - begins_[i])).rate;
}

double LoadProfile::count(Duration t) const {
  if (t <= Duration::zero()) return 0;
  if (t >= length()) return total();
  const auto i = static_cast<std::size_t>(std::ranges::upper_bound(begins_, t) - begins_.begin()) - 1;
  return counts_[i] + at(segments_[i], seconds(t - begins_[i])).count;
}

double LoadProfile::highest_rate() const {
  double highest = 0;
  for (const Segment& s : segments_) highest = std::max(highest, std::max(s.from, s.to) + s.amplitude);
  return highest;
}

Duration LoadProfile::time_of(double y) const {
  if (y <= 0) return Duration::zero();
  if (y > total()) return Duration::max();
  // The first segment that reaches y: a pause (rate 0) never does, its arrivals belong to those before it.
  const auto end = std::lower_bound(counts_.begin() + 1, counts_.end(), y);
  const auto i = static_cast<std::size_t>(end - counts_.begin()) - 1;
  const Segment& s = segments_[i];
  const double own = y - counts_[i];
  const double t = s.amplitude == 0 ? time_on_line(s, *end - counts_[i], own) : time_on_wave(s, own);
  return begins_[i] + std::min(Duration(std::llround(t * kSecond)), s.duration);
}

}  // namespace loadgen::load
