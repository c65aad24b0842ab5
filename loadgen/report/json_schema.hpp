#pragma once
// Described values (json_described.hpp) as a JSON Schema of draft-07, the draft that most validators and editors know.
// Only keywords of that draft are used, because strict validators refuse others; a number's unit stands in brackets at
// the end of its description.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/json_described.hpp"

namespace loadgen::report {

/// Collects the schemas of one object's members.
class JsonSchema {
 public:
  explicit JsonSchema(Json& definitions) : definitions_(&definitions) {}

  template <class T>
  void operator()(std::string_view key, const T& value, const Doc& doc) {
    add(key, of(value), doc);
    required_.push_back(key);
  }

  template <class T>
  void if_known(std::string_view key, const std::optional<T>& /*value*/, const Doc& doc) {
    add(key, of(T{}), doc);
  }

  Json take() {
    return {{"type", "object"},
            {"properties", std::move(properties_)},
            {"required", std::move(required_)},
            {"additionalProperties", false}};
  }

 private:
  void add(std::string_view key, Json schema, const Doc& doc);

  static Json of(Fixed fixed) { return {{"const", fixed.text}}; }
  static Json of(const Choice& choice) { return {{"enum", choice.words}}; }
  static Json of(const Verbatim& /*object*/) { return {{"type", "object"}}; }
  static Json of(const std::string& /*text*/) { return {{"type", "string"}}; }
  static Json of(std::string_view /*text*/) { return {{"type", "string"}}; }
  template <class T>
  Json of(const ByName<T>& values) {
    return by_name(of(T{}), values.pattern);
  }
  template <class Enum>
  static Json of(const Word<Enum>& word) {
    Json names = Json::array();
    for (int i = 0; i <= static_cast<int>(word.last); ++i) names.push_back(word.name(static_cast<Enum>(i)));
    return {{"enum", std::move(names)}};
  }
  template <Number T>
  static Json of(const T& /*number*/) {
    if (std::is_same_v<T, bool>) return {{"type", "boolean"}};
    if (std::is_floating_point_v<T>) return {{"type", "number"}};
    Json schema{{"type", "integer"}};
    if (std::is_unsigned_v<T>) schema["minimum"] = 0;
    return schema;
  }
  template <class T>
  Json of(const std::optional<T>& /*value*/) {
    return or_null(of(T{}));
  }
  template <class T>
  Json of(const std::vector<T>& /*values*/) {
    return {{"type", "array"}, {"items", of(T{})}};
  }
  template <class T>
  Json of(const T& described) {
    JsonSchema members(*definitions_);
    describe(members, described);
    if (kDefinition<T>.empty()) return members.take();
    (*definitions_)[std::string(kDefinition<T>)] = members.take();
    return {{"$ref", "#/definitions/" + std::string(kDefinition<T>)}};
  }
  static Json by_name(Json schema, std::string_view pattern);
  static Json or_null(Json schema);

  Json* definitions_;
  Json properties_ = Json::object();
  Json required_ = Json::array();
};

/// The schema of what json_text() makes of such values.
template <class T>
std::string schema_text(std::string_view title, std::string_view description, const T& described) {
  Json definitions = Json::object();
  JsonSchema members(definitions);
  describe(members, described);
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}, {"description", description}};
  schema.update(members.take());
  schema["definitions"] = std::move(definitions);
  return schema.dump(2) + "\n";
}

}  // namespace loadgen::report
