#include "report/json_calibration.hpp"

#include <nlohmann/json.hpp>

namespace loadgen::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSchema = "loadgen/calibration/v1";

}  // namespace

bool applies(const CalibrationRecord& record, const HostFacts& host, std::string_view engine,
             std::string_view tool_version) {
  return record.host.cpu_model == host.cpu_model && record.host.usable_cores == host.usable_cores &&
         record.host.kernel == host.kernel && record.engine == engine && record.tool_version == tool_version;
}

std::string calibration_to_json(const CalibrationRecord& record) {
  const Calibration& figures = record.figures;
  const Json out{{"schema", kSchema},
                 {"taken", record.taken},
                 {"tool_version", record.tool_version},
                 {"engine", record.engine},
                 {"cpu_model", record.host.cpu_model},
                 {"usable_cores", record.host.usable_cores},
                 {"kernel", record.host.kernel},
                 {"rtt_p50_ns", figures.rtt_p50_ns},
                 {"rtt_p99_9_ns", figures.rtt_p99_9_ns},
                 {"rate_per_core", figures.rate_per_core},
                 {"open_connections", figures.open_connections},
                 {"wake_up_ns", record.wake_up_ns}};
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::optional<CalibrationRecord> calibration_from_json(std::string_view text) {
  const Json in = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!in.is_object() || in.value("schema", Json()) != kSchema) return std::nullopt;
  try {
    CalibrationRecord record;
    in.at("taken").get_to(record.taken);
    in.at("tool_version").get_to(record.tool_version);
    in.at("engine").get_to(record.engine);
    in.at("cpu_model").get_to(record.host.cpu_model);
    in.at("usable_cores").get_to(record.host.usable_cores);
    in.at("kernel").get_to(record.host.kernel);
    in.at("rtt_p50_ns").get_to(record.figures.rtt_p50_ns);
    in.at("rtt_p99_9_ns").get_to(record.figures.rtt_p99_9_ns);
    in.at("rate_per_core").get_to(record.figures.rate_per_core);
    in.at("open_connections").get_to(record.figures.open_connections);
    in.at("wake_up_ns").get_to(record.wake_up_ns);
    return record;
  } catch (const Json::exception&) {
    return std::nullopt;  // written by hand, or by a version to come
  }
}

}  // namespace loadgen::report
