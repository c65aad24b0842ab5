#include "config/resolve.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "base/letters.hpp"
#include "base/units.hpp"
#include "config/form.hpp"
#include "config/segments.hpp"
#include "config/tls.hpp"
#include "config/url.hpp"
#include "config/words.hpp"

namespace loadgen::config {
namespace {

constexpr std::size_t kNamesListed = 10;  ///< in a message

/// Sample::request indexes the requests of all thread groups with 16 bits.
constexpr std::size_t kMostSteps = std::numeric_limits<std::uint16_t>::max();

void command_line_problem(Reader& reader, std::string message) {
  reader.problem(Problem{.line = 0, .column = 0, .pointer = "", .message = std::move(message)});
}

void check_override(Reader& reader, std::string_view option, std::uint64_t value, Range<std::uint64_t> range) {
  if (value < range.min || value > range.max)
    command_line_problem(
        reader, fmt::format("{} {} is out of range; it must be {} to {}", option, value, range.min, range.max));
}

void check_override(Reader& reader, std::string_view option, Duration value, Range<Duration> range) {
  if (value < range.min || value > range.max)
    command_line_problem(reader,
                         fmt::format("{} {} is out of range; it must be {} to {}", option, loadgen::to_string(value),
                                     loadgen::to_string(range.min), loadgen::to_string(range.max)));
}

/// `inner` added to `outer`; of two headers of one name the inner one stays, in the outer one's place.
void merge_headers(std::vector<http::Header>& outer, const std::vector<http::Header>& inner) {
  for (const http::Header& header : inner) {
    const auto same =
        std::ranges::find_if(outer, [&](const http::Header& other) { return same_word(other.name, header.name); });
    if (same == outer.end())
      outer.push_back(header);
    else
      *same = header;
  }
}

bool is_authorization(const http::Header& header) {
  return same_word(header.name, "authorization");
}

/// "auth" and an Authorization header at one place would be two answers to one question.
template <class Draft>
void add_authorization(Reader& reader, Draft& draft) {
  if (draft.auth.authorization.empty() && !draft.auth.digest) return;
  if (std::ranges::any_of(draft.headers, is_authorization))
    reader.problem(draft.node->find("auth")->value,
                   "\"auth\" and an \"Authorization\" in \"headers\" stand at the same place; keep one");
  else if (!draft.auth.digest)
    draft.headers.push_back({"Authorization", draft.auth.authorization});
}

/// What requests say beside their content.
struct Said {
  std::vector<http::Header> headers;
  std::optional<http::DigestCredentials> digest;  ///< then no header is an Authorization
};

/// The draft's own headers and auth over those that it inherits.
template <class Draft>
void add_own(Reader& reader, Draft& draft, Said& said) {
  add_authorization(reader, draft);
  if (std::ranges::any_of(draft.headers, is_authorization)) said.digest.reset();
  if (draft.auth.digest) {
    std::erase_if(said.headers, is_authorization);
    said.digest = draft.auth.digest;
  }
  merge_headers(said.headers, draft.headers);
}

std::optional<Url> resolve_target(Reader& reader, const PlanDraft& draft) {
  if (draft.target.empty()) {
    if (draft.target_node != nullptr && reader.ok())
      reader.problem(*draft.target_node, "is empty; write a URL such as \"http://localhost:3000\"");
    return std::nullopt;
  }
  Result<Url> url = parse_url(draft.target);
  if (url && url->path_and_query.find('?') != std::string::npos)
    url = Error{"has a query, which belongs to a step's path; take it away"};
  if (url) {
    while (url->path_and_query.ends_with('/')) url->path_and_query.pop_back();
    return *url;
  }
  if (draft.target_node != nullptr)
    reader.problem(*draft.target_node, "the target " + url.error());
  else
    command_line_problem(reader, "--target " + url.error());
  return std::nullopt;
}

/// What every step of a thread group inherits.
struct Inherited {
  const std::optional<Url>& target;
  bool target_given;
  Said said;
  Duration think_time;
};

void resolve_url(Reader& reader, const Inherited& inherited, StepDraft& step) {
  const std::string& path = step.path.value;
  if (path.empty() && !reader.ok()) return;  // its own mistake is already told
  if (is_whole_url(path)) {
    const Result<Url> url = parse_url(path);
    if (url)
      step.url = *url;
    else
      reader.problem(*step.location, "the URL " + url.error());
    return;
  }
  const Result<std::string> checked = parse_path(path);
  if (!checked)
    reader.problem(*step.location, "the path " + checked.error());
  else if (!inherited.target_given)
    reader.problem(*step.location,
                   "a path needs a target; add one such as \"target\": \"http://localhost:3000\" to the "
                   "plan, or write a whole URL here");
  else if (inherited.target) {
    step.url = *inherited.target;
    step.url.path_and_query += *checked;
  }
}

void resolve_step(Reader& reader, const Inherited& inherited, StepDraft& step) {
  Said said = inherited.said;
  add_own(reader, step, said);
  const auto content_type = [](const http::Header& h) { return same_word(h.name, "content-type"); };
  const bool typed = std::ranges::any_of(said.headers, content_type);
  if (step.json_body && !typed) said.headers.push_back({"Content-Type", "application/json"});
  if (step.form != nullptr && typed) reader.problem(*step.form, std::string(kFormHasItsType));
  step.headers = std::move(said.headers);
  step.digest = std::move(said.digest);
  step.think_time = step.pause.value_or(inherited.think_time);
  if (step.location == nullptr) return;  // no method: read_object told it
  resolve_url(reader, inherited, step);
  if (step.name.empty()) step.name = fmt::format("{} {}", step.method, step.path.shown);
  const bool wants_body = step.expect.body_contains || !step.expect.body_equals.value_or("").empty();
  if (step.method == "HEAD" && wants_body)
    reader.problem(*step.location,
                   "a response to HEAD has no body to compare; expect a status or a header, or use get");
}

void resolve_ending(Reader& reader, GroupDraft& group) {
  const bool until_duration = group.duration && !group.loops_given;
  if (group.iterations || until_duration) group.loops.reset();
  // in double, since only the size matters: the product itself may not fit
  double iterations = group.iterations
                          ? static_cast<double>(*group.iterations)
                          : static_cast<double>(group.users) * static_cast<double>(group.loops.value_or(0));
  if (group.open() && reader.ok()) iterations = load::LoadProfile(group.arrivals).total();
  const double requests = iterations * static_cast<double>(group.step_drafts.size());
  if (requests >= static_cast<double>(std::numeric_limits<std::int64_t>::max()))
    reader.problem(*group.node, group.open() ? "more requests than can be counted; lower the rate or the length"
                                             : "more requests than can be counted; use \"loops\": \"forever\" and a "
                                               "duration");
}

/// A group with arrivals has no users of its own: each arrival is one, for one iteration.
void resolve_arrivals(Reader& reader, GroupDraft& group) {
  if (group.segment_drafts.empty()) return;
  group.users = 0;
  expand_segments(reader, group);
  if (group.connections > group.max_in_flight)
    reader.problem(group.node->find("connections")->value,
                   fmt::format("{} connections, of which max_in_flight lets {} be used; open no more than that",
                               group.connections, group.max_in_flight));
}

bool is_open(const GroupDraft& group) {
  return !group.segment_drafts.empty();
}

/// A plan of one constant rate may be cut or stretched; of anything more, the command line cannot say which part.
void override_length(Reader& reader, Duration duration, GroupDraft& group) {
  SegmentDraft& first = group.segment_drafts.front();
  if (group.segment_drafts.size() == 1 && first.rate)
    first.length = duration;
  else
    command_line_problem(reader,
                         "--duration cannot say which of several segments of arrivals to change; write their "
                         "lengths in the plan");
}

/// Options about users are for groups that have some.
void check_users_overridden(Reader& reader, const Overrides& overrides, const PlanDraft& draft) {
  if (draft.group_drafts.empty() || !std::ranges::all_of(draft.group_drafts, is_open)) return;
  constexpr std::string_view kAdvice =
      "{} is for thread groups with users, and this plan has arrivals only; change their rates in the plan{}";
  if (overrides.users)
    command_line_problem(reader, fmt::format(kAdvice, "--users", ", or \"connections\", or \"max_in_flight\""));
  if (overrides.ramp_up)
    command_line_problem(
        reader, fmt::format(kAdvice, "--ramp-up", R"(: a ramp is { "from": "0/s", "to": "100/s", "over": "10s" })"));
  if (overrides.loops)
    command_line_problem(reader, fmt::format(kAdvice, "--loops", ": each arrival runs the steps once"));
}

void apply_overrides(Reader& reader, const Overrides& overrides, GroupDraft& group) {
  if (is_open(group)) {
    if (overrides.duration) override_length(reader, *overrides.duration, group);
    return;
  }
  group.users = overrides.users.value_or(group.users);
  group.ramp_up = overrides.ramp_up.value_or(group.ramp_up);
  if (overrides.duration) group.duration = overrides.duration;
  if (!overrides.loops) return;
  group.loops = overrides.loops;
  group.loops_given = true;
  group.iterations.reset();
}

void apply_overrides(Reader& reader, const TlsOverrides& overrides, TlsSettings& tls) {
  apply(overrides, tls);
  // what the plan itself lacks is told at its place
  const bool about_them = overrides.client_cert || overrides.client_key;
  if (const std::string mistake = tls_mistake(tls); about_them && !mistake.empty())
    command_line_problem(reader, mistake);
}

/// Each threshold's label must be one, and what is watched while the run lasts must be known by then.
void resolve_thresholds(Reader& reader, PlanDraft& draft) {
  for (ThresholdDraft& threshold : draft.threshold_drafts) {
    const std::string mistake = threshold_mistake(threshold.threshold, draft);
    if (!mistake.empty() && threshold.node != nullptr)
      reader.problem(*threshold.node, mistake);
    else if (!mistake.empty())
      command_line_problem(reader, mistake);
    draft.thresholds.push_back(std::move(threshold.threshold));
  }
}

/// What stops a run must be known while it lasts.
std::string abort_mistake(const Threshold& threshold, const Plan& plan) {
  if (plan.warm_up.automatic)
    return fmt::format(
        "the threshold {}: where an automatic warm-up ends is found after the run, and until then nobody knows what "
        "counts; say how long the warm-up is, such as 5s, or take \"abort\" away",
        in_quotes(to_string(threshold)));
  if (threshold.metric == Threshold::Metric::delivered && !std::ranges::all_of(plan.thread_groups, &ThreadGroup::open))
    return fmt::format(
        "the threshold {}: only of arrivals is it known while the run lasts what is due; watch rps, or take \"abort\" "
        "away",
        in_quotes(to_string(threshold)));
  return "";
}

}  // namespace

std::string threshold_mistake(const Threshold& threshold, const Plan& plan) {
  std::vector<std::string_view> names;
  for (const ThreadGroup& group : plan.thread_groups)
    for (const Step& step : group.steps)
      if (std::ranges::find(names, step.name) == names.end()) names.push_back(step.name);
  if (!threshold.label.empty() && std::ranges::find(names, threshold.label) == names.end()) {
    const std::string guess = did_you_mean(threshold.label, names);
    names.resize(std::min(names.size(), kNamesListed));
    return fmt::format("the threshold {}: no request is named {}{}", in_quotes(to_string(threshold)),
                       in_quotes(threshold.label),
                       guess.empty() ? fmt::format("; there is {}", listed(names, "and")) : guess);
  }
  if (threshold.abort_after) return abort_mistake(threshold, plan);
  return "";
}

std::string default_user_agent() {
  return "loadgen/" LOADGEN_VERSION;
}

void apply_overrides(Reader& reader, const Overrides& overrides, PlanDraft& draft) {
  if (overrides.target) {
    draft.target = *overrides.target;
    draft.target_node = nullptr;
    if (draft.target.empty())
      command_line_problem(reader, "--target is empty; write a URL such as http://localhost:3000");
  }
  if (overrides.users) check_override(reader, "--users", *overrides.users, kUsers);
  if (overrides.ramp_up) check_override(reader, "--ramp-up", *overrides.ramp_up, kAnyTime);
  if (overrides.loops) check_override(reader, "--loops", *overrides.loops, kLoops);
  if (overrides.duration) check_override(reader, "--duration", *overrides.duration, kSomeTime);
  if (overrides.seed) check_override(reader, "--seed", *overrides.seed, kSeed);
  if (overrides.warm_up) check_override(reader, "--warm-up", overrides.warm_up->time, kAnyTime);
  draft.seed = overrides.seed.value_or(draft.seed);
  draft.warm_up = overrides.warm_up.value_or(draft.warm_up);
  for (const Threshold& threshold : overrides.thresholds) draft.threshold_drafts.push_back({nullptr, threshold});
  if (overrides.follow_redirects) draft.http.follow_redirects = true;
  draft.http.cookies = overrides.cookies.value_or(draft.http.cookies);
  if (overrides.proxy) {
    const Result<http::Proxy> proxy = parse_proxy(*overrides.proxy);
    if (proxy)
      draft.http.proxy = *proxy;
    else
      command_line_problem(reader, "--proxy " + proxy.error());
  }
  if (overrides.http2) draft.http.version = HttpVersion::http_2;
  if (overrides.streams) {
    check_override(reader, "--streams", *overrides.streams, kStreams);
    draft.http.streams_per_connection = static_cast<std::uint32_t>(*overrides.streams);
  }
  if (std::string mistake = http_mistake(draft.http); !mistake.empty()) {
    if (overrides.streams || draft.http_node == nullptr)
      command_line_problem(reader, std::move(mistake));
    else
      reader.problem(*draft.http_node, std::move(mistake));
  }
  draft.undecided = overrides.undecided.value_or(draft.undecided);
  apply_overrides(reader, overrides.tls, draft.tls);
  apply(overrides.addresses, draft.addresses);
  check_users_overridden(reader, overrides, draft);
  for (GroupDraft& group : draft.group_drafts) apply_overrides(reader, overrides, group);
}

void resolve(Reader& reader, PlanDraft& draft) {
  const std::optional<Url> target = resolve_target(reader, draft);
  Said said;
  add_own(reader, draft, said);
  std::size_t steps = 0;
  for (std::size_t i = 0; i < draft.group_drafts.size(); ++i) {
    GroupDraft& group = draft.group_drafts[i];
    if (group.name.empty()) {
      group.name = kGroupName;
      if (draft.group_drafts.size() > 1) group.name += fmt::format(" {}", i + 1);
    }
    Inherited inherited{.target = target,
                        .target_given = !draft.target.empty() || draft.target_node != nullptr,
                        .said = said,
                        .think_time = group.think_time.value_or(draft.think_time.value_or(Duration::zero()))};
    add_own(reader, group, inherited.said);
    resolve_arrivals(reader, group);
    resolve_ending(reader, group);
    for (StepDraft& step : group.step_drafts) {
      resolve_step(reader, inherited, step);
      group.steps.push_back(std::move(step));
    }
    steps += group.steps.size();
    draft.thread_groups.push_back(std::move(group));
  }
  if (steps > kMostSteps)
    reader.problem(*draft.node, fmt::format("{} steps; a plan holds at most {}", steps, kMostSteps));
  resolve_thresholds(reader, draft);
  if (draft.http.user_agent.empty()) draft.http.user_agent = default_user_agent();
  const bool first_step = !draft.thread_groups.empty() && !draft.thread_groups.front().steps.empty();
  if (draft.name.empty())
    draft.name =
        draft.target.empty() && first_step ? draft.thread_groups.front().steps.front().url.origin() : draft.target;
  draft.secrets = reader.variables().secrets();
  if (draft.http.proxy && !draft.http.proxy->password.empty()) draft.secrets.push_back(draft.http.proxy->password);
}

}  // namespace loadgen::config
