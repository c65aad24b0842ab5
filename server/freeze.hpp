#pragma once
// A stall on a schedule: while it lasts nothing is read, done or answered, and everything goes on when it ends. The
// wait it adds is known in closed form, which is why tests of coordinated omission want it. Times count from the first
// request, so that a client knows when each freeze falls.

#include "server/units.hpp"

namespace loadgen_server {

struct Freeze {
  Nanos length{0};  // zero: never frozen
  Nanos period{0};  // zero: once
  Nanos begin{0};   // of the first freeze

  bool active() const { return length > Nanos{0}; }

  /// When something that is to happen at `time` can happen.
  Nanos release(Nanos time) const {
    const Nanos into = since_begin_of_period(time);
    return active() && time >= begin && into < length ? time - into + length : time;
  }

  /// When work begun at `time` is done; during a freeze it does not go on.
  Nanos done(Nanos time, Nanos work) const {
    time = release(time);
    const Nanos left = until_next(time);
    if (work < left) return time + work;
    work -= left;
    time += left + length;
    if (period == Nanos{0}) return time + work;
    const Nanos awake = period - length;
    return time + work / awake * period + work % awake;
  }

 private:
  Nanos since_begin_of_period(Nanos time) const { return period > Nanos{0} ? (time - begin) % period : time - begin; }

  /// From a time that is not frozen to the next freeze.
  Nanos until_next(Nanos time) const {
    if (active() && time < begin) return begin - time;
    return active() && period > Nanos{0} ? period - since_begin_of_period(time) : Nanos::max();
  }
};

}  // namespace loadgen_server
