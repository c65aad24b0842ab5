#pragma once
// JSON with // and /* */ comments as a tree that knows where each value and key stands in the text.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config/parse.hpp"

namespace loadgen::config {

struct Member;

/// One JSON value and its place.
struct Node {
  enum class Kind : std::uint8_t { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  bool boolean = false;
  std::size_t offset = 0;       ///< of the value's first byte in the text
  std::string pointer;          ///< RFC 6901
  std::string text;             ///< a string's characters, unescaped; a number exactly as written
  std::vector<Node> items;      ///< of an array
  std::vector<Member> members;  ///< of an object, in the order written; a repeated key only once, the first

  const Member* find(std::string_view key) const;
};

struct Member {
  std::string key;
  std::size_t offset = 0;  ///< of the key's opening quote
  bool repeated = false;   ///< the key stood in this object before; only while parsing, dropped when the object closes
  Node value;
};

/// Values nested deeper than this are refused, so that no plan can exhaust the stack of those who walk the tree.
inline constexpr std::size_t kDeepestNesting = 64;

struct Document {
  Node root;
  Problems problems;   ///< repeated keys, or the one syntax error
  bool usable = true;  ///< false after a syntax error: root is then meaningless
};

Document parse_document(std::string_view text);

/// Byte offsets of a text as lines and columns; built once, since a bad plan may have a problem on every line.
class Lines {
 public:
  explicit Lines(std::string_view text);
  Problem problem_at(std::size_t offset, std::string pointer, std::string message) const;
  /// Where a line begins, counted from 1 as in Problem.
  std::size_t start_of(std::size_t line) const { return starts_.at(line - 1); }

 private:
  std::vector<std::size_t> starts_;
};

/// "/a/b" + "c/d" -> "/a/b/c~1d"
std::string pointer_to(const std::string& parent, std::string_view key);

}  // namespace loadgen::config
