// The keys of a plan and of a thread group.

#include <algorithm>

#include <fmt/format.h>

#include "config/kinds.hpp"
#include "config/objects.hpp"

namespace loadgen::config {
namespace {

constexpr std::array<std::string_view, 2> kRamps{"exact", "jmeter"};
constexpr std::array<std::string_view, 5> kOnError{"continue", "start_next_loop", "stop_user", "stop_test",
                                                   "stop_test_now"};
constexpr std::array<std::string_view, 2> kSpacings{"uniform", "poisson"};
constexpr std::array<std::string_view, 2> kAtLimits{"wait", "drop"};
constexpr std::array<std::string_view, 3> kUndecided{"exit", "pass", "fail"};
constexpr std::string_view kForever = "forever";
constexpr std::string_view kAuto = "auto";

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

constexpr Kind<PlanDraft> target() {
  return {[] { return string_schema(R"(^[Hh][Tt][Tt][Pp][Ss]?://[\u0021\u0022\u0024-\u003e\u0040-\u007e]+$)"); },
          [](Reader& reader, const Node& node, PlanDraft& plan) {
            plan.target_node = &node;
            if (const std::optional<Text> value = reader.text(node)) plan.target = value->value;
          },
          [](const Plan& plan) { return show_given(plan.target); }};
}

constexpr Kind<PlanDraft> warm_up() {
  return {[] {
            Json schema = string_schema(kDurationPattern);
            return Json{{"anyOf", {{{"const", kAuto}}, std::move(schema)}}};
          },
          [](Reader& reader, const Node& node, PlanDraft& plan) {
            const bool word = node.kind == Node::Kind::string && node.text.find("${") == std::string::npos;
            if (word && node.text == kAuto)
              plan.warm_up = {.automatic = true};
            else if (word && !did_you_mean(node.text, {&kAuto, 1}).empty())
              reader.problem(node, fmt::format("{} is not a duration; did you mean \"auto\"?", in_quotes(node.text)));
            else if (const auto time = reader.duration(node, kAnyTime))
              plan.warm_up = {.time = *time};
          },
          [](const Plan& plan) { return plan.warm_up.automatic ? Json(kAuto) : show_plain(plan.warm_up.time); }};
}

constexpr Kind<GroupDraft> max_in_flight() {
  return {[] { return count_schema(kInFlight); },
          [](Reader& reader, const Node& node, GroupDraft& group) {
            group.max_in_flight_given = true;
            if (const auto value = reader.count(node, kInFlight))
              group.max_in_flight = static_cast<std::uint32_t>(*value);
          },
          [](const ThreadGroup& group) { return Json(group.max_in_flight); }};
}

/// The kind of a key that only a group with users has, or only one with arrivals: not shown of the other.
template <auto kind, bool open>
constexpr Kind<GroupDraft> only_if() {
  return {kind().schema, kind().store,
          [](const ThreadGroup& group) { return group.open() == open ? kind().show(group) : Json(); }};
}
template <auto kind>
constexpr Kind<GroupDraft> of_users() {
  return only_if<kind, false>();
}
template <auto kind>
constexpr Kind<GroupDraft> of_arrivals() {
  return only_if<kind, true>();
}

constexpr Kind<PlanDraft> thresholds() {
  return {[] {
            Json item{{"type", "string"}, {"minLength", 1}};
            item["examples"] = {"p99 <= 250ms",       "error_rate < 0.1%",
                                "delivered >= 99%",   "service.p95{Login} < 1s",
                                "p99 < 1s over 10s",  "error_rate < 5% abort after 10s",
                                "fail if p99 > 250ms"};
            return Json{{"type", "array"}, {"items", std::move(item)}};
          },
          [](Reader& reader, const Node& node, PlanDraft& plan) {
            if (!reader.is(node, Node::Kind::array)) return;
            for (const Node& item : node.items) {
              const std::optional<Text> text = reader.text(item);
              if (!text) continue;
              const Result<Threshold> threshold = parse_threshold(text->value);
              if (threshold)
                plan.threshold_drafts.push_back({&item, *threshold});
              else
                reader.problem(item, text->replaced ? fmt::format("{} does not stand for a threshold such as \"p99 <= "
                                                                  "250ms\"",
                                                                  in_quotes(item.text))
                                                    : threshold.error());
            }
          },
          [](const Plan& plan) {
            Json out;
            for (const Threshold& threshold : plan.thresholds) out.push_back(to_string(threshold));
            return out;
          }};
}

/// Shown only where it says something: beside thresholds.
constexpr Kind<PlanDraft> undecided() {
  constexpr Kind<PlanDraft> any = choice<PlanDraft, &Plan::undecided, kUndecided>();
  return {any.schema, any.store, [](const Plan& plan) {
            return plan.thresholds.empty() ? Json() : choice<PlanDraft, &Plan::undecided, kUndecided>().show(plan);
          }};
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

constexpr Kind<PlanDraft> http_settings() {
  return {[] { return reference("http"); },
          [](Reader& reader, const Node& node, PlanDraft& plan) {
            HttpDraft http{plan.http};
            read_object(reader, node, http_keys(), http);
            plan.http = std::move(http);
            plan.http_node = &node;
          },
          [](const Plan& plan) { return show_object(http_keys(), plan.http); }};
}

/// Shown only where it says something: of a plan with https, or whose settings somebody has changed.
constexpr Kind<PlanDraft> tls_settings() {
  return {[] { return reference("tls"); },
          [](Reader& reader, const Node& node, PlanDraft& plan) {
            TlsDraft tls{plan.tls};
            read_object(reader, node, tls_keys(), tls);
            plan.tls = std::move(tls);
          },
          [](const Plan& plan) {
            const bool says_something = plan.has_tls() || plan.tls != TlsSettings{};
            return says_something ? show_object(tls_keys(), plan.tls) : Json();
          }};
}

/// Shown only where it says something.
constexpr Kind<PlanDraft> address_settings() {
  return {[] { return reference("addresses"); },
          [](Reader& reader, const Node& node, PlanDraft& plan) {
            AddressDraft addresses{plan.addresses};
            read_object(reader, node, address_keys(), addresses);
            plan.addresses = std::move(addresses);
          },
          [](const Plan& plan) {
            return plan.addresses == AddressSettings{} ? Json() : show_object(address_keys(), plan.addresses);
          }};
}

constexpr std::string_view kGroupDefinition = "thread_group";

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
    Key<PlanDraft>{"auth", auth<PlanDraft>(),
                   "Who every request says it is from; a thread group's or step's own auth or Authorization wins."},
    Key<PlanDraft>{"think_time", duration<PlanDraft, &PlanDraft::think_time>(),
                   "Pause before each request, for thread groups that set none.", "0s"},
    Key<PlanDraft>{"http", http_settings(), "How connections and responses are treated."},
    Key<PlanDraft>{"tls", tls_settings(), "How https connections are secured."},
    Key<PlanDraft>{"addresses", address_settings(), "Where connections go to and come from."},
    Key<PlanDraft>{"grace", duration<PlanDraft, &Plan::grace>(),
                   "How long requests in flight may take to finish when the run stops."},
    Key<PlanDraft>{
        "warm_up", warm_up(),
        "What fell due so early is left out of percentiles and rates; \"auto\" finds from the run itself how "
        "much. Ramps are left out anyway."},
    Key<PlanDraft>{"seed", count<PlanDraft, &Plan::seed, kSeed.min, kSeed.max>(),
                   "Of everything random: the same seed gives the same schedule."},
    Key<PlanDraft>{"thread_groups",
                   list<PlanDraft, &PlanDraft::group_drafts, &Plan::thread_groups, group_keys, kGroupDefinition>(),
                   "Groups of users or of arrivals; all groups run at the same time."},
    Key<PlanDraft>{
        "thresholds", thresholds(),
        "What the run must meet: a figure, a comparison and a limit, each judged with its 95 % interval; with "
        "\"abort after TIME\" the run is stopped when it has failed for that long."},
    Key<PlanDraft>{"undecided", undecided(),
                   "A threshold whose limit lies inside the figure's interval: exit ends with a code of its own, pass "
                   "and fail count it as passed or failed.",
                   "\"exit\""},
};

constexpr std::array kGroupKeys{
    Key<GroupDraft>{"name", text<GroupDraft, &ThreadGroup::name>(), "The group's name in reports.",
                    "\"Thread Group\", numbered when there are several"},
    Key<GroupDraft>{"users", of_users<count<GroupDraft, &ThreadGroup::users, kUsers.min, kUsers.max>>(),
                    "Users (JMeter: number of threads), each with a connection of its own."},
    Key<GroupDraft>{"ramp_up", of_users<duration<GroupDraft, &ThreadGroup::ramp_up>>(),
                    "Time over which the users start, evenly."},
    Key<GroupDraft>{"ramp", of_users<choice<GroupDraft, &ThreadGroup::ramp, kRamps>>(),
                    "exact: user n of N starts at n * ramp_up / N, to the nanosecond; jmeter: rounded to whole "
                    "milliseconds as JMeter does it."},
    Key<GroupDraft>{"loops", of_users<loops>(), "Iterations of each user, or \"forever\".",
                    "1; \"forever\" when there is a duration"},
    Key<GroupDraft>{"iterations", of_users<count<GroupDraft, &ThreadGroup::iterations, kLoops.min, kLoops.max>>(),
                    "Iterations of the whole group, dealt evenly to its users; instead of loops."},
    Key<GroupDraft>{"duration", of_users<duration<GroupDraft, &ThreadGroup::duration, Zero::refused>>(),
                    "No request starts later than this; counted from the end of startup_delay, ramp-up included.",
                    "none"},
    Key<GroupDraft>{
        "arrivals",
        of_arrivals<
            list<GroupDraft, &GroupDraft::segment_drafts, &ThreadGroup::arrivals, segment_keys, kSegmentDefinition>>(),
        "Open load, instead of users: how many users arrive a second, one segment after another. Each "
        "runs the steps once, whether those before it were answered or not."},
    Key<GroupDraft>{"spacing", of_arrivals<choice<GroupDraft, &ThreadGroup::spacing, kSpacings>>(),
                    "uniform: arrivals at even distances; poisson: at random, as users who know nothing of each "
                    "other come.",
                    "\"uniform\""},
    Key<GroupDraft>{"max_in_flight", of_arrivals<max_in_flight>(), "Arrivals under way at the same time, at most.",
                    "10000"},
    Key<GroupDraft>{"at_limit", of_arrivals<choice<GroupDraft, &ThreadGroup::at_limit, kAtLimits>>(),
                    "At max_in_flight an arrival waits, which its response time shows, or is dropped, which the "
                    "ledger shows.",
                    "\"wait\""},
    Key<GroupDraft>{"connections",
                    of_arrivals<count<GroupDraft, &ThreadGroup::connections, kConnections.min, kConnections.max>>(),
                    "Connections opened before the first arrival, so that none has to wait for one; more are opened "
                    "as needed.",
                    "0"},
    Key<GroupDraft>{"startup_delay", duration<GroupDraft, &ThreadGroup::startup_delay>(),
                    "Wait before the group's first user starts or arrives."},
    Key<GroupDraft>{"delayed_start", of_users<boolean<GroupDraft, &ThreadGroup::delayed_start>>(),
                    "JMeter's \"delay thread creation\": picks the formula of \"ramp\": \"jmeter\"; the exact ramp is "
                    "the same either way."},
    Key<GroupDraft>{"on_error", choice<GroupDraft, &ThreadGroup::on_error, kOnError>(),
                    "What a user does after a failed sample."},
    Key<GroupDraft>{"same_user_on_next_iteration",
                    of_users<boolean<GroupDraft, &ThreadGroup::same_user_on_next_iteration>>(),
                    "false: each iteration begins as a new user, on a new connection."},
    Key<GroupDraft>{"think_time", duration<GroupDraft, &GroupDraft::think_time>(),
                    "Pause before each request of this group, for steps that set none.", "the plan's"},
    Key<GroupDraft>{"headers", headers<GroupDraft, &GroupDraft::headers>(),
                    "Headers of this group's requests, added to the plan's; a step's own header wins."},
    Key<GroupDraft>{"auth", auth<GroupDraft>(), "Who this group's requests say they are from, instead of the plan's."},
    Key<GroupDraft>{"steps",
                    list<GroupDraft, &GroupDraft::step_drafts, &ThreadGroup::steps, step_keys, kStepDefinition>(),
                    "The requests of one iteration, in order."},
};

constexpr std::array<std::string_view, 1> kThreadGroups{"thread_groups"};
constexpr std::array<std::string_view, 1> kSteps{"steps"};
constexpr std::array<std::string_view, 2> kLoopsOrIterations{"loops", "iterations"};
constexpr std::array<Rule, 1> kPlanRules{{{Rule::Want::exactly_one, kThreadGroups}}};
constexpr std::array<Rule, 2> kGroupRules{
    {{Rule::Want::exactly_one, kSteps}, {Rule::Want::at_most_one, kLoopsOrIterations}}};
constexpr std::string_view kArrivals = "arrivals";
constexpr std::string_view kStartsUsers =
    "it says how users start; arrivals come by their segments, and a ramp is one of those: "
    R"({ "from": "0/s", "to": "100/s", "over": "10s" })";
constexpr std::array<Conflict, 8> kGroupConflicts{{
    {"users", kArrivals,
     "each arrival is a user of its own, and the rate decides how many there are; to bound those under way at the "
     "same time, use \"max_in_flight\""},
    {"ramp_up", kArrivals, kStartsUsers},
    {"ramp", kArrivals, kStartsUsers},
    {"delayed_start", kArrivals, kStartsUsers},
    {"loops", kArrivals, "each arrival runs the steps once; for more load raise the rate"},
    {"iterations", kArrivals, "each arrival runs the steps once, and rate and length say how many arrive"},
    {"duration", kArrivals, "the group ends with its last segment; write its length there, as \"for\" or \"over\""},
    {"same_user_on_next_iteration", kArrivals,
     "no arrival has a second iteration; for a new connection each time set \"keep_alive\": false in \"http\""},
}};
constexpr std::string_view kUsersDoNotArrive = "the users of a group with \"users\" do not arrive at a rate";
constexpr std::array<Need, 4> kGroupNeeds{{
    {"spacing", kArrivals, kUsersDoNotArrive},
    {"max_in_flight", kArrivals, "in a group with \"users\" that is the number of users"},
    {"at_limit", kArrivals, kUsersDoNotArrive},
    {"connections", kArrivals, "in a group with \"users\" each user opens its own when it starts"},
}};
constexpr std::array<ReservedKey, 1> kReservedInPlans{{
    {kArrivals, "arrivals are those of a thread group; write them there, beside its steps"},
}};
constexpr std::array<ReservedKey, 1> kReservedInGroups{{
    {"thresholds",
     "thresholds are those of the plan; write them there, and for the requests of one name as \"p99{NAME} < 1s\""},
}};

}  // namespace

const ObjectKeys<PlanDraft>& plan_keys() {
  static constexpr ObjectKeys<PlanDraft> object{.noun = "a plan",
                                                .definition = "plan",
                                                .doc = "What loadgen is to send, where to, and how.",
                                                .keys = kPlanKeys,
                                                .rules = {.rules = kPlanRules, .reserved = kReservedInPlans}};
  return object;
}

const ObjectKeys<GroupDraft>& group_keys() {
  static constexpr ObjectKeys<GroupDraft> object{
      .noun = "a thread group",
      .definition = kGroupDefinition,
      .doc = "Users who all do the same steps.",
      .keys = kGroupKeys,
      .rules = {
          .rules = kGroupRules, .conflicts = kGroupConflicts, .needs = kGroupNeeds, .reserved = kReservedInGroups}};
  return object;
}

template void read_object(Reader&, const Node&, const ObjectKeys<PlanDraft>&, PlanDraft&);
template Json show_object(const ObjectKeys<PlanDraft>&, const Plan&);
template Json show_object(const ObjectKeys<GroupDraft>&, const ThreadGroup&);

}  // namespace loadgen::config
