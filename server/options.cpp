#include "server/options.hpp"

#include <iostream>
#include <utility>

#include <CLI/CLI.hpp>
#include <boost/asio/ip/address.hpp>
#include <fmt/format.h>

#include "server/behaviour.hpp"
#include "server/response.hpp"

namespace loadgen_server {
namespace {

std::string footer() {
  std::string text =
      "Paths:\n"
      "  GET  /            \"OK\"\n"
      "  GET  /async       \"OK\" after --delay, without blocking anybody else\n"
      "  GET  /fibonacci   \"OK\" after computing the 39 Fibonacci numbers up to 100,000,000\n"
      "  GET  /bytes/N     N bytes\n"
      "  GET  /status/N    status N\n"
      "  POST /echo        the request's body\n"
      "  GET  /stats       counters as JSON; POST /stats/reset tells them and starts from zero\n\n"
      "Scripted behaviour, on any path by its query, NAME=VALUE[@K/N]; with @K/N only the requests\n"
      "on that path with index mod N = K, counted from 0:\n";
  for (const BehaviourRow& row : behaviour_rows())
    text += fmt::format("  {:<28} {}\n",
                        fmt::format("{}={}", row.name, row.value == distribution_help ? "TIME" : row.value), row.what);
  text += fmt::format(
      "  hold=1                       tell in x-hold-ns how long the request was held\n"
      "  seed=N, strata=N             of the delays; strata: N delays have the distribution's exact quantiles\n"
      "TIME is {}. The periods of --freeze count from the first request.\n\n"
      "Examples:\n"
      "  loadgen-server --port 3000\n"
      "  loadgen-server --port 0 --threads 2 --freeze 100ms/1s\n"
      "  curl 'http://127.0.0.1:3000/x?delay=exp(5ms)&status=500@3/10&reset@7/100'\n\n"
      "Exit codes: 0 stopped by SIGTERM or SIGINT, 64 usage, 69 the port cannot be had, 70 internal.",
      distribution_help);
  return text;
}

std::string ip_address(const std::string& text) {
  boost::system::error_code error;
  boost::asio::ip::make_address(text, error);
  return error ? fmt::format("'{}' is not an address; write 127.0.0.1, 0.0.0.0 or ::1", text) : std::string();
}

constexpr Nanos max_spin = std::chrono::milliseconds(10);
constexpr Nanos max_extra_work = std::chrono::milliseconds(100);
constexpr double max_stretch = 1'000;

/// "100ms/1s"
std::optional<std::pair<Nanos, Nanos>> parse_two_durations(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto first = parse_duration(text.substr(0, slash));
  const auto second = parse_duration(text.substr(slash + 1));
  if (!first || !second) return std::nullopt;
  return std::pair(*first, *second);
}

/// LENGTH/PERIOD
bool parse_freeze(const std::string& text, Freeze& freeze) {
  const auto times = parse_two_durations(text);
  if (!times || times->first <= Nanos{0} || times->first >= times->second) return false;
  freeze = {times->first, times->second};
  return true;
}

/// BEGIN/LENGTH
bool parse_freeze_at(const std::string& text, Freeze& freeze) {
  const auto times = parse_two_durations(text);
  if (!times || times->second <= Nanos{0}) return false;
  freeze = {times->second, Nanos{0}, times->first};
  return true;
}

bool set_duration(const std::string& text, Nanos& to) {
  const auto duration = parse_duration(text);
  if (duration) to = *duration;
  return duration.has_value();
}

/// An option whose text `set` reads; a text it refuses is an error that shows how to write it.
template <typename Set>
CLI::Option* add_parsed(CLI::App& app, const char* name, const char* what, const char* example, Set set) {
  return app
      .add_option_function<std::string>(
          name,
          [name, example, set](const std::string& text) {
            if (!set(text))
              throw CLI::ValidationError(name, fmt::format("'{}' is not understood; write {}", text, example));
          },
          what)
      ->type_name(example);
}

}  // namespace

std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv) {
  Options options;
  CLI::App app{"A small HTTP/1.1 server to aim a load generator at.", "loadgen-server"};
  app.footer(footer());
  app.set_version_flag("--version", std::string("loadgen-server ") + LOADGEN_SERVER_VERSION);
  app.add_option("--port", options.port, "port to listen on; 0 picks a free one (the first line printed tells it)")
      ->capture_default_str();
  app.add_option("--bind", options.bind, "address to listen on")->check(ip_address)->capture_default_str();
  app.add_option("--threads", options.threads, "threads, each with its own share of the connections")
      ->check(CLI::Range(1U, 256U))
      ->capture_default_str();
  add_parsed(app, "--delay", "how long /async waits (default 2ms)", "2ms",
             [&](const std::string& text) { return set_duration(text, options.delay) && options.delay <= max_delay; });
  add_parsed(app, "--stretch", "wait so many times as long wherever an answer is delayed, by --delay or by a rule",
             "1.2", [&](const std::string& text) {
               const auto factor = parse_fraction(text);
               options.stretch = factor.value_or(0);
               return factor && *factor <= max_stretch;
             });
  add_parsed(app, "--extra-work", "spend so much more processor time on each request", "3us",
             [&](const std::string& text) {
               return set_duration(text, options.extra_work) && options.extra_work <= max_extra_work;
             });
  add_parsed(app, "--accept-delay", "leave a new connection alone for so long", "20ms", [&](const std::string& text) {
    return set_duration(text, options.accept_delay) && options.accept_delay <= max_delay;
  });
  auto* freeze = add_parsed(app, "--freeze", "do nothing during the first part of every period", "100ms/1s",
                            [&](const std::string& text) { return parse_freeze(text, options.freeze); });
  add_parsed(app, "--freeze-at", "do nothing for 1s, from 5s after the first request on", "5s/1s",
             [&](const std::string& text) { return parse_freeze_at(text, options.freeze); })
      ->excludes(freeze);
  add_parsed(app, "--spin", "poll for so long before an answer is due: exact delays, for processor time", "100us",
             [&](const std::string& text) { return set_duration(text, options.spin) && options.spin <= max_spin; });
  const CLI::Validator existing = CLI::Validator(CLI::ExistingFile).description("");  // the type says it already
  auto* cert = app.add_option("--tls-cert", options.tls_cert, "serve HTTPS with this certificate chain (PEM)")
                   ->type_name("FILE")
                   ->check(existing);
  app.add_option("--tls-key", options.tls_key, "its key (PEM, without a password)")
      ->type_name("FILE")
      ->check(existing)
      ->needs(cert);
  app.add_option("--tls-self-signed", options.tls_self_signed,
                 "serve HTTPS with a new certificate for localhost, 127.0.0.1 and ::1, and write it there (PEM)")
      ->type_name("FILE")
      ->excludes(cert);
  cert->needs("--tls-key");
  app.add_option("--log", options.log, "at the end, write when each request came and how long it was held (ns)")
      ->type_name("FILE");
  add_parsed(app, "--idle-timeout", "close a connection that sends no whole request for so long (default 60s)", "60s",
             [&](const std::string& text) {
               return set_duration(text, options.idle_timeout) && options.idle_timeout >= std::chrono::milliseconds(10);
             });
  add_parsed(app, "--max-body", "largest request body taken; beyond it, 413 (default 1MiB)", "1MiB",
             [&](const std::string& text) {
               const auto size = parse_bytes(text);
               options.max_body = size.value_or(0);
               return size && *size <= max_body_size;
             });
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return ExitCode{app.exit(error, std::cout, std::cerr) == 0 ? exit_ok : exit_usage};
  }
  return options;
}

}  // namespace loadgen_server
