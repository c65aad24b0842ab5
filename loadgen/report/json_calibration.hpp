#pragma once
// What `loadgen calibrate` found out about a host, kept for later runs on the same host.

#include <optional>
#include <string>
#include <string_view>

#include "report/host.hpp"
#include "report/verdict.hpp"

namespace loadgen::report {

struct CalibrationRecord {
  Calibration figures;
  double wake_up_ns = 0;  ///< 95th percentile of how late a sleeping thread is woken
  std::string engine;
  std::string tool_version;
  std::string taken;  ///< ISO 8601, UTC
  HostFacts host;
};

/// The same processor, cores, kernel, engine and version of loadgen: else the figures say nothing about this run.
bool applies(const CalibrationRecord& record, const HostFacts& host, std::string_view engine,
             std::string_view tool_version);

std::string calibration_to_json(const CalibrationRecord& record);
/// nullopt: not such a file.
std::optional<CalibrationRecord> calibration_from_json(std::string_view text);

}  // namespace loadgen::report
