#pragma once
// What the user has asked for by Ctrl-C since the command began, for commands that make several runs.

#include <string_view>

#include "cli/commands.hpp"
#include "cli/signals.hpp"
#include "run/control.hpp"

namespace loadgen::cli {

class Interrupts {
 public:
  /// told: what the first one does, for the user.
  explicit Interrupts(std::string_view told) : told_(told) {}

  /// How often, until now. The first one is answered on stderr.
  int asked() {
    const int before = count_;
    count_ += interrupts();
    if (before == 0 && count_ > 0) complain(told_);
    return count_;
  }
  /// Once: the run goes on to its end or its grace; twice: it stops now.
  void pass_on(run::RunControl& control) {
    const int times = asked();
    if (times > 0) control.raise(times > 1 ? run::Stop::now : run::Stop::graceful);
  }

 private:
  std::string_view told_;
  int count_ = 0;
};

}  // namespace loadgen::cli
