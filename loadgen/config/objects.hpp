#pragma once
// How the tables of keys are walked: the definitions of what keys.hpp declares. Only the files with tables include
// this.

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "config/keys.hpp"
#include "config/words.hpp"

namespace loadgen::config {

template <class Draft>
void read_object(Reader& reader, const Node& node, const ObjectKeys<Draft>& object, Draft& draft) {
  if (!reader.is(node, Node::Kind::object)) return;
  for (const Member& member : node.members) {
    const auto key = std::ranges::find(object.keys, member.key, &Key<Draft>::name);
    const auto reserved = std::ranges::find(object.rules.reserved, member.key, &ReservedKey::key);
    if (key != object.keys.end()) {
      key->kind.store(reader, member.value, draft);
    } else if (reserved != object.rules.reserved.end()) {
      reader.problem(member, std::string(reserved->message));
    } else {
      std::vector<std::string_view> known;
      for (const Key<Draft>& row : object.keys) known.push_back(row.name);
      const std::string guess = did_you_mean(member.key, known);
      reader.problem(
          member, fmt::format("unknown key {}{}", in_quotes(member.key),
                              guess.empty() ? fmt::format("; {} has {}", object.noun, listed(known, "and")) : guess));
    }
  }
  check_rules(reader, node, object.noun, object.rules);
}

template <class Draft>
Json show_object(const ObjectKeys<Draft>& object, const typename Draft::Value& value) {
  Json out = Json::object();
  for (const Key<Draft>& key : object.keys)
    if (Json shown = key.kind.show(value); !shown.is_null()) out[std::string(key.name)] = std::move(shown);
  return out;
}

}  // namespace loadgen::config
