#pragma once
// Described values (json_described.hpp) as JSON. Keys keep the order of their description.

#include <cassert>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/json_described.hpp"

namespace loadgen::report {

/// Collects the members of one object.
class JsonWriter {
 public:
  template <class T>
  void operator()(std::string_view key, const T& value, const Doc& /*doc*/) {
    members_.emplace_back(key, of(value));
  }

  template <class T>
  void if_known(std::string_view key, const std::optional<T>& value, const Doc& doc) {
    if (value) (*this)(key, *value, doc);
  }

  Json take() { return Json(std::move(members_)); }

  template <class T>
  static Json of(const T& described) {
    JsonWriter members;
    describe(members, described);
    return members.take();
  }

 private:
  static Json of(Fixed fixed) { return Json(fixed.text); }
  static Json of(const Choice& choice) { return Json(choice.word); }
  static Json of(const Verbatim& object) { return Json::parse(object.json); }
  static Json of(const std::string& text) { return Json(text); }
  static Json of(std::string_view text) { return Json(text); }
  template <class T>
  static Json of(const ByName<T>& values) {
    Json out = Json::object();
    for (const auto& [name, value] : values.members) out[name] = of(value);
    return out;
  }
  template <class Enum>
  static Json of(const Word<Enum>& word) {
    assert(word.value <= word.last);
    return Json(word.name(word.value));
  }
  template <Number T>
  static Json of(const T& number) {
    return Json(number);
  }
  template <class T>
  static Json of(const std::optional<T>& value) {
    return value ? of(*value) : Json();
  }
  template <class T>
  static Json of(const std::vector<T>& values) {
    Json::array_t out;
    out.reserve(values.size());
    for (const T& value : values) out.push_back(of(value));
    return Json(std::move(out));
  }

  Json::object_t members_;
};

/// A described value as a file: indented by two, and text that is no UTF-8 with its bad bytes replaced by U+FFFD.
template <class T>
std::string json_text(const T& described) {
  return JsonWriter::of(described).dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace loadgen::report
