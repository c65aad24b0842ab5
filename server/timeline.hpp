#pragma once
// When the server may do what it is asked: the freezes, and the paths that serve one request after another. All
// threads share it. Nothing here waits: a time is computed when a request comes, so that a late timer delays its own
// answer only and not those behind it.

#include <array>
#include <atomic>

#include "server/freeze.hpp"
#include "server/stats.hpp"

namespace loadgen_server {

class Timeline {
 public:
  explicit Timeline(const Freeze& freeze) : freeze_(freeze) {}

  /// A request came; the first one starts the freezes' time.
  void came(TimePoint now);

  /// The earliest time from `due` on that is not frozen.
  TimePoint thawed(TimePoint due) const;

  /// When the one server of `path` has done a request that came at `arrived`: it takes requests in the order they came
  /// and needs `service` for this one.
  TimePoint served(PathId path, TimePoint arrived, Nanos service);

 private:
  TimePoint origin() const { return TimePoint{Nanos{origin_.load(std::memory_order_relaxed)}}; }

  Freeze freeze_;
  std::atomic<Nanos::rep> origin_{0};                              // of the freezes; zero: no request yet
  std::array<std::atomic<Nanos::rep>, other_path + 1> free_at_{};  // when each path's server has done what came so far
};

}  // namespace loadgen_server
