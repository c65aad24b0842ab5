#pragma once
// `--serve`: the bundled loadgen-server as a child process, for the length of a run.

#include <string>

#include <sys/types.h>

#include "base/result.hpp"

namespace loadgen::cli {

class BundledServer {
 public:
  /// Starts loadgen-server on a free port of 127.0.0.1 and waits until it listens. It is looked for beside this
  /// program, then on PATH. Error: what failed and what to do.
  static Result<BundledServer> start();

  BundledServer(BundledServer&& other) noexcept;
  BundledServer& operator=(BundledServer&&) = delete;
  ~BundledServer();  ///< SIGTERM, and SIGKILL when that was not enough

  const std::string& url() const { return url_; }

 private:
  BundledServer(pid_t pid, std::string url) : pid_(pid), url_(std::move(url)) {}
  pid_t pid_;
  std::string url_;
};

}  // namespace loadgen::cli
