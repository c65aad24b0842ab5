#include "config/reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <tuple>

#include <fmt/format.h>

#include "base/letters.hpp"
#include "base/units.hpp"
#include "config/words.hpp"

namespace loadgen::config {
namespace {

struct KindName {
  Node::Kind kind;
  std::string_view name;
};
constexpr std::array<KindName, 6> kKinds{{{Node::Kind::null, "null"},
                                          {Node::Kind::boolean, "true or false"},
                                          {Node::Kind::number, "a number"},
                                          {Node::Kind::string, "a string"},
                                          {Node::Kind::array, "an array"},
                                          {Node::Kind::object, "an object"}}};

std::string_view name_of(Node::Kind kind) {
  return std::ranges::find(kKinds, kind, &KindName::kind)->name;
}

/// "what was found", as a message names it.
std::string found(const Node& node) {
  if (node.kind == Node::Kind::string) return in_quotes(node.text);
  if (node.kind == Node::Kind::number) return node.text;
  if (node.kind == Node::Kind::boolean) return node.boolean ? "true" : "false";
  return std::string(name_of(node.kind));
}

bool only_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// 100 to 599, or nothing.
std::optional<int> status_code(std::string_view text) {
  int code = 0;
  if (text.size() != 3 || !only_digits(text)) return std::nullopt;
  std::from_chars(text.data(), text.data() + text.size(), code);
  return code >= 100 && code < 600 ? std::optional(code) : std::nullopt;
}

/// Headers that describe the message itself: two opinions about them would break the connection.
struct OwnHeader {
  std::string_view name;
  std::string_view advice;
};
constexpr std::array<OwnHeader, 3> kOwnHeaders{{
    {"content-length", "is written by loadgen from the body; take it away"},
    {"transfer-encoding", "would contradict the Content-Length that loadgen writes; take it away"},
    {"connection", "is written by loadgen; set http.keep_alive instead"},
}};

/// Servers refuse far fewer (Apache 100, Node.js 2000); it also bounds the comparing of names with each other.
constexpr std::size_t kMostHeaders = 1000;

constexpr std::string_view kTokenSymbols = "!#$%&'*+-.^_`|~";  // RFC 9110 5.6.2

bool token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kTokenSymbols.find(c) != kTokenSymbols.npos;
}

bool control_character(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7F;
}

}  // namespace

void Reader::problem(const Node& at, std::string message) {
  problems_.push_back(lines_.problem_at(at.offset, at.pointer, std::move(message)));
}

void Reader::problem(const Member& at, std::string message) {
  problems_.push_back(lines_.problem_at(at.offset, at.value.pointer, std::move(message)));
}

bool Reader::is(const Node& node, Node::Kind kind) {
  if (node.kind == kind) return true;
  problem(node, fmt::format("expected {}, found {}", name_of(kind), found(node)));
  return false;
}

std::optional<Text> Reader::text(const Node& node) {
  if (!is(node, Node::Kind::string)) return std::nullopt;
  std::vector<std::string> errors;
  Text text = variables_.expand(node.text, errors);
  for (std::string& error : errors) problem(node, std::move(error));
  return errors.empty() ? std::optional(std::move(text)) : std::nullopt;
}

template <class T>
std::optional<T> Reader::quantity(const Node& node, Range<T> range, const Quantity<T>& what) {
  const bool bare = node.kind == Node::Kind::number;  // parse then says which unit to add
  if (!bare && node.kind != Node::Kind::string) {
    problem(node, fmt::format("expected {}, found {}", what.noun, found(node)));
    return std::nullopt;
  }
  const std::optional<Text> spelling = bare ? literal(node.text) : text(node);
  if (!spelling) return std::nullopt;
  const Result<T> parsed = what.parse(spelling->value);
  if (parsed && *parsed >= range.min && *parsed <= range.max) return *parsed;
  if (parsed)
    problem(node, fmt::format("{} is out of range; it must be {} to {}", in_quotes(node.text), what.spell(range.min),
                              what.spell(range.max)));
  else
    problem(node, spelling->replaced ? fmt::format("{} does not stand for {}", in_quotes(node.text), what.noun)
                                     : parsed.error());
  return std::nullopt;
}

std::optional<Duration> Reader::duration(const Node& node, Range<Duration> range) {
  return quantity<Duration>(node, range, {R"(a duration such as "2s" or "250ms")", parse_duration, loadgen::to_string});
}

std::optional<double> Reader::rate(const Node& node, Range<double> range) {
  return quantity<double>(node, range, {R"(a rate such as "3000/s" or "90/m")", parse_rate, rate_to_string});
}

std::optional<std::uint64_t> Reader::bytes(const Node& node, Range<std::uint64_t> range) {
  return quantity<std::uint64_t>(node, range,
                                 {R"(a number of bytes such as "64KiB" or "10MB")", parse_bytes, bytes_to_string});
}

