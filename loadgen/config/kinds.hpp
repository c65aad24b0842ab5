#pragma once
// The kinds of value that rows of keys.cpp are made of. Each is a Kind<Draft> for one member: schema, store, show.
// Only the files with tables include this.

#include <array>
#include <type_traits>

#include <nlohmann/json.hpp>

#include "base/units.hpp"
#include "config/keys.hpp"
#include "config/words.hpp"

namespace loadgen::config {

/// Any string that holds a ${…}: what it stands for is checked only when the plan is parsed.
inline constexpr std::string_view kVariablePattern = R"(\$\{)";

inline Json string_schema(std::string_view pattern) {
  return {{"type", "string"}, {"pattern", std::string(pattern) + '|' + std::string(kVariablePattern)}};
}

template <class T>
Json show_plain(const T& value) {
  if constexpr (std::is_same_v<T, Duration>)
    return loadgen::to_string(value);
  else
    return value;
}

/// null for an optional that holds nothing, and for text that nobody gave.
template <class T>
Json show_plain(const std::optional<T>& value) {
  return value ? Json(show_plain(*value)) : Json();
}
inline Json show_given(const std::string& value) {
  return value.empty() ? Json() : Json(value);
}

enum class Zero : std::uint8_t { allowed, refused };
inline constexpr std::string_view kDurationPattern = R"(^([0-9]+(\.[0-9]+)?(ns|us|ms|s|m|h))+$)";

/// `Shown`: where the value ended up, when the member is one that later parsing still weighs against others.
template <class Draft, auto Member, Zero zero = Zero::allowed, auto Shown = Member>
constexpr Kind<Draft> duration() {
  return {[] {
            Json schema = string_schema(kDurationPattern);
            schema["examples"] = {"250ms", "2s", "1m30s"};
            return schema;
          },
          [](Reader& reader, const Node& node, Draft& draft) {
            if (const auto value = reader.duration(node, zero == Zero::allowed ? kAnyTime : kSomeTime))
              draft.*Member = *value;
          },
          [](const typename Draft::Value& value) {
            if constexpr (requires { value.*Shown; })
              return show_plain(value.*Shown);
            else
              return Json();  // belongs to the draft: what came of it is shown where it went
          }};
}

template <class Draft, auto Member>
constexpr Kind<Draft> rate() {
  return {[] {
            Json schema = string_schema(R"(^[0-9]+(\.[0-9]+)?[kMG]?/(s|m|h)$)");
            schema["examples"] = {"3000/s", "0.5/s", "90/m"};
            return schema;
          },
          [](Reader& reader, const Node& node, Draft& draft) {
            if (const auto value = reader.rate(node, kRate)) draft.*Member = *value;
          },
          [](const typename Draft::Value&) { return Json(); }};  // see the rows
}

template <class Draft, auto Member, std::uint64_t max>
constexpr Kind<Draft> bytes() {
  return {[] { return string_schema("^[0-9]+(\\.[0-9]+)?(B|kB|MB|GB|KiB|MiB|GiB)$"); },
          [](Reader& reader, const Node& node, Draft& draft) {
            using Target = std::remove_reference_t<decltype(draft.*Member)>;
            if (const auto value = reader.bytes(node, {1, max})) draft.*Member = static_cast<Target>(*value);
          },
          [](const typename Draft::Value& value) { return Json(bytes_to_string(value.*Member)); }};
}

inline Json count_schema(Range<std::uint64_t> range) {
  return {
      {"anyOf", {{{"type", "integer"}, {"minimum", range.min}, {"maximum", range.max}}, string_schema("^[0-9]+$")}}};
}

template <class Draft, auto Member, std::uint64_t min, std::uint64_t max>
constexpr Kind<Draft> count() {
  return {[] {
            return count_schema({min, max});
          },
          [](Reader& reader, const Node& node, Draft& draft) {
            using Target = std::remove_reference_t<decltype(draft.*Member)>;
            if (const auto value = reader.count(node, {min, max})) {
              if constexpr (std::is_integral_v<Target>)
                draft.*Member = static_cast<Target>(*value);
              else
                draft.*Member = static_cast<typename Target::value_type>(*value);
            }
          },
          [](const typename Draft::Value& value) {
            if constexpr (requires { value.*Member; })
              return show_plain(value.*Member);
            else
              return Json();
          }};
}

template <class Draft, auto Member>
constexpr Kind<Draft> boolean() {
  return {[] {
            return Json{{"anyOf", {{{"type", "boolean"}}, {{"type", "string"}, {"pattern", kVariablePattern}}}}};
          },
          [](Reader& reader, const Node& node, Draft& draft) {
            if (const auto value = reader.boolean(node)) draft.*Member = *value;
          },
          [](const typename Draft::Value& value) { return Json(value.*Member); }};
}

/// One of `Words`, an array indexed by the enumeration's values.
template <class Draft, auto Member, const auto& Words>
constexpr Kind<Draft> choice() {
  return {[] {
            return Json{{"anyOf", {{{"enum", Words}}, {{"type", "string"}, {"pattern", kVariablePattern}}}}};
          },
          [](Reader& reader, const Node& node, Draft& draft) {
            using Target = std::remove_reference_t<decltype(draft.*Member)>;
            if (const auto index = reader.choice(node, Words)) draft.*Member = static_cast<Target>(*index);
          },
          [](const typename Draft::Value& value) { return Json(Words[static_cast<std::size_t>(value.*Member)]); }};
}

enum class Empty : std::uint8_t { allowed, refused };

/// A pattern of what may not stand in a header's value, nor in anything else that becomes a line of the request.
inline constexpr std::string_view kLineBreakers = R"([\u0000-\u0008\u000a-\u001f\u007f])";

template <class Draft, auto Member, Empty empty = Empty::refused>
constexpr Kind<Draft> text() {
  return {[] {
            Json schema{{"type", "string"}};
            if (empty == Empty::refused) schema["minLength"] = 1;
            return schema;
          },
          [](Reader& reader, const Node& node, Draft& draft) {
            const std::optional<Text> value = reader.text(node);
            if (value && value->value.empty() && empty == Empty::refused)
              reader.problem(node, "the text is empty; write some or take the key away");
            else if (value)
              draft.*Member = value->value;
          },
          [](const typename Draft::Value& value) {
            if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value.*Member)>, std::string>)
              return show_given(value.*Member);
            else
              return show_plain(value.*Member);
          }};
}

