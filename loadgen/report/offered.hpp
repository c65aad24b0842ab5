#pragma once
// What load a plan asks for, named after the model that it follows: a percentile means something else in each.

#include <string>

#include "config/plan.hpp"

namespace loadgen::report {

struct OfferedLoad {
  /// "open": a schedule alone says when requests go out. "open, bounded connections": it does, but arrivals wait for a
  /// place. "partly open": users arrive by a schedule and go through several steps. "closed": users wait for responses,
  /// and the rate is the target's answer, not the plan's wish.
  std::string model;
  std::string description;  ///< "6,000 users in 2s, one request each"
  double rate = 0;          ///< arrivals per second: over the ramp-up, or in the measured window; 0: none
  double achieved = 0;      ///< completed requests per second over those asked for; 0: nothing to compare with
};

/// By the plan alone: achieved is left 0. One group of N users with a ramp-up R and one iteration each offers N/R
/// arrivals per second over R. Several groups offer all their arrivals over the time from the first group's first user
/// to the end of the last one's ramp-up or arrivals.
OfferedLoad offered_load(const config::Plan& plan);

/// "uniform", "poisson", or "uniform and poisson"; empty: no arrivals.
std::string spacing_of(const config::Plan& plan);

}  // namespace loadgen::report
