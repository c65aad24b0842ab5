#pragma once
// The command line of loadgen-server.

#include <cstdint>
#include <string>
#include <variant>

#include "server/freeze.hpp"
#include "server/units.hpp"

namespace loadgen_server {

struct Options {
  std::string bind = "127.0.0.1";
  std::uint16_t port = 3000;  // 0: the system picks one
  unsigned threads = 1;
  Nanos delay = std::chrono::milliseconds(2);  // of /async
  double stretch = 1;                          // factor of every delay: --delay's and scripted ones
  Nanos extra_work{0};                         // processor time that each request costs beside its answer
  Nanos accept_delay{0};
  Nanos spin{0};  // polled for so long before an answer is due
  Freeze freeze;
  Nanos idle_timeout = std::chrono::seconds(60);
  std::uint64_t max_body = 1024 * 1024;  // of a request
  std::string tls_cert, tls_key;         // PEM files, both or neither
  std::string tls_self_signed;           // instead: where a new certificate is written, for clients to trust
  std::string log;                       // file for the request log; empty: none is kept
  std::int32_t fibonacci_limit = 100'000'000;

  bool tls() const { return !tls_cert.empty() || !tls_self_signed.empty(); }
};

/// When the program ends at once: after --help, --version, or a mistake.
struct ExitCode {
  int value;
};

enum Exit : int { exit_ok = 0, exit_usage = 64, exit_unavailable = 69, exit_internal = 70 };

/// Prints help and version to stdout, mistakes to stderr.
std::variant<Options, ExitCode> parse_options(int argc, const char* const* argv);

}  // namespace loadgen_server
