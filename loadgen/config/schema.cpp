// The plan's JSON Schema (draft-07: the draft that editors support best), walked out of the tables of keys.cpp.

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "config/keys.hpp"
#include "config/parse.hpp"
#include "config/words.hpp"

namespace loadgen::config {
namespace {

/// The schema of one key: its kind's, with doc and default for the editor.
template <class Draft>
Json key_schema(const Key<Draft>& key, const Json& defaults) {
  Json schema = Json::object();
  Json kind = key.kind.schema();
  std::string markdown(key.doc);
  if (!key.fallback.empty()) {
    markdown += fmt::format("\n\nDefault: {}.", key.fallback);
  } else if (const auto it = defaults.find(std::string(key.name)); it != defaults.end() && it->is_primitive()) {
    schema["default"] = *it;
    markdown += fmt::format("\n\nDefault: `{}`.", it->dump());
  }
  schema["description"] = std::string(key.doc);
  schema["markdownDescription"] = markdown;
  if (kind.contains("$ref"))  // draft-07 ignores what stands beside a $ref
    schema["allOf"] = Json::array({std::move(kind)});
  else
    schema.update(kind);
  return schema;
}

/// "exactly one of" for keys that must be there, "not both" for those that need not.
void add_rule(const Rule& rule, Json& schema) {
  if (rule.want == Rule::Want::at_most_one) {
    for (auto key = rule.keys.begin(); key != rule.keys.end(); ++key)
      for (auto other = key + 1; other != rule.keys.end(); ++other)
        schema["not"]["anyOf"].push_back({{"required", {*key, *other}}});
    return;
  }
  if (rule.keys.size() == 1) {
    schema["required"].push_back(rule.keys.front());
    return;
  }
  for (const std::string_view key : rule.keys) schema["oneOf"].push_back({{"required", {key}}});
}

void add_rules(const Rules& rules, Json& schema) {
  for (const Rule& rule : rules.rules) add_rule(rule, schema);
  for (const Conflict& conflict : rules.conflicts)
    schema["not"]["anyOf"].push_back({{"required", {conflict.key, conflict.other}}});
  for (const Need& need : rules.needs) schema["dependencies"][std::string(need.key)] = {need.other};
  for (const Shape& shape : rules.shapes) {
    Json allowed(shape.needed);
    for (const std::string_view key : shape.optional) allowed.push_back(key);
    schema["oneOf"].push_back({{"description", shape.example},
                               {"required", shape.needed},
                               {"propertyNames", {{"enum", std::move(allowed)}}}});
  }
}

template <class Draft>
Json object_schema(const ObjectKeys<Draft>& object) {
  Json schema{{"type", "object"}, {"description", object.doc}, {"additionalProperties", false}};
  const Json defaults = show_object(object, typename Draft::Value{});
  add_rules(object.rules, schema);
  for (const Key<Draft>& key : object.keys) schema["properties"][std::string(key.name)] = key_schema(key, defaults);
  return schema;
}

template <class Draft>
void define(const ObjectKeys<Draft>& object, Json& schema) {
  schema["definitions"][std::string(object.definition)] = object_schema(object);
}

}  // namespace

std::string plan_schema() {
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"title", "loadgen plan"},
              {"allowComments", true},
              {"allowTrailingCommas", false}};
  schema.update(object_schema(plan_keys()));
  define(group_keys(), schema);
  define(segment_keys(), schema);
  define(step_keys(), schema);
  define(field_keys(), schema);
  define(expect_keys(), schema);
  define(http_keys(), schema);
  define(tls_keys(), schema);
  define(address_keys(), schema);
  define(auth_keys(), schema);
  define(credentials_keys(), schema);
  return schema.dump(2) + "\n";
}

}  // namespace loadgen::config
