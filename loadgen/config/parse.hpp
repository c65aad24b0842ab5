#pragma once
// JSON (with comments) -> Plan. All mistakes at once, each with line, column, JSON pointer and the nearest known key.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/plan.hpp"

namespace loadgen::config {

/// One mistake in a plan.
struct Problem {
  std::size_t line = 0;    ///< 1-based; 0 when the mistake has no place in the file (a command line override)
  std::size_t column = 0;  ///< 1-based, in bytes
  std::string pointer;     ///< RFC 6901: "/thread_groups/0/ramp_up"
  std::string message;     ///< what is wrong and what to write instead
};

/// How https connections are secured, as curl's options say it.
struct TlsOverrides {
  bool insecure = false;  ///< -k: verify is false
  std::optional<std::string> ca_file, client_cert, client_key;
};

/// Overrides on the command line; each beats the plan. users, ramp_up, loops and duration go to every thread group that
/// has users.
struct Overrides {
  std::optional<std::string> target;
  std::optional<std::uint32_t> users;
  std::optional<Duration> ramp_up;
  std::optional<std::uint64_t> loops;
  std::optional<Duration> duration;
  std::optional<WarmUp> warm_up;
  std::optional<std::uint64_t> seed;
  std::vector<Threshold> thresholds;  ///< added to the plan's
  std::optional<Undecided> undecided;
  bool follow_redirects = false;  ///< -L
  std::optional<Cookies> cookies;
  std::optional<std::string> proxy;
  bool http2 = false;                    ///< --http2
  std::optional<std::uint64_t> streams;  ///< --streams: users that share a connection of HTTP/2
  TlsOverrides tls;
  AddressOverrides addresses;
  std::map<std::string, std::string> variables;  ///< -J name=value, for ${name} and ${__P(name,default)} in strings
};

using Problems = std::vector<Problem>;

/// The plan, or every mistake found. Never throws on bad input. Files that the plan names lie in `folder` unless their
/// names say otherwise ("/etc/ca.pem"); those of overrides lie in the working directory.
std::variant<Plan, Problems> parse_plan(std::string_view text, const Overrides& overrides,
                                        const std::string& folder = "");

/// "plan.json:12:7: /thread_groups/0/ramp_up: …" one line a problem, with the offending source line and a caret below.
std::string to_string(const Problems& problems, std::string_view file_name, std::string_view text);

/// The JSON Schema (draft-07) of a plan, generated from the table that parse_plan walks.
std::string plan_schema();

/// `loadgen URL -R 3000/s -d 10s`: what makes a one-line run an open one.
struct OneLineArrivals {
  double rate = 0;  ///< a second
  load::Spacing spacing = load::Spacing::uniform;
  std::optional<std::uint32_t> max_in_flight;
  AtLimit at_limit = AtLimit::wait;
  std::uint32_t connections = 0;  ///< -c
};

/// `loadgen URL -c 100 -d 10s`: the plan of a one-line run.
struct OneLine {
  std::string url;
  std::uint32_t users = 50;
  std::optional<OneLineArrivals> arrivals;  ///< -R; users and ramp_up are then without meaning
  std::optional<std::uint64_t> iterations;  ///< -n, over all users; or so many arrivals
  std::optional<Duration> duration;         ///< -d; with neither, 10 s
  std::optional<Duration> ramp_up;          ///< without it 0.1 ms a user, at most a tenth of the duration
  std::string method = "GET";
  std::vector<std::string> headers;  ///< "Name: value"
  std::string body;
  std::string body_file;                   ///< instead of body; empty: none
  std::vector<http::FormField> multipart;  ///< instead of body
  std::optional<Duration> timeout;         ///< response timeout
  bool keep_alive = true;
  bool follow_redirects = false;
  Cookies cookies = Cookies::off;
  std::optional<std::string> proxy;
  bool http2 = false;
  std::optional<std::uint64_t> streams;
  TlsOverrides tls;
  AddressOverrides addresses;
  std::optional<WarmUp> warm_up;
  std::optional<std::uint64_t> seed;
  std::vector<Threshold> thresholds;
  Undecided undecided = Undecided::exit;
};
std::variant<Plan, Problems> one_line_plan(const OneLine& options);

}  // namespace loadgen::config
