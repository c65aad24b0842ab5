#pragma once
// In which order the targets of a comparison are measured. A block is what lies between two restarts of the targets; in
// it the targets take turns, slice by slice, so that a drift of the machine falls on all of them alike: for two targets
// ABBA or BAAB. Of more, a pass goes through them in a drawn order and the next one back, so that every two of them
// stand like this to one another.
//
// Blocks come in twos: the second has the orders of the first reversed. So of any two targets each begins in half of
// the blocks, whatever the seed draws, and a comparison that ends early is out of balance by one block at most.

#include <cstdint>
#include <vector>

namespace loadgen::load {

struct SlicePlace {
  std::uint32_t block = 0;
  std::uint32_t pass = 0;    ///< within the block; every target has one slice in each
  std::uint32_t target = 0;  ///< index
  bool operator==(const SlicePlace&) const = default;
};

/// blocks * passes * targets slices, in the order in which they are to be made. The same seed, the same order.
std::vector<SlicePlace> interleave(std::uint32_t targets, std::uint32_t blocks, std::uint32_t passes,
                                   std::uint64_t seed);

}  // namespace loadgen::load
