#pragma once
// When each user of a thread group starts: a pure function of its number, known before the run begins.

#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace loadgen::load {

class ThreadRamp {
 public:
  /// User n of N starts at n * R / N, to the nanosecond (rounded down).
  static ThreadRamp exact(std::uint32_t users, Duration ramp_up);

  /// JMeter's ThreadGroup without "delay thread creation": user n starts at n * round(R / N), whole milliseconds. 6,000
  /// users in 2 s all start at once, 4,000 in 2 s take 4 s.
  static ThreadRamp jmeter(std::uint32_t users, Duration ramp_up);

  /// JMeter's ThreadGroup with "delay thread creation until needed": before user n comes a pause of
  /// round((R - elapsed) / (N - n)) whole milliseconds. Elapsed is taken as the sum of the pauses before, that is on a
  /// machine which creates a thread in no time; JMeter on a real one is later.
  static ThreadRamp jmeter_delayed(std::uint32_t users, Duration ramp_up);

  /// Offset of user n's start from the group's start; n < users.
  Duration start_of(std::uint32_t n) const;

 private:
  explicit ThreadRamp(std::uint32_t users) : users_(users) {}

  std::uint32_t users_;
  Duration ramp_up_{};                     ///< exact
  std::vector<std::uint32_t> offsets_ms_;  ///< jmeter_delayed and jmeter: by user; empty for exact
};

}  // namespace loadgen::load