inline Json headers_schema() {
  return {{"type", "object"},
          {"propertyNames", {{"pattern", "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"}}},
          {"additionalProperties", {{"type", "string"}, {"not", {{"pattern", kLineBreakers}}}}}};
}

inline Json show_headers(const std::vector<http::Header>& headers) {
  if (headers.empty()) return Json();
  Json out = Json::object();
  for (const http::Header& h : headers) out[h.name] = h.value;
  return out;
}

template <class Draft, auto Member, Side side = Side::request>
constexpr Kind<Draft> headers() {
  return {headers_schema,
          [](Reader& reader, const Node& node, Draft& draft) { draft.*Member = reader.headers(node, side); },
          [](const typename Draft::Value& value) {
            if constexpr (requires { value.*Member; })
              return show_headers(value.*Member);
            else
              return Json();
          }};
}

inline Json reference(std::string_view definition) {
  return {{"$ref", std::string("#/definitions/") + std::string(definition)}};
}

/// Shown of a step where it is Digest; all else has become a header.
template <class Draft>
constexpr Kind<Draft> auth() {
  return {[] { return reference("auth"); },
          [](Reader& reader, const Node& node, Draft& draft) { draft.auth = read_auth(reader, node); },
          [](const typename Draft::Value& value) {
            if constexpr (requires { value.digest; })
              if (value.digest)
                return Json{{"digest", {{"user", value.digest->user}, {"password", value.digest->password}}}};
            return Json();
          }};
}

inline constexpr std::string_view kStepDefinition = "step";
inline constexpr std::string_view kSegmentDefinition = "segment";
inline constexpr std::string_view kFieldDefinition = "field";

/// An array of at least one object, each read into a draft of its own.
template <class Owner, auto Drafts, auto Values, const auto& Keys, const auto& Definition>
constexpr Kind<Owner> list() {
  return {[] {
            return Json{{"type", "array"}, {"minItems", 1}, {"items", reference(Definition)}};
          },
          [](Reader& reader, const Node& node, Owner& owner) {
            if (!reader.is(node, Node::Kind::array)) return;
            if (node.items.empty()) reader.problem(node, "the list is empty; the run would send nothing");
            for (const Node& item : node.items) {
              auto& draft = (owner.*Drafts).emplace_back();
              draft.node = &item;
              read_object(reader, item, Keys(), draft);
            }
          },
          [](const typename Owner::Value& value) {
            Json out = Json::array();
            for (const auto& element : value.*Values) out.push_back(show_object(Keys(), element));
            return out;
          }};
}
}  // namespace loadgen::config
