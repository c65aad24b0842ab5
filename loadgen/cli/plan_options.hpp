#pragma once
// The options that say what is to be sent: a plan with its overrides, or a URL with what a one-line run takes.

#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/options.hpp"

namespace loadgen::cli {

/// As CLI11 fills them, before they mean anything together.
struct PlanOptions {
  std::string what;    ///< positional: a plan's file or a URL
  std::string config;  ///< --config
  std::optional<std::string> target, users, ramp_up, loops, duration, warm_up, seed, streams;
  std::optional<std::string> rate, spacing, max_in_flight, at_limit, requests, timeout, method, body, body_file;
  std::optional<std::string> cookies, proxy, cacert, cert, key;
  std::optional<std::string> unix_socket, interface;
  std::vector<std::string> connect_to, resolve;
  std::vector<std::string> variables, headers, form;
  bool no_keep_alive = false, insecure = false, follow_redirects = false, ipv4 = false, ipv6 = false, http2 = false;

  void add_to(CLI::App& app);
  /// Throws UsageError.
  PlanSource source() const;

 private:
  void add_request_options(CLI::App& app);
  void add_tls_options(CLI::App& app);
  void add_address_options(CLI::App& app);
};

}  // namespace loadgen::cli
