#include "report/escape.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "report/printable.hpp"

namespace loadgen::report {
namespace {

struct Escape {
  char character;
  std::string_view written;
};

constexpr std::array<Escape, 5> kXml{{
    {'&', "&amp;"},
    {'<', "&lt;"},
    {'>', "&gt;"},
    {'"', "&quot;"},
    {'\'', "&apos;"},
}};

/// Entities are text to Markdown wherever they stand. A mention or a reference to an issue is looked for in the text
/// that comes out, so after @ and # stands a zero width space.
constexpr std::array<Escape, 15> kMarkdown{{
    {'&', "&amp;"},
    {'<', "&lt;"},
    {'>', "&gt;"},
    {'|', "&#124;"},
    {'`', "&#96;"},
    {'*', "&#42;"},
    {'_', "&#95;"},
    {'~', "&#126;"},
    {'[', "&#91;"},
    {']', "&#93;"},
    {'\\', "&#92;"},
    {'$', "&#36;"},  // formulae
    {':', "&#58;"},  // emoji, and http://
    {'@', "@&#8203;"},
    {'#', "#&#8203;"},
}};

constexpr std::array<Escape, 2> kPrometheus{{{'\\', R"(\\)"}, {'"', R"(\")"}}};

// As the toolkit of GitHub Actions escapes data and properties of commands.
constexpr std::array<Escape, 3> kMessage{{{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}}};
constexpr std::array<Escape, 5> kProperty{{{'%', "%25"}, {'\r', "%0D"}, {'\n', "%0A"}, {':', "%3A"}, {',', "%2C"}}};

std::string escaped(std::string_view text, std::span<const Escape> escapes) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const auto escape = std::ranges::find(escapes, c, &Escape::character);
    if (escape == escapes.end()) {
      out += c;
    } else {
      out += escape->written;
    }
  }
  return out;
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size())
    text.replace(at, what.size(), with);
}

/// A field of RFC 4180, in quotes where it must be.
std::string quoted(std::string field) {
  if (field.find_first_of(",\"") == std::string::npos) return field;
  std::string out = "\"";
  for (const char c : field) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

/// The lines of a text made printable one by one.
std::string printable_lines(std::string_view text) {
  std::string out;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1))
    out += printable(text.substr(0, end)) + '\n';
  return out + printable(text);
}

}  // namespace

std::string for_xml(std::string_view text) {
  std::string out = escaped(printable(text), kXml);
  replace_all(out, "\xef\xbf\xbe", "\\ufffe");  // UTF-8, and yet no character of XML 1.0
  replace_all(out, "\xef\xbf\xbf", "\\uffff");
  return out;
}

std::string for_csv(std::string_view text) {
  std::string cell = printable(text);
  if (!cell.empty() && std::string_view("=+-@").find(cell.front()) != std::string_view::npos) cell.insert(0, 1, '\'');
  return quoted(std::move(cell));
}

std::string for_jtl(std::string_view text) {
  return quoted(printable(text));
}

std::string for_markdown(std::string_view text) {
  std::string out = escaped(printable(text), kMarkdown);
  // Before a space these mean nothing, and a sentence stays readable as it is written.
  for (const std::string_view plain : {": ", "@ ", "# "}) {
    const Escape* const escape = std::ranges::find(kMarkdown, plain.front(), &Escape::character);
    replace_all(out, std::string(escape->written) + ' ', plain);
  }
  for (const std::string_view www : {"www.", "WWW."}) replace_all(out, www, std::string(www.substr(0, 3)) + "&#46;");
  return out;
}

std::string for_prometheus(std::string_view text) {
  return escaped(printable(text), kPrometheus);
}

std::string for_workflow_message(std::string_view text) {
  return escaped(printable_lines(text), kMessage);
}

std::string for_workflow_property(std::string_view text) {
  return escaped(printable(text), kProperty);
}

}  // namespace loadgen::report
