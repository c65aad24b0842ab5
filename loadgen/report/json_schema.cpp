#include "report/json_schema.hpp"

#include <utility>

#include <fmt/format.h>

namespace loadgen::report {

void JsonSchema::add(std::string_view key, Json schema, const Doc& doc) {
  Json member{{"description", doc.unit.empty() ? std::string(doc.text) : fmt::format("{} [{}]", doc.text, doc.unit)}};
  if (schema.contains("$ref"))  // draft-07 ignores what stands beside a $ref
    member["allOf"] = Json::array({std::move(schema)});
  else
    member.update(schema);
  properties_[std::string(key)] = std::move(member);
}

Json JsonSchema::by_name(Json schema, std::string_view pattern) {
  Json out{{"type", "object"}};
  if (!pattern.empty()) out["propertyNames"] = {{"pattern", pattern}};
  out["additionalProperties"] = std::move(schema);
  return out;
}

Json JsonSchema::or_null(Json schema) {
  const auto type = schema.find("type");
  if (type == schema.end()) return {{"anyOf", Json::array({std::move(schema), {{"type", "null"}}})}};
  *type = Json::array({*type, "null"});
  return schema;
}

}  // namespace loadgen::report
