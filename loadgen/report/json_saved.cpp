#include "report/json_saved.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "report/json_run.hpp"

namespace loadgen::report {
namespace {

constexpr std::array<std::string_view, 7> kNeeded{"schema", "tool", "host", "calibration", "plan", "record", "strict"};

/// Only the members that are needed, or nothing when the text is no JSON.
Json needed_members(std::string_view text) {
  return Json::parse(
      text,
      [](int depth, Json::parse_event_t event, Json& parsed) {
        const bool top_level_key = event == Json::parse_event_t::key && depth == 1;
        return !top_level_key || std::ranges::find(kNeeded, parsed.get_ref<const std::string&>()) != kNeeded.end();
      },
      /*allow_exceptions=*/false);
}

/// Why a text that begins like JSON is none, or none of a run.
std::optional<Error> not_a_run(std::string_view text, const Json& json) {
  if (json.is_discarded()) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return Error{"is empty"};
    if (text[begin] != '{') return Error{"is no JSON; run.json is what --out json=FILE writes"};
    return Error{"is no whole JSON: cut short or damaged"};
  }
  const Json schema = json.is_object() ? json.value("schema", Json()) : Json();
  if (schema == kRunSchema) return std::nullopt;
  if (!schema.is_string())
    return Error{fmt::format("is no run.json: it has no \"schema\": \"{}\"; make one of a run with --out json=FILE",
                             kRunSchema)};
  return Error{fmt::format("is of \"{}\", and this loadgen reads \"{}\"", schema.get<std::string>(), kRunSchema)};
}

HostFacts host_of(const Json& json) {
  HostFacts host;
  json.at("cpu_model").get_to(host.cpu_model);
  json.at("architecture").get_to(host.architecture);
  json.at("cores").get_to(host.cores);
  json.at("usable_cores").get_to(host.usable_cores);
  json.at("memory_bytes").get_to(host.memory_bytes);
  json.at("kernel").get_to(host.kernel);
  json.at("os").get_to(host.os);
  return host;
}

Calibration calibration_of(const Json& json) {
  Calibration calibration;
  json.at("rtt_p50_ns").get_to(calibration.rtt_p50_ns);
  json.at("rtt_p99_9_ns").get_to(calibration.rtt_p99_9_ns);
  json.at("rate_per_core").get_to(calibration.rate_per_core);
  json.at("open_connections").get_to(calibration.open_connections);
  return calibration;
}

}  // namespace

Result<SavedFields> saved_fields(std::string_view text) {
  Json json = needed_members(text);
  if (const std::optional<Error> error = not_a_run(text, json)) return *error;
  if (!json.contains("record"))
    return Error{"has no \"record\": it was written by a loadgen that did not keep one, or by something else"};
  try {
    SavedFields fields;
    fields.plan = json.at("plan").dump();
    fields.record = std::move(json.at("record").get_ref<std::string&>());  // the most of the file
    fields.host = host_of(json.at("host"));
    if (json.contains("calibration")) fields.calibration = calibration_of(json.at("calibration"));
    if (json.contains("strict")) json.at("strict").get_to(fields.strict);
    json.at("tool").at("version").get_to(fields.tool.version);
    json.at("tool").at("compiler").get_to(fields.tool.compiler);
    return fields;
  } catch (const Json::exception&) {
    return Error{"is damaged: its host, tool, plan or record is not what loadgen writes"};
  }
}

std::optional<std::string> first_difference(std::string_view json, std::string_view other) {
  const nlohmann::json a = nlohmann::json::parse(json);
  const nlohmann::json b = nlohmann::json::parse(other);
  const nlohmann::json changes = nlohmann::json::diff(b, a);  // what makes a of b
  if (changes.empty()) return std::nullopt;
  const auto path = changes.front().at("path").get<std::string>();
  const nlohmann::json::json_pointer pointer(path);
  const auto shown = [&](const nlohmann::json& whole) {
    constexpr std::size_t kLongest = 80;
    if (!whole.contains(pointer)) return std::string("not there");
    std::string text = whole.at(pointer).dump(-1, ' ', true);
    return text.size() <= kLongest ? text : text.substr(0, kLongest) + "…";
  };
  return fmt::format("{} is {} and not {}", path, shown(a), shown(b));
}

}  // namespace loadgen::report
