#pragma once
// One description of a value, from which both its JSON and the schema of that JSON are made: neither can drift from the
// other.
//
//   template <class Out>
//   void describe(Out& out, const Ramp& ramp) {
//     out("planned_s", ramp.planned_s, {"from the first user's to the last user's first request, by the plan", "s"});
//   }
//
// JsonWriter and JsonSchema are such outs. Members may be numbers, booleans, strings, the structs below, vectors and
// optionals (null when empty) of them all, and whatever else has a description. A key that may be missing goes through
// out.if_known(key, optional, doc). A description does not ask what its value is: the schema is made of an empty one,
// and of a vector's or an optional's element as its default constructor leaves it.

#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace loadgen::report {

using Json = nlohmann::ordered_json;

/// What a field means, for who reads the schema.
struct Doc {
  std::string_view text;
  std::string_view unit{};  ///< of every number: "ns", "1/s", "requests", "0..1" of a share
};

/// Always the same text.
struct Fixed {
  std::string_view text;
};

/// One of the words.
struct Choice {
  std::string_view word;
  std::span<const std::string_view> words;
};

/// An enumeration whose values are 0..last, by its names.
template <class Enum>
struct Word {
  Enum value;
  Enum last;
  std::string_view (*name)(Enum);
};
template <class Enum>
Word(Enum, Enum, std::string_view (*)(Enum)) -> Word<Enum>;

/// Values by a name that is only known at run time; the names match the pattern (a regular expression of ECMA 262).
template <class T>
struct ByName {
  std::vector<std::pair<std::string, T>> members;
  std::string pattern{};  ///< empty: any name
};
using Counts = ByName<std::uint64_t>;

/// The JSON text of an object that has a schema of its own.
struct Verbatim {
  std::string_view json;
};

/// Types that appear in several places have a name, and stand once under the schema's definitions.
template <class T>
inline constexpr std::string_view kDefinition{};

/// What is no number stands as null.
inline std::optional<double> finite(double x) {
  return std::isfinite(x) ? std::optional(x) : std::nullopt;
}

template <class T>
concept Number = std::is_arithmetic_v<T>;

}  // namespace loadgen::report
