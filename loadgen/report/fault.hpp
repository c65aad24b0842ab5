#pragma once
// Why a run fails whatever its thresholds say: the exit code and the reports follow from the same.

#include <cstdint>
#include <string_view>

#include "report/gates.hpp"
#include "report/summary.hpp"

namespace loadgen::report {

/// The first that holds.
enum class Fault : std::uint8_t {
  none,
  broken,        ///< the run's own books do not balance
  no_success,    ///< not one request succeeded
  not_believed,  ///< with --strict: any verdict but TRUSTWORTHY and ERRORS
  errors,        ///< with --strict: ERRORS. Failed thresholds come before it
};

Fault fault_of(const Summary& summary);

/// What it makes of the measurement itself.
Standing standing_of(Fault fault);

/// In words; empty: none.
std::string_view words_of(Fault fault);

}  // namespace loadgen::report
