#pragma once
// How many users arrive a second, over time: what open load is planned as. Pure arithmetic in closed form; knows no
// clock, no thread and no user.
//
// With the rate r(t), the expected number of arrivals up to t is L(t) = integral of r from 0 to t, and arrival n comes
// at the inverse of L: any shape of load is one of constant rate on another time axis (time rescaling).

#include <cstdint>
#include <vector>

#include "base/time.hpp"

namespace loadgen::load {

/// A stretch of time in which the rate follows one formula:
///   r(t) = from + (to - from) * t / duration + amplitude * sin(2 pi t / period)      t from the segment's begin
struct Segment {
  Duration duration{};
  double from = 0;       ///< arrivals per second
  double to = 0;         ///< arrivals per second
  double amplitude = 0;  ///< arrivals per second; 0: no wave. At most the mean, so that no rate is negative
  Duration period{};     ///< of the wave; > 0 when there is one

  bool constant() const { return from == to && amplitude == 0; }
  bool operator==(const Segment&) const = default;
};

class LoadProfile {
 public:
  /// Segments one after another; each lasts > 0 and has no negative rate.
  explicit LoadProfile(std::vector<Segment> segments);

  const std::vector<Segment>& segments() const { return segments_; }
  Duration length() const;         ///< of all segments
  double rate(Duration t) const;   ///< arrivals per second at t; 0 outside [0, length())
  double count(Duration t) const;  ///< L(t): expected arrivals in [0, t); t is clamped to [0, length()]
  double total() const;            ///< L(length())
  double highest_rate() const;     ///< arrivals per second, the peak of all segments
  /// The inverse of count(): when the y-th arrival (a real number, 0 <= y <= total()) comes, rounded to the nearest
  /// nanosecond. Linear segments in the form 2y / (r0 + sqrt(r0² + 2ay)), which does not cancel as the slope a goes to
  /// 0; a wave by Newton's method kept within its bracket. Duration::max() for y > total().
  Duration time_of(double y) const;

 private:
  std::vector<Segment> segments_;
  std::vector<Duration> begins_;  ///< by segment, and the end of the last
  std::vector<double> counts_;    ///< L at those times
};

}  // namespace loadgen::load
