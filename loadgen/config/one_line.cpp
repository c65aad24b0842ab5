// `loadgen URL -c 100 -d 10s` and `loadgen URL -R 3000/s -d 10s` as a plan of one thread group with one step.

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/letters.hpp"
#include "base/units.hpp"
#include "config/form.hpp"
#include "config/keys.hpp"
#include "config/parse.hpp"
#include "config/reader.hpp"
#include "config/resolve.hpp"
#include "config/tls.hpp"
#include "config/url.hpp"
#include "config/words.hpp"

namespace loadgen::config {
namespace {

constexpr Duration kDefaultDuration = std::chrono::seconds(10);

/// Collects what is wrong with the options; they have no place in a file.
class Mistakes {
 public:
  void add(std::string message) {
    problems_.push_back(Problem{.line = 0, .column = 0, .pointer = "", .message = std::move(message)});
  }
  template <class T>
  void unless_within(std::string_view what, T value, Range<T> range) {
    const auto spell = [](auto v) {
      if constexpr (std::is_same_v<T, Duration>)
        return loadgen::to_string(v);
      else
        return std::to_string(v);
    };
    if (value < range.min || value > range.max)
      add(fmt::format("{} {} is out of range; it must be {} to {}", what, spell(value), spell(range.min),
                      spell(range.max)));
  }
  Problems problems_;
};

std::optional<http::Header> parse_header(const std::string& line, Mistakes& mistakes) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos) {
    mistakes.add(fmt::format("the header {} has no ':'; write it as \"Name: value\"", in_quotes(line)));
    return std::nullopt;
  }
  http::Header header{line.substr(0, colon), line.substr(colon + 1)};
  header.value.erase(0, header.value.find_first_not_of(" \t"));
  header.value.erase(header.value.find_last_not_of(" \t") + 1);
  const std::string mistake = header_mistake(header, Side::request);
  if (mistake.empty()) return header;
  mistakes.add(fmt::format("the header {} {}", in_quotes(header.name), mistake));
  return std::nullopt;
}

Step one_step(const OneLine& options, Mistakes& mistakes) {
  Step step;
  std::vector<std::string_view> names;
  for (const Method& method : methods()) names.push_back(method.name);
  const auto method = std::ranges::find_if(names, [&](auto name) { return same_word(name, options.method); });
  if (method != names.end())
    step.method = *method;
  else
    mistakes.add(fmt::format("the method {} is not one of {}{}", in_quotes(options.method), listed(names, "and"),
                             did_you_mean(options.method, names)));
  if (const Result<Url> url = parse_url(options.url))
    step.url = *url;
  else
    mistakes.add("the URL " + url.error());
  for (const std::string& line : options.headers)
    if (std::optional<http::Header> header = parse_header(line, mistakes)) step.headers.push_back(std::move(*header));
  step.body = options.body;
  step.body_file = options.body_file;
  step.multipart = options.multipart;
  const auto content_type = [](const http::Header& header) { return same_word(header.name, "content-type"); };
  if (!step.multipart.empty() && std::ranges::any_of(step.headers, content_type))
    mistakes.add(std::string(kFormHasItsType));
  step.name = fmt::format("{} {}", step.method, step.url.path_and_query);
  return step;
}

/// Users that all start in one instant cannot: the last of a hundred waits for 99 connections to be begun, and the
/// report would rightly call the generator late. So they start one after another, as fast as connections can be.
Duration gentle_ramp(const ThreadGroup& group) {
  const Duration one_by_one = group.users * std::chrono::microseconds(100);
  return group.duration ? std::min(one_by_one, *group.duration / 10) : one_by_one;
}

/// Closed load: users who go round.
void add_users(const OneLine& options, ThreadGroup& group, Mistakes& mistakes) {
  group.users = options.users;
  group.loops.reset();
  group.iterations = options.iterations;
  group.duration = options.duration;
  if (!options.iterations && !options.duration) group.duration = kDefaultDuration;
  group.ramp_up = options.ramp_up.value_or(gentle_ramp(group));
  mistakes.unless_within<std::uint64_t>("the number of users", options.users, kUsers);
  if (options.ramp_up) mistakes.unless_within("the ramp-up", *options.ramp_up, kAnyTime);
}

/// How long arrivals come: -d, or as long as -n of them take, whichever is over first.
Duration arrivals_length(const OneLine& options, Mistakes& mistakes) {
  const Duration longest = options.duration.value_or(options.iterations ? kAnyTime.max : kDefaultDuration);
  if (!options.iterations) return longest;
  const double of_all = static_cast<double>(*options.iterations) / options.arrivals->rate;
  if (of_all < seconds(longest)) return Duration(std::llround(of_all * 1e9));
  if (!options.duration)
    mistakes.add(fmt::format("{} requests at {} take longer than a year; raise the rate", *options.iterations,
                             rate_to_string(options.arrivals->rate)));
  return longest;
}

