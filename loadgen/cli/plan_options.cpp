#include "cli/plan_options.hpp"

#include <array>

#include <fmt/format.h>

#include "base/units.hpp"
#include "cli/option_words.hpp"
#include "config/form.hpp"

namespace loadgen::cli {
namespace {

constexpr std::array<std::string_view, 2> kSpacings{"uniform", "poisson"};  // in the order of load::Spacing
constexpr std::array<std::string_view, 2> kAtLimits{"wait", "drop"};        // in the order of config::AtLimit

constexpr const char* kOneLineRuns = "One-line runs (with a URL)";

config::WarmUp warm_up_of(const std::string& text) {
  if (text == "auto") return {.automatic = true};
  return {.time = must(parse_duration(text), "--warm-up")};
}

bool is_url(const std::string& text) {
  return text.find("://") != std::string::npos;
}

config::AddressOverrides addresses_of(const PlanOptions& raw) {
  config::AddressOverrides addresses{.unix_socket = raw.unix_socket};
  if (raw.unix_socket && raw.unix_socket->empty()) throw UsageError{"--unix-socket: the path is empty"};
  for (const std::string& rule : raw.connect_to)
    addresses.connect_to.push_back(must(config::parse_connect_to(rule), "--connect-to"));
  for (const std::string& rule : raw.resolve)
    addresses.resolve.push_back(must(config::parse_resolve(rule), "--resolve"));
  if (raw.interface) addresses.interfaces = must(config::parse_interfaces(*raw.interface), "--interface");
  if (raw.ipv4 && raw.ipv6) throw UsageError{"--ipv4 and --ipv6 leave no address; give one of them, or none"};
  if (raw.ipv4 || raw.ipv6) addresses.ip_version = raw.ipv4 ? config::IpVersion::v4 : config::IpVersion::v6;
  const bool others =
      !raw.connect_to.empty() || !raw.resolve.empty() || raw.interface || addresses.ip_version.has_value();
  if (raw.unix_socket && others)
    throw UsageError{
        "--unix-socket: a unix socket has no address; take --connect-to, --resolve, --interface, --ipv4 and --ipv6 "
        "away"};
  return addresses;
}

config::Overrides overrides_of(const PlanOptions& raw) {
  config::Overrides overrides;
  overrides.target = raw.target;
  if (raw.users) {
    const std::uint64_t users = must(parse_count(*raw.users), "--users");
    if (users == 0 || users > kMostUsers) throw UsageError{"--users: takes 1 to 10,000,000 users"};
    overrides.users = static_cast<std::uint32_t>(users);
  }
  if (raw.ramp_up) overrides.ramp_up = must(parse_duration(*raw.ramp_up), "--ramp-up");
  if (raw.loops) overrides.loops = must(parse_count(*raw.loops), "--loops");
  if (raw.duration) overrides.duration = must(parse_duration(*raw.duration), "--duration");
  if (raw.warm_up) overrides.warm_up = warm_up_of(*raw.warm_up);
  if (raw.seed) overrides.seed = must(parse_count(*raw.seed), "--seed");
  overrides.follow_redirects = raw.follow_redirects;
  if (raw.cookies) overrides.cookies = config::Cookies(choice("--cookies", *raw.cookies, config::kCookies));
  overrides.proxy = raw.proxy;
  overrides.http2 = raw.http2;
  if (raw.streams) overrides.streams = must(parse_count(*raw.streams), "--streams");
  overrides.tls = {.insecure = raw.insecure, .ca_file = raw.cacert, .client_cert = raw.cert, .client_key = raw.key};
  overrides.addresses = addresses_of(raw);
  for (const std::string& variable : raw.variables) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string::npos || equals == 0)
      throw UsageError{fmt::format("-J: \"{}\" is not name=value, as in -J users=100", variable)};
    overrides.variables[variable.substr(0, equals)] = variable.substr(equals + 1);
  }
  return overrides;
}

