#include "config/form.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "config/reader.hpp"
#include "config/words.hpp"

namespace loadgen::config {
namespace {

struct Parameter {
  std::string_view name;
  std::string http::FormField::*member;
};
constexpr std::array<Parameter, 2> kParameters{
    {{"type=", &http::FormField::type}, {"filename=", &http::FormField::file_name}}};

std::string_view without_blanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

/// Which parameter begins at the ';' there; nullptr: it is a character like any other.
const Parameter* parameter_at(std::string_view text, std::size_t semicolon) {
  const std::string_view behind = without_blanks(text.substr(semicolon + 1));
  const auto it = std::ranges::find_if(kParameters, [&](const Parameter& p) { return behind.starts_with(p.name); });
  return it == kParameters.end() ? nullptr : &*it;
}

/// All up to the next parameter, which text then begins with.
std::string_view take_value(std::string_view& text) {
  std::size_t end = text.find(';');
  while (end != text.npos && parameter_at(text, end) == nullptr) end = text.find(';', end + 1);
  const std::string_view value = text.substr(0, end);
  text.remove_prefix(value.size());
  return value;
}

/// "" when all is well.
std::string mistake_in(const http::FormField& field, bool is_file) {
  if (field.name.empty()) return "the field has no name; write name=value or name=@file";
  for (const std::string* text : {&field.name, &field.type, &field.file_name})
    if (const std::string mistake = field_mistake(*text); !mistake.empty()) return in_quotes(*text) + ' ' + mistake;
  if (is_file && field.file.empty()) return "there is no file behind the \"@\"";
  if (field.file == "-") return "stdin cannot be sent more than once; name a file";
  if (!is_file && !field.file_name.empty()) return "a value has no file's name; take \"filename=\" away";
  return "";
}

}  // namespace

Result<http::FormField> parse_form_field(std::string_view text) {
  const auto refused = [&](std::string_view why) { return Error{fmt::format("{}: {}", in_quotes(text), why)}; };
  const std::size_t equals = text.find('=');
  if (equals == text.npos) return refused("write name=value, or name=@file");
  http::FormField field{.name = std::string(text.substr(0, equals))};
  std::string_view rest = text.substr(equals + 1);
  if (rest.starts_with('<'))
    return refused("a value out of a file (name=<file) is not supported; name=@file sends the file itself");
  const bool is_file = rest.starts_with('@');
  if (is_file) rest.remove_prefix(1);
  (is_file ? field.file : field.value) = take_value(rest);
  while (!rest.empty()) {
    const Parameter& parameter = *parameter_at(rest, 0);
    rest = without_blanks(rest.substr(1)).substr(parameter.name.size());
    std::string& value = field.*parameter.member;
    value = take_value(rest);
    if (value.empty()) return refused(fmt::format("nothing stands behind {}", in_quotes(parameter.name)));
  }
  const std::string mistake = mistake_in(field, is_file);
  if (!mistake.empty()) return refused(mistake);
  return field;
}

std::string field_mistake(const std::string& text) {
  return header_mistake({"Content-Disposition", text}, Side::response);
}

}  // namespace loadgen::config
