#pragma once
// `--serve`: the bundled loadgen-server as a child process, for the length of a run.

#include <string>

#include "base/result.hpp"
#include "cli/child_process.hpp"

namespace loadgen::cli {

class BundledServer {
 public:
  /// Starts loadgen-server on a free port of 127.0.0.1 and waits until it listens. It is looked for beside this
  /// program, then on PATH. Error: what failed and what to do.
  static Result<BundledServer> start();

  const std::string& url() const { return url_; }

 private:
  BundledServer(ChildProcess process, std::string url) : process_(std::move(process)), url_(std::move(url)) {}
  ChildProcess process_;
  std::string url_;
};

}  // namespace loadgen::cli
