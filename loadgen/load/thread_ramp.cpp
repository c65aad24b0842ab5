#include "load/thread_ramp.hpp"

#include <algorithm>
#include <cmath>

namespace loadgen::load {
namespace {

using std::chrono::milliseconds;

/// Java's Math.round(float): halves go up.
std::int64_t java_round(float x) {
  return static_cast<std::int64_t>(std::floor(static_cast<double>(x) + 0.5));
}

float whole_milliseconds(Duration d) {
  return static_cast<float>(std::chrono::duration_cast<milliseconds>(d).count());
}

}  // namespace

ThreadRamp ThreadRamp::exact(std::uint32_t users, Duration ramp_up) {
  ThreadRamp ramp(users);
  ramp.ramp_up_ = ramp_up;
  return ramp;
}

ThreadRamp ThreadRamp::jmeter(std::uint32_t users, Duration ramp_up) {
  ThreadRamp ramp(users);
  const std::int64_t step = java_round(whole_milliseconds(ramp_up) / static_cast<float>(users));
  ramp.offsets_ms_.reserve(users);
  for (std::uint32_t n = 0; n < users; ++n) ramp.offsets_ms_.push_back(static_cast<std::uint32_t>(n * step));
  return ramp;
}

ThreadRamp ThreadRamp::jmeter_delayed(std::uint32_t users, Duration ramp_up) {
  ThreadRamp ramp(users);
  const auto total = std::chrono::duration_cast<milliseconds>(ramp_up).count();
  ramp.offsets_ms_.reserve(users);
  std::int64_t elapsed = 0;
  for (std::uint32_t n = 0; n < users; ++n) {
    if (n > 0) {
      const auto left = static_cast<float>(total - elapsed) / static_cast<float>(users - n);
      elapsed += std::max<std::int64_t>(0, java_round(left));
    }
    ramp.offsets_ms_.push_back(static_cast<std::uint32_t>(elapsed));
  }
  return ramp;
}

Duration ThreadRamp::start_of(std::uint32_t n) const {
  if (!offsets_ms_.empty()) return milliseconds(offsets_ms_[n]);
  // n * R / N without the overflow of n * R: R = q * N + r, so n * R / N = n * q + n * r / N, and n * r < 2^64.
  const std::int64_t ns = ramp_up_.count();
  const std::int64_t quotient = ns / users_;
  const auto remainder = static_cast<std::uint64_t>(ns % users_);
  return Duration(n * quotient + static_cast<std::int64_t>(n * remainder / users_));
}

}  // namespace loadgen::load
