#pragma once
// A comparison of targets as values: what was asked, what each slice gave, and what follows from it. Works on slices,
// wherever they came from.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/host.hpp"
#include "report/summary.hpp"
#include "report/verdict.hpp"
#include "stats/comparison.hpp"

namespace loadgen::report {

/// A figure that targets are compared by. To add one: a row in kCompareMetrics.
struct CompareMetric {
  std::string_view name;  ///< as in `--metric NAME`
  std::string_view unit;  ///< "1/s", "ms", "%", "us"
  std::string_view description;
  bool more_is_better = false;
  double delta = 0.05;  ///< default margin, relative
  double floor = 0;     ///< differences below this, in the unit, are none
};

/// One slice: a short run against one target.
struct Slice {
  std::uint32_t block = 0;
  std::uint32_t pass = 0;
  std::uint32_t target = 0;
  std::vector<double> values;  ///< by Comparison's metrics; NaN: this slice has none
  VerdictName verdict = VerdictName::trustworthy;
  std::string evidence;    ///< of that verdict, in a sentence; empty when trustworthy
  bool disturbed = false;  ///< by the machine (steal, throttling, other processes), told without looking at the values
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  bool balanced = true;     ///< its ledger
  double little_error = 0;  ///< of Little's law, beyond what its edges explain
  double server_cpu_s = 0;  ///< NaN: not known
};

/// What was asked for.
struct CompareDesign {
  std::vector<std::string> targets;  ///< names; the first is what the others are compared with
  std::vector<std::string> metrics;  ///< names of kCompareMetrics
  std::vector<bool> gated;           ///< by metric: others are shown only
  std::vector<double> deltas;        ///< by metric, relative
  double alpha = 0.05;
  std::uint32_t blocks = 8;
  std::uint32_t passes = 2;
  double slice_s = 5;
  double discard_s = 1;
  std::uint64_t seed = 1;
  bool same = false;  ///< --aa: both sides are the same server
  std::string plan_json;
};

/// One metric of one target against the first one.
struct Compared {
  std::uint32_t target = 0;
  std::uint32_t metric = 0;
  double base = 0;  ///< geometric mean over blocks, in the metric's unit
  double candidate = 0;
  stats::Comparison figures;
  std::string reason;  ///< why it is inconclusive; empty otherwise
};

struct Comparison {
  CompareDesign design;
  Tool tool;
  HostFacts host;
  std::string started;  ///< ISO 8601, UTC
  std::vector<Slice> slices;
  std::vector<Compared> compared;
  std::uint32_t blocks_made = 0;
  std::uint32_t blocks_invalid = 0;    ///< left out: a side was not valid
  std::uint32_t blocks_disturbed = 0;  ///< left out by covariates
  bool interrupted = false;
  /// invalid: nothing may be said of the targets (more than a fifth of the blocks); reason says why.
  bool invalid = false;
  std::string reason;
  stats::Decision decision = stats::Decision::inconclusive;  ///< the worst of the gated metrics
};

/// Fills in compared, blocks_…, invalid, reason and decision from design and slices. Pure.
void conclude(Comparison& comparison);

}  // namespace loadgen::report
