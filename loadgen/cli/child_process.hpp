#pragma once
// A program that we start, and that is gone when we are: in a process group of its own, so that Ctrl-C reaches us alone
// and it lives until we have drained. A keeper, a process of ours, stands between us and it. The keeper ends the whole
// group when it is told to and also when we are killed, whatever the program has started meanwhile; and what the
// program leaves behind as orphans stays below the keeper, so that their CPU time can be found.

#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.hpp"

namespace loadgen::cli {

/// Where a program's output goes; -1: where ours goes.
struct OutputDescriptors {
  int out = -1;
  int err = -1;
};

class ChildProcess {
 public:
  /// words: the program, looked for on PATH, and its arguments. A program that cannot be executed ends with 127.
  /// Error: no process could be made.
  static Result<ChildProcess> start(const std::vector<std::string>& words, OutputDescriptors output);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  ///< stop()

  bool running();
  /// SIGTERM to the group, SIGKILL to what is left of it 5 s later; returns when all of it is gone.
  void stop();
  /// "exit status 3", "signal 9": how the program ended, once it is not running.
  std::string ending() const;
  /// The root of its processes: the keeper.
  pid_t pid() const { return pid_; }

 private:
  explicit ChildProcess(pid_t pid) : pid_(pid) {}
  pid_t pid_ = -1;  ///< of the keeper; -1: moved away, or gone and reaped
  int status_ = 0;  ///< of the program, as shells tell it: 128 + signal
};

}  // namespace loadgen::cli
