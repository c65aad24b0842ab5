#include "server/timeline.hpp"

#include <algorithm>

namespace loadgen_server {

void Timeline::came(TimePoint now) {
  Nanos::rep none = 0;
  if (origin_.load(std::memory_order_relaxed) == none)
    origin_.compare_exchange_strong(none, now.time_since_epoch().count(), std::memory_order_relaxed);
}

TimePoint Timeline::thawed(TimePoint due) const {
  return origin() + freeze_.release(due - origin());
}

TimePoint Timeline::served(PathId path, TimePoint arrived, Nanos service) {
  auto& free_at = free_at_[path];
  Nanos::rep before = free_at.load(std::memory_order_relaxed);
  TimePoint done;
  do {
    const TimePoint begin = std::max(arrived, TimePoint{Nanos{before}});
    done = origin() + freeze_.done(begin - origin(), service);
  } while (!free_at.compare_exchange_weak(before, done.time_since_epoch().count(), std::memory_order_relaxed));
  return done;
}

}  // namespace loadgen_server
