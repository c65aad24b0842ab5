#pragma once
// Which part of a run is measured. Membership is by due time, so that a slow request stays in the stretch of time that
// it belongs to, and everything here is known from the plan: no figure of the run decides what is left out of it, but
// for a warm-up that is to be found (report/warm_up).
//
// Left out are the warm-up, stretches of open load whose rate changes linearly (ramps), and the ramp-up of closed
// groups that end by a duration. Edges are rounded inwards to the cells of the interval log; the end of the run itself
// is not rounded, because nothing comes after it that could be mixed in.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/time.hpp"
#include "config/plan.hpp"
#include "stats/interval_log.hpp"
#include "stats/run_record.hpp"

namespace loadgen::report {

/// A stretch of time since t0.
struct Span {
  Duration begin{};
  Duration end{};
  Duration length() const { return end - begin; }
};

/// A stretch of open load in which the rate follows one formula; a boundary of any group is a boundary here.
enum class StageKind : std::uint8_t {
  warm_up,
  ramp,   ///< the rate changes linearly: its requests saw no one rate
  pause,  ///< between groups: no arrivals
  wave,   ///< measured as one, but never called stationary
  constant,
};

struct Stage {
  StageKind kind = StageKind::constant;
  std::uint32_t number = 0;  ///< of the measured ones, from 1; 0: not measured
  Span span;
  double rate_from = 0;  ///< arrivals per second at its ends, all groups together
  double rate_to = 0;
  double rate_low = 0;  ///< the least and the most within it: not at its ends in a wave
  double rate_high = 0;
  double expected = 0;  ///< requests planned in it: L(end) - L(begin), times the steps
  stats::CellRange cells;

  bool measured() const { return kind == StageKind::wave || kind == StageKind::constant; }
};

/// "ramp", "stage 2"
std::string name_of(const Stage& stage);

struct Excluded {
  Span span;
  std::string reason;  ///< "warm-up", "ramp", "ramp-up", "stage 1, 500.0/s"
};

/// The headline's: the one stretch whose percentiles are printed as the run's.
struct Window {
  stats::CellRange cells{0, 0};  ///< empty: nothing of the run is measured
  Span span;
  std::string reason;  ///< in words: why this part
  std::vector<Excluded> excluded;
  double offered = 0;   ///< arrivals per second by the plan, the mean over it; 0: a closed loop
  double expected = 0;  ///< requests of open load that the plan has in it; 0: a closed loop
  bool even = false;    ///< by the plan the load is the same all through it

  bool empty() const { return cells.first >= cells.last; }
};

struct Timeline {
  Window window;
  std::vector<Stage> stages;  ///< of open load, in order; empty in a plan without arrivals
};

/// How much of the run there is: when the last due time can have been.
struct Extent {
  Duration end{};           ///< since t0
  std::uint32_t cells = 0;  ///< that anything fell into
  bool stopped = false;     ///< before its plan was carried out: the cell after them is left out, as no whole one
};
/// When the last group's load ends; nullopt: when its users have done their loops.
std::optional<Duration> planned_end(const config::Plan& plan);
Extent extent_of(const config::Plan& plan, const stats::RunRecord& record);

/// warm_up: since t0; 0: none.
Timeline timeline_of(const config::Plan& plan, const Extent& extent, Duration warm_up);

/// The whole cells of a range as consecutive stretches of one length: 200 ms, or where the range goes past the first
/// minute 1 s. A cell that the run ended in is not whole.
struct EvenCells {
  std::vector<stats::CellRange> cells;
  Duration length{};
};
EvenCells even_cells(stats::CellRange range, const Extent& extent);

/// Each user does one iteration: its plan alone says when requests go out.
bool one_iteration(const config::ThreadGroup& group);

}  // namespace loadgen::report
