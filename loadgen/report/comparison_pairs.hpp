#pragma once
// Slices put together to pairs, base and candidate of the same pass, and what their verdicts mean for a figure.

#include <cstdint>
#include <vector>

#include "report/comparison.hpp"

namespace loadgen::report {

/// What a slice's verdict means for a figure.
enum class Use : std::uint8_t {
  good,
  understated,  ///< the target's own doing, and the figure is at least this: worse it may be, better it is not
  doubtful,     ///< the target's own doing, and the figure does not stand for it
  spoilt,       ///< the generator's doing or its machine's: says nothing of the target
};
Use use_of(VerdictName verdict, FigureKind kind);

struct Pair {
  const Slice* base = nullptr;
  const Slice* candidate = nullptr;
  bool candidate_began = false;  ///< the block, whatever was left out of it
  bool disturbed() const { return base->disturbed || candidate->disturbed; }
};

/// In the order in which they were made; a slice without its other half is none.
std::vector<Pair> pairs_of(const std::vector<Slice>& slices, std::uint32_t candidate);

/// The pairs that a metric is decided by, and those that it is not.
struct Sorted {
  std::vector<Pair> used;
  std::vector<Pair> disturbed;  ///< left out, though the values are known
  std::size_t unknown = 0;      ///< a side has no value
  std::size_t spoilt = 0;
  std::size_t all = 0;
};
/// Disturbed pairs are told by the machine alone, never by their values. Where they are more than a fifth nothing is
/// left out: that is what this machine is like, and belongs to the spread.
Sorted sorted(const std::vector<Pair>& pairs, std::size_t metric, FigureKind kind);

/// The fifth of the pairs that may be exceptions.
constexpr bool too_many(std::size_t some, std::size_t all) {
  return some * 5 > all;
}

/// Blocks of which every target has every pass.
std::uint32_t whole_blocks(const Comparison& comparison);

/// Means over the passes of each block: of logarithms, of a share of the values. The unit of replication.
std::vector<BlockValues> blocks_of(const std::vector<Pair>& pairs, std::size_t metric, FigureKind kind);

}  // namespace loadgen::report
