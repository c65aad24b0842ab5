#pragma once
// Which keys of an object may stand together. The parser checks these rules on what is written, the schema says them.

#include <cstdint>
#include <span>
#include <string_view>

#include "config/document.hpp"
#include "config/reader.hpp"

namespace loadgen::config {

/// A condition on keys of which one is enough.
struct Rule {
  enum class Want : std::uint8_t { exactly_one, at_most_one };
  Want want;
  std::span<const std::string_view> keys;
};

/// A key that says nothing beside another one, and what to do instead.
struct Conflict {
  std::string_view key;
  std::string_view other;
  std::string_view advice;
};

/// A key that says something only beside another one.
struct Need {
  std::string_view key;
  std::string_view other;
  std::string_view why;
};

/// One of several objects that share a place, told apart by their keys.
struct Shape {
  std::string_view noun;  ///< "a ramp"
  std::span<const std::string_view> needed;
  std::span<const std::string_view> optional;
  std::string_view example;
};

/// A key that a later version will know, or that stands in the wrong place: an error of its own rather than "unknown".
struct ReservedKey {
  std::string_view key;
  std::string_view message;
};

/// All that holds between the keys of one object.
struct Rules {
  std::span<const Rule> rules{};
  std::span<const Conflict> conflicts{};
  std::span<const Need> needs{};
  std::span<const Shape> shapes{};  ///< one of them must fit; none: any set of keys does
  std::span<const ReservedKey> reserved{};
};

/// A problem for each rule that the object breaks. Keys that nobody knows have been told before and are passed over.
void check_rules(Reader& reader, const Node& object, std::string_view noun, const Rules& rules);

/// The shape that the object's keys fit exactly, or nullptr.
const Shape* shape_of(const Node& object, std::span<const Shape> shapes);

}  // namespace loadgen::config
