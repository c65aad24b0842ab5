#pragma once
// A comparison of targets as values: what was asked, what each slice gave, and what follows from it. Works on slices,
// wherever they came from. docs/METHODOLOGY.md says why it decides as it does.

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/compare_metrics.hpp"
#include "report/gates.hpp"
#include "report/host.hpp"
#include "report/summary.hpp"
#include "report/verdict.hpp"
#include "stats/comparison.hpp"

namespace loadgen::report {

/// A design that finds a change of 10 % with a margin of 5 % in nine of ten comparisons on a shared machine whose
/// servers differ by 1.5 % from one start to the next: gate_honesty_test.cpp, docs/METHODOLOGY.md.
inline constexpr std::uint32_t kDefaultBlocks = 12;
inline constexpr std::uint32_t kDefaultPasses = 2;

inline constexpr double kFloorMs = 0.05;

/// Differences of times below this are none: nobody notices them, and the generator's own floor moves as much.
double time_floor_ms(const std::optional<Calibration>& calibration);

struct AskedMetric {
  std::string name;     ///< of kCompareMetrics
  bool gated = false;   ///< else it is shown only
  double delta = 0.05;  ///< margin as CompareMetric has it
};

enum class CompareMode : std::uint8_t {
  gate,
  same,  ///< --aa: both sides are the same server, and the runner is what is examined
  runs,  ///< --runs: a table of runs, nothing is decided; a block is a run
};

/// What was asked for.
struct CompareDesign {
  CompareMode mode = CompareMode::gate;
  std::vector<std::string> targets;  ///< names; the first is what the others are compared with
  std::vector<AskedMetric> metrics;
  double alpha = 0.05;  ///< of each one-sided bound, and of all gated metrics together
  std::uint32_t blocks = kDefaultBlocks;
  std::uint32_t passes = kDefaultPasses;
  double slice_s = 5;
  double discard_s = 1;              ///< of each slice, at its begin
  std::uint32_t runs_discarded = 0;  ///< --discard
  double floor_ms = kFloorMs;
  std::uint64_t seed = 1;
  std::string model;      ///< OfferedLoad::model of a slice: whose times these are
  bool restarted = true;  ///< targets are started anew for each block; else a block is just a stretch of time
  std::string plan_json;
};

/// One slice: a short run against one target.
struct Slice {
  std::uint32_t block = 0;
  std::uint32_t pass = 0;
  std::uint32_t target = 0;
  std::vector<double> values;  ///< by the design's metrics; NaN: this slice has none
  VerdictName verdict = VerdictName::trustworthy;
  std::string evidence;    ///< of that verdict: the check that failed, with its figures; and what disturbed the machine
  bool disturbed = false;  ///< by the machine (steal, throttling, other processes), told without looking at the values
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  double throughput = 0;    ///< JMeter's: completed over last end - first start
  bool balanced = true;     ///< its ledger
  double little_error = 0;  ///< of Little's law, beyond what its edges explain
};

/// All of a slice that stands in its run; block, pass, target and disturbed are the caller's. server_cpu_us: a request;
/// NaN: not known.
Slice slice_of(const Summary& summary, const CompareDesign& design, double server_cpu_us);

/// What a block says of a metric: means over its passes, in the metric's unit.
struct BlockValues {
  std::uint32_t block = 0;
  double base = 0;
  double candidate = 0;
  stats::BlockDifference difference;
};

/// One metric of one target against the first one.
struct Compared {
  std::uint32_t target = 0;
  std::uint32_t metric = 0;  ///< of the design
  std::vector<BlockValues> blocks;
  double base = 0;  ///< geometric mean over blocks, of a share the mean, in the metric's unit
  double candidate = 0;
  double delta = 0;  ///< the margin that was decided with, as AskedMetric's: the floor may have widened it
  stats::Comparison figures;
  bool valid = true;     ///< false: too many pairs were spoilt by the generator or its machine
  bool failing = false;  ///< so much failed in some slice of the candidate that the figure does not stand for it
  bool decides = false;  ///< gated; or the error rate whose regression is why a gated figure is not decided
  std::string reason;    ///< why it is inconclusive or invalid, or decides ungated, in a sentence; empty otherwise
};

/// A pair of slices that was left out.
struct LeftOut {
  std::uint32_t block = 0;
  std::uint32_t pass = 0;
  std::uint32_t target = 0;  ///< the one whose slice it was
  bool disturbed = false;    ///< else its verdict
  VerdictName verdict = VerdictName::trustworthy;
  std::string evidence;
};

struct Comparison {
  CompareDesign design;
  Tool tool;
  HostFacts host;
  std::chrono::system_clock::time_point started;
  double wall_s = 0;          ///< from there to the end of the last slice: starting and warming targets too
  std::vector<Slice> slices;  ///< in the order in which they were made
  bool interrupted = false;
  std::string cut_short;  ///< what failed before the last block, a target as a rule; empty: nothing
  // What follows is conclude()'s.
  std::vector<Compared> compared;
  std::uint32_t blocks_made = 0;  ///< whole ones
  std::uint32_t pairs_made = 0;   ///< a candidate's slice and the first target's of the same pass
  std::vector<LeftOut> left_out;
  bool invalid = false;  ///< nothing may be said of the targets; reason says why
  std::string reason;
  stats::Decision decision = stats::Decision::inconclusive;  ///< the worst of the figures that decide
};

/// Fills in what follows from design and slices. Pure.
void conclude(Comparison& comparison);

/// The change of the candidate as people read it: relative, of a share in its unit; more of a rate is positive.
struct Change {
  double value = 0;
  double low = 0;
  double high = 0;
};
/// NaN where no block is known.
Change change_of(const CompareMetric& metric, const stats::Comparison& figures);
/// The same of one difference d, a block's.
double change_of(const CompareMetric& metric, double difference);
/// A margin of the table (relative, or absolute of a share) as a difference d, and back.
double difference_of(const CompareMetric& metric, double delta);
double delta_of(const CompareMetric& metric, double difference);

const CompareMetric& metric_of(const Comparison& comparison, const Compared& compared);
/// As it was asked for; Compared::decides is what came of it.
bool is_gated(const Comparison& comparison, const Compared& compared);

/// What is told of all of it, and of one figure: IMPROVED is passed, INCONCLUSIVE undecided, and doubtful is what is
/// not valid. Of one that was interrupted nothing is decided. Not for a table of runs.
Standing standing_of(const Comparison& comparison);
Standing standing_of(const Comparison& comparison, const Compared& compared);

}  // namespace loadgen::report
