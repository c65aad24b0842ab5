#include "cli/calibration_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

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
  const std::string draft = path + ".new";
  std::ofstream file(draft, std::ios::binary);
  file << report::calibration_to_json(record);
  file.close();
  if (!error && file) std::filesystem::rename(draft, path, error);
  if (error || !file)
    return Error{
        fmt::format("the calibration could not be written to {}{}", path, error ? ": " + error.message() : "")};
  return path;
}

std::optional<report::Calibration> find_calibration(std::string_view engine) {
  std::ifstream file(calibration_path(), std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  const auto record = report::calibration_from_json(text.str());
  if (!record || !report::applies(*record, report::read_host(), engine, LOADGEN_VERSION)) return std::nullopt;
  return record->figures;
}

}  // namespace loadgen::cli