/// -R and what goes with it.
config::OneLineArrivals arrivals_of(const PlanOptions& raw, const config::Overrides& overrides) {
  if (raw.ramp_up)
    throw UsageError{
        "--ramp-up is about users, and with -R there are arrivals; for a ramp of the rate write a plan, as "
        "configs/open_ramp.json"};
  config::OneLineArrivals arrivals;
  arrivals.rate = must(parse_rate(*raw.rate), "--rate");
  arrivals.connections = overrides.users.value_or(0);
  if (raw.spacing) arrivals.spacing = load::Spacing(choice("--spacing", *raw.spacing, kSpacings));
  if (raw.at_limit) arrivals.at_limit = config::AtLimit(choice("--at-limit", *raw.at_limit, kAtLimits));
  if (raw.max_in_flight) arrivals.max_in_flight = small_count("--max-in-flight", *raw.max_in_flight);
  return arrivals;
}

/// What the request carries, one of three.
void add_body(const PlanOptions& raw, config::OneLine& line) {
  if (int{raw.body.has_value()} + int{raw.body_file.has_value()} + int{!raw.form.empty()} > 1)
    throw UsageError{"--body, --body-file and --form are each the whole body; give one of them"};
  if ((raw.body_file || !raw.form.empty()) && !raw.method)
    throw UsageError{"--body-file and --form: say with which method they are sent, as in -m POST"};
  if (raw.body_file == "") throw UsageError{"--body-file: the name is empty"};
  if (raw.body_file == "-") throw UsageError{"--body-file: stdin cannot be sent more than once; name a file"};
  line.body = raw.body.value_or("");
  line.body_file = raw.body_file.value_or("");
  for (const std::string& field : raw.form) line.multipart.push_back(must(config::parse_form_field(field), "--form"));
}

config::OneLine one_line_of(const PlanOptions& raw, const config::Overrides& overrides) {
  if (raw.loops) throw UsageError{"--loops is for plans; for a URL say how many requests in all with -n"};
  if (raw.target) throw UsageError{"--target is for plans; here the URL itself is the target"};
  if (!raw.variables.empty()) throw UsageError{"-J is for plans: a one-line run has no ${name}"};
  config::OneLine line;
  line.url = raw.what;
  if (overrides.users) line.users = *overrides.users;
  if (raw.requests) line.iterations = must(parse_count(*raw.requests), "--requests");
  line.duration = overrides.duration;
  if (overrides.ramp_up) line.ramp_up = *overrides.ramp_up;
  if (raw.method) line.method = *raw.method;
  line.headers = raw.headers;
  add_body(raw, line);
  if (raw.timeout) line.timeout = must(parse_duration(*raw.timeout), "--timeout");
  line.keep_alive = !raw.no_keep_alive;
  line.follow_redirects = overrides.follow_redirects;
  line.cookies = overrides.cookies.value_or(line.cookies);
  line.proxy = overrides.proxy;
  line.http2 = overrides.http2;
  line.streams = overrides.streams;
  line.tls = overrides.tls;
  line.addresses = overrides.addresses;
  line.warm_up = overrides.warm_up;
  line.seed = overrides.seed;
  if (raw.rate)
    line.arrivals = arrivals_of(raw, overrides);
  else if (raw.spacing || raw.at_limit || raw.max_in_flight)
    throw UsageError{"--spacing, --at-limit and --max-in-flight are about arrivals; give their rate, as in -R 3000/s"};
  return line;
}

}  // namespace

