#pragma once
// Takes values out of a document's nodes, each with the error its kind deserves. All problems are collected.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "config/document.hpp"
#include "config/parse.hpp"
#include "config/variables.hpp"

namespace loadgen::config {

/// Smallest and largest value allowed, both inclusive.
template <class T>
struct Range {
  T min;
  T max;
};

/// Whose headers: loadgen writes some of a request's own, of a response's it can expect any.
enum class Side : std::uint8_t { request, response };

class Reader {
 public:
  Reader(std::string_view text, Variables variables) : lines_(text), variables_(std::move(variables)) {}

  void problem(const Node& at, std::string message);
  void problem(const Member& at, std::string message);  ///< at the key
  void problem(Problem ready) { problems_.push_back(std::move(ready)); }

  /// A string with its ${…} replaced.
  std::optional<Text> text(const Node& node);
  std::optional<Duration> duration(const Node& node, Range<Duration> range);
  std::optional<double> rate(const Node& node, Range<double> range);  ///< a second
  std::optional<std::uint64_t> bytes(const Node& node, Range<std::uint64_t> range);
  /// A whole number, or a string that is one once its ${…} are replaced.
  std::optional<std::uint64_t> count(const Node& node, Range<std::uint64_t> range);
  std::optional<bool> boolean(const Node& node);
  /// The index of the string among `words`.
  std::optional<std::size_t> choice(const Node& node, std::span<const std::string_view> words);
  /// {"Name": "value"}: names and values that cannot split the request.
  std::vector<http::Header> headers(const Node& node, Side side);
  /// 200, "2xx", "200-399" or an array of those.
  std::optional<http::StatusSet> status(const Node& node);
  /// Any JSON value as compact text, its strings with their ${…} replaced, its numbers as written.
  std::string json(const Node& node);

  /// False, and a problem, unless the node is of this kind.
  bool is(const Node& node, Node::Kind kind);

  Variables& variables() { return variables_; }
  /// Sorted by place.
  Problems take_problems();
  bool ok() const { return problems_.empty(); }

 private:
  /// How a kind of quantity is named, read and spelt.
  template <class T>
  struct Quantity {
    std::string_view noun;
    Result<T> (*parse)(std::string_view);
    std::string (*spell)(T);
  };
  template <class T>
  std::optional<T> quantity(const Node& node, Range<T> range, const Quantity<T>& what);
  bool add_status(const Node& node, http::StatusSet& set);
  void append_json(const Node& node, std::string& out);

  Lines lines_;
  Variables variables_;
  Problems problems_;
};

/// "has …" when there can be no header of that name and value, or it may not be set by a plan; "" when all is well.
std::string header_mistake(const http::Header& header, Side side);

}  // namespace loadgen::config
