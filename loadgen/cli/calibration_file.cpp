#include "cli/calibration_file.hpp"

#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "cli/whole_file.hpp"

namespace loadgen::cli {
namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody changes the environment
  return value == nullptr ? "" : value;
}

}  // namespace

std::string calibration_path() {
  const std::string state = from_environment("XDG_STATE_HOME");
  if (!state.empty() && state.front() == '/') return state + "/loadgen/calibration.json";
  const std::string home = from_environment("HOME");
  return home.empty() ? "" : home + "/.local/state/loadgen/calibration.json";
}

Result<std::string> save_calibration(const report::CalibrationRecord& record) {
  const std::string path = calibration_path();
  if (path.empty()) return Error{"there is neither HOME nor XDG_STATE_HOME to keep the calibration in"};
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  const std::string why = error ? error.message() : write_whole(path, report::calibration_to_json(record));
  if (!why.empty()) return Error{fmt::format("the calibration could not be written to {}: {}", path, why)};
  return path;
}

std::optional<report::Calibration> find_calibration(std::string_view engine) {
  constexpr std::size_t kMost = 1U << 20U;
  const auto text = read_whole(calibration_path(), kMost);
  if (!text) return std::nullopt;
  const auto record = report::calibration_from_json(*text);
  if (!record || !report::applies(*record, report::read_host(), engine, LOADGEN_VERSION)) return std::nullopt;
  return record->figures;
}

}  // namespace loadgen::cli
