#pragma once
// A server to be measured, as `--target` names it: one that runs already, by its URL, or a command that we start on a
// free port, and stop, as often as a comparison wants a fresh one.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/result.hpp"
#include "base/time.hpp"
#include "cli/child_process.hpp"

namespace loadgen::cli {

/// Stands in a command where the port belongs that the server is to listen on.
inline constexpr std::string_view kPortWord = "{port}";

/// `--target NAME=URL` or `--target NAME='COMMAND … {port} …'`
struct TargetSpec {
  std::string name;
  std::string url{};           ///< base URL; empty: there is a command
  std::string command{};       ///< for /bin/sh -c
  std::optional<pid_t> pid{};  ///< `--pid`: the server behind the URL, where it runs on this host

  bool is_command() const { return url.empty(); }
  /// Whether its CPU time can be read.
  bool has_pid() const { return is_command() || pid.has_value(); }
};

/// Error: a clause that says what is wrong and what to write.
Result<TargetSpec> parse_target(std::string_view text);

/// A port of 127.0.0.1 that nobody listens on, below those that outgoing connections get.
Result<std::uint16_t> free_port();

class TargetProcess {
 public:
  /// Starts the command of a target that has one; whether it answers is not waited for. Error: no port, no process.
  static Result<TargetProcess> start(const TargetSpec& spec);

  TargetProcess(TargetProcess&& other) noexcept;
  TargetProcess& operator=(TargetProcess&&) = delete;
  ~TargetProcess();  ///< stops the command and all that it started

  const std::string& url() const { return url_; }
  /// false: the command has ended. Of a URL nobody knows: true.
  bool running();
  /// Of a command that is not running: "exit status 1".
  std::string ending() const { return process_ ? process_->ending() : std::string(); }
  /// User and system time so far, of all its processes; nullopt: no process is known, or none is left.
  std::optional<Duration> cpu() const;
  /// The last lines that the command printed, made harmless for a terminal; empty: none.
  std::string last_words() const;
  /// Frees what it has printed so far: an access log would fill the memory.
  void forget_output();

 private:
  TargetProcess() = default;

  std::string url_;
  std::optional<pid_t> pid_;
  std::optional<ChildProcess> process_;
  int output_ = -1;  ///< what it prints, in memory
};

}  // namespace loadgen::cli
