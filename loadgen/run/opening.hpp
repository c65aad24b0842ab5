#pragma once
// Connections that the plan wants open before the first request is due: a few at a time, so that the target's accept
// queue does not overflow and no SYN is lost for a second.

#include <algorithm>
#include <cstdint>
#include <span>
#include <vector>

#include "base/time.hpp"
#include "engine/engine.hpp"
#include "run/control.hpp"
#include "run/pacer.hpp"
#include "run/program.hpp"
#include "stats/run_record.hpp"

namespace loadgen::run {

/// A connection to be opened ahead of time.
struct Opening {
  std::uint32_t slot;
  std::uint16_t target;  ///< index into Program::targets
};

/// Every target of the group's requests, for each place that is to be opened.
std::vector<Opening> openings_of(const Program& program, std::span<const PlaceRange> places);

/// Far below any server's backlog.
inline constexpr std::size_t kOpeningsAtOnce = 32;

/// Opens them and returns when each stands or has failed; one that failed is opened by the first request that needs it.
/// Users who share one ask for it together, and it is one.
template <engine::Engine E, class Clock>
stats::OpeningRecord open_ahead(E& engine, std::span<const Opening> wanted, Clock& clock, const RunControl& control) {
  stats::OpeningRecord record;
  const TimePoint begun = clock.now();
  std::size_t asked = 0, answered = 0;
  record.asked = wanted.size();
  while (answered < wanted.size() && control.stop() == Stop::none) {
    for (; asked < wanted.size() && asked - answered < kOpeningsAtOnce; ++asked)
      engine.connect(wanted[asked].slot, wanted[asked].target);
    engine.wait(clock.now() + kStopCheck);
    for (const Sample& sample : engine.completed()) {
      ++answered;
      if (!sample.new_connection) --record.asked;
      if (!sample.new_connection || !sample.succeeded()) continue;
      ++record.opened;
      if (sample.connected != kUnset) record.connect.record(sample.connected - sample.started);
    }
  }
  record.took = clock.now() - begun;
  return record;
}

}  // namespace loadgen::run
