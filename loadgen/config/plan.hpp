#pragma once
// What the user asked for, validated: immutable values that nothing later parses or guesses about.
// JMeter's nouns; config/parse.hpp makes a Plan from JSON or from the options of `loadgen URL -c 100 -d 10s`.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "config/addresses.hpp"
#include "config/threshold.hpp"
#include "http/content_coding.hpp"
#include "http/digest.hpp"
#include "http/form.hpp"
#include "http/header.hpp"
#include "http/proxy.hpp"
#include "http/status_set.hpp"
#include "load/arrivals.hpp"
#include "load/load_profile.hpp"

namespace loadgen::config {

/// How user n of N gets its start within the ramp-up R.
enum class Ramp : std::uint8_t {
  exact,   ///< n * R / N, to the nanosecond
  jmeter,  ///< JMeter's whole-millisecond arithmetic; delayed_start picks which of its two formulas
};

/// What a user does after a failed sample (JMeter's ThreadGroup.on_sample_error).
enum class OnError : std::uint8_t {
  continue_,        ///< go on with the next step
  start_next_loop,  ///< skip the rest of this iteration
  stop_user,        ///< this user ends
  stop_test,        ///< nobody starts another request; those in flight finish
  stop_test_now,    ///< as stop_test, and those in flight are aborted
};

/// What a response must be to count as a success.
struct Expect {
  http::StatusSet status = http::StatusSet::jmeter_success();
  std::optional<std::string> body_equals;
  std::optional<std::string> body_contains;
  std::vector<http::Header> headers;  ///< each named header present with exactly this value (names case-insensitive)
  bool operator==(const Expect&) const = default;
};

/// An http or https URL taken apart. host has no brackets; path_and_query starts with '/'.
struct Url {
  std::string host;
  std::uint16_t port = 80;
  std::string path_and_query = "/";
  bool tls = false;  ///< https
  bool operator==(const Url&) const = default;
  /// "localhost:3000", "[::1]:3000": for the Host header (the scheme's own port left out) and for messages
  std::string authority() const;
  /// "http://localhost:3000", "https://example.com"
  std::string origin() const;
};

/// What reports call the row of all labels together; readers of JMeter's tables find it by this word.
inline constexpr std::string_view kTotalLabel = "TOTAL";

/// One request of a thread group's iteration.
struct Step {
  std::string name;    ///< the label in reports; steps of one name share a row; not kTotalLabel
  std::string method;  ///< upper case
  Url url;
  std::vector<http::Header> headers;              ///< plan's, group's and step's merged, the inner one wins
  std::optional<http::DigestCredentials> digest;  ///< for a server that asks; then no header says who it is from
  std::string body;                               ///< of this, body_file and multipart at most one says something
  std::string body_file;                          ///< name of the file that is the body, as TlsSettings' are
  std::vector<http::FormField> multipart;         ///< the body is a form of these
  Duration think_time{};  ///< pause before this request, after the previous response (JMeter's timer)
  Expect expect;
};

/// What becomes of an arrival when max_in_flight users of its group are under way.
enum class AtLimit : std::uint8_t {
  wait,  ///< it waits for one of them to end; its due time stays, so that the wait counts
  drop,  ///< it is not sent, and counted as dropped
};

struct ThreadGroup {
  std::string name;
  std::uint32_t users = 1;  ///< 0 in a group with arrivals: its users come by the profile, each for one iteration
  Duration ramp_up{};
  Ramp ramp = Ramp::exact;
  bool delayed_start = false;  ///< chooses JMeter's formula when ramp is jmeter; no effect on the exact ramp
  std::optional<std::uint64_t> loops = 1;   ///< iterations a user; nullopt: for ever
  std::optional<std::uint64_t> iterations;  ///< instead of loops: this many over all users, dealt evenly (`-n`)
  std::optional<Duration> duration;         ///< counted from the end of startup_delay; the ramp-up counts inside it
  Duration startup_delay{};
  OnError on_error = OnError::continue_;
  bool same_user_on_next_iteration = true;  ///< false: a new connection for each iteration
  std::vector<Step> steps;

  // Open load, instead of users, ramp_up, loops and duration (arrivals is empty in a group with users).
  std::vector<load::Segment> arrivals;  ///< users a second, one segment after another; counted from startup_delay
  load::Spacing spacing = load::Spacing::uniform;
  std::uint32_t max_in_flight = kMaxInFlight;  ///< users under way at once, over all shards
  bool max_in_flight_given = false;            ///< the user's own number: never lowered to what the machine allows
  AtLimit at_limit = AtLimit::wait;
  std::uint32_t connections = 0;  ///< opened before the start, spread over the shards; more are opened as needed

