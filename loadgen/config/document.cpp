#include "config/document.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "config/words.hpp"

namespace loadgen::config {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kPunctuation = ",:{}[]";
constexpr std::string_view kSeparators = " \t\r\n,:";

/// Walks the text token by token in step with the parser's events, because those carry no positions. The parser has
/// already judged the text, so this only needs to know where tokens end.
class Places {
 public:
  explicit Places(std::string_view text)
      : text_(text), end_of_last_(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0) {}

  /// The first byte of the token after the last one; blanks, comments, ',' and ':' before `limit` are passed over.
  std::size_t next_start(std::size_t limit) const {
    std::size_t at = end_of_last_;
    while (at < text_.size()) {
      const char c = text_[at];
      if (kBlanks.find(c) != kBlanks.npos || (at < limit && kSeparators.find(c) != kSeparators.npos))
        ++at;
      else if (text_.substr(at, 2) == "//")
        at = std::min(text_.find_first_of("\r\n", at), text_.size());
      else if (const std::size_t close = comment_end(at); close != text_.npos)
        at = close;
      else
        break;
    }
    return at;
  }

  /// Takes the next token and returns its first byte.
  std::size_t take() {
    const std::size_t start = next_start(text_.size());
    end_of_last_ = token_end(start);
    return start;
  }
  std::size_t end_of_last() const { return end_of_last_; }

 private:
  std::size_t comment_end(std::size_t at) const {
    if (text_.substr(at, 2) != "/*") return text_.npos;
    const std::size_t close = text_.find("*/", at + 2);
    return close == text_.npos ? text_.npos : close + 2;
  }
  std::size_t token_end(std::size_t start) const {
    if (start >= text_.size()) return text_.size();
    if (text_[start] == '"') {
      std::size_t at = start + 1;
      while (at < text_.size() && text_[at] != '"') at += text_[at] == '\\' ? 2 : 1;
      return std::min(at + 1, text_.size());
    }
    if (kPunctuation.find(text_[start]) != kPunctuation.npos) return start + 1;
    const std::size_t end = text_.find_first_of(" \t\r\n,:{}[]/\"", start);  // a number or a literal
    return std::min(end, text_.size());
  }

  std::string_view text_;
  std::size_t end_of_last_;
};

/// What the parser was reading when it gave up, in its words, and what it then wanted, in ours.
struct Expected {
  std::string_view context;
  std::string_view wanted;
};
constexpr std::array<Expected, 5> kExpected{{
    {"while parsing object key", "a key in double quotes"},
    {"while parsing object separator", "':' after the key"},
    {"while parsing object -", "',' or '}'"},
    {"while parsing array -", "',' or ']'"},
    {"; expected end of input", "nothing more after the plan's closing '}'"},
}};

std::string found_at(std::string_view text, std::size_t offset) {
  if (offset >= text.size()) return "the end of the file";
  if (kPunctuation.find(text[offset]) != kPunctuation.npos) return std::string(1, text[offset]);
  std::size_t end = std::min(text.find_first_of(" \t\r\n,:{}[]", offset + 1), text.size());
  if (text[offset] == '"') end = std::min(text.find_first_of("\"\r\n", offset + 1), text.size());
  std::string token(text.substr(offset, end - offset));
  if (text[offset] == '"' && end < text.size() && text[end] == '"') token += '"';
  if (std::ranges::any_of(token, [](unsigned char c) { return c < 0x20 || c > 0x7E; })) return "unreadable characters";
  constexpr std::size_t kLongest = 30;
  return token.size() > kLongest ? token.substr(0, kLongest) + "…" : token;
}

/// `what`: the parser's own message, used for what it found wrong inside one token.
std::string syntax_message(std::string_view text, std::size_t offset, std::string_view what) {
  const std::string found = found_at(text, offset);
  std::string_view wanted = "a value";
  for (const Expected& row : kExpected)
    if (what.find(row.context) != what.npos) wanted = row.wanted;
  const bool closing = found == "}" || found == "]";
  const std::size_t before = text.substr(0, std::min(offset, text.size())).find_last_not_of(kBlanks);
  if (closing && before != text.npos && text[before] == ',')
    return fmt::format("not JSON: a comma may not stand before '{}'; take it away", found);
  const std::size_t invalid = what.find("invalid ");
  if (invalid != what.npos && what.find("invalid literal") == what.npos) {
    const std::string_view detail = what.substr(invalid);
    return fmt::format("not JSON: {}", detail.substr(0, detail.find("; last read")));
  }
  if (found.starts_with('\'')) return fmt::format("not JSON: expected {}; strings stand in double quotes", wanted);
  return fmt::format("not JSON: expected {}, found {}", wanted, found);
}

/// Builds the tree from nlohmann's events. The events must not recurse, so the open values stand on a stack.
class Builder {
 public:
  explicit Builder(std::string_view text) : text_(text), lines_(text), places_(text) {}