void PlanOptions::add_to(CLI::App& app) {
  app.add_option("PLAN|URL", what, "a plan in JSON, or an http:// or https:// URL for a one-line run");
  app.add_option("--config", config, "the plan (the same as naming it without a flag)")->type_name("PLAN");
  const std::string plan = "Overrides, they beat the plan";
  app.add_option("--target", target, "base URL that the plan's paths go to")->type_name("URL")->group(plan);
  app.add_option("-c,--users", users,
                 "users of each thread group at the same time, each with its own connection (one-line:\n"
                 "50); with -R: connections opened before the start")
      ->type_name("N")
      ->group(plan);
  app.add_option("--ramp-up", ramp_up, "time over which the users start, e.g. 2s (one-line: 0.1 ms a user)")
      ->type_name("TIME")
      ->group(plan);
  app.add_option("--loops", loops, "iterations a user")->type_name("N")->group(plan);
  app.add_option("-d,--duration", duration, "how long, e.g. 10s (one-line without -n: 10s)")
      ->type_name("TIME")
      ->group(plan);
  app.add_option("--warm-up", warm_up, "what falls due so early is not in percentiles and rates: a time, or auto (0s)")
      ->type_name("TIME|auto")
      ->group(plan);
  app.add_option("--seed", seed, "of everything random: the same seed gives the same schedule (1)")
      ->type_name("N")
      ->group(plan);
  app.add_flag("-L,--follow-redirects", follow_redirects,
               "301, 302, 303, 307 and 308 lead on, as far as steps of the plan go")
      ->group(plan);
  app.add_option("--cookies", cookies,
                 "off, or kept by each user: as long as it is there (user) or until its next iteration\n"
                 "begins (iteration)")
      ->type_name("off|user|iteration")
      ->group(plan);
  app.add_option("-x,--proxy", proxy,
                 "through which all connections go: [http|https|socks5|socks5h://][user:password@]host[:port]")
      ->type_name("URL")
      ->group(plan);
  app.add_flag("--http2", http2, "HTTP/2: by ALPN over https://, without asking (prior knowledge) over http://")
      ->group(plan);
  app.add_option("--streams", streams, "with --http2: users that share a connection, each a stream of it (1)")
      ->type_name("N")
      ->group(plan);
  app.add_option("-J", variables, "value of ${name} in the plan; repeatable")
      ->type_name("name=value")
      ->group(plan)
      ->allow_extra_args(false);
  add_tls_options(app);
  add_address_options(app);
  app.add_option("-R,--rate", rate, "open load: requests are due at this rate, answered or not; e.g. 3000/s or 90/m")
      ->type_name("RATE")
      ->group(kOneLineRuns);
  app.add_option("--spacing", spacing, "with -R: uniform, or poisson as independent users come (uniform)")
      ->type_name("HOW")
      ->group(kOneLineRuns);
  app.add_option("--max-in-flight", max_in_flight, "with -R: requests under way at the same time, at most (10000)")
      ->type_name("N")
      ->group(kOneLineRuns);
  app.add_option("--at-limit", at_limit, "with -R: what is due beyond --max-in-flight will wait, or drop (wait)")
      ->type_name("WHAT")
      ->group(kOneLineRuns);
  app.add_option("-n,--requests", requests,
                 "requests in all, e.g. 6000 or 10k: dealt evenly over the users; or arrivals with -R")
      ->type_name("N")
      ->group(kOneLineRuns);
  add_request_options(app);
  app.add_option("--timeout", timeout, "response timeout (30s)")->type_name("TIME")->group(kOneLineRuns);
  app.add_flag("--no-keep-alive", no_keep_alive, "a new connection for each request")->group(kOneLineRuns);
}

void PlanOptions::add_request_options(CLI::App& app) {
  app.add_option("-m,--method", method, "GET, POST, PUT, DELETE, PATCH, HEAD or OPTIONS (GET)")
      ->type_name("METHOD")
      ->group(kOneLineRuns);
  app.add_option("-H,--header", headers, "\"Name: value\"; repeatable")
      ->type_name("HEADER")
      ->group(kOneLineRuns)
      ->allow_extra_args(false);
  app.add_option("-b,--body", body, "the request's body")->type_name("TEXT")->group(kOneLineRuns);
  app.add_option("--body-file", body_file, "the request's body is what this file holds, read while it is sent")
      ->type_name("FILE")
      ->group(kOneLineRuns);
  app.add_option("-F,--form", form,
                 "the request's body is a form, multipart/form-data: a field is name=value, or\n"
                 "name=@file[;type=T][;filename=N]; repeatable")
      ->type_name("FIELD")
      ->group(kOneLineRuns)
      ->allow_extra_args(false);
}

