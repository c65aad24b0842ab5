#pragma once
// What `loadgen check` shows of a plan's arrivals: how many come when, and the first of them.

#include <string>

#include "config/plan.hpp"

namespace loadgen::cli {

/// For each thread group with arrivals: its segments and its seconds, each with the arrivals expected (the integral of
/// the rate) and the ones scheduled (the very schedule that the run will follow), and when the first are due.
std::string arrivals_table(const config::Plan& plan);

}  // namespace loadgen::cli
