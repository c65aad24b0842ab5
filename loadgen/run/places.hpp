#pragma once
// The places of an open thread group in one shard. A user who arrives takes one, with the connections that belong to
// it, and gives it back when its steps are done: so any free connection serves an arrival.

#include <cstdint>
#include <vector>

namespace loadgen::run {

class Places {
 public:
  /// Slots [first, first + count), of which the first `opened` have their connections already.
  Places(std::uint32_t first, std::uint32_t count, std::uint32_t opened) : first_(first), ring_(count), fresh_(opened) {
    for (std::uint32_t i = 0; i < opened; ++i) give_back(first + i);
    taken_ = 0;
  }

  bool any() const { return free() != 0; }
  std::size_t free() const { return used_ + ring_.size() - fresh_; }
  /// Every place has been used: nobody who comes while none is free could have had one.
  bool all_used() const { return fresh_ == ring_.size(); }
  std::uint32_t taken() const { return taken_; }
  std::uint32_t most_taken() const { return most_taken_; }

  /// Places used before come first, the longest free one of them, so that all connections are used in turn; a new one
  /// is opened only where they are not enough. Not without any().
  std::uint32_t take() {
    if (++taken_ > most_taken_) most_taken_ = taken_;
    if (used_ == 0) return first_ + fresh_++;
    const std::uint32_t slot = ring_[head_];
    if (++head_ == ring_.size()) head_ = 0;
    --used_;
    return slot;
  }
  void give_back(std::uint32_t slot) {
    std::size_t tail = head_ + used_++;
    if (tail >= ring_.size()) tail -= ring_.size();
    ring_[tail] = slot;
    --taken_;
  }

 private:
  std::uint32_t first_;
  std::vector<std::uint32_t> ring_;  ///< free places that were used before
  std::size_t head_ = 0;
  std::size_t used_ = 0;
  std::uint32_t fresh_;  ///< places [fresh_, size) were never used
  std::uint32_t taken_ = 0;
  std::uint32_t most_taken_ = 0;
};

}  // namespace loadgen::run