  bool null() { return add(Node::Kind::null) != nullptr; }
  bool boolean(bool value) {
    add(Node::Kind::boolean)->boolean = value;
    return true;
  }
  bool number_integer(nlohmann::json::number_integer_t) { return number(); }
  bool number_unsigned(nlohmann::json::number_unsigned_t) { return number(); }
  bool number_float(nlohmann::json::number_float_t, const std::string&) { return number(); }
  bool string(std::string& value) {
    add(Node::Kind::string)->text = std::move(value);
    return true;
  }
  bool binary(nlohmann::json::binary_t&) { return false; }  // JSON text has none
  bool start_object(std::size_t) { return open(Node::Kind::object); }
  bool start_array(std::size_t) { return open(Node::Kind::array); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    const std::size_t offset = places_.take();
    Node& object = *open_.back();
    const bool repeated = !keys_.back().insert(name).second;
    if (repeated)
      report(offset, pointer_to(object.pointer, name),
             fmt::format("the key {} stands twice in this object; keep one", in_quotes(name)));
    object.members.push_back(Member{.key = std::move(name), .offset = offset, .repeated = repeated, .value = {}});
    return true;
  }
  bool parse_error(std::size_t read, const std::string&, const nlohmann::json::exception& error) {
    // `read` counts the bytes taken, the offending one included; the end of the text counts as one
    const std::size_t offset = places_.next_start(read == 0 ? 0 : read - 1);
    const std::string_view what = error.what();
    const bool overflow = what.find("number overflow") != what.npos;
    report(offset, open_.empty() ? "" : open_.back()->pointer,
           overflow ? "the number is too large" : syntax_message(text_, offset, what));
    document_.usable = false;
    return false;
  }

  Document take() { return std::move(document_); }

 private:
  /// The node for the next value: the root, an array's next item, or the value of the key just read.
  Node* add(Node::Kind kind) {
    Node* node = &document_.root;
    if (!open_.empty()) {
      Node& parent = *open_.back();
      const bool in_array = parent.kind == Node::Kind::array;
      node = in_array ? &parent.items.emplace_back() : &parent.members.back().value;
      node->pointer = in_array ? pointer_to(parent.pointer, std::to_string(parent.items.size() - 1))
                               : pointer_to(parent.pointer, parent.members.back().key);
    }
    node->kind = kind;
    node->offset = places_.take();
    return node;
  }
  bool number() {
    Node* node = add(Node::Kind::number);
    node->text = text_.substr(node->offset, places_.end_of_last() - node->offset);
    return true;
  }
  bool open(Node::Kind kind) {
    open_.push_back(add(kind));
    keys_.emplace_back();
    if (open_.size() <= kDeepestNesting) return true;
    report(open_.back()->offset, "", fmt::format("nested more than {} levels deep", kDeepestNesting));
    document_.usable = false;
    return false;
  }
  bool close() {
    places_.take();
    std::erase_if(open_.back()->members, [](const Member& member) { return member.repeated; });
    open_.pop_back();
    keys_.pop_back();
    return true;
  }
  void report(std::size_t offset, std::string pointer, std::string message) {
    document_.problems.push_back(lines_.problem_at(offset, std::move(pointer), std::move(message)));
  }

  std::string_view text_;
  Lines lines_;
  Places places_;
  Document document_;
  std::vector<Node*> open_;                            ///< stays valid: a value's siblings come only after it is closed
  std::vector<std::unordered_set<std::string>> keys_;  ///< those read so far, of each open value
};

}  // namespace

const Member* Node::find(std::string_view key) const {
  const auto it = std::ranges::find(members, key, &Member::key);
  return it == members.end() ? nullptr : &*it;
}

std::string pointer_to(const std::string& parent, std::string_view key) {
  std::string pointer = parent + '/';
  for (const char c : key) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
  return pointer;
}

Lines::Lines(std::string_view text) : starts_{0} {
  for (std::size_t at = text.find('\n'); at != text.npos; at = text.find('\n', at + 1)) starts_.push_back(at + 1);
}

Problem Lines::problem_at(std::size_t offset, std::string pointer, std::string message) const {
  const auto line = static_cast<std::size_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin());
  return Problem{.line = line,
                 .column = offset - start_of(line) + 1,
                 .pointer = std::move(pointer),
                 .message = std::move(message)};
}

Document parse_document(std::string_view text) {
  if (const std::size_t nul = text.find('\0'); nul != text.npos) {  // the parser would take it for the end of the text
    Document document;
    document.usable = false;
    document.problems.push_back(Lines(text).problem_at(nul, "", "not JSON: a NUL byte"));
    return document;
  }
  Builder builder(text);
  nlohmann::json::sax_parse(text, &builder, nlohmann::json::input_format_t::json, true, true);
  return builder.take();
}

}  // namespace loadgen::config
