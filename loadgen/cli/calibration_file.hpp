#pragma once
// Where `loadgen calibrate` leaves its figures and later runs find them.

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "report/json_calibration.hpp"

namespace loadgen::cli {

/// $XDG_STATE_HOME/loadgen/calibration.json, or below ~/.local/state; empty when there is neither.
std::string calibration_path();

/// Writes it whole or not at all. Error: what could not be written and why.
Result<std::string> save_calibration(const report::CalibrationRecord& record);

/// The figures of this host and engine; nullopt when there are none, or they are of another one.
std::optional<report::Calibration> find_calibration(std::string_view engine);

}  // namespace loadgen::cli
