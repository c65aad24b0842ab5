// The keys of a form's field.

#include "config/form.hpp"
#include "config/kinds.hpp"
#include "config/objects.hpp"

namespace loadgen::config {
namespace {

/// A text that stands in the header of a field, within the body.
template <std::string http::FormField::*Member>
constexpr Kind<FieldDraft> header_text() {
  return {[] {
            return Json{{"type", "string"}, {"minLength", 1}, {"not", {{"pattern", kLineBreakers}}}};
          },
          [](Reader& reader, const Node& node, FieldDraft& field) {
            text<FieldDraft, Member>().store(reader, node, field);
            if (const std::string mistake = field_mistake(field.*Member); !mistake.empty())
              reader.problem(node, mistake);
          },
          [](const http::FormField& field) { return show_given(field.*Member); }};
}

/// Shown also where it is empty: it is what tells a field from a file.
constexpr Kind<FieldDraft> value() {
  constexpr Kind<FieldDraft> any = text<FieldDraft, &http::FormField::value, Empty::allowed>();
  return {any.schema, any.store,
          [](const http::FormField& field) { return field.file.empty() ? Json(field.value) : Json(); }};
}

constexpr std::string_view kNone = "none";
constexpr std::array kFieldKeys{
    Key<FieldDraft>{"name", header_text<&http::FormField::name>(), "The field's name."},
    Key<FieldDraft>{"value", value(), "The field's value, sent as it stands.", kNone},
    Key<FieldDraft>{"file", text<FieldDraft, &http::FormField::file>(),
                    "The field's value is what this file holds, read while it is sent; a relative name starts from the "
                    "plan's folder.",
                    kNone},
    Key<FieldDraft>{"file_name", header_text<&http::FormField::file_name>(),
                    "The file's name as the server is told it.", "the last part of file"},
    Key<FieldDraft>{"type", header_text<&http::FormField::type>(), "The Content-Type of the field.",
                    "application/octet-stream for a file, none for a value"},
};

constexpr std::array<std::string_view, 1> kName{"name"};
constexpr std::array<std::string_view, 2> kValueOrFile{"value", "file"};
constexpr std::array<Rule, 2> kFieldRules{{{Rule::Want::exactly_one, kName}, {Rule::Want::exactly_one, kValueOrFile}}};
constexpr std::array<Need, 1> kFieldNeeds{{{"file_name", "file", "a value has no file's name"}}};

}  // namespace

const ObjectKeys<FieldDraft>& field_keys() {
  static constexpr ObjectKeys<FieldDraft> object{.noun = "a field",
                                                 .definition = kFieldDefinition,
                                                 .doc = "A field of a form: a value, or a file.",
                                                 .keys = kFieldKeys,
                                                 .rules = {.rules = kFieldRules, .needs = kFieldNeeds}};
  return object;
}

template void read_object(Reader&, const Node&, const ObjectKeys<FieldDraft>&, FieldDraft&);
template Json show_object(const ObjectKeys<FieldDraft>&, const http::FormField&);

}  // namespace loadgen::config
