#pragma once
// The arrivals of one thread group, one after another: ONE global schedule, fixed before the run by profile, spacing
// and seed, of which shard k of n takes arrivals k, k + n, k + 2n, … The sequence is the same for any number of shards.
//
//   uniform: arrival i (from 0) comes at L⁻¹(i + ½). The half step keeps arrivals off the edges of segments, so that
//            round(L(T)) of them come in all.
//   poisson: arrival i comes at L⁻¹(E_0 + … + E_i), E exponential with mean 1, from a counter-based generator keyed by
//            (seed, stream, i).

#include <cstdint>

#include "base/time.hpp"
#include "load/load_profile.hpp"

namespace loadgen::load {

enum class Spacing : std::uint8_t { uniform, poisson };

class Arrivals {
 public:
  /// stream: tells the schedules of a plan's thread groups apart (the group's index).
  Arrivals(LoadProfile profile, Spacing spacing, std::uint64_t seed, std::uint64_t stream, std::uint32_t shard,
           std::uint32_t shards);

  /// Offset of this shard's next arrival from the group's start; Duration::max() when no more come.
  Duration due() const { return due_; }
  /// Number of that arrival in the global schedule, from 0.
  std::uint64_t number() const { return number_; }
  /// Goes on to the arrival after it.
  void advance();

  /// How many arrivals this shard has in all: exact for uniform spacing. For Poisson spacing they are not known before
  /// they come, and this is 0.
  std::uint64_t planned() const;
  /// How many of them come in [0, t], for uniform spacing; else 0.
  std::uint64_t come_by(Duration t) const;

 private:
  void find_due();

  LoadProfile profile_;
  Spacing spacing_;
  std::uint64_t seed_;
  std::uint64_t stream_;
  std::uint32_t shard_;
  std::uint32_t shards_;
  std::uint64_t number_;
  std::uint64_t drawn_ = 0;  ///< poisson: exponentials added to sum_ so far
  double sum_ = 0;
  Duration due_{};
};

}  // namespace loadgen::load
