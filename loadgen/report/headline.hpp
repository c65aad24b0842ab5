#pragma once
// The series that stands for a run: in a closed loop the service time is what was measured, since a due time there is
// only the end of the request before; else the response time.

#include "report/summary.hpp"

namespace loadgen::report {

inline bool is_closed(const Summary& summary) {
  return summary.offered.model == "closed";
}

inline const SeriesFigures& headline_of(const Summary& summary, const Row& row) {
  return is_closed(summary) ? row.times.service : row.times.response;
}

/// Whether the figures are the target's: else nothing can be concluded of them.
inline bool is_valid(const Verdict& verdict) {
  return verdict.name != VerdictName::disturbed && verdict.name != VerdictName::client_bound &&
         verdict.name != VerdictName::broken;
}

/// Whether an estimate's value is a figure at all.
inline bool is_known(const stats::Estimate& estimate) {
  return estimate.resolution != stats::Resolution::empty && estimate.resolution != stats::Resolution::too_few;
}

}  // namespace loadgen::report
