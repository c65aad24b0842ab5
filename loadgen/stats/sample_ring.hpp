#pragma once
// Single samples on their way out of a shard, for whoever writes a row for each. The shard puts a row into a ring of
// fixed size and never waits: if nobody has made room, the row is lost and counted. One thread offers, one other takes.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <boost/lockfree/spsc_queue.hpp>

#include "base/error_kind.hpp"
#include "base/random.hpp"
#include "base/time.hpp"

namespace loadgen::stats {

/// What a row tells of one request: a cache line, owns no memory. The stamps are those of Sample.
struct SampleRow {
  TimePoint started;
  TimePoint connected;  ///< a TLS handshake included, as in JMeter
  TimePoint first_byte;
  TimePoint finished;
  std::uint64_t bytes_in = 0;
  std::uint32_t bytes_out = 0;
  std::uint32_t user = 0;             ///< number within its thread group, from 0; of an arrival: of its place
  std::uint32_t active_in_group = 0;  ///< users of this shard under way in that group, once the request had ended
  std::uint32_t active = 0;           ///< the same in all groups
  std::uint16_t request = 0;          ///< index into the plan's requests, over all thread groups
  std::uint16_t status = 0;
  std::uint16_t system_error = 0;
  ErrorKind error = ErrorKind::none;
  bool user_left = false;  ///< it was the user's last request: the user is not among the active ones any more
};
static_assert(sizeof(SampleRow) == 64);

/// Which requests get a row: one of each `one_in` that complete one after another, at a place in that block that is
/// drawn. Every hundredth would do for requests at random; but users who go through the same steps in turn would meet
/// it at the same step for ever.
struct Sampling {
  std::uint32_t one_in = 1;
  std::uint64_t seed = 1;
  std::uint32_t shard = 0;  ///< draws apart from the others
};

class SampleRing {
 public:
  /// Allocates and touches room for so many rows, so that the shard meets no page fault.
  SampleRing(std::size_t capacity, const Sampling& sampling) : sampling_(sampling), rows_(capacity) {
    while (rows_.push(SampleRow{})) {
    }
    rows_.reset();
  }

  // The shard.

  /// Whether the next request gets a row. To be asked once for each request.
  bool wants_next() noexcept {
    if (sampling_.one_in == 1) return true;
    if (position_ == 0) chosen_ = random_bits(sampling_.seed, sampling_.shard, block_++) % sampling_.one_in;
    const bool wanted = position_ == chosen_;
    if (++position_ == sampling_.one_in) position_ = 0;
    return wanted;
  }
  void offer(const SampleRow& row) noexcept {
    if (!rows_.push(row)) ++lost_;
  }

  // The reader.

  /// Moves the oldest rows to the front of `to`; how many.
  std::size_t take(std::span<SampleRow> to) noexcept { return rows_.pop(to.data(), to.size()); }

  /// Rows that found no room. After the shard has ended.
  std::uint64_t lost() const { return lost_; }

 private:
  // Written by the shard.
  alignas(64) Sampling sampling_;
  std::uint64_t position_ = 0;
  std::uint64_t chosen_ = 0;
  std::uint64_t block_ = 0;
  std::uint64_t lost_ = 0;
  // Keeps its two indices on lines of their own.
  alignas(64) boost::lockfree::spsc_queue<SampleRow> rows_;
};

}  // namespace loadgen::stats
