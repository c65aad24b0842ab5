#include "config/keys.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/kinds.hpp"

namespace loadgen::config {
namespace {

constexpr std::array<std::string_view, 2> kRamps{"exact", "jmeter"};
constexpr std::array<std::string_view, 5> kOnError{"continue", "start_next_loop", "stop_user", "stop_test",
                                                   "stop_test_now"};
constexpr std::string_view kForever = "forever";

constexpr std::array<Method, 7> kMethods{{{"get", "GET"},
                                          {"post", "POST"},
                                          {"put", "PUT"},
                                          {"delete", "DELETE"},
                                          {"patch", "PATCH"},
                                          {"head", "HEAD"},
                                          {"options", "OPTIONS"}}};

// ---- kinds with one row only -----------------------------------------------------------------------------------

constexpr Kind<GroupDraft> loops() {
  return {[] {
            Json schema = count_schema(kLoops);
            schema["anyOf"].insert(schema["anyOf"].begin(), Json{{"const", kForever}});
            return schema;
          },
          [](Reader& reader, const Node& node, GroupDraft& group) {
            group.loops_given = true;
            const bool word = node.kind == Node::Kind::string && node.text.find("${") == std::string::npos;
            if (word && node.text == kForever)
              group.loops.reset();
            else if (word && !did_you_mean(node.text, {&kForever, 1}).empty())
              reader.problem(
                  node, fmt::format("{} is not a number of loops; did you mean \"forever\"?", in_quotes(node.text)));
            else if (const auto value = reader.count(node, kLoops))
              group.loops = *value;
          },
          [](const ThreadGroup& group) {
            if (group.iterations) return Json();
            return group.loops ? Json(*group.loops) : Json(kForever);
          }};
}

/// A row for each method; the step keeps where to and shows the whole URL.
template <std::size_t index>
constexpr Kind<StepDraft> method() {
  return {[] { return string_schema(R"(^(/|[Hh][Tt][Tt][Pp]://)[\u0021\u0022\u0024-\u007e]*$)"); },
          [](Reader& reader, const Node& node, StepDraft& step) {
            step.method = kMethods[index].name;
            step.location = &node;
            if (std::optional<Text> path = reader.text(node)) step.path = std::move(*path);
          },
          [](const Step& step) {
            if (step.method != kMethods[index].name) return Json();
            return Json(fmt::format("http://{}{}", step.url.authority(), step.url.path_and_query));
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

constexpr Kind<HttpDraft> follow_redirects() {
  return {[] {
            return Json{{"enum", {false}}};
          },
          [](Reader& reader, const Node& node, HttpDraft&) {
            const auto value = reader.boolean(node);
            if (value && *value)
              reader.problem(node, "redirects are not followed by this version; write false, or request the final URL");
          },
          [](const HttpSettings&) { return Json(false); }};
}

constexpr Kind<HttpDraft> user_agent() {
  return {[] {
            return Json{{"type", "string"}, {"minLength", 1}, {"not", {{"pattern", kLineBreakers}}}};
          },
          [](Reader& reader, const Node& node, HttpDraft& http) {
            const std::optional<Text> value = reader.text(node);
            if (!value) return;
            const std::string mistake = header_mistake({"User-Agent", value->value}, Side::request);
            if (!mistake.empty() || value->value.empty())
              reader.problem(node, mistake.empty() ? "the text is empty; write some or take the key away" : mistake);
            else
              http.user_agent = value->value;
          },
          [](const HttpSettings& http) { return show_given(http.user_agent); }};
}

constexpr Kind<PlanDraft> target() {
  return {[] { return string_schema(R"(^[Hh][Tt][Tt][Pp]://[\u0021\u0022\u0024-\u003e\u0040-\u007e]+$)"); },
          [](Reader& reader, const Node& node, PlanDraft& plan) {
            plan.target_node = &node;
            if (const std::optional<Text> value = reader.text(node)) plan.target = value->value;
          },
          [](const Plan& plan) { return show_given(plan.target); }};
}

/// Read before all else, because every other string may use them; this row is for the schema.
constexpr Kind<PlanDraft> variables() {
  return {[] {
            return Json{{"type", "object"}, {"additionalProperties", {{"type", {"string", "number", "boolean"}}}}};
          },
          [](Reader&, const Node&, PlanDraft&) {}, [](const Plan&) { return Json(); }};
}

constexpr Kind<PlanDraft> schema_reference() {
  return {[] {
            return Json{{"type", "string"}};
          },
          [](Reader& reader, const Node& node, PlanDraft&) { reader.is(node, Node::Kind::string); },
          [](const Plan&) { return Json(); }};
}

// ---- objects inside objects -------------------------------------------------------------------------------------

constexpr Kind<StepDraft> expectations() {
  return {[] { return reference("expect"); },
          [](Reader& reader, const Node& node, StepDraft& step) {
            ExpectDraft expect;
            read_object(reader, node, expect_keys(), expect);
            step.expect = std::move(expect);
          },
          [](const Step& step) { return show_object(expect_keys(), step.expect); }};
}

constexpr Kind<PlanDraft> http_settings() {
  return {[] { return reference("http"); },
          [](Reader& reader, const Node& node, PlanDraft& plan) {
            HttpDraft http{plan.http};
            read_object(reader, node, http_keys(), http);
            plan.http = std::move(http);
          },
          [](const Plan& plan) { return show_object(http_keys(), plan.http); }};
}

/// An array of at least one object, each read into a draft of its own.
template <class Owner, auto Drafts, auto Values, const auto& Keys, const auto& Definition>
constexpr Kind<Owner> list() {
  return {[] {
            return Json{{"type", "array"}, {"minItems", 1}, {"items", reference(Definition)}};
          },
          [](Reader& reader, const Node& node, Owner& owner) {
            if (!reader.is(node, Node::Kind::array)) return;
            if (node.items.empty()) reader.problem(node, "the list is empty; the run would send nothing");
            for (const Node& item : node.items) {
              auto& draft = (owner.*Drafts).emplace_back();
              draft.node = &item;
              read_object(reader, item, Keys(), draft);
            }
          },
          [](const typename Owner::Value& value) {
            Json out = Json::array();
            for (const auto& element : value.*Values) out.push_back(show_object(Keys(), element));
            return out;
          }};
}
constexpr std::string_view kGroupDefinition = "thread_group";
constexpr std::string_view kStepDefinition = "step";

// ---- the tables -------------------------------------------------------------------------------------------------

constexpr std::array kPlanKeys{
    Key<PlanDraft>{"$schema", schema_reference(), "Where editors find this schema; loadgen does not read it."},
    Key<PlanDraft>{"name", text<PlanDraft, &Plan::name>(), "The run's name in reports.", "the target"},
    Key<PlanDraft>{"target", target(), "Base URL that steps with only a path are added to.",
                   "none; needed unless each step has a whole URL"},
    Key<PlanDraft>{"variables", variables(),
                   "Values for ${name} and ${__P(name)} in any string of the plan; -J name=value beats them."},
    Key<PlanDraft>{"headers", headers<PlanDraft, &PlanDraft::headers>(),
                   "Headers of every request; a thread group's or step's own header of the same name wins."},
    Key<PlanDraft>{"think_time", duration<PlanDraft, &PlanDraft::think_time>(),
                   "Pause before each request, for thread groups that set none.", "0s"},
    Key<PlanDraft>{"http", http_settings(), "How connections and responses are treated."},
    Key<PlanDraft>{"grace", duration<PlanDraft, &Plan::grace>(),
                   "How long requests in flight may take to finish when the run stops."},
    Key<PlanDraft>{"thread_groups",
                   list<PlanDraft, &PlanDraft::group_drafts, &Plan::thread_groups, group_keys, kGroupDefinition>(),
                   "Groups of users; all groups run at the same time."},
};

constexpr std::array kGroupKeys{
    Key<GroupDraft>{"name", text<GroupDraft, &ThreadGroup::name>(), "The group's name in reports.",
                    "\"Thread Group\", numbered when there are several"},
    Key<GroupDraft>{"users", count<GroupDraft, &ThreadGroup::users, kUsers.min, kUsers.max>(),
                    "Users (JMeter: number of threads), each with a connection of its own."},
    Key<GroupDraft>{"ramp_up", duration<GroupDraft, &ThreadGroup::ramp_up>(),
                    "Time over which the users start, evenly."},
    Key<GroupDraft>{"ramp", choice<GroupDraft, &ThreadGroup::ramp, kRamps>(),
                    "exact: user n of N starts at n * ramp_up / N, to the nanosecond; jmeter: rounded to whole "
                    "milliseconds as JMeter does it."},
    Key<GroupDraft>{"loops", loops(), "Iterations of each user, or \"forever\".",
                    "1; \"forever\" when there is a duration"},
    Key<GroupDraft>{"iterations", count<GroupDraft, &ThreadGroup::iterations, kLoops.min, kLoops.max>(),
                    "Iterations of the whole group, dealt evenly to its users; instead of loops."},
    Key<GroupDraft>{"duration", duration<GroupDraft, &ThreadGroup::duration, Zero::refused>(),
                    "No request starts later than this; counted from the end of startup_delay, ramp-up included.",
                    "none"},
    Key<GroupDraft>{"startup_delay", duration<GroupDraft, &ThreadGroup::startup_delay>(),
                    "Wait before the group's first user starts."},
    Key<GroupDraft>{"delayed_start", boolean<GroupDraft, &ThreadGroup::delayed_start>(),
                    "JMeter's \"delay thread creation\": picks the formula of \"ramp\": \"jmeter\"; the exact ramp is "
                    "the same either way."},
    Key<GroupDraft>{"on_error", choice<GroupDraft, &ThreadGroup::on_error, kOnError>(),
                    "What a user does after a failed sample."},
    Key<GroupDraft>{"same_user_on_next_iteration", boolean<GroupDraft, &ThreadGroup::same_user_on_next_iteration>(),
                    "false: each iteration begins as a new user, on a new connection."},
    Key<GroupDraft>{"think_time", duration<GroupDraft, &GroupDraft::think_time>(),
                    "Pause before each request of this group, for steps that set none.", "the plan's"},
    Key<GroupDraft>{"headers", headers<GroupDraft, &GroupDraft::headers>(),
                    "Headers of this group's requests, added to the plan's; a step's own header wins."},
    Key<GroupDraft>{"steps",
                    list<GroupDraft, &GroupDraft::step_drafts, &ThreadGroup::steps, step_keys, kStepDefinition>(),
                    "The requests of one iteration, in order."},
};

template <std::size_t index>
constexpr Key<StepDraft> method_key(std::string_view doc) {
  return {kMethods[index].key, method<index>(), doc};
}

constexpr std::array kStepKeys{
    Key<StepDraft>{"name", text<StepDraft, &Step::name>(), "The label in reports; steps of one name share a row.",
                   "method and path, such as \"GET /async\""},
    method_key<0>("GET this path, or whole http URL."),
    method_key<1>("POST to this path, or whole http URL."),
    method_key<2>("PUT to this path, or whole http URL."),
    method_key<3>("DELETE this path, or whole http URL."),
    method_key<4>("PATCH this path, or whole http URL."),
    method_key<5>("HEAD of this path, or whole http URL."),
    method_key<6>("OPTIONS of this path, or whole http URL."),
    Key<StepDraft>{"headers", headers<StepDraft, &Step::headers>(),
                   "Headers of this request, added to the group's and the plan's; these win."},
    Key<StepDraft>{"body", text<StepDraft, &Step::body, Empty::allowed>(), "The request's body, sent as it stands.",
                   "none"},
    Key<StepDraft>{"json", json_body(),
                   "Any JSON value, sent as compact text with content-type application/json unless a header says "
                   "otherwise; instead of body."},
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

constexpr std::array kHttpKeys{
    Key<HttpDraft>{"keep_alive", boolean<HttpDraft, &HttpSettings::keep_alive>(),
                   "false: a new connection for each request."},
    Key<HttpDraft>{"follow_redirects", follow_redirects(),
                   "Only false in this version: a 3xx response is a result like any other."},
    Key<HttpDraft>{"connect_timeout", duration<HttpDraft, &HttpSettings::connect_timeout, Zero::refused>(),
                   "How long opening a connection may take."},
    Key<HttpDraft>{"response_timeout", duration<HttpDraft, &HttpSettings::response_timeout, Zero::refused>(),
                   "From the moment the request is sent to the response's last byte."},
    Key<HttpDraft>{"max_response", bytes<HttpDraft, &HttpSettings::max_response, 1ULL << 40>(),
                   "A longer body is a failure of the kind response_too_large."},
    Key<HttpDraft>{"max_response_header", bytes<HttpDraft, &HttpSettings::max_response_header, 1ULL << 30>(),
                   "The same for status line and headers together."},
    Key<HttpDraft>{"user_agent", user_agent(), "The User-Agent header.", "loadgen/ and the version"},
};

constexpr std::array<std::string_view, 1> kThreadGroups{"thread_groups"};
constexpr std::array<std::string_view, 1> kSteps{"steps"};
constexpr std::array<std::string_view, 2> kLoopsOrIterations{"loops", "iterations"};
constexpr std::array<std::string_view, 2> kBodyOrJson{"body", "json"};
constexpr auto kMethodKeys = [] {
  std::array<std::string_view, kMethods.size()> keys;
  std::ranges::transform(kMethods, keys.begin(), &Method::key);
  return keys;
}();

constexpr std::array<Rule, 1> kPlanRules{{{Rule::Want::exactly_one, kThreadGroups}}};
constexpr std::array<Rule, 2> kGroupRules{
    {{Rule::Want::exactly_one, kSteps}, {Rule::Want::at_most_one, kLoopsOrIterations}}};
constexpr std::array<Rule, 2> kStepRules{
    {{Rule::Want::exactly_one, kMethodKeys}, {Rule::Want::at_most_one, kBodyOrJson}}};

constexpr std::string_view kOpenLoad =
    "open load is not supported by this version; use \"users\" and \"ramp_up\" in a thread group";
constexpr std::array<ReservedKey, 4> kReserved{{
    {"arrivals", kOpenLoad},
    {"spacing", kOpenLoad},
    {"max_in_flight", kOpenLoad},
    {"thresholds", "thresholds are not supported by this version; judge the figures of run.json instead"},
}};

/// Both keys of a rule, or none where one is needed: the parser's half of what the schema says with oneOf and not.
void check_rule(Reader& reader, const Node& node, const Rule& rule, std::string_view noun) {
  const Member* first = nullptr;
  for (const Member& member : node.members) {
    if (std::ranges::find(rule.keys, member.key) == rule.keys.end()) continue;
    if (first != nullptr)
      reader.problem(
          member, fmt::format("{} has either {} or {}, not both", noun, in_quotes(first->key), in_quotes(member.key)));
    else
      first = &member;
  }
  if (first == nullptr && rule.want == Rule::Want::exactly_one)
    reader.problem(node, fmt::format("{} needs {}", noun, listed(rule.keys, "or")));
}

}  // namespace

const ObjectKeys<PlanDraft>& plan_keys() {
  static constexpr ObjectKeys<PlanDraft> object{"a plan",  "plan",     "What loadgen is to send, where to, and how.",
                                                kPlanKeys, kPlanRules, kReserved};
  return object;
}

const ObjectKeys<GroupDraft>& group_keys() {
  static constexpr ObjectKeys<GroupDraft> object{"a thread group", kGroupDefinition, "Users who all do the same steps.",
                                                 kGroupKeys,       kGroupRules,      kReserved};
  return object;
}

const ObjectKeys<StepDraft>& step_keys() {
  static constexpr ObjectKeys<StepDraft> object{"a step", kStepDefinition, "One request.", kStepKeys, kStepRules, {}};
  return object;
}

const ObjectKeys<ExpectDraft>& expect_keys() {
  static constexpr ObjectKeys<ExpectDraft> object{
      "an expectation", "expect", "What a response must be to count as a success.", kExpectKeys, {}, {}};
  return object;
}

const ObjectKeys<HttpDraft>& http_keys() {
  static constexpr ObjectKeys<HttpDraft> object{"http",    "http", "How connections and responses are treated.",
                                                kHttpKeys, {},     {}};
  return object;
}

std::span<const Method> methods() {
  return kMethods;
}

template <class Draft>
void read_object(Reader& reader, const Node& node, const ObjectKeys<Draft>& object, Draft& draft) {
  if (!reader.is(node, Node::Kind::object)) return;
  for (const Member& member : node.members) {
    const auto key = std::ranges::find(object.keys, member.key, &Key<Draft>::name);
    const auto reserved = std::ranges::find(object.reserved, member.key, &ReservedKey::key);
    if (key != object.keys.end()) {
      key->kind.store(reader, member.value, draft);
    } else if (reserved != object.reserved.end()) {
      reader.problem(member, std::string(reserved->message));
    } else {
      std::vector<std::string_view> known;
      for (const Key<Draft>& row : object.keys) known.push_back(row.name);
      const std::string guess = did_you_mean(member.key, known);
      reader.problem(
          member, fmt::format("unknown key {}{}", in_quotes(member.key),
                              guess.empty() ? fmt::format("; {} has {}", object.noun, listed(known, "and")) : guess));
    }
  }
  for (const Rule& rule : object.rules) check_rule(reader, node, rule, object.noun);
}

template <class Draft>
Json show_object(const ObjectKeys<Draft>& object, const typename Draft::Value& value) {
  Json out = Json::object();
  for (const Key<Draft>& key : object.keys)
    if (Json shown = key.kind.show(value); !shown.is_null()) out[std::string(key.name)] = std::move(shown);
  return out;
}

template void read_object(Reader&, const Node&, const ObjectKeys<PlanDraft>&, PlanDraft&);
template Json show_object(const ObjectKeys<PlanDraft>&, const Plan&);

}  // namespace loadgen::config
