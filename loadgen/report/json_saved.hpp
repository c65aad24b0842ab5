#pragma once
// What of a run.json begins a saved run again; all else in it can be made anew.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "report/host.hpp"
#include "report/summary.hpp"
#include "report/verdict.hpp"

namespace loadgen::report {

struct SavedFields {
  std::string plan;    ///< JSON
  std::string record;  ///< base64
  HostFacts host;
  std::optional<Calibration> calibration;
  Tool tool;
  bool strict = false;
};

/// The text may come from anybody: what is not needed is passed over without taking memory.
/// Error: how it is no run.json.
Result<SavedFields> saved_fields(std::string_view text);

/// Where two values in JSON differ first, as "/users is 100 and not 50"; nothing where they do not.
std::optional<std::string> first_difference(std::string_view json, std::string_view other);

}  // namespace loadgen::report
