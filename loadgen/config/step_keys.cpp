// The keys of a step and of what it expects.

#include <algorithm>

#include <fmt/format.h>

#include "config/kinds.hpp"
#include "config/objects.hpp"

namespace loadgen::config {
namespace {

constexpr std::array<Method, 7> kMethods{{{"get", "GET"},
                                          {"post", "POST"},
                                          {"put", "PUT"},
                                          {"delete", "DELETE"},
                                          {"patch", "PATCH"},
                                          {"head", "HEAD"},
                                          {"options", "OPTIONS"}}};

constexpr Kind<StepDraft> kAnyLabel = text<StepDraft, &Step::name>();

constexpr Kind<StepDraft> label() {
  return {[] {
            Json schema = kAnyLabel.schema();
            schema["not"] = {{"const", kTotalLabel}};
            return schema;
          },
          [](Reader& reader, const Node& node, StepDraft& step) {
            kAnyLabel.store(reader, node, step);
            if (step.name == kTotalLabel)
              reader.problem(node, fmt::format("{} is what reports call the row of all steps together; choose another "
                                               "name",
                                               in_quotes(kTotalLabel)));
          },
          kAnyLabel.show};
}

/// A row for each method; the step keeps where to and shows the whole URL.
template <std::size_t index>
constexpr Kind<StepDraft> method() {
  return {[] { return string_schema(R"(^(/|[Hh][Tt][Tt][Pp][Ss]?://)[\u0021\u0022\u0024-\u007e]*$)"); },
          [](Reader& reader, const Node& node, StepDraft& step) {
            step.method = kMethods[index].name;
            step.location = &node;
            if (std::optional<Text> path = reader.text(node)) step.path = std::move(*path);
          },
          [](const Step& step) {
            if (step.method != kMethods[index].name) return Json();
            return Json(step.url.origin() + step.url.path_and_query);
          }};
}

constexpr Kind<StepDraft> json_body() {
  return {[] { return Json::object(); },
          [](Reader& reader, const Node& node, StepDraft& step) {
            step.body = reader.json(node);
            step.json_body = true;
          },
          [](const Step&) { return Json(); }};  // shown as the body it became
}

constexpr Kind<StepDraft> multipart() {
  return {[] {
            return Json{{"type", "array"}, {"minItems", 1}, {"items", reference(kFieldDefinition)}};
          },
          [](Reader& reader, const Node& node, StepDraft& step) {
            step.form = &node;
            if (!reader.is(node, Node::Kind::array)) return;
            if (node.items.empty()) reader.problem(node, "the list is empty; name a field or take the key away");
            for (const Node& item : node.items) {
              FieldDraft field;
              read_object(reader, item, field_keys(), field);
              step.multipart.push_back(std::move(field));
            }
          },
          [](const Step& step) {
            Json out;
            for (const http::FormField& field : step.multipart) out.push_back(show_object(field_keys(), field));
            return out;
          }};
}

constexpr Kind<ExpectDraft> status() {
  return {[] {
            const Json one{{"anyOf",
                            {{{"type", "integer"}, {"minimum", 100}, {"maximum", 599}},
                             string_schema("^[1-5]([xX][xX]|[0-9][0-9](-[1-5][0-9][0-9])?)$")}}};
            return Json{
                {"anyOf", {one["anyOf"][0], one["anyOf"][1], {{"type", "array"}, {"items", one}, {"minItems", 1}}}}};
          },
          [](Reader& reader, const Node& node, ExpectDraft& expect) {
            if (const auto set = reader.status(node)) expect.status = *set;
          },
          [](const Expect& expect) {
            const std::string ranges = expect.status.to_string();
            if (ranges.find(',') == std::string::npos) return Json(ranges);
            Json out = Json::array();
            for (std::size_t at = 0; at < ranges.size();) {
              const std::size_t end = std::min(ranges.find(", ", at), ranges.size());
              out.push_back(ranges.substr(at, end - at));
              at = end + 2;
            }
            return out;
          }};
}

constexpr Kind<StepDraft> expectations() {
  return {[] { return reference("expect"); },
          [](Reader& reader, const Node& node, StepDraft& step) {
            ExpectDraft expect;
            read_object(reader, node, expect_keys(), expect);
            step.expect = std::move(expect);
          },
          [](const Step& step) { return show_object(expect_keys(), step.expect); }};
}

template <std::size_t index>
constexpr Key<StepDraft> method_key(std::string_view doc) {
  return {kMethods[index].key, method<index>(), doc};
}

constexpr std::array kStepKeys{
    Key<StepDraft>{
        "name", label(),
        "The label in reports; steps of one name share a row. TOTAL is taken: it names the row of all steps.",
        "method and path, such as \"GET /async\""},
    method_key<0>("GET this path, or whole URL."),
    method_key<1>("POST to this path, or whole URL."),
    method_key<2>("PUT to this path, or whole URL."),
    method_key<3>("DELETE this path, or whole URL."),
    method_key<4>("PATCH this path, or whole URL."),
    method_key<5>("HEAD of this path, or whole URL."),
    method_key<6>("OPTIONS of this path, or whole URL."),
    Key<StepDraft>{"headers", headers<StepDraft, &Step::headers>(),
                   "Headers of this request, added to the group's and the plan's; these win."},
    Key<StepDraft>{"auth", auth<StepDraft>(),
                   "Who this request says it is from, instead of the group's and the plan's."},
    Key<StepDraft>{"body", text<StepDraft, &Step::body, Empty::allowed>(), "The request's body, sent as it stands.",
                   "none"},
    Key<StepDraft>{"json", json_body(),
                   "Any JSON value, sent as compact text with content-type application/json unless a header says "
                   "otherwise; instead of body."},
    Key<StepDraft>{"body_file", text<StepDraft, &Step::body_file>(),
                   "The request's body is what this file holds, read while it is sent; a relative name starts from the "
                   "plan's folder.",
                   "none"},
    Key<StepDraft>{
        "multipart", multipart(),
        "The request's body is a form of these fields, as multipart/form-data; its Content-Type is written by "
        "loadgen."},
    Key<StepDraft>{"think_time", duration<StepDraft, &StepDraft::pause, Zero::allowed, &Step::think_time>(),
                   "Pause before this request, after the previous response.", "the group's"},
    Key<StepDraft>{"expect", expectations(), "What the response must be to count as a success."},
};

constexpr std::array kExpectKeys{
    Key<ExpectDraft>{"status", status(), "200, \"2xx\", \"200-399\" or an array of those."},
    Key<ExpectDraft>{"body_equals", text<ExpectDraft, &Expect::body_equals, Empty::allowed>(),
                     "The body must be exactly this.", "not checked"},
    Key<ExpectDraft>{"body_contains", text<ExpectDraft, &Expect::body_contains>(), "The body must contain this.",
                     "not checked"},
    Key<ExpectDraft>{"headers", headers<ExpectDraft, &Expect::headers, Side::response>(),
                     "Each of these headers must be there with exactly this value.", "not checked"},
};

constexpr std::array<std::string_view, 4> kBodies{"body", "json", "body_file", "multipart"};
constexpr auto kMethodKeys = [] {
  std::array<std::string_view, kMethods.size()> keys;
  std::ranges::transform(kMethods, keys.begin(), &Method::key);
  return keys;
}();

constexpr std::array<Rule, 2> kStepRules{{{Rule::Want::exactly_one, kMethodKeys}, {Rule::Want::at_most_one, kBodies}}};

}  // namespace

const ObjectKeys<StepDraft>& step_keys() {
  static constexpr ObjectKeys<StepDraft> object{.noun = "a step",
                                                .definition = kStepDefinition,
                                                .doc = "One request.",
                                                .keys = kStepKeys,
                                                .rules = {.rules = kStepRules}};
  return object;
}

const ObjectKeys<ExpectDraft>& expect_keys() {
  static constexpr ObjectKeys<ExpectDraft> object{.noun = "an expectation",
                                                  .definition = "expect",
                                                  .doc = "What a response must be to count as a success.",
                                                  .keys = kExpectKeys,
                                                  .rules = {}};
  return object;
}

std::span<const Method> methods() {
  return kMethods;
}

template Json show_object(const ObjectKeys<StepDraft>&, const Step&);
template Json show_object(const ObjectKeys<ExpectDraft>&, const Expect&);
template void read_object(Reader&, const Node&, const ObjectKeys<StepDraft>&, StepDraft&);

}  // namespace loadgen::config