void PlanOptions::add_tls_options(CLI::App& app) {
  const std::string tls = "HTTPS, named as curl's options are; they beat the plan";
  app.add_flag("-k,--insecure", insecure, "believe any certificate; without it, one is verified")->group(tls);
  app.add_option("--cacert", cacert, "certificates that are trusted, in PEM, instead of the system's")
      ->type_name("FILE")
      ->group(tls);
  app.add_option("--cert", cert, "certificate that loadgen shows the target, in PEM")->type_name("FILE")->group(tls);
  app.add_option("--key", key, "its private key, in PEM; may be the same file")->type_name("FILE")->group(tls);
}

void PlanOptions::add_address_options(CLI::App& app) {
  const std::string addresses = "Addresses, named as curl's options are; they beat the plan";
  app.add_option("--unix-socket", unix_socket, "connect to this unix socket, whatever hosts the URLs name")
      ->type_name("PATH")
      ->group(addresses);
  app.add_option("--connect-to", connect_to,
                 "HOST1:PORT1:HOST2:PORT2: what goes to the first host and port is sent to the second;\n"
                 "an empty part is any, or the same; repeatable")
      ->type_name("RULE")
      ->group(addresses)
      ->allow_extra_args(false);
  app.add_option("--resolve", resolve, "HOST:PORT:ADDRESS[,ADDRESS]...: addresses of that host; repeatable")
      ->type_name("RULE")
      ->group(addresses)
      ->allow_extra_args(false);
  app.add_option("--interface", interface,
                 "addresses or network interfaces that connections come from, separated by commas: the\n"
                 "users take them in turn")
      ->type_name("NAME[,NAME]...")
      ->group(addresses);
  app.add_flag("-4,--ipv4", ipv4, "only IPv4 addresses of names")->group(addresses);
  app.add_flag("-6,--ipv6", ipv6, "only IPv6 addresses of names")->group(addresses);
}

PlanSource PlanOptions::source() const {
  const PlanOptions& raw = *this;
  PlanSource source;
  source.overrides = overrides_of(raw);
  if (!raw.what.empty() && !raw.config.empty())
    throw UsageError{fmt::format("both \"{}\" and --config {} are given; name one plan or URL", raw.what, raw.config)};
  source.file = raw.config.empty() ? raw.what : raw.config;
  if (source.file.empty())
    throw UsageError{"name a plan (configs/async_6000.json) or a URL (http://localhost:3000/async); --help shows both"};
  if (is_url(source.file)) {
    PlanOptions with_url = raw;
    with_url.what = source.file;
    source.one_line = one_line_of(with_url, source.overrides);
    source.file.clear();
    return source;
  }
  const auto only_with_url = [](bool given, const char* option, const char* instead) {
    if (given) throw UsageError{fmt::format("{} is for one-line runs with a URL; in a plan {}", option, instead)};
  };
  only_with_url(raw.rate.has_value(), "--rate", "set \"arrivals\" in the thread group");
  only_with_url(raw.spacing.has_value(), "--spacing", "set \"spacing\" in the thread group");
  only_with_url(raw.max_in_flight.has_value(), "--max-in-flight", "set \"max_in_flight\" in the thread group");
  only_with_url(raw.at_limit.has_value(), "--at-limit", "set \"at_limit\" in the thread group");
  only_with_url(raw.requests.has_value(), "--requests", "set \"iterations\" in the thread group");
  only_with_url(raw.method.has_value(), "--method", "each step names its method");
  only_with_url(raw.body.has_value(), "--body", "set \"body\" in the step");
  only_with_url(raw.body_file.has_value(), "--body-file", "set \"body_file\" in the step");
  only_with_url(!raw.form.empty(), "--form", "set \"multipart\" in the step");
  only_with_url(raw.timeout.has_value(), "--timeout", "set \"response_timeout\" in \"http\"");
  only_with_url(!raw.headers.empty(), "--header", "set \"headers\" in the step");
  only_with_url(raw.no_keep_alive, "--no-keep-alive", "set \"keep_alive\": false in \"http\"");
  return source;
}

}  // namespace loadgen::cli
