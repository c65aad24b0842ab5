#pragma once
// A stall on a schedule: in every period the first `length` answers nothing, and what was due goes out when it ends.
// The wait it adds is known in closed form, which is why tests of coordinated omission want it.

#include "server/units.hpp"

namespace loadgen_server {

struct Freeze {
  Nanos length{0};
  Nanos period{0};  // zero: never frozen

  bool active() const { return period > Nanos{0}; }

  /// When an answer due at `due` may go out; both count from the server's start.
  Nanos release(Nanos due) const {
    if (!active()) return due;
    const Nanos into = due % period;
    return into < length ? due - into + length : due;
  }
};

}  // namespace loadgen_server
