#pragma once
// A clock that stands still until somebody moves it.

#include "base/time.hpp"

namespace loadgen::test {

class ManualClock {
 public:
  explicit ManualClock(TimePoint start) : now_(start) {}
  TimePoint now() const { return now_; }
  void move_to(TimePoint t) {
    if (t > now_) now_ = t;
  }

 private:
  TimePoint now_;
};

}  // namespace loadgen::test