std::optional<std::uint64_t> Reader::count(const Node& node, Range<std::uint64_t> range) {
  std::optional<Text> spelling = literal(node.text);
  if (node.kind == Node::Kind::string) spelling = text(node);
  if (!spelling) return std::nullopt;
  const bool candidate = node.kind == Node::Kind::string || node.kind == Node::Kind::number;
  if (!candidate || !only_digits(spelling->value)) {
    problem(node, fmt::format("{} is not a whole number; it must be {} to {}", found(node), range.min, range.max));
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const std::string& digits = spelling->value;
  const bool fits = std::from_chars(digits.data(), digits.data() + digits.size(), value).ec == std::errc{};
  if (!fits || value < range.min || value > range.max) {
    problem(node, fmt::format("{} is out of range; it must be {} to {}", found(node), range.min, range.max));
    return std::nullopt;
  }
  return value;
}

std::optional<bool> Reader::boolean(const Node& node) {
  if (node.kind == Node::Kind::boolean) return node.boolean;
  if (node.kind == Node::Kind::string) {
    const std::optional<Text> word = text(node);
    if (!word) return std::nullopt;
    if (word->replaced && (word->value == "true" || word->value == "false")) return word->value == "true";
  }
  problem(node, fmt::format("expected true or false, without quotes, found {}", found(node)));
  return std::nullopt;
}

std::optional<std::size_t> Reader::choice(const Node& node, std::span<const std::string_view> words) {
  if (node.kind != Node::Kind::string) {
    problem(node, fmt::format("expected {}, found {}", listed(words, "or"), found(node)));
    return std::nullopt;
  }
  const std::optional<Text> word = text(node);
  if (!word) return std::nullopt;
  const auto it = std::ranges::find(words, word->value);
  if (it != words.end()) return static_cast<std::size_t>(it - words.begin());
  problem(node, fmt::format("{} is not one of {}{}", in_quotes(node.text), listed(words, "and"),
                            word->replaced ? "" : did_you_mean(word->value, words)));
  return std::nullopt;
}

std::vector<http::Header> Reader::headers(const Node& node, Side side) {
  std::vector<http::Header> out;
  if (!is(node, Node::Kind::object)) return out;
  if (node.members.size() > kMostHeaders) {
    problem(node, fmt::format("{} headers; at most {} go into one request", node.members.size(), kMostHeaders));
    return out;
  }
  for (const Member& member : node.members) {
    const std::optional<Text> value = text(member.value);
    if (!value) continue;
    const std::string mistake = header_mistake({member.key, value->value}, side);
    const auto same = [&](const http::Header& h) { return same_word(h.name, member.key); };
    if (!mistake.empty())
      problem(member, fmt::format("the header {} {}", in_quotes(member.key), mistake));
    else if (std::ranges::any_of(out, same))
      problem(member, fmt::format("the header {} stands twice in this object; keep one", in_quotes(member.key)));
    else
      out.push_back({member.key, value->value});
  }
  return out;
}

std::optional<http::StatusSet> Reader::status(const Node& node) {
  http::StatusSet set;
  bool good = true;
  if (node.kind == Node::Kind::array) {
    for (const Node& item : node.items) good = add_status(item, set) && good;
    if (node.items.empty()) problem(node, "no status would be a success; name at least one, such as \"2xx\"");
  } else {
    good = add_status(node, set);
  }
  return good && !set.empty() ? std::optional(set) : std::nullopt;
}

bool Reader::add_status(const Node& node, http::StatusSet& set) {
  std::optional<Text> spelling = literal(node.text);
  if (node.kind == Node::Kind::string) spelling = text(node);
  if (!spelling) return false;
  const std::string_view word = spelling->value;
  const bool whole_class = word.size() == 3 && word[0] >= '1' && word[0] <= '5' && same_word(word.substr(1), "xx");
  const std::optional<int> first = whole_class ? (word[0] - '0') * 100 : status_code(word.substr(0, 3));
  std::optional<int> last = whole_class ? *first + 99 : first;
  if (word.size() == 7 && word[3] == '-') last = status_code(word.substr(4));
  const bool shape = word.size() == 3 || (word.size() == 7 && word[3] == '-');
  const bool kind = node.kind == Node::Kind::string || node.kind == Node::Kind::number;
  if (!kind || !shape || !first || !last || *last < *first) {
    problem(node, fmt::format("{} is not a status; write 200, \"2xx\" or \"200-399\"", found(node)));
    return false;
  }
  set.add(*first, *last);
  return true;
}

std::string Reader::json(const Node& node) {
  std::string out;
  append_json(node, out);
  return out;
}

void Reader::append_json(const Node& node, std::string& out) {
  char before = '[';
  switch (node.kind) {
    case Node::Kind::null:
      out += "null";
      break;
    case Node::Kind::boolean:
      out += node.boolean ? "true" : "false";
      break;
    case Node::Kind::number:
      out += node.text;
      break;
    case Node::Kind::string:
      if (const std::optional<Text> value = text(node)) out += json_string(value->value);
      break;
    case Node::Kind::array:
      for (const Node& item : node.items) {
        out += before;
        append_json(item, out);
        before = ',';
      }
      out += node.items.empty() ? "[]" : "]";
      break;
    case Node::Kind::object:
      before = '{';
      for (const Member& member : node.members) {
        out += before;
        out += json_string(member.key);
        out += ':';
        append_json(member.value, out);
        before = ',';
      }
      out += node.members.empty() ? "{}" : "}";
      break;
  }
}

Problems Reader::take_problems() {
  const auto place = [](const Problem& p) { return std::tuple(p.line, p.column); };
  std::ranges::stable_sort(problems_, {}, place);
  return std::move(problems_);
}

std::string header_mistake(const http::Header& header, Side side) {
  const auto& [name, value] = header;
  if (name.empty()) return "has no name";
  if (!std::ranges::all_of(name, token_character))
    return "has a character that may not stand in a header's name; letters, digits and '-' are safe";
  const auto own = std::ranges::find(kOwnHeaders, lower(name), &OwnHeader::name);
  if (side == Side::request && own != kOwnHeaders.end()) return std::string(own->advice);
  if (std::ranges::any_of(value, control_character))
    return "has a line break or control character, which would split the request; take it away";
  return "";
}

}  // namespace loadgen::config
