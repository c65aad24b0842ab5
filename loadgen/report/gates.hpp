#pragma once
// Thresholds judged: each figure with its 95 % interval against its limit, and whether this run can answer for it.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/plan.hpp"
#include "report/measured.hpp"
#include "report/verdict.hpp"
#include "stats/limit.hpp"
#include "stats/run_record.hpp"

namespace loadgen::report {

/// undecided: the limit lies inside the figure's interval.
using GateResult = stats::Judgement;

struct Gate {
  std::string threshold;  ///< as config::to_string has it
  GateResult result = GateResult::failed;
  stats::Estimate figure;  ///< in the threshold's unit
  double limit = 0;
  std::string evidence;  ///< for people, beside the threshold: "231.00 ms (95 %: 220.00 ms to 244.00 ms)"
  bool aborted = false;  ///< it stopped the run
  std::string doubt{};   ///< why this run cannot answer for the result; empty: it can
  config::Undecided undecided = config::Undecided::exit;  ///< what it is taken for when it is not decided
};

/// What is told of a threshold: its result, unless the run cannot answer for that; one that is not decided is what the
/// plan's policy takes it for.
enum class Standing : std::uint8_t { passed, failed, undecided, doubtful };
Standing standing_of(const Gate& gate);
std::string_view to_string(Standing standing);  ///< "passed", "failed", "undecided", "doubtful"
/// The evidence, why it does not count where it does not, and what it is taken for where it is not decided.
std::string evidence_of(const Gate& gate);

/// What a finished run knows about its thresholds.
struct GateEvidence {
  const config::Plan& plan;
  const stats::RunRecord& record;
  const Measured& measured;
  const Verdict& verdict;
  double achieved = 0;  ///< OfferedLoad::achieved
};

/// The plan's thresholds, in its order.
std::vector<Gate> judge_thresholds(const GateEvidence& evidence);

/// What all thresholds together come to: failed where one failed and the run can answer for that; doubtful where none
/// did, but it cannot answer for one of them. Without thresholds: passed.
Standing outcome_of(const std::vector<Gate>& gates);

std::string_view to_string(GateResult result);  ///< "passed", "failed", "undecided"

}  // namespace loadgen::report