  static constexpr std::uint32_t kMaxInFlight = 10'000;

  bool open() const { return !arrivals.empty(); }
  bool for_ever() const { return !open() && !loops && !iterations; }
  /// Iterations of user n (0-based): loops, or its share of iterations (the first iterations % users get one more).
  /// Meaningless (and not to be called) when for_ever().
  std::uint64_t iterations_of(std::uint32_t n) const {
    return iterations ? *iterations / users + (n < *iterations % users ? 1 : 0) : loops.value_or(0);
  }
};

/// How long users keep the cookies that they are given.
enum class Cookies : std::uint8_t {
  off,        ///< not at all
  user,       ///< as long as the user is there
  iteration,  ///< until the user's next iteration begins
};
/// As plans and the command line spell them.
inline constexpr std::array<std::string_view, 3> kCookies{"off", "user", "iteration"};

enum class HttpVersion : std::uint8_t { http_1_1, http_2 };

struct HttpSettings {
  HttpVersion version = HttpVersion::http_1_1;
  std::uint32_t streams_per_connection = 1;  ///< of HTTP/2: so many users of a thread share a connection to a target
  bool keep_alive = true;
  bool follow_redirects = false;
  Cookies cookies = Cookies::off;
  Duration connect_timeout = std::chrono::seconds(10);
  Duration response_timeout = std::chrono::seconds(30);  ///< from sending the request to the response's last byte
  Duration continue_timeout = std::chrono::seconds(1);   ///< a body waits so long for the 100 that its request expects
  std::uint64_t max_response = 64ULL << 20;              ///< bytes of body; more is response_too_large
  std::uint32_t max_response_header = 64U << 10;         ///< bytes of status line and headers
  std::string user_agent;
  std::optional<http::Proxy> proxy;      ///< through which all connections go
  http::ContentCodings accept_encoding;  ///< asked for and decoded; none: bodies are left as they come
};

/// The oldest version of TLS that is spoken.
enum class TlsVersion : std::uint8_t { tls_1_2, tls_1_3 };

/// How https connections are secured. Files are PEM, their names as they are opened from the working directory.
struct TlsSettings {
  bool verify = true;       ///< the certificate's chain, dates and name; false: whoever answers is believed
  std::string ca_file;      ///< of those whose certificates are trusted; empty: the system's
  std::string server_name;  ///< asked for (SNI) and verified; empty: the URL's host
  std::string client_cert;  ///< chain, leaf first; empty: none is shown
  std::string client_key;   ///< given exactly when client_cert is
  TlsVersion min_version = TlsVersion::tls_1_2;
  std::string ciphers;        ///< OpenSSL's list for TLS 1.2, names of TLS 1.3 suites among them; empty: OpenSSL's own
  bool session_reuse = true;  ///< a user that opens another connection to a target resumes its session
  bool operator==(const TlsSettings&) const = default;
};

/// What is left out of the steady part of a run, by due time. Ramps always are.
struct WarmUp {
  bool automatic = false;  ///< found afterwards by MSER-5; time is then the least
  Duration time{};
  bool operator==(const WarmUp&) const = default;
};

struct Plan {
  std::string name;
  std::string target;  ///< base URL as written, for reports (credentials never: they are refused)
  std::vector<ThreadGroup> thread_groups;
  HttpSettings http;
  TlsSettings tls;
  AddressSettings addresses;
  Duration grace = std::chrono::seconds(10);  ///< how long requests in flight may take to finish after the stop
  WarmUp warm_up;
  std::uint64_t seed = 1;  ///< of everything random in the plan
  std::vector<Threshold> thresholds;
  Undecided undecided = Undecided::exit;
  std::vector<std::string> secrets;  ///< values of ${env:…} and of auth: describe and to_json show "***" instead

  std::uint64_t users() const {
    std::uint64_t sum = 0;
    for (const ThreadGroup& group : thread_groups) sum += group.users;
    return sum;
  }
  bool has_arrivals() const {
    return std::any_of(thread_groups.begin(), thread_groups.end(), [](const ThreadGroup& g) { return g.open(); });
  }
  bool has_tls() const {
    return std::any_of(thread_groups.begin(), thread_groups.end(), [](const ThreadGroup& group) {
      return std::any_of(group.steps.begin(), group.steps.end(), [](const Step& step) { return step.url.tls; });
    });
  }
};

}  // namespace loadgen::config
