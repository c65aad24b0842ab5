#include "config/rules.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "config/words.hpp"

namespace loadgen::config {
namespace {

bool among(std::span<const std::string_view> keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

bool knows(const Shape& shape, std::string_view key) {
  return among(shape.needed, key) || among(shape.optional, key);
}

/// Both keys of a rule, or none where one is needed: the parser's half of what the schema says with oneOf and not.
void check_rule(Reader& reader, const Node& node, const Rule& rule, std::string_view noun) {
  const Member* first = nullptr;
  for (const Member& member : node.members) {
    if (!among(rule.keys, member.key)) continue;
    if (first != nullptr)
      reader.problem(
          member, fmt::format("{} has either {} or {}, not both", noun, in_quotes(first->key), in_quotes(member.key)));
    else
      first = &member;
  }
  if (first == nullptr && rule.want == Rule::Want::exactly_one)
    reader.problem(node, fmt::format("{} needs {}", noun, listed(rule.keys, "or")));
}

std::vector<std::string_view> missing_of(const Node& node, const Shape& shape) {
  std::vector<std::string_view> missing;
  for (const std::string_view key : shape.needed)
    if (node.find(key) == nullptr) missing.push_back(key);
  return missing;
}

/// How many keys of the object the shape knows, before how few are missing: the higher the likelier is it meant.
std::pair<std::ptrdiff_t, std::ptrdiff_t> likeness(const Node& node, const Shape& shape) {
  const auto known = std::ranges::count_if(node.members, [&](const Member& m) { return knows(shape, m.key); });
  return {known, -std::ssize(missing_of(node, shape))};
}

/// Tells what makes the object differ from the shape that it resembles most.
void check_shape(Reader& reader, const Node& node, std::span<const Shape> shapes, std::string_view noun) {
  const Shape& meant = *std::ranges::max_element(shapes, {}, [&](const Shape& s) { return likeness(node, s); });
  if (likeness(node, meant).first == 0) {
    std::string examples;
    for (const Shape& shape : shapes) examples += fmt::format("{}{}", examples.empty() ? "" : ", or ", shape.example);
    reader.problem(node, fmt::format("{} is one of {}", noun, examples));
    return;
  }
  for (const Member& member : node.members) {
    const auto known = [&](const Shape& shape) { return knows(shape, member.key); };
    if (!known(meant) && std::ranges::any_of(shapes, known))
      reader.problem(member, fmt::format("{} has no {}; write {}", meant.noun, in_quotes(member.key), meant.example));
  }
  if (const auto missing = missing_of(node, meant); !missing.empty())
    reader.problem(node, fmt::format("{} needs {}; write {}", meant.noun, listed(missing, "and"), meant.example));
}

}  // namespace

void check_rules(Reader& reader, const Node& object, std::string_view noun, const Rules& rules) {
  const bool reserved = std::ranges::any_of(object.members, [&](const Member& member) {
    return std::ranges::find(rules.reserved, member.key, &ReservedKey::key) != rules.reserved.end();
  });
  for (const Rule& rule : rules.rules) {
    const bool has_one = std::ranges::any_of(object.members, [&](const Member& m) { return among(rule.keys, m.key); });
    if (has_one || !reserved) check_rule(reader, object, rule, noun);  // else: told what to write instead
  }
  for (const Conflict& conflict : rules.conflicts) {
    const Member* member = object.find(conflict.key);
    if (member != nullptr && object.find(conflict.other) != nullptr)
      reader.problem(*member, fmt::format("{} does not go with {}: {}", in_quotes(conflict.key),
                                          in_quotes(conflict.other), conflict.advice));
  }
  for (const Need& need : rules.needs) {
    const Member* member = object.find(need.key);
    if (member != nullptr && object.find(need.other) == nullptr)
      reader.problem(*member, fmt::format("{} needs {}: {}", in_quotes(need.key), in_quotes(need.other), need.why));
  }
  if (!rules.shapes.empty() && shape_of(object, rules.shapes) == nullptr)
    check_shape(reader, object, rules.shapes, noun);
}

const Shape* shape_of(const Node& object, std::span<const Shape> shapes) {
  const auto fits = [&](const Shape& shape) {
    return missing_of(object, shape).empty() &&
           std::ranges::all_of(object.members, [&](const Member& m) { return knows(shape, m.key); });
  };
  const auto it = std::ranges::find_if(shapes, fits);
  return it == shapes.end() ? nullptr : &*it;
}

}  // namespace loadgen::config