/// Open load: users who arrive at a rate.
void add_arrivals(const OneLine& options, ThreadGroup& group, Mistakes& mistakes) {
  const OneLineArrivals& asked = *options.arrivals;
  group.users = 0;
  group.spacing = asked.spacing;
  group.at_limit = asked.at_limit;
  group.connections = asked.connections;
  group.max_in_flight_given = asked.max_in_flight.has_value();
  group.max_in_flight = asked.max_in_flight.value_or(group.max_in_flight);
  mistakes.unless_within<std::uint64_t>("max-in-flight", group.max_in_flight, kInFlight);
  mistakes.unless_within<std::uint64_t>("the number of connections", group.connections, kConnections);
  if (group.connections > group.max_in_flight)
    mistakes.add(fmt::format("{} connections, of which --max-in-flight lets {} be used; open no more than that",
                             group.connections, group.max_in_flight));
  if (asked.rate <= kRate.min || asked.rate > kRate.max) {
    mistakes.add(fmt::format("the rate {} is out of range; it must be above {} and at most {}",
                             rate_to_string(asked.rate), rate_to_string(kRate.min), rate_to_string(kRate.max)));
    return;
  }
  const Duration length = arrivals_length(options, mistakes);
  group.arrivals = {{.duration = length, .from = asked.rate, .to = asked.rate}};
  if (group.spacing == load::Spacing::uniform && asked.rate * seconds(length) < 0.5)
    mistakes.add(fmt::format("nobody arrives within {} at {}; raise the rate or the duration",
                             loadgen::to_string(length), rate_to_string(asked.rate)));
}

}  // namespace

std::variant<Plan, Problems> one_line_plan(const OneLine& options) {
  Mistakes mistakes;
  ThreadGroup group;
  group.name = kGroupName;
  group.steps.push_back(one_step(options, mistakes));
  if (options.iterations) mistakes.unless_within("the number of requests", *options.iterations, kLoops);
  if (options.duration) mistakes.unless_within("the duration", *options.duration, kSomeTime);
  if (options.timeout) mistakes.unless_within("the timeout", *options.timeout, kSomeTime);
  if (options.streams) mistakes.unless_within("the number of streams", *options.streams, kStreams);
  if (options.seed) mistakes.unless_within("the seed", *options.seed, kSeed);
  if (options.warm_up) mistakes.unless_within("the warm-up", options.warm_up->time, kAnyTime);
  if (options.arrivals)
    add_arrivals(options, group, mistakes);
  else
    add_users(options, group, mistakes);
  if (!mistakes.problems_.empty()) return std::move(mistakes.problems_);

  Plan plan;
  plan.target = group.steps.front().url.origin();
  plan.name = options.url;
  plan.http.keep_alive = options.keep_alive;
  plan.http.follow_redirects = options.follow_redirects;
  plan.http.cookies = options.cookies;
  if (options.http2) plan.http.version = HttpVersion::http_2;
  plan.http.streams_per_connection = static_cast<std::uint32_t>(options.streams.value_or(1));
  if (std::string mistake = http_mistake(plan.http); !mistake.empty()) mistakes.add(std::move(mistake));
  plan.http.response_timeout = options.timeout.value_or(plan.http.response_timeout);
  plan.http.user_agent = default_user_agent();
  if (options.proxy) {
    if (Result<http::Proxy> proxy = parse_proxy(*options.proxy))
      plan.http.proxy = std::move(*proxy);
    else
      mistakes.add("--proxy " + proxy.error());
  }
  if (plan.http.proxy && !plan.http.proxy->password.empty()) plan.secrets.push_back(plan.http.proxy->password);
  apply(options.tls, plan.tls);
  apply(options.addresses, plan.addresses);
  if (std::string mistake = tls_mistake(plan.tls); !mistake.empty()) mistakes.add(std::move(mistake));
  plan.warm_up = options.warm_up.value_or(plan.warm_up);
  plan.seed = options.seed.value_or(plan.seed);
  plan.thread_groups.push_back(std::move(group));
  plan.thresholds = options.thresholds;
  plan.undecided = options.undecided;
  for (const Threshold& threshold : plan.thresholds) {
    if (std::string mistake = threshold_mistake(threshold, plan); !mistake.empty()) mistakes.add(std::move(mistake));
  }
  if (!mistakes.problems_.empty()) return std::move(mistakes.problems_);
  return plan;
}

}  // namespace loadgen::config
