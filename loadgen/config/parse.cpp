#include "config/parse.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <fmt/format.h>

#include "config/document.hpp"
#include "config/files.hpp"
#include "config/keys.hpp"
#include "config/reader.hpp"
#include "config/resolve.hpp"
#include "config/words.hpp"

namespace loadgen::config {
namespace {

constexpr std::string_view kNameCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";

/// "variables" in the order written: a value may use -J names, the environment, and variables above it.
void read_variables(Reader& reader, const Node& root) {
  const Member* variables = root.find("variables");
  if (variables == nullptr || !reader.is(variables->value, Node::Kind::object)) return;
  for (const Member& member : variables->value.members) {
    const Node& value = member.value;
    const bool usable = !member.key.empty() && member.key.find_first_not_of(kNameCharacters) == std::string::npos;
    if (!usable || member.key.starts_with("__"))
      reader.problem(member,
                     fmt::format("{} cannot name a variable; use letters, digits, '_', '.' and '-', and no \"__\" "
                                 "at the start",
                                 in_quotes(member.key)));
    if (value.kind == Node::Kind::number)
      reader.variables().set_default(member.key, literal(value.text));
    else if (value.kind == Node::Kind::boolean)
      reader.variables().set_default(member.key, literal(value.boolean ? "true" : "false"));
    else  // a mistake in the value leaves the name known, so that its uses are not reported as well
      reader.variables().set_default(member.key, reader.text(value).value_or(Text{}));
  }
}

/// A source line fit for a terminal: no control characters, and no password out of "http://user:password@host".
std::string presentable(std::string_view line) {
  std::string out(line);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') c = ' ';
  for (std::size_t at = out.find("://"); at != out.npos; at = out.find("://", at + 3)) {
    const std::size_t end = std::min(out.find_first_of("/?#\" ", at + 3), out.size());
    const std::size_t sign = out.rfind('@', end);
    if (sign != out.npos && sign > at)
      std::fill(out.begin() + static_cast<std::ptrdiff_t>(at + 3), out.begin() + static_cast<std::ptrdiff_t>(sign),
                '*');
  }
  return out;
}

/// Puts '*' for every value from `at` to where the object, list or scalar there ends, which is returned; keys and
/// places stay.
std::size_t hide_values(std::string& text, std::size_t at) {
  constexpr std::string_view kBetween = " \t\r\n:,";
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (kBetween.find(c) != kBetween.npos) {
      ++at;
      continue;
    }
    const bool opens = c == '{' || c == '[';
    const bool closes = c == '}' || c == ']';
    depth += opens ? 1 : closes ? -1 : 0;
    std::size_t end = at + 1;
    if (c == '"') {
      while (end < text.size() && text[end] != '"' && text[end] != '\n') end += text[end] == '\\' ? 2 : 1;
      end = std::min(end + 1, text.size());
    } else if (!opens && !closes) {
      end = std::min(text.find_first_of(" \t\r\n,]}", at), text.size());
    }
    const std::size_t next = text.find_first_not_of(" \t\r\n", end);
    const bool key = c == '"' && depth > 0 && next != text.npos && text[next] == ':';
    if (!opens && !closes && !key)
      std::replace_if(
          text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end),
          [](char byte) { return byte != '\n'; }, '*');
    at = end;
    if (depth <= 0) break;
  }
  return at;
}

/// The text without what "auth" and "proxy" hold, also where that key is misspelt: lines with problems are shown.
std::string without_credentials(std::string text) {
  constexpr std::array<std::string_view, 4> kKeys{"\"auth\"", "\"password\"", "\"bearer\"", "\"proxy\""};
  for (const std::string_view key : kKeys)
    for (std::size_t at = text.find(key); at != text.npos; at = text.find(key, at))
      at = hide_values(text, at + key.size());
  return text;
}

/// The line a problem is on, and below it a caret under its column; the line cut to what fits a terminal.
std::string source_line(std::string_view text, const Lines& lines, const Problem& problem) {
  constexpr std::size_t kWidest = 110;
  const std::size_t start = lines.start_of(problem.line);
  const std::string line = presentable(text.substr(start, text.find_first_of("\r\n", start) - start));
  const std::size_t caret = std::min(problem.column - 1, line.size());
  const auto inside = [&](std::size_t at) {
    return at < line.size() && (static_cast<unsigned char>(line[at]) & 0xC0U) == 0x80U;
  };
  std::size_t from = caret > kWidest / 2 ? caret - kWidest / 2 : 0;
  while (inside(from)) ++from;
  std::size_t to = std::min(from + kWidest, line.size());
  while (inside(to)) --to;
  std::string out = "    " + line.substr(from, to - from) + "\n    ";
  for (std::size_t at = from; at < caret; ++at)
    if (!inside(at)) out += line[at] == '\t' ? '\t' : ' ';
  return out + "^\n";
}

}  // namespace

std::variant<Plan, Problems> parse_plan(std::string_view text, const Overrides& overrides, const std::string& folder) {
  Document document = parse_document(text);
  if (!document.usable) return std::move(document.problems);
  Reader reader(text, Variables(overrides.variables));
  for (Problem& repeated : document.problems) reader.problem(std::move(repeated));
  read_variables(reader, document.root);
  PlanDraft draft;
  draft.node = &document.root;
  read_object(reader, document.root, plan_keys(), draft);
  find_files(folder, draft);
  apply_overrides(reader, overrides, draft);
  resolve(reader, draft);
  if (!reader.ok()) return reader.take_problems();
  return Plan(std::move(draft));
}

std::string to_string(const Problems& problems, std::string_view file_name, std::string_view text) {
  const Lines lines(text);
  const std::string shown = without_credentials(std::string(text));
  std::string out;
  constexpr std::size_t kMost = 50;  // enough for a screen; a file that is no plan at all can have any number
  for (const Problem& problem : std::span(problems).first(std::min(problems.size(), kMost))) {
    if (problem.line == 0) {
      out += fmt::format("command line: {}\n", problem.message);
      continue;
    }
    const std::string pointer = problem.pointer.empty() ? "" : presentable(problem.pointer) + ": ";
    out += fmt::format("{}:{}:{}: {}{}\n", file_name, problem.line, problem.column, pointer, problem.message);
    out += source_line(shown, lines, problem);
  }
  if (problems.size() > kMost) out += fmt::format("{}: and {} more\n", file_name, problems.size() - kMost);
  return out;
}

}  // namespace loadgen::config
